"""What forms have in common: they are sent once from our own pages, and keep what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields import SelectChoice

from bridge.web.speaking import _

_TEXTS = {
    "This field is required.": "Please fill this in.",
}


def choices(pairs: Iterable[tuple[str, Any]]) -> list[Any]:
    """Of a field to choose from: what is sent, what is read."""
    return [SelectChoice(value, label) for value, label in pairs]


class _Texts:
    """WTForms' own messages, in the user's language."""

    def gettext(self, message: str) -> str:
        return _(_TEXTS.get(message, message))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # The library fills in its own %(…)d afterwards.
        return singular if n == 1 else plural


class Form(FlaskForm):  # type: ignore[misc]
    """A form of a page. ``form.validate_on_submit()`` in the function that takes it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> Any:
            return _Texts()

    problem: str = ""
    """What is wrong with the whole of it; shown above."""
