"""Tier prices: read, add or update, replace, delete (recorded: tier_prices.json).

Bad rows come back in a 200, the good ones are written all the same. Beyond the recordings after
Magento's TierPriceStorage, TierPriceFactory and TierPricePersistence. The price index is no
matter here; what is refused is in :mod:`.tier_checks`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.tier_checks import validated
from connectors.magento.sandbox.tiers import PRICED, Key, Tier, group_code, group_id_of
from connectors.magento.sandbox.values import number, percentage, price, quantity

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

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

# -- reading --------------------------------------------------------------------------------


def read(shop: Shop, call: Call) -> Any:
    """Rows name the SKU the way it was asked for."""
    skus = parameter(call.body(), "skus", "string[]")
    asked = {product.id: sku for sku in skus if (product := shop.products.by_sku(sku))}
    rows = [
        row
        for product_id in asked
        if shop.products.rows[product_id].type_id in PRICED
        for row in shop.tiers.of(product_id)
    ]
    if _by_key(len(asked), len(rows), shop.tiers.count()):
        rows.sort(key=lambda row: row.order)
    else:
        rows.sort(key=lambda row: row.row_id)
    call.work.kind, call.work.rows, call.work.skus = "read_tier_prices", len(rows), len(skus)
    return [_as_json(shop, asked[row.product_id], row) for row in rows]


def _by_key(products: int, rows: int, all_rows: int) -> bool:
    """Whether the database looks the products up (order of the key) or reads the whole table
    (order of writing): weighed as MySQL's optimizer weighs a table in memory. It fits
    tier_prices.json #22 and tier_prices_bulk.json #1."""
    looked_up = 0.25 * (products + rows) + 0.1 * rows
    return products == 1 or looked_up < 0.1 * all_rows + 2.35


def _as_json(shop: Shop, sku: str, row: Tier) -> dict[str, Any]:
    return {
        "price": number(row.value),
        "price_type": "discount" if row.is_discount else "fixed",
        "website_id": row.website_id,
        "sku": sku,
        "customer_group": group_code(shop, row.group_id),
        "quantity": number(row.quantity),
    }


# -- writing --------------------------------------------------------------------------------


def add_or_update(shop: Shop, call: Call) -> Any:
    rows = _rows(shop, call)
    good, failures = validated(shop, rows, beside_existing=True)
    for row in good:
        _put(shop, row)
    return failures


def replace(shop: Shop, call: Call) -> Any:
    """First removes **every** tier price of the products that are named in a good row.

    A key that comes twice breaks the insert, and nothing is changed.
    """
    rows = _rows(shop, call)
    good, failures = validated(shop, rows, beside_existing=False)
    keys = [_key(shop, row) for row in good]
    if len(set(keys)) < len(keys):
        raise Refused(400, "Could not replace Tier Prices")
    for key in keys:
        shop.tiers.drop_product(key[0])
    for row in good:
        _put(shop, row)
    return failures


def delete(shop: Shop, call: Call) -> Any:
    """Needs the exact value; what is not there is no failure (recorded: #14, #15). All rows are
    looked up before the first is removed, so that two entries can mean the same row."""
    rows = _rows(shop, call)
    good, failures = validated(shop, rows, beside_existing=False)
    found = [
        shop.tiers.first_equal(
            _key(shop, row),
            Decimal(str(row["price"])),
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


def _key(shop: Shop, row: dict[str, Any]) -> Key:
    product = shop.products.by_sku(row["sku"])
    group_id = group_id_of(shop, row["customer_group"])
    assert product is not None and group_id is not None, "validated rows have both"
    return (product.id, group_id, quantity(row["quantity"]), row["website_id"])


def _put(shop: Shop, row: dict[str, Any]) -> None:
    is_discount = row["price_type"] == "discount"
    value = (percentage if is_discount else price)(row["price"])
    shop.tiers.put(_key(shop, row), value, is_discount=is_discount)


_CATALOG = "Magento_Catalog::catalog"

ROUTES = (
    Route("POST", "products/tier-prices-information", _CATALOG, read),
    Route("POST", "products/tier-prices", _CATALOG, add_or_update),
    Route("PUT", "products/tier-prices", _CATALOG, replace),
    Route("POST", "products/tier-prices-delete", _CATALOG, delete),
)
