"""Fits a template's sections into another programme. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bridge.kit.money import exponent
from bridge.programme.amounts import DECIMALS, tidy
from bridge.programme.document import Programme
from bridge.programme.issues import Loc
from bridge.programme_templates.mapping import (
    EVERY,
    OWN,
    Chosen,
    KnownNames,
    lean,
    own_section,
)
from bridge.programme_templates.places import AMOUNTS, NAMES, Kind, Place, rewritten
from bridge.programme_templates.sections import KEYED

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fitted:
    changes: dict[Loc, Any]
    """To the target's fields; ``None`` removes. Empty: it says all that already."""
    gone: tuple[Loc, ...]
    """Entries of the template that were left out, since they name what is not there; and places
    of others that name one thing less."""
    prices_left_out: int
    """SKUs with prices that no shop of the target has."""


def fit(
    template: Fields,
    target: Programme,
    chosen: Chosen,
    known: KnownNames,
    *,
    replaces: bool = False,
) -> Fitted:
    """``template``: its sections, as :func:`template_fields` gives them for this target.
    ``replaces``: what a section has there and not in the template goes.

    Raises TwoBecomeOne.
    """
    there = lean(target, template)
    renamed, lost, without = _renamed(template, there, chosen, known, replaces=replaces)
    with_people = _with_people(renamed, there)
    changes: dict[Loc, Any] = {}
    for section, value in with_people.items():
        if section in KEYED:
            changes |= _entries(section, value, there.get(section, {}), replaces=replaces)
        elif value != there.get(section):
            changes[section,] = value
    gone = _gone(template, renamed)
    less = [loc for loc in without if not any(loc[: len(one)] == one for one in gone)]
    return Fitted(changes, (*gone, *less), lost)


def template_fields(
    template: Programme, sections: Collection[str], target: Programme, factor: Decimal | None
) -> Fields:
    """A template's sections as they mean the same in the target: net and gross spelled out where
    the target's prices are the other one, amounts multiplied by ``factor``. Raises TooSmall."""
    fields = lean(template, sections)
    side = template.prices_are
    if side is not target.prices_are:
        for entry in fields.get("price_lists", {}).values():
            entry.setdefault("prices_are", side.value)
        for gift in fields.get("gifts", {}).values():
            gift.setdefault("gross", side.value == "gross")
    if factor is None:
        return fields

    def scaled(place: Place, told: str, _loc: Loc) -> str:
        digits = exponent(target.currency) if place.kind is Kind.FACE else DECIMALS
        exact = Decimal(told) * factor
        found = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if not found:
            raise TooSmall(told, exact)
        return format(tidy(found), "f")

    return rewritten(fields, AMOUNTS, scaled)


class TooSmall(ValueError):
    """An amount of the template is less than the target's currency can say."""

    def __init__(self, told: str, exact: Decimal) -> None:
        super().__init__(told)
        self.told, self.exact = told, f"{exact.normalize():f}"


# --- names ---------------------------------------------------------------------------------


def _renamed(
    fields: Fields, there: Fields, chosen: Chosen, known: KnownNames, *, replaces: bool
) -> tuple[Fields, int, list[Loc]]:
    """Until nothing names an entry that went, because it names what is not there. With the number
    of SKUs and the places of other names that were left out."""
    gone: set[tuple[str, str]] = set()
    while True:
        lost: set[str] = set()
        without: dict[Loc, None] = {}

        def choose(
            place: Place,
            name: str,
            loc: Loc,
            gone: set[tuple[str, str]] = gone,
            lost: set[str] = lost,
            without: dict[Loc, None] = without,
        ) -> str | None:
            section = own_section(place.kind, name, fields)
            if section and (section, name) not in gone:
                return name
            if section and not replaces and name in there.get(section, {}):
                return name
            found = None if section else _stands_for(place.kind, name, chosen, known)
            if found is None and place.kind is Kind.PRICED_SKU:
                lost.add(name)
            elif found is None:
                without[loc[:-1] if isinstance(loc[-1], int) else loc] = None
            return found

        renamed = rewritten(fields, NAMES, choose)
        now = {
            (section, key)
            for section in OWN.values()
            for key in fields.get(section, {})
            if key not in renamed.get(section, {})
        }
        if now <= gone:
            return renamed, len(lost), list(without)
        gone |= now


def _stands_for(kind: Kind, name: str, chosen: Chosen, known: KnownNames) -> str | None:
    asked = Kind.SKU if kind is Kind.PRICED_SKU else kind
    if name == EVERY and asked in (Kind.SKU, Kind.COMPANY):
        return name
    if (asked, name) in chosen.names:
        return chosen.names[asked, name]
    return known.like(asked, name) or None


def _gone(template: Fields, renamed: Fields) -> tuple[Loc, ...]:
    found: list[Loc] = []
    for section, value in template.items():
        kept = renamed.get(section)
        if section in (*KEYED, "tiers"):
            found += [(section, key) for key in value if key not in (kept or {})]
        elif kept is None:
            found.append((section,))
        elif section == "points":
            rules = kept.get("rules", {})
            found += [
                ("points", "rules", key) for key in value.get("rules", {}) if key not in rules
            ]
        elif "automatic" in value and "automatic" not in kept:
            found.append((section, "automatic"))
    return tuple(found)


# --- joining what is there -----------------------------------------------------------------


def _with_people(fields: Fields, there: Fields) -> Fields:
    """Who is named in the target's groups and segments stays named there."""
    found = dict(fields)
    if "groups" in fields:
        found["groups"] = {
            key: _group(entry, there.get("groups", {}).get(key, {}))
            for key, entry in fields["groups"].items()
        }
    if "segments" in fields:
        found["segments"] = {
            key: {**entry, **_people(there.get("segments", {}).get(key, {}))}
            for key, entry in fields["segments"].items()
        }
    return found


def _group(entry: Fields, there: Fields) -> Fields:
    people = _people(there.get("members", {}))
    if not people:
        return entry
    return {**entry, "members": {**people, **entry.get("members", {})}}


def _people(entry: Mapping[str, Any]) -> Fields:
    return {name: entry[name] for name in ("emails", "companies") if name in entry}


def _entries(section: str, value: Fields, there: Fields, *, replaces: bool) -> dict[Loc, Any]:
    changes: dict[Loc, Any] = {
        (section, key): entry for key, entry in value.items() if entry != there.get(key)
    }
    if not replaces:
        return changes
    stays = [key for key in there if section == "segments" and "rfm" not in there[key]]
    for key in there:
        if key not in value and key not in stays:
            changes[section, key] = None
    order = list(dict.fromkeys([*value, *stays]))
    if order != [key for key in there if key in order]:
        return {(section,): {key: value.get(key, there.get(key)) for key in order}}
    return changes
