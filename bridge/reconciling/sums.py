"""What entries add up to, by account and by lot: one statement each, summed by the database."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.sql import Subquery
from sqlmodel import Session, col

from bridge.points.models import Entry, Place


class Held(NamedTuple):
    """Points by place."""

    available: int = 0
    pending: int = 0
    reserved: int = 0
    debt: int = 0
    """What is owed, as a positive number; a lot owes nothing."""

    def plus(self, other: Held) -> Held:
        return Held(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def minus(self, other: Held) -> Held:
        return Held(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def __bool__(self) -> bool:
        return any(self)


NOTHING = Held()
PLACES = (Place.AVAILABLE, Place.PENDING, Place.RESERVED)
"""What both accounts and lots hold, in the order of :class:`Held`."""


def net(place: Place) -> Any:
    """Points that came to the place, less those that left it."""
    moved = case(
        (col(Entry.credit) == place.value, col(Entry.points)),
        (col(Entry.debit) == place.value, -col(Entry.points)),
        else_=0,
    )
    return func.coalesce(func.sum(moved), 0)


def summed(by: Any, *which: Any) -> Subquery:
    """Columns ``key``, ``available``, ``pending``, ``reserved`` and ``debt``."""
    return (
        select(
            by.label("key"),
            *(net(place).label(place.value) for place in PLACES),
            (-net(Place.DEBT)).label("debt"),
        )
        .where(*which)
        .group_by(by)
        .subquery()
    )


def held_by(session: Session, by: Any, *which: Any) -> dict[int, Held]:
    rows = session.execute(select(summed(by, *which)))
    return {row.key: held(row) for row in rows}


def held(row: Any, of: str = "") -> Held:
    """From a row's columns, with this in front of their names."""
    available, pending, reserved = (int(getattr(row, f"{of}{one.value}") or 0) for one in PLACES)
    return Held(available, pending, reserved, int(getattr(row, f"{of}debt", 0) or 0))


def effect(debit: str, credit: str, points: int) -> Held:
    """What one entry changes."""
    available, pending, reserved, owed = (
        points * ((credit == place.value) - (debit == place.value))
        for place in (*PLACES, Place.DEBT)
    )
    return Held(available, pending, reserved, -owed)


def in_words(found: Held) -> str:
    """``120 available, 30 pending``; the places that hold nothing are left out."""
    names = ("available", "pending", "reserved", "owed")
    words = [f"{points:,} {name}" for points, name in zip(found, names, strict=True) if points]
    return ", ".join(words) or "nothing"


def differing(one: Held, other: Held) -> str:
    """``available 120 instead of 100``."""
    names = ("available", "pending", "reserved", "owed")
    return ", ".join(
        f"{name} {mine:,} instead of {theirs:,}"
        for mine, theirs, name in zip(one, other, names, strict=True)
        if mine != theirs
    )
