"""The books at a moment: what each line of each order is worth by each rule, and what each person
has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from oracle.earned import Before, LineRule, earned, in_cents
from oracle.numbers import whole
from oracle.state import State, counts, goods_kept, returned, state_at
from oracle.words import Promise, Purchase

_HISTORY = ("first order", "every nth", "spend steps")


@dataclass
class Balance:
    available: int = 0
    waiting: int = 0
    """Not ripe yet, or held while nobody knows what a refund came to; once their day to be lost
    has come, held points are neither."""


@dataclass
class Books:
    worth: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """By shop, order, line and rule."""
    balances: dict[str, Balance] = field(default_factory=dict)


def books(promise: Promise, purchases: Sequence[Purchase], at: datetime) -> Books:
    """When the bridge has heard of everything up to ``at``, and looked at the clock then."""
    found = Books()
    for person in sorted({one.person for one in purchases if one.person}):
        own = [one for one in purchases if one.person == person]
        own.sort(key=lambda one: (one.placed_at, one.shop, one.id))
        found.balances[person] = Balance()
        _add(promise, own, at, found, found.balances[person])
    return found


def _add(
    promise: Promise,
    purchases: Sequence[Purchase],
    at: datetime,
    found: Books,
    balance: Balance,
) -> None:
    orders, spent = 0, Fraction(0)
    by_day: dict[date, int] = {}
    zone = ZoneInfo(promise.zone)
    for purchase in purchases:
        state = state_at(purchase, at)
        if state is None:
            continue
        day = state.placed.astimezone(zone).date()
        ripens = spendable_from(promise, state)
        is_ripe = ripens is not None and ripens <= at
        is_decided = is_ripe or not _looks_back(promise)
        before = Before(orders, spent, by_day.get(day, 0)) if is_decided else None
        kept = _kept(earned(promise, purchase, state, before), state)
        for (line, rule), points in kept.items():
            found.worth[purchase.shop, purchase.id, line, rule] = points
        total = sum(kept.values())
        _fill(promise, state, ripens if is_ripe else None, at, total, balance)
        by_day[day] = by_day.get(day, 0) + total
        if counts(state):
            rate = Fraction(promise.rates.get(purchase.currency, 1))
            orders += 1
            spent += in_cents(goods_kept(state, gross=promise.gross), rate)


def _kept(points: dict[LineRule, int], state: State) -> dict[LineRule, int]:
    gone = returned(state)
    kept = {
        (line, rule): number - whole(number * gone.get(line, Fraction(0)), "nearest")
        for (line, rule), number in points.items()
    }
    return {key: number for key, number in kept.items() if number}


def _looks_back(promise: Promise) -> bool:
    return promise.most_per_day is not None or any(rule.gives in _HISTORY for rule in promise.rules)


def _fill(
    promise: Promise,
    state: State,
    ripened: datetime | None,
    at: datetime,
    points: int,
    balance: Balance,
) -> None:
    if ripened is None:
        balance.waiting += points
        return
    gone = lost_from(promise, state, ripened)
    if gone is not None and gone <= at:
        return
    if state.is_untold:
        balance.waiting += points
    else:
        balance.available += points


# --- dates ---------------------------------------------------------------------------------


def spendable_from(promise: Promise, state: State) -> datetime | None:
    happened = {"placed": state.placed, "paid": state.paid, "completed": state.completed}[
        promise.waits_for
    ]
    if happened is None or promise.waits_days == 0:
        return happened
    zone = ZoneInfo(promise.zone)
    return _midnight(happened.astimezone(zone).date() + timedelta(promise.waits_days + 1), zone)


def lost_from(promise: Promise, state: State, ripened: datetime) -> datetime | None:
    if promise.lasts_months is None:
        return None
    zone = ZoneInfo(promise.zone)
    start = state.placed if promise.lasts_from_order else ripened
    last = _later(start.astimezone(zone).date(), promise.lasts_months)
    return _midnight(last + timedelta(1), zone)


def _later(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    while True:
        try:
            return date(year, month, day.day)
        except ValueError:
            day = day - timedelta(1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
