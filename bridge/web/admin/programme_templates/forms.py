"""What is asked for when a template is saved or applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput

from bridge.programme.amounts import parse_decimal
from bridge.programme.issues import field_path
from bridge.programme_templates.applying import Beginning, Prepared
from bridge.programme_templates.mapping import Chosen, Reference
from bridge.programme_templates.places import Kind
from bridge.programme_templates.service import LONGEST_NAME
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.programme_templates.words import KINDS, SECTIONS
from bridge.web.speaking import _, lazy

_MOST_OFFERED = 200
_PLACES_SHOWN = 2


class SaveForm(Form):
    name = StringField(
        lazy("Name of the template"),
        [DataRequired(), Length(max=LONGEST_NAME)],
        description=lazy("It stands in the versions of programmes that it is applied to."),
    )
    about = StringField(lazy("What it is for"), [Optional(), Length(max=500)])
    sections = SelectMultipleField(
        lazy("What goes into it"), [InputRequired()], option_widget=CheckboxInput()
    )

    def offer(self, sections: Sequence[str]) -> None:
        self.sections.choices = section_choices(sections)


class ApplyForm(Form):
    name = StringField(lazy("Name of the programme"), [Optional(), Length(max=255)])
    currency = StringField(lazy("Its currency"), [Optional(), Length(max=3)])
    timezone = StringField(lazy("Its time zone"), [Optional(), Length(max=64)])
    factor = StringField(lazy("Multiply amounts by"), [Optional(), Length(max=20)])
    why = StringField(
        lazy("Why"),
        [Optional(), Length(max=500)],
        description=lazy("For whoever looks at the versions later."),
    )
    version = HiddenField()

    def beginning(self) -> Beginning:
        return Beginning(
            (self.name.data or "").strip(),
            (self.currency.data or "").strip().upper(),
            (self.timezone.data or "").strip(),
        )

    def read_factor(self) -> Decimal | None:
        """``None`` also where what was typed is none: the field then says so."""
        told = (self.factor.data or "").strip().replace(",", ".")
        if not told:
            return None
        try:
            found = parse_decimal(told)
        except ValueError:
            found = Decimal(0)
        if found <= 0:
            self.factor.errors = [_("Write a number above 0, like 4.25.")]
            return None
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """A name of the template, and what was typed for it."""

    reference: Reference
    word: Any
    places: str
    more: int
    """Places that are not told."""
    field: str
    without: str
    """Names of the two fields."""
    value: str
    is_without: bool
    is_missing: bool


def rows(prepared: Prepared, *, is_sent: bool) -> list[Row]:
    """Those that nothing stands for first."""
    found = [_row(one, is_sent=is_sent) for one in prepared.references]
    return sorted(found, key=lambda row: bool(row.reference.suggested))


def chosen(found: Sequence[Row], factor: Decimal | None) -> Chosen:
    """Of rows that miss nothing."""
    return Chosen(
        {
            (row.reference.kind, row.reference.name): None if row.is_without else row.value
            for row in found
        },
        factor,
    )


def offered(prepared: Prepared) -> dict[Kind, tuple[str, ...]]:
    """Names to choose from, by kind."""
    kinds = {one.kind for one in prepared.references}
    return {kind: prepared.known.by_kind.get(kind, ())[:_MOST_OFFERED] for kind in kinds}


def section_choices(sections: Sequence[str]) -> list[Any]:
    return choices([(name, SECTIONS[name]) for name in sections])


def _row(one: Reference, *, is_sent: bool) -> Row:
    field, without = f"name:{one.kind}:{one.name}", f"without:{one.kind}:{one.name}"
    value = request.form.get(field, "").strip() if is_sent else one.suggested
    is_without = is_sent and without in request.form
    return Row(
        one,
        KINDS[one.kind],
        ", ".join(field_path(loc) for loc in one.places[:_PLACES_SHOWN]),
        max(len(one.places) - _PLACES_SHOWN, 0),
        field,
        without,
        value,
        is_without,
        is_sent and not value and not is_without,
    )
