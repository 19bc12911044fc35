"""The form of what members are written to, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.models import OFFERED, LetterKind
from bridge.preferences.sections import Earned, Letters
from bridge.programme.emails import normal_email
from bridge.vouchers.stores import StorePlace
from bridge.web.admin.forms import Form, choices
from bridge.web.speaking import _, lazy

KINDS: dict[str, Any] = {
    LetterKind.WELCOME: lazy("Welcome, when somebody begins to take part"),
    LetterKind.EARNED: lazy("Points that can be spent"),
    LetterKind.EXPIRING: lazy("Points that expire soon"),
    LetterKind.TIER: lazy("A tier that is reached"),
    LetterKind.VOUCHER: lazy("A voucher that he did not ask for himself"),
    LetterKind.REFERRAL: lazy("Thanks for a friend"),
    LetterKind.SURVEY: lazy("A survey, some days after an order"),
    LetterKind.SIGN_IN: lazy("A code to sign in with"),
}


def kind_name(kind: str) -> Any:
    """What a kind is called; itself where it has no name yet."""
    return KINDS.get(kind, kind)


_EARNED = {
    Earned.DAILY: lazy("Once a day, all of that day together"),
    Earned.EACH: lazy("Each order by itself"),
}
_LANGUAGES = choices(MEMBER_NAMES.items())
_NAMES = {"data-told": True}
"""Languages stand in a list as their speakers call them, whatever the page is in."""


class LettersForm(Form):
    kinds = SelectMultipleField(
        lazy("Letters that are sent"),
        choices=choices((one.value, kind_name(one)) for one in OFFERED),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    earned = SelectField(
        lazy("Points that can be spent are told"),
        choices=choices((one.value, label) for one, label in _EARNED.items()),
    )
    hour = SelectField(
        lazy("Daily letters go out at"),
        coerce=int,
        choices=choices((str(hour), f"{hour:02}:00") for hour in range(24)),
        description=lazy("In the time zone of the programme."),
    )
    expiry_days = IntegerField(
        lazy("Days before points expire"),
        [InputRequired(), NumberRange(1, 365)],
        description=lazy("How long before their owner is told."),
        render_kw={"min": 1, "max": 365, "inputmode": "numeric"},
    )
    language = SelectField(
        lazy("Language"),
        choices=_LANGUAGES,
        description=lazy("Of members whose store has none of its own."),
        render_kw=_NAMES,
    )
    reply_to = StringField(
        lazy("Answers go to"),
        [Length(max=254)],
        description=lazy("An e-mail address. Empty: to the sender."),
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )
    imprint = TextAreaField(
        lazy("Foot of each letter"),
        [Length(max=2_000)],
        description=lazy(
            "Who sends it, and where he can be reached. The law of many countries asks for it."
        ),
        render_kw={"rows": 4},
    )
    per_minute = IntegerField(
        lazy("Letters a minute, at most"),
        [InputRequired(), NumberRange(1, 10_000)],
        description=lazy("As many as your mail server takes."),
        render_kw={"min": 1, "inputmode": "numeric"},
    )

    def validate_reply_to(self, field: Any) -> None:
        if not (field.data or "").strip():
            return
        try:
            normal_email(field.data)
        except ValueError:
            raise ValidationError(_("This is not one e-mail address.")) from None

    @property
    def store_fields(self) -> list[tuple[str, Any]]:
        """By store, ``installation/code``."""
        return [(field.label.text, field) for name, field in self._fields.items() if _is_of(name)]

    def show(self, found: Letters) -> LettersForm:
        self.kinds.data = [one.value for one in OFFERED if one in found.kinds]
        self.earned.data = found.earned.value
        for name in ("hour", "expiry_days", "language", "reply_to", "imprint", "per_minute"):
            self[name].data = getattr(found, name)
        for store, field in self.store_fields:
            field.data = found.languages.get(store, "")
        return self

    def wanted(self, before: Letters) -> Letters:
        """What the form does not ask for stays: stores that are not connected, other kinds."""
        asked = {store: field.data for store, field in self.store_fields}
        languages = {
            store: told
            for store, told in ((before.languages | asked).items())
            if told or store not in asked
        }
        chosen = {LetterKind(one) for one in self.kinds.data or ()}
        return Letters(
            kinds=frozenset(chosen | (before.kinds - set(OFFERED))),
            language=self.language.data,
            languages=languages,
            earned=Earned(self.earned.data),
            hour=self.hour.data,
            expiry_days=self.expiry_days.data,
            reply_to=(self.reply_to.data or "").strip(),
            imprint="\n".join((self.imprint.data or "").strip().splitlines()),
            per_minute=self.per_minute.data,
        )


def letters_form(stores: Sequence[StorePlace], **options: Any) -> LettersForm:
    """With a field for the language of each store."""
    fields = {
        _name_of(one): SelectField(
            one.name,
            choices=choices([("", lazy("As set above")), *MEMBER_NAMES.items()]),
            render_kw=_NAMES,
        )
        for one in stores
    }
    kind: type[LettersForm] = type("LettersFormOfStores", (LettersForm,), fields)
    return kind(**options)


def _name_of(store: StorePlace) -> str:
    return f"language-{store.installation_id}-{store.store_id}"


def _is_of(name: str) -> bool:
    return name.startswith("language-")
