"""A new password in a form, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired

from bridge.users.passwords import LONGEST, SHORTEST, objection
from bridge.web.admin.forms import Form
from bridge.web.speaking import _, lazy


class NewPassword(Form):
    """``whose``: his address and name, which must not be most of it."""

    password = PasswordField(
        lazy("Password"),
        [InputRequired()],
        description=lazy("At least 12 characters. A sentence of your own is good."),
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST, "maxlength": LONGEST},
    )

    def whose(self) -> tuple[str, str]:
        return "", ""

    def validate_password(self, field: Any) -> None:
        why = objection(field.data or "", *self.whose())
        if why:
            raise ValidationError(_why(why))


def _why(key: str) -> str:
    return {
        "too-short": _("Too short: at least 12 characters."),
        "too-long": _("Too long: at most 256 characters."),
        "too-plain": _("Too easy to guess: no rows, no numbers alone, no repetitions."),
        "says-account": _("Too easy to guess: it is mostly the name or the address."),
    }[key]
