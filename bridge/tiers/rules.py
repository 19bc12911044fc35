"""Which tier a member has. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeGuard
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of, day_start, months_later
from bridge.programme.loyalty import LoyaltyTier, Reach


@dataclass(frozen=True, slots=True)
class Volume:
    """What a member bought and kept in one tier's window, over all stores."""

    spend: Decimal = Decimal(0)
    """Goods after discounts less refunds, in the programme's currency."""
    items: Decimal = Decimal(0)
    orders: int = 0


_NOTHING = Volume()


@dataclass(frozen=True, slots=True)
class Override:
    """What a person decided; ``tier`` empty: none at all."""

    tier: str
    until: datetime | None = None
    """It holds up to this moment; ``None``: until it is taken back."""


@dataclass(frozen=True, slots=True)
class TierDecision:
    tier: str
    """Key; empty: none."""
    since: datetime | None
    until: datetime | None
    """When a tier that is not reached any more ends: its grace period; ``None``: it is reached,
    or given by hand."""
    reason: str
    """For people."""


def window_start(tier: LoyaltyTier, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Orders placed at or after this moment (UTC) count for the tier; ``None``: all do.

    Rolling months end today and begin with the day after the same day so many months ago
    (12 months on 15 March 2026: since 16 March 2025, 0:00). A calendar year begins on 1 January.
    """
    if tier.window is None:
        return None
    today = day_of(now, zone)
    if tier.window.months is None:
        return day_start(date(today.year, 1, 1), zone)
    return day_end(months_later(today, -tier.window.months), zone)


def reached(
    tiers: Mapping[str, LoyaltyTier],
    volumes: Mapping[str, Volume],
    joined_at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> str:
    """The highest tier whose conditions hold; empty: none.

    ``volumes``: by tier key, each from the tier's own :func:`window_start` on; one that is not
    there is nothing. Months of membership are full on the day of the month he joined on.
    """
    found = ""
    for key, tier in tiers.items():
        if _is_reached(tier.reach, volumes.get(key, _NOTHING), joined_at, now, zone):
            found = key
    return found


def decide(
    tiers: Mapping[str, LoyaltyTier],
    current: str,
    since: datetime | None,
    until: datetime | None,
    override: Override | None,
    volumes: Mapping[str, Volume],
    joined_at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> TierDecision:
    """The tier from now on. Deciding again with its own result changes nothing.

    A person's decision holds, up to its end. Else the highest tier reached, unless the member
    has a higher one: that stays while it is kept, and when it is not, for its grace period
    (``until``) from the moment this was noticed. Then he falls to the highest tier that he
    reaches. A tier that the programme has no more ends at once, and so does one given by hand
    when its time is over; then the caller forgets ``override``.
    """
    if _holds(override, tiers, now):
        return _by_hand(override, current, since, now)
    order = {key: place for place, key in enumerate(tiers)}
    best = reached(tiers, volumes, joined_at, now, zone)
    if current not in order or order.get(best, -1) > order[current]:
        return _moved(best, current, since, now, "reached" if best else "none is reached")
    tier = tiers[current]
    ways = tier.keep or tier.reach
    if best == current or _is_reached(ways, volumes.get(current, _NOTHING), joined_at, now, zone):
        return TierDecision(current, since or now, None, "reached" if best == current else "kept")
    if override is not None and override.tier == current:
        return _moved(best, current, since, now, "what was given by hand has ended")
    ends = until or _grace_end(tier, now, zone)
    if now < ends:
        return TierDecision(current, since or now, ends, "not reached any more: grace period")
    return _moved(best, current, since, now, f"{current} is not reached any more")


def _holds(
    override: Override | None, tiers: Mapping[str, LoyaltyTier], now: datetime
) -> TypeGuard[Override]:
    if override is None or (override.until is not None and override.until <= now):
        return False
    return not override.tier or override.tier in tiers


def _by_hand(
    override: Override, current: str, since: datetime | None, now: datetime
) -> TierDecision:
    kept = since if override.tier == current else None
    begun = (kept or now) if override.tier else None
    return TierDecision(override.tier, begun, None, "given by hand")


def _moved(
    tier: str, current: str, since: datetime | None, now: datetime, reason: str
) -> TierDecision:
    if not tier:
        return TierDecision("", None, None, reason)
    return TierDecision(tier, since if tier == current and since else now, None, reason)


def _grace_end(tier: LoyaltyTier, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last day of grace; without any, now."""
    if tier.grace is None:
        return now
    today = day_of(now, zone)
    if tier.grace.months is not None:
        return day_end(months_later(today, tier.grace.months), zone)
    return day_end(today + timedelta(days=tier.grace.days or 0), zone)


def _is_reached(
    ways: Sequence[Reach], volume: Volume, joined_at: datetime, now: datetime, zone: ZoneInfo
) -> bool:
    return any(_is_way_reached(way, volume, joined_at, now, zone) for way in ways)


def _is_way_reached(
    way: Reach, volume: Volume, joined_at: datetime, now: datetime, zone: ZoneInfo
) -> bool:
    return (
        (way.spend is None or volume.spend >= way.spend)
        and (way.items is None or volume.items >= way.items)
        and (way.orders is None or volume.orders >= way.orders)
        and (
            way.membership_months is None
            or months_later(day_of(joined_at, zone), way.membership_months) <= day_of(now, zone)
        )
    )
