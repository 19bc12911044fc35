"""What a piece costs a buyer in Magento, from the rows of tier prices. Pure.

Magento goes through the rows from the smallest quantity up and keeps the lowest price (magento2
``Catalog\\Model\\Product\\Type\\Price::getTierPrice``); a tier price never raises a price
(PLATFORM_FACTS Magento 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.base import ALL_STORES, Amount, Basis, Product, Store, TierPrice
from connectors.magento.mapping import ALL_GROUPS_ID
from connectors.magento.settings import Settings
from connectors.quotes import CannotQuote

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """Half a cent goes up; every amount of a cart is rounded so."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """On the side catalogue prices are kept in."""

    own: Decimal
    price: Decimal
    row: TierPrice | None
    """``None``: no row lowers the product's own price."""


def unit_price(
    product: Product,
    rows: Iterable[TierPrice],
    quantity: int,
    group_id: str,
    store: Store,
    settings: Settings,
) -> UnitPrice:
    """``rows``: of this product. Raises CannotQuote for a product without a price.

    A website's row stands in for the one for all websites; with price scope *global* rows of a
    website are not seen. A row of the buyer's own group that lowered the price is not undercut by
    one for all groups at the same quantity.
    """
    own = _own_price(product, store.currency, settings.basis)
    found, price, at, is_own = None, own, Decimal(1), False
    for row in _seen(rows, group_id, store.id if settings.website_prices else ALL_STORES):
        starts, for_all = row.key.quantity, row.key.audience_id == ALL_GROUPS_ID
        if starts > quantity or starts < at or (starts == at and is_own and for_all):
            continue
        worth = _worth(row, own, settings.basis)
        if worth is not None and worth < price:
            found, price, at, is_own = row, worth, starts, not for_all
    return UnitPrice(cents(own), cents(price), found)


def _own_price(product: Product, currency: str, basis: Basis) -> Decimal:
    for amount in product.prices:
        price = _side(amount, basis)
        if amount.currency == currency and price is not None:
            return price
    raise CannotQuote(f"{product.sku} has no price in {currency or 'the currency of this store'}.")


def _side(amount: Amount, basis: Basis) -> Decimal | None:
    return amount.gross if basis is Basis.GROSS else amount.net


def _worth(row: TierPrice, own: Decimal, basis: Basis) -> Decimal | None:
    if row.value.percent is not None:
        return own * (100 - row.value.percent) / 100
    return _side(row.value.amounts[0], basis) if row.value.amounts else None


def _seen(rows: Iterable[TierPrice], group_id: str, store_id: str) -> list[TierPrice]:
    chosen: dict[tuple[str, Decimal], TierPrice] = {}
    for row in rows:
        key = row.key
        if key.audience_id not in (group_id, ALL_GROUPS_ID):
            continue
        if key.store not in (ALL_STORES, store_id):
            continue
        place = (key.audience_id, key.quantity)
        if place not in chosen or key.store != ALL_STORES:
            chosen[place] = row
    return sorted(
        chosen.values(), key=lambda row: (row.key.quantity, row.key.audience_id == ALL_GROUPS_ID)
    )
