"""What an entry did, in a word, by the places it moved points between. Pure."""

from __future__ import annotations

from bridge.points.models import OWN_PLACES, Place
from bridge.points.opening_entries import IMPORT
from bridge.subscribers.event_types import Movement


def movement(debit: Place, credit: Place, effect: str) -> Movement:
    """The same words, and the same order of asking, as the figures have."""
    places = (debit, credit)
    if Place.ISSUED in places:
        return Movement.EARNED if debit is Place.ISSUED else Movement.REVERSED
    if Place.REDEEMED in places:
        return Movement.REDEEMED if credit is Place.REDEEMED else Movement.RESTORED
    if Place.EXPIRED in places:
        return Movement.EXPIRED
    if Place.ADJUSTED in places:
        return Movement.IMPORTED if effect == IMPORT else Movement.ADJUSTED
    if Place.MOVED in places:
        return Movement.MOVED
    return _within(debit, credit)


def _within(debit: Place, credit: Place) -> Movement:
    """Between a holder's own places."""
    if Place.DEBT in (debit, credit):
        return Movement.SETTLED
    if Place.RESERVED in (debit, credit):
        return Movement.RESERVED if credit is Place.RESERVED else Movement.RELEASED
    return Movement.RIPENED


def change(place: Place, debit: Place, credit: Place, points: int) -> int:
    """By how much an entry changed what an account has in one of its own places. What is owed
    grows by what is taken from it."""
    assert place in OWN_PLACES
    change = points * ((credit is place) - (debit is place))
    return -change if place is Place.DEBT else change
