"""What is in force, said as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bridge.programme.document import Programme
from bridge.programme.earning_rules import EarningRule
from bridge.programme.giving import Give
from bridge.programme.loyalty import LoyaltyTier, Reach
from bridge.programme.rewards import Campaign, Gift
from bridge.programme.source import Plain
from bridge.web.admin.programme.fields import shown
from bridge.web.admin.programme.sentences import give_words, reach_words, rule_words
from bridge.web.admin.programme.sheets import Item, Kind, Sheet, Variant
from bridge.web.speaking import _, speech


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a section on the programme's page."""

    key: str
    title: str
    """What it is, in a sentence."""
    told: tuple[tuple[Any, str], ...]
    """What else is said of it: a field's label and its value."""
    state: str
    """``now``, ``later`` or ``over``."""


def variant_of(sheet: Sheet, entry: Plain) -> Variant | None:
    """Which kind of entry it is."""
    said = entry if isinstance(entry, dict) else {}
    return next((one for one in sheet.variants if said.get(one.key) is not None), None)


def lines(sheet: Sheet, entries: Plain, programme: Programme, today: date) -> list[Line]:
    """Of a section with many entries."""
    if not isinstance(entries, dict):
        return []
    found = []
    for key, entry in entries.items():
        variant = variant_of(sheet, entry)
        items = [item for group in sheet.groups_of(variant) for item in group.items]
        model = _model(sheet, key, programme)
        title, said = _title(sheet, model, programme.currency)
        told = tuple(
            (item.label, text)
            for item in items
            if item.path not in said and (text := _value(entry, item))
        )
        found.append(Line(key, title, told, _state(model, today)))
    return found


def _value(entry: Plain, item: Item) -> str:
    value = shown(entry, item)
    if item.kind is Kind.TICK:
        return _("yes") if value else ""
    if item.kind is Kind.CHOICE and value and item.choices:
        return str(dict(item.choices).get(value, value))
    if isinstance(value, list):
        return ", ".join(value)
    return ", ".join(str(value).splitlines())


def _model(sheet: Sheet, key: str, programme: Programme) -> Any:
    place: Any = programme
    for name in sheet.loc:
        place = getattr(place, name)
    return place[key]


def _state(model: Any, today: date) -> str:
    starts, until = getattr(model, "starts", None), getattr(model, "until", None)
    if starts is not None and today < starts:
        return "later"
    return "over" if until is not None and today > until else "now"


# --- titles -------------------------------------------------------------------------------


def _title(sheet: Sheet, model: Any, currency: str) -> tuple[str, set[str]]:
    """A sentence, and the fields that it says already."""
    match model:
        case EarningRule():
            return rule_words(model, currency), {
                path for path in _paths(sheet, model.kind) if not path.startswith("when")
            } | {"per_amount.points", "per_amount.each"}
        case LoyaltyTier():
            ways = " / ".join(reach_words(one, currency) for one in model.reach)
            fields = {f"reach.{name}" for name in Reach.model_fields} | {"name"}
            name = model.name
            if not ways:
                return _("%(name)s: given by hand", name=name), fields
            return _("%(name)s: %(ways)s", name=name, ways=ways), fields
        case Campaign():
            variant = sheet.variant(model.occasion)
            what = str(variant.title) if variant is not None else model.occasion
            gives = give_words(model.give, currency)
            return f"{what}: {gives}", _GIVEN | {model.occasion}
        case Gift():
            return _(
                "%(pieces)s x %(sku)s free from %(amount)s on",
                pieces=speech().number(model.quantity),
                sku=model.sku,
                amount=speech().money(model.basket, currency),
            ), {"sku", "quantity", "basket"}
    return _other(model, currency)


_GIVEN = {f"give.{name}" for name in Give.model_fields}


def _other(model: Any, currency: str) -> tuple[str, set[str]]:
    if hasattr(model, "give"):
        return give_words(model.give, currency), set(_GIVEN)
    if hasattr(model, "name"):
        return str(model.name), {"name"}
    if hasattr(model, "owner"):
        return str(model.owner), {"owner"}
    return "", set()


def _paths(sheet: Sheet, kind: str) -> Iterator[str]:
    variant = sheet.variant(kind)
    for group in variant.groups[:1] if variant is not None else ():
        for item in group.items:
            yield item.path
