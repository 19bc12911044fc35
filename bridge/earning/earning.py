"""What the lines of one order earn by the rules that need no history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.earning.facts import Buyer, Earned, ProductFacts
from bridge.programme.points import PointsSettings
from connectors.sales import Money, Order


def earned(
    settings: PointsSettings,
    order: Order,
    rate: Decimal,
    buyer: Buyer,
    products: Mapping[str, ProductFacts],
    paid_with_points: Money,
    zone: ZoneInfo,
) -> tuple[Earned, ...]:
    """Points by line and rule, rules in file order, lines in the order's; none is 0.

    ``rate``: units of the programme's currency for one of the order's. ``products``: by product
    id; one that is not there is in no category. ``paid_with_points``: what vouchers bought with
    points took off, in the order's currency. It is part of the lines' discounts already and is
    taken off nothing twice. ``zone``: the programme's; rules begin and end by its days.

    A cancelled order, gift lines and what is excluded earn nothing. Refunds do not count here
    (see :func:`bridge.earning.refunds.reversed_points`).
    """
    raise NotImplementedError
