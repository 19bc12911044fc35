"""What an order earns because of those before it, and the most that may be earned. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.earning.facts import Buyer, Earned, History
from bridge.programme.points import Caps, PointsSettings
from connectors.sales import Order


def earned_by_history(
    settings: PointsSettings,
    order: Order,
    rate: Decimal,
    buyer: Buyer,
    history: History,
    zone: ZoneInfo,
) -> tuple[Earned, ...]:
    """First order, n-th order, and the steps that this order crosses, shared out to its lines.

    ``history``: the orders before this one. What this order adds counts as ``history`` counts:
    less its refunds. A cancelled or wholly returned order earns nothing.
    """
    raise NotImplementedError


def capped(
    earned: Sequence[Earned], caps: Caps, earned_today: int, earned_ever: int
) -> tuple[Earned, ...]:
    """The same entries, cut so that no cap is passed: from the last one backwards.

    ``earned_today`` and ``earned_ever`` are what the member earned before this, elsewhere. An
    entry that was cut says so in ``why``; one cut wholly is there with 0 points.
    """
    raise NotImplementedError
