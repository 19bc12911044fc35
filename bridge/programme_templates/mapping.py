"""What a template names, and what stands for it where it is applied. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.programme.document import Programme
from bridge.programme.issues import Loc
from bridge.programme_templates.places import NAMES, Kind, Place, rewritten

EVERY = "*"
"""Any product, any company: names nothing."""
OWN = {Kind.GROUP: "groups", Kind.TIER: "tiers", Kind.SEGMENT: "segments"}
"""Sections whose keys a programme names."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a template, wherever it stands."""

    kind: Kind
    name: str
    places: tuple[Loc, ...]
    suggested: str = ""
    """The same name or code in the target, as it is written there; empty: there is none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose."""

    names: Mapping[tuple[Kind, str], str | None] = field(default_factory=dict)
    """``None``: what names it is left out."""
    factor: Decimal | None = None
    """By which amounts are multiplied where the currency is another one."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What there is in a target."""

    by_kind: Mapping[Kind, tuple[str, ...]]
    """To choose from; of SKUs and categories those alone that a template names."""

    def like(self, kind: Kind, name: str) -> str:
        """The same, else the only one that differs in capitals; a store also by its code, when
        one has it. Empty: none."""
        found = self.by_kind.get(kind, ())
        if name in found:
            return name
        alike = [one for one in found if one.casefold() == name.casefold()]
        if not alike and kind is Kind.STORE and "/" in name:
            alike = [one for one in found if _code(one) == _code(name)]
        return alike[0] if len(alike) == 1 else ""


def _code(store: str) -> str:
    return store.partition("/")[2].casefold()


def lean(programme: Programme, sections: Iterable[str]) -> dict[str, Any]:
    """These sections as JSON has them, without what is as by default."""
    found: dict[str, Any] = programme.model_dump(
        mode="json",
        by_alias=True,
        include=set(sections),
        exclude_defaults=True,
        exclude_none=True,
    )
    return found


def names_in(fields: Mapping[str, Any]) -> dict[tuple[Kind, str], list[Loc]]:
    """Everything that is named, and where, in the programme's order. What a programme's own
    sections hold is among it."""
    found: dict[tuple[Kind, str], list[Loc]] = {}

    def noted(place: Place, name: str, loc: Loc) -> str:
        if not (name == EVERY and place.kind in (Kind.SKU, Kind.COMPANY)):
            found.setdefault((place.kind, name), []).append(loc)
        return name

    rewritten(fields, NAMES, noted)
    return found


def own_section(kind: Kind, name: str, fields: Mapping[str, Any]) -> str:
    """The section of these fields that holds what is named; empty: none does."""
    section = "groups" if kind is Kind.ANY_GROUP else OWN.get(kind, "")
    return section if section and name in fields.get(section, {}) else ""


def references(fields: Mapping[str, Any], known: KnownNames) -> list[Reference]:
    """What a person may have to choose for: everything named but what comes along, and prices'
    SKUs, of which there may be 100,000."""
    return [
        Reference(kind, name, tuple(places), known.like(kind, name))
        for (kind, name), places in names_in(fields).items()
        if kind is not Kind.PRICED_SKU and not own_section(kind, name, fields)
    ]
