"""Which tier a member has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.programme.loyalty import LoyaltyTier


@dataclass(frozen=True, slots=True)
class Volume:
    """What a member bought and kept in one tier's window, over all stores."""

    spend: Decimal = Decimal(0)
    """Goods after discounts less refunds, in the programme's currency."""
    items: Decimal = Decimal(0)
    orders: int = 0


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
    """When a tier that is not reached any more ends; ``None``: no end is known."""
    reason: str
    """For people."""


def window_start(tier: LoyaltyTier, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Orders placed at or after this moment (UTC) count for the tier; ``None``: all do."""
    raise NotImplementedError


def reached(
    tiers: Mapping[str, LoyaltyTier],
    volumes: Mapping[str, Volume],
    joined_at: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> str:
    """The highest tier whose conditions hold; empty: none.

    ``volumes``: by tier key, each from the tier's own :func:`window_start` on.
    """
    raise NotImplementedError


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
    """The tier from now on. Deciding again with its own result changes nothing."""
    raise NotImplementedError
