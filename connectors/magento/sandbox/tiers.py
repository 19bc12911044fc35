"""The table of tier prices: rows by product, group, quantity and website."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

ALL_GROUPS = 32000
"""The id that stands for every group."""
ALL_GROUPS_CODE = "all groups"
"""What the shop shows for it; it is written without regard to case (recorded: #1, #2)."""
PRICED = frozenset({"simple", "virtual", "bundle", "downloadable"})
"""Kinds of product that take tier prices; others read as none (recorded: #18)."""

Key = tuple[int, int, Decimal, int]
"""Product id, group id, quantity, website id."""


@dataclass(slots=True)
class Tier:
    product_id: int
    group_id: int
    quantity: Decimal
    website_id: int
    value: Decimal
    is_discount: bool
    row_id: int

    @property
    def key(self) -> Key:
        return (self.product_id, self.group_id, self.quantity, self.website_id)

    @property
    def order(self) -> tuple[Any, ...]:
        """Of the table's unique key: rows for all groups come last."""
        return (
            self.product_id,
            self.group_id == ALL_GROUPS,
            self.group_id,
            self.quantity,
            self.website_id,
        )


@dataclass(slots=True)
class Tiers:
    by_product: dict[int, dict[Key, Tier]] = field(default_factory=dict)
    next_row_id: int = 1

    def of(self, product_id: int) -> Iterable[Tier]:
        return self.by_product.get(product_id, {}).values()

    def count(self) -> int:
        return sum(map(len, self.by_product.values()))

    def put(self, key: Key, value: Decimal, *, is_discount: bool) -> None:
        rows = self.by_product.setdefault(key[0], {})
        known = rows.get(key)
        if known is not None:
            known.value, known.is_discount = value, is_discount
            return
        rows[key] = Tier(*key, value, is_discount, self.next_row_id)
        self.next_row_id += 1

    def first_equal(self, key: Key, value: Decimal, *, is_discount: bool) -> Key | None:
        """The first row that matches, on **whatever** website: the shop does not compare it
        (PLATFORM_FACTS Magento 4; magento2 ``TierPriceStorage::retrievePriceId``), and never
        finds a fixed price of 0 (``isCorrectPriceValue``). The value is compared as it was
        sent, with all its decimals."""
        for row in sorted(self.of(key[0]), key=lambda one: one.order):
            if row.key[:3] != key[:3] or row.value != value:
                continue
            if row.is_discount == is_discount and (value or is_discount):
                return row.key
        return None

    def drop(self, key: Key) -> None:
        self.by_product.get(key[0], {}).pop(key, None)

    def drop_product(self, product_id: int) -> None:
        self.by_product.pop(product_id, None)

    def drop_group(self, group_id: int) -> None:
        for product_id, rows in self.by_product.items():
            self.by_product[product_id] = {
                key: row for key, row in rows.items() if row.group_id != group_id
            }


def group_code(shop: Shop, group_id: int) -> str:
    if group_id == ALL_GROUPS:
        return ALL_GROUPS_CODE
    code: str = shop.groups.rows[group_id]["code"]
    return code


def group_id_of(shop: Shop, code: str | None) -> int | None:
    if code is None:
        return None
    if code.lower() == ALL_GROUPS_CODE:
        return ALL_GROUPS
    found = shop.groups.by_code(code)
    return found["id"] if found else None
