"""Which parts of a programme a template can hold, and what of them never leaves its workspace.
Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bridge.programme.document import Group, Programme
from bridge.programme.loyalty import Identity, Segment

KEYED = ("groups", "price_lists", "segments", "next_purchase", "campaigns", "gifts", "rewards")
"""Entries by key: those of a template join those that are there."""
WHOLE = ("points", "tiers", "redemption", "referrals", "joining", "identity", "rates")
"""One thing each: a ladder of two programmes' tiers would be nobody's."""
SECTIONS = tuple(name for name in Programme.model_fields if name in (*KEYED, *WHOLE))
"""In the order of a programme's file."""
_PEOPLE = ("companies", "partners")
"""Never in a template."""
OF_ONE_CURRENCY = ("price_lists", "rates")
"""Meaningless in another currency: prices are not converted, somebody has to make them."""


def filled(programme: Programme) -> tuple[str, ...]:
    """Sections that say something."""
    return tuple(name for name in SECTIONS if _says_something(programme, name))


def _says_something(programme: Programme, name: str) -> bool:
    value = getattr(programme, name)
    if name == "identity":
        return bool(value != Identity())
    return value is not None and value not in ({}, ())


def cut(programme: Programme, sections: Collection[str]) -> Programme:
    """These sections alone, without anybody's address or company: what a template holds."""
    fields = Programme.model_fields
    others: dict[str, Any] = {
        name: fields[name].get_default(call_default_factory=True)
        for name in (*SECTIONS, *_PEOPLE)
        if name not in sections
    }
    if "groups" in sections:
        groups = programme.groups
        others["groups"] = {key: _without_people(one) for key, one in groups.items()}
    if "segments" in sections:
        segments = programme.segments
        others["segments"] = {key: Segment(rfm=one.rfm) for key, one in segments.items() if one.rfm}
    return programme.model_copy(update=others)


def _without_people(group: Group) -> Group:
    if group.members is None:
        return group
    rule = group.members.rule
    members = group.members.model_copy(update={"emails": (), "companies": ()}) if rule else None
    return group.model_copy(update={"members": members})


def usual(programme: Programme) -> tuple[str, ...]:
    """What is taken where nothing else is said: prices are the client's own."""
    return tuple(name for name in filled(cut(programme, SECTIONS)) if name != "price_lists")
