"""Tier prices: read, add or update, replace, delete (recorded: tier_prices.json).

Bad rows come back in a 200, the good ones are written all the same. Rows are kept by product,
group, quantity and website; the price index is no matter here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.stores import WEBSITES
from connectors.magento.sandbox.values import number, price, quantity, text

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

ALL_GROUPS = 32000
"""The id that stands for every group."""
ALL_GROUPS_CODE = "all groups"
"""What the shop shows for it; it is written without regard to case (recorded: #1, #2)."""
_PRICED = frozenset({"simple", "virtual", "bundle", "downloadable"})
"""Kinds of product that take tier prices; others read as none (recorded: #18)."""
_KEY_ORDER_UP_TO = 50
"""The database answers a few products in order of the key, many in order of writing (recorded:
tier_prices.json #16 and tier_prices_bulk.json #1)."""

TIER_PRICE = Type(
    "Magento\\Catalog\\Api\\Data\\TierPriceInterface",
    {
        "price": "float",
        "price_type": "string",
        "website_id": "int",
        "sku": "string",
        "customer_group": "string",
        "quantity": "float",
        "extension_attributes": "any",
    },
)

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
    def order(self) -> tuple[Any, ...]:
        return (
            self.product_id,
            self.group_id != ALL_GROUPS,
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

    def put(self, key: Key, value: Decimal, *, is_discount: bool) -> None:
        rows = self.by_product.setdefault(key[0], {})
        known = rows.get(key)
        if known is not None:
            known.value, known.is_discount = value, is_discount
            return
        rows[key] = Tier(*key, value, is_discount, self.next_row_id)
        self.next_row_id += 1

    def drop_product(self, product_id: int) -> None:
        self.by_product.pop(product_id, None)

    def drop_group(self, group_id: int) -> None:
        for product_id, rows in self.by_product.items():
            self.by_product[product_id] = {
                key: row for key, row in rows.items() if row.group_id != group_id
            }

    def first_equal(
        self, product_id: int, group_id: int, qty: Decimal, value: Decimal, *, is_discount: bool
    ) -> Key | None:
        """The first row that matches, on **whatever** website: the shop does not compare it
        (PLATFORM_FACTS Magento 4; magento2 ``TierPriceStorage::retrievePriceId``), and never
        finds a fixed price of 0 (``isCorrectPriceValue``)."""
        rows = self.by_product.get(product_id, {})
        for key, row in sorted(rows.items(), key=lambda item: item[1].order):
            if (row.group_id, row.quantity, row.value) != (group_id, qty, value):
                continue
            if row.is_discount == is_discount and (value or is_discount):
                return key
        return None

    def drop(self, key: Key) -> None:
        self.by_product.get(key[0], {}).pop(key, None)


# -- reading --------------------------------------------------------------------------------


def read(shop: Shop, call: Call) -> Any:
    skus = parameter(call.body(), "skus", "string[]")
    products = {product.id: product for product in map(shop.products.by_sku, skus) if product}
    rows = [
        row
        for product in products.values()
        if product.type_id in _PRICED
        for row in shop.tiers.of(product.id)
    ]
    few = len(products) <= _KEY_ORDER_UP_TO
    rows.sort(key=lambda row: row.order if few else (row.row_id,))
    call.work.kind, call.work.rows, call.work.skus = "read_tier_prices", len(rows), len(skus)
    return [_as_json(shop, products[row.product_id].sku, row) for row in rows]


def _as_json(shop: Shop, sku: str, row: Tier) -> dict[str, Any]:
    return {
        "price": number(row.value),
        "price_type": "discount" if row.is_discount else "fixed",
        "website_id": row.website_id,
        "sku": sku,
        "customer_group": group_code(shop, row.group_id),
        "quantity": number(row.quantity),
    }


def group_code(shop: Shop, group_id: int) -> str:
    if group_id == ALL_GROUPS:
        return ALL_GROUPS_CODE
    code: str = shop.groups.rows[group_id]["code"]
    return code


# -- writing --------------------------------------------------------------------------------


def add_or_update(shop: Shop, call: Call) -> Any:
    rows = _rows(shop, call)
    good, failures = _validated(shop, rows, beside_existing=True)
    for row in good:
        _put(shop, row)
    return failures


def replace(shop: Shop, call: Call) -> Any:
    """First removes **every** tier price of the products that are named in a good row."""
    rows = _rows(shop, call)
    good, failures = _validated(shop, rows, beside_existing=False)
    for product_id in {_product_id(shop, row) for row in good}:
        shop.tiers.drop_product(product_id)
    for row in good:
        _put(shop, row)
    return failures


def delete(shop: Shop, call: Call) -> Any:
    """Needs the exact value; what is not there is no failure (recorded: #14, #15). All rows are
    looked up before the first is removed, so that two entries can mean the same row."""
    rows = _rows(shop, call)
    good, failures = _validated(shop, rows, beside_existing=False)
    found = [
        shop.tiers.first_equal(
            _product_id(shop, row),
            _group_id(shop, row),
            quantity(row["quantity"]),
            price(row["price"]),
            is_discount=row["price_type"] == "discount",
        )
        for row in good
    ]
    for key in found:
        if key is not None:
            shop.tiers.drop(key)
    return failures


def _rows(shop: Shop, call: Call) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parameter(
        call.body(), "prices", [TIER_PRICE], most=shop.most_items
    )
    call.work.kind, call.work.rows = "write_tier_prices", len(rows)
    call.work.skus = len({str(row.get("sku")).lower() for row in rows})
    return rows


def _product_id(shop: Shop, row: dict[str, Any]) -> int:
    product = shop.products.by_sku(row["sku"])
    assert product is not None, "validated rows have a product"
    return product.id


def _group_id(shop: Shop, row: dict[str, Any]) -> int:
    group_id = _group_id_of(shop, row.get("customer_group"))
    assert group_id is not None, "validated rows have a group"
    return group_id


def _group_id_of(shop: Shop, code: str | None) -> int | None:
    if code is None:
        return None
    if code.lower() == ALL_GROUPS_CODE:
        return ALL_GROUPS
    found = shop.groups.by_code(code)
    return found["id"] if found else None


def _put(shop: Shop, row: dict[str, Any]) -> None:
    key = (
        _product_id(shop, row),
        _group_id(shop, row),
        quantity(row["quantity"]),
        row["website_id"],
    )
    shop.tiers.put(key, price(row["price"]), is_discount=row["price_type"] == "discount")


# -- what the shop refuses ------------------------------------------------------------------

Check = Callable[["Shop", dict[str, Any]], bool]
_ROW_ID = (
    " Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
)


def _validated(
    shop: Shop, rows: Sequence[dict[str, Any]], *, beside_existing: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that can be written, and a failure for each thing wrong with the others."""
    places: dict[tuple[Any, ...], set[int | None]] = {}
    for row in rows:
        places.setdefault(_place(row), set()).add(row.get("website_id"))
    good, failures = [], []
    for row in rows:
        wrong = [
            _failure(row, message, own) for holds, message, own in _CHECKS if not holds(shop, row)
        ]
        if not wrong:
            clashes = _clashes(shop, row, places, beside_existing=beside_existing)
            wrong = [_failure({**row, "website_id": other}, _DUPLICATE, None) for other in clashes]
        failures += wrong
        if not wrong:
            good.append(row)
    return good, failures


def _failure(row: dict[str, Any], message: str, own: str | None) -> dict[str, Any]:
    named = [row.get("sku"), row.get("website_id"), row.get("customer_group"), row.get("quantity")]
    values = ([row.get(own)] if own else []) + named
    return {"message": message + _ROW_ID, "parameters": [text(value) for value in values]}


def _good_sku(shop: Shop, row: dict[str, Any]) -> bool:
    product = shop.products.by_sku(row.get("sku") or "")
    return product is not None and product.type_id in _PRICED


def _good_price(shop: Shop, row: dict[str, Any]) -> bool:
    value = row.get("price")
    if value is None or value < 0 or shop.faults.poisoned(row.get("sku") or ""):
        return False
    return row.get("price_type") != "discount" or value <= 100


def _good_type(shop: Shop, row: dict[str, Any]) -> bool:
    product = shop.products.by_sku(row.get("sku") or "")
    if product is not None and product.type_id == "bundle":
        return row.get("price_type") == "discount"
    return row.get("price_type") in ("fixed", "discount")


def _good_quantity(shop: Shop, row: dict[str, Any]) -> bool:
    return (row.get("quantity") or 0) >= 1


def _good_website(shop: Shop, row: dict[str, Any]) -> bool:
    """Website rows are taken with global prices too (recorded: #10); other versions refuse."""
    website = row.get("website_id")
    if website and shop.faults.shop["global_scope_refuses_websites"]:
        return False
    return website in [one["id"] for one in WEBSITES]


def _good_group(shop: Shop, row: dict[str, Any]) -> bool:
    return _group_id_of(shop, row.get("customer_group")) is not None


_CHECKS: tuple[tuple[Check, str, str | None], ...] = (
    (_good_sku, "Invalid attribute SKU = %SKU.", None),
    (_good_price, "Invalid attribute Price = %price.", "price"),
    (_good_type, "Invalid attribute Price Type = %priceType.", "price_type"),
    (_good_quantity, "Invalid attribute Quantity = %qty.", None),
    (_good_website, "Invalid attribute Website ID = %websiteId.", None),
    (_good_group, "No such entity with Customer Group = %customerGroup.", None),
)
"""In the shop's order; the column whose value comes before those that name the row
(recorded: #7, #20)."""

_DUPLICATE = (
    "We found a duplicate website, tier price, customer group and quantity: Customer Group = "
    "%customerGroup, Website ID = %websiteId, Quantity = %qty."
)


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    code = row.get("customer_group")
    return (str(row.get("sku")).lower(), code and code.lower(), row.get("quantity"))


def _clashes(
    shop: Shop,
    row: dict[str, Any],
    places: dict[tuple[Any, ...], set[int | None]],
    *,
    beside_existing: bool,
) -> list[int]:
    """A row for all websites and one for a single website cannot stand beside each other for
    one group and quantity (PLATFORM_FACTS Magento 6). The failure names the website of the
    **other** row (magento2 ``TierPriceValidator::checkUnique``)."""
    others = {one for one in places[_place(row)] if one is not None}
    if beside_existing:
        group_id, qty = _group_id(shop, row), quantity(row["quantity"])
        others |= {
            tier.website_id
            for tier in shop.tiers.of(_product_id(shop, row))
            if tier.group_id == group_id and tier.quantity == qty
        }
    own = row["website_id"]
    return sorted(other for other in others if other != own and 0 in (other, own))


_CATALOG = "Magento_Catalog::catalog"

ROUTES = (
    Route("POST", "products/tier-prices-information", _CATALOG, read),
    Route("POST", "products/tier-prices", _CATALOG, add_or_update),
    Route("PUT", "products/tier-prices", _CATALOG, replace),
    Route("POST", "products/tier-prices-delete", _CATALOG, delete),
)
