"""What a piece costs a shopper: Magento's rules for tier prices, without any state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connectors.magento.sandbox.tiers import ALL_GROUPS, Tier
from connectors.magento.sandbox.values import cents


@dataclass(frozen=True, slots=True)
class Shopper:
    group_id: int
    website_id: int
    """0 where prices are the same for all websites: rows of a website are not seen then."""


def unit_price(
    base: Decimal, special: Decimal | None, tiers: Iterable[Tier], shopper: Shopper, qty: Decimal
) -> Decimal:
    """The lowest of the product's own price, its special price and the tier that applies.

    A tier applies from its quantity on, to its group or to all groups; a website's row stands
    in for the row of all websites; a row of the shopper's own group that lowered the price is
    not undercut by one for all groups at the same quantity.
    """
    lowest, at, own = base, Decimal(1), False
    for row in _seen(tiers, shopper):
        if row.quantity > qty or row.quantity < at:
            continue
        if row.quantity == at and own and row.group_id == ALL_GROUPS:
            continue
        price = _value(row, base)
        if price < lowest:
            lowest, at, own = price, row.quantity, row.group_id != ALL_GROUPS
    return cents(lowest if special is None else min(lowest, special))


def _value(row: Tier, base: Decimal) -> Decimal:
    return base * (100 - row.value) / 100 if row.is_discount else row.value


def _seen(tiers: Iterable[Tier], shopper: Shopper) -> list[Tier]:
    chosen: dict[tuple[int, Decimal], Tier] = {}
    for row in tiers:
        if row.group_id not in (shopper.group_id, ALL_GROUPS):
            continue
        if row.website_id not in (0, shopper.website_id):
            continue
        key = (row.group_id, row.quantity)
        if key not in chosen or row.website_id:
            chosen[key] = row
    return sorted(chosen.values(), key=lambda row: (row.quantity, row.group_id == ALL_GROUPS))
