"""Whom conditions on members mean (:class:`bridge.programme.giving.Who`). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bridge.programme.catalogue import fitting
from bridge.programme.document import Programme
from bridge.programme.giving import Who


@dataclass(frozen=True, slots=True)
class Qualities:
    """What such conditions ask of a member."""

    groups: frozenset[str] = frozenset()
    """Of all his customers, in every shop: see :func:`names_of_group`."""
    segments: frozenset[str] = frozenset()
    tier: str = ""
    company: str = ""
    """The company's name; empty: none."""


NO_QUALITIES = Qualities()


def is_meant(who: Who | None, qualities: Qualities) -> bool:
    """Whether all conditions that are given hold; ``None`` means everyone."""
    if who is None:
        return True
    return (
        (not who.group or not qualities.groups.isdisjoint(_group_names(who.group)))
        and (not who.segment or not qualities.segments.isdisjoint(who.segment))
        and (not who.tier or qualities.tier in who.tier)
        and (not who.company or _is_of_company(who.company, qualities.company))
    )


def names_of_group(programme: Programme, installation: str, name: str) -> frozenset[str]:
    """What a shop's group can be called in a condition, as :class:`Qualities` keeps it: its name
    there, and the key of the programme's group that it is."""
    plain = _plain(name)
    keys = {
        f"={key}"
        for key, group in programme.groups.items()
        if _plain(group.name_in(installation)) == plain
    }
    return frozenset({plain, *keys})


@lru_cache(maxsize=1024)
def _group_names(written: tuple[str, ...]) -> frozenset[str]:
    # A mark tells keys from names: a shop may call another group as the programme calls a key.
    return frozenset({*map(_plain, written), *(f"={name}" for name in written)})


def _is_of_company(patterns: tuple[str, ...], company: str) -> bool:
    name = _plain(company)
    return bool(name) and fitting(_plain_all(patterns))(name)


def _plain_all(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_plain, names))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
