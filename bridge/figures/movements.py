"""What the book's entries of a day come to: earned, redeemed, expired, and so on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bridge.points.models import Place
from bridge.points.opening_entries import IMPORT


@dataclass(frozen=True, slots=True)
class EntrySum:
    """Entries that moved points from one place to another, together."""

    debit: str
    credit: str
    effect: str
    points: int
    entries: int = 0


@dataclass(frozen=True, slots=True)
class Movements:
    """Points that came and went from the first to the last day of a period, as the book recorded
    them. Over all days together ``change`` is what members have now, less what they owe."""

    begins: date
    ends: date
    """The last day."""
    earned: int = 0
    reversed: int = 0
    """Taken back from what was earned: an order was returned."""
    redeemed: int = 0
    """Spent: a voucher was used, a reward was taken."""
    restored: int = 0
    """Of what was spent, given back: an order paid with points was returned."""
    expired: int = 0
    """Less what was taken back of points that had expired before."""
    adjusted: int = 0
    """What persons gave less what they took, forgiven debt and corrections included; may be
    below 0."""
    imported: int = 0
    """Opening balances, less opening debts."""
    change: int = 0
    """Of what members have less what they owe."""


_OUTSIDE = (Place.ISSUED, Place.REDEEMED, Place.EXPIRED, Place.ADJUSTED)


def movements(begins: date, ends: date, sums: Iterable[EntrySum]) -> Movements:
    """Entries between a holder's own places, and from one holder to another, count as nothing."""
    found = list(sums)
    opening = [one for one in found if one.effect == IMPORT]
    others = [one for one in found if one.effect != IMPORT]
    earned, reversed_ = _out_of(Place.ISSUED, found), _into(Place.ISSUED, found)
    redeemed, restored = _into(Place.REDEEMED, found), _out_of(Place.REDEEMED, found)
    expired = _into(Place.EXPIRED, found) - _out_of(Place.EXPIRED, found)
    adjusted = _out_of(Place.ADJUSTED, others) - _into(Place.ADJUSTED, others)
    imported = _out_of(Place.ADJUSTED, opening) - _into(Place.ADJUSTED, opening)
    change = sum(_out_of(place, found) - _into(place, found) for place in _OUTSIDE)
    return Movements(
        begins,
        ends,
        earned=earned,
        reversed=reversed_,
        redeemed=redeemed,
        restored=restored,
        expired=expired,
        adjusted=adjusted,
        imported=imported,
        change=change,
    )


def together(periods: Sequence[Movements]) -> Movements:
    """Several periods as one. Raises ValueError when there is none."""
    if not periods:
        raise ValueError("no period to add up")
    return Movements(
        min(one.begins for one in periods),
        max(one.ends for one in periods),
        earned=sum(one.earned for one in periods),
        reversed=sum(one.reversed for one in periods),
        redeemed=sum(one.redeemed for one in periods),
        restored=sum(one.restored for one in periods),
        expired=sum(one.expired for one in periods),
        adjusted=sum(one.adjusted for one in periods),
        imported=sum(one.imported for one in periods),
        change=sum(one.change for one in periods),
    )


def by_month(days: Iterable[Movements]) -> list[Movements]:
    """Days in their order, as calendar months; the first and the last may be parts of one."""
    grouped = groupby(days, key=lambda one: (one.begins.year, one.begins.month))
    return [together(list(some)) for _, some in grouped]


def _out_of(place: Place, sums: Iterable[EntrySum]) -> int:
    return sum(one.points for one in sums if one.debit == place.value)


def _into(place: Place, sums: Iterable[EntrySum]) -> int:
    return sum(one.points for one in sums if one.credit == place.value)
