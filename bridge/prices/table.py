"""The table of quantity, price and what one saves: for merchants and members alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bridge.prices.rules import HUNDRED
from bridge.programme.tiers import Tier


@dataclass(frozen=True, slots=True)
class PriceLine:
    """From this many pieces on."""

    quantity: int
    group: str | None
    currency: str | None
    percent: Decimal | None
    """As it is written; ``None``: the price itself is."""
    price: Decimal | None
    """Of one piece; ``None``: a percentage of a price that is not known."""
    saved: Decimal | None
    """On one piece, against the usual price; ``None``: that one is not known. Negative: dearer."""
    share: Decimal | None
    """The same as a part of the usual price: 0.15 is 15 %."""


def price_lines(tiers: Iterable[Tier], usual: Decimal | None) -> list[PriceLine]:
    """By group and quantity. ``usual``: the product's own price, in the currency and with or
    without tax as the tiers are."""
    order = sorted(tiers, key=lambda tier: (tier.group or "", tier.currency or "", tier.quantity))
    return [_line(tier, usual if tier.currency is None else None) for tier in order]


def _line(tier: Tier, usual: Decimal | None) -> PriceLine:
    price = tier.price
    if tier.percent is not None and usual is not None:
        price = usual * (HUNDRED - tier.percent) / HUNDRED
    saved = share = None
    if price is not None and usual is not None:
        saved = usual - price
        share = saved / usual if usual else None
    elif tier.percent is not None:
        share = tier.percent / HUNDRED
    return PriceLine(tier.quantity, tier.group, tier.currency, tier.percent, price, saved, share)
