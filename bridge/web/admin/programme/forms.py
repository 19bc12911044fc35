"""The form of one entry of the programme, made from what its sheet says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bridge.programme.issues import Issue
from bridge.programme.source import Plain
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.programme.fields import entry_with, has_many_ways, items_at, shown
from bridge.web.admin.programme.sheets import Group, Item, Kind, Sheet, Variant
from bridge.web.speaking import _, lazy, said

LONGEST = 100_000
"""Characters of a list in a form."""
KEY, WHY, VERSION = "key", "why", "version"
_NUMBERS = {Kind.WHOLE: "numeric", Kind.NUMBER: "decimal"}
_HINTS = {Kind.MONTH_DAY: "12-31", Kind.STEPS: "1000 = 50"}


class EntryForm(Form):
    """``field_of``: the name of each item's field."""

    key = StringField(
        lazy("Short name"),
        [Length(max=64)],
        description=lazy(
            "Lower-case letters, digits and hyphens: it stays, also when the rest changes."
        ),
    )
    why = StringField(
        lazy("Why"),
        [Optional(), Length(max=500)],
        description=lazy("For whoever looks at the versions later."),
    )
    version = HiddenField()


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields as a page shows it."""

    title: Any
    help: Any
    names: tuple[str, ...]
    is_folded: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a section: what is asked of it, and what is there."""

    sheet: Sheet
    variant: Variant | None
    key: str
    """Empty: it is to be made."""
    said: Plain
    """As the programme has it."""
    known: Mapping[str, Sequence[tuple[str, str]]]
    """Keys and names of other sections, for fields that choose among them."""

    @property
    def loc(self) -> tuple[str, ...]:
        return (*self.sheet.loc, self.key) if self.sheet.is_keyed else self.sheet.loc

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.sheet.groups_of(self.variant)

    @property
    def items(self) -> tuple[Item, ...]:
        """Those that have a field: a choice among nothing has none, nor what a form cannot show."""
        return tuple(item for group in self.groups for item in group.items if self._is_asked(item))

    def _is_asked(self, item: Item) -> bool:
        if item.of and not self.known.get(item.of) and not shown(self.said, item):
            return False
        return not has_many_ways(self.said, item.path.partition(".")[0])

    @property
    def unshown(self) -> bool:
        """Whether something of it can only be seen in the text."""
        return any(has_many_ways(self.said, name) for name in ("reach", "keep"))

    def form(self, *, is_sent: bool) -> EntryForm:
        fields = {_name(item): self._field(item) for item in self.items}
        made: type[EntryForm] = type("EntryFormOf", (EntryForm,), fields)
        if is_sent:
            found = made()
        else:
            data = {_name(item): shown(self.said, item) for item in self.items}
            found = made(formdata=None, data={**data, KEY: self.key})
        if self.key or not self.sheet.is_keyed:
            del found.key
        return found

    def sections(self, form: EntryForm) -> list[Section]:
        asked = set(self.items)
        found = []
        for group in self.groups:
            names = tuple(_name(item) for item in group.items if item in asked)
            if names:
                is_empty = not any(form[name].data or form[name].errors for name in names)
                folded = group.is_folded and is_empty
                found.append(Section(group.title, group.help, names, folded))
        return found

    def sent(self, form: EntryForm) -> Plain:
        """The entry as the form says it."""
        data = {}
        for item in self.items:
            value = form[_name(item)].data
            data[item.path] = value if item.kind in (Kind.TICK, Kind.KEYS) else value or ""
        return self._marked(entry_with(self.said, self.items, data))

    def _marked(self, entry: Plain) -> Plain:
        """Ways that have no number of their own are there by being said."""
        if self.variant is None or not _is_bare(self.variant.key, self.sheet.name):
            return entry
        return {self.variant.key: "yes", **(entry if isinstance(entry, dict) else {})}

    def place(self, form: EntryForm, problems: Sequence[Issue], prefix: str) -> None:
        """Each message at its field; the others above the form."""
        above = []
        for problem in problems:
            item = items_at(problem, prefix, self.items)
            if item is None:
                told = said(problem.message)
                above.append(f"{problem.field}: {told}" if problem.field else told)
            else:
                field = form[_name(item)]
                field.errors = [*field.errors, said(problem.message)]
        form.problem = " \N{BULLET} ".join(above[:5])

    def _field(self, item: Item) -> Any:
        about: dict[str, Any] = {"description": item.help}
        attributes: dict[str, Any] = {"data-needed": True} if item.is_needed else {}
        match item.kind:
            case Kind.TICK:
                return BooleanField(item.label, **about)
            case Kind.CHOICE:
                return SelectField(
                    item.label, choices=choices(self._choices(item)), validate_choice=False, **about
                )
            case Kind.KEYS:
                return SelectMultipleField(
                    item.label,
                    choices=choices(self._choices(item)),
                    validate_choice=False,
                    option_widget=CheckboxInput(),
                    widget=ListWidget(prefix_label=False),
                    **about,
                )
            case Kind.LIST | Kind.STEPS:
                attributes |= {"rows": 3, "placeholder": _HINTS.get(item.kind, "")}
                return TextAreaField(
                    item.label, [Length(max=LONGEST)], render_kw=attributes, **about
                )
            case Kind.DAY:
                attributes |= {"type": "date"}
            case Kind.WHOLE | Kind.NUMBER:
                attributes |= {"inputmode": _NUMBERS[item.kind], "autocomplete": "off"}
            case Kind.MONTH_DAY:
                attributes |= {"placeholder": _HINTS[item.kind]}
        return StringField(item.label, [Length(max=500)], render_kw=attributes, **about)

    def _choices(self, item: Item) -> list[tuple[str, Any]]:
        if not item.of:
            return list(item.choices)
        found: list[tuple[str, Any]] = [(key, name) for key, name in self.known.get(item.of, ())]
        present = shown(self.said, item)
        listed = present if isinstance(present, list) else [present] if present else []
        # What is named and not there (any more) must not vanish because somebody saved.
        found += [(one, one) for one in listed if one not in dict(found)]
        return [("", _("None")), *found] if item.kind is Kind.CHOICE else found


def _name(item: Item) -> str:
    return "at_" + item.path.replace(".", "__")


def _is_bare(variant: str, section: str) -> bool:
    """Whether a kind of entry is said by ``yes``, and not by a number."""
    if section == "campaigns":
        return variant in ("sign_up", "birthday", "instant")
    return variant == "nothing"
