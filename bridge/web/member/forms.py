"""Forms of members' pages: what is wrong is said in the member's language."""

from __future__ import annotations

import uuid
from typing import Any

from flask_wtf import FlaskForm

from bridge.web.speaking import lazy

_TEXTS: dict[str, Any] = {
    "This field is required.": lazy("Please fill this in."),
    "Not a valid integer value.": lazy("Please write a whole number."),
    "Not a valid choice.": lazy("Please choose one of these."),
}
_OTHERWISE = lazy("Please check this.")


class _Texts:
    """WTForms' own messages."""

    def gettext(self, message: str) -> str:
        return str(_TEXTS.get(message, _OTHERWISE))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(_OTHERWISE)


class Form(FlaskForm):  # type: ignore[misc]
    """``form.validate()`` in the function that takes it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> Any:
            return _Texts()

    problem: str = ""
    """What is wrong with the whole of it; shown above."""


def new_id() -> str:
    """Makes what a form asks for happen once, however often it is sent."""
    return str(uuid.uuid4())
