"""How far a member is from the next tier. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_of, months_later
from bridge.programme.loyalty import LoyaltyTier, Reach
from bridge.tiers.rules import Volume


class Measure(StrEnum):
    SPEND = "spend"
    """Money of the programme's currency."""
    ITEMS = "items"
    ORDERS = "orders"
    MONTHS = "months"
    """Of membership."""


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a way to a tier."""

    measure: Measure
    has: Decimal
    needs: Decimal

    @property
    def is_done(self) -> bool:
        return self.has >= self.needs


@dataclass(frozen=True, slots=True)
class Progress:
    """To the next tier that can be reached."""

    tier: str
    ways: tuple[tuple[Step, ...], ...]
    """Any of them is enough; of one, all steps are needed."""


def next_tier(
    tiers: Mapping[str, LoyaltyTier],
    current: str,
    volumes: Mapping[str, Volume],
    joined_at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Progress | None:
    """The next one above ``current`` that is not given by hand alone; ``None``: there is none.

    ``volumes``: by tier, each in its own window.
    """
    keys = list(tiers)
    above = keys[keys.index(current) + 1 :] if current in tiers else keys
    for key in above:
        if tiers[key].reach:
            volume = volumes.get(key, Volume())
            member_for = months_between(day_of(joined_at, zone), day_of(now, zone))
            return Progress(key, tuple(_steps(way, volume, member_for) for way in tiers[key].reach))
    return None


def _steps(way: Reach, volume: Volume, member_for: int) -> tuple[Step, ...]:
    told = (
        (Measure.SPEND, volume.spend, way.spend),
        (Measure.ITEMS, volume.items, way.items),
        (Measure.ORDERS, volume.orders, way.orders),
        (Measure.MONTHS, member_for, way.membership_months),
    )
    return tuple(
        Step(measure, Decimal(has), Decimal(needs))
        for measure, has, needs in told
        if needs is not None
    )


def months_between(first: date, last: date) -> int:
    """Full months, as :func:`bridge.kit.calendar.months_later` counts them."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(months if months_later(first, months) <= last else months - 1, 0)
