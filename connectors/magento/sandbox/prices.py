"""The other services for prices: of a group, base prices, special prices.

After Magento's TierPriceManagement, BasePriceStorage and SpecialPriceStorage; not recorded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.products import Product, tiers_seen, value_of
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.tiers import ALL_GROUPS, Tier
from connectors.magento.sandbox.values import number, numeric, price, quantity, text

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

# -- tier prices of one product and group ---------------------------------------------------


def group_tiers(shop: Shop, call: Call) -> Any:
    product, group_id = shop.products.get(call.params["sku"]), _group_id(call)
    return [
        {
            "customer_group_id": group_id,
            "qty": number(row.quantity),
            "value": number(value_of(product, row)),
        }
        for row in tiers_seen(shop, product)
        if row.group_id == group_id
    ]


def add_group_tier(shop: Shop, call: Call) -> Any:
    """Adds a fixed price, or changes the one that is there."""
    amount, qty = _positive(call, "price"), _positive(call, "qty")
    product, group_id = shop.products.get(call.params["sku"]), _group_id(call)
    if group_id != ALL_GROUPS:
        shop.groups.get(group_id)
    key = (product.id, group_id, quantity(qty), 0)
    shop.tiers.put(key, price(amount), is_discount=False)
    product.updated_at, call.work.kind = shop.now(), "write"
    return True


def drop_group_tier(shop: Shop, call: Call) -> Any:
    product, group_id = shop.products.get(call.params["sku"]), _group_id(call)
    found = _tier(shop, product, group_id, _positive(call, "qty"))
    if found is None:
        raise Refused(
            404,
            "Product hasn't group price with such data: customerGroupId = '%1', website = %2, "
            "qty = %3",
            [call.params["customerGroupId"], 0, float(call.params["qty"])],
        )
    shop.tiers.drop(found.key)
    product.updated_at, call.work.kind = shop.now(), "write"
    return True


def _tier(shop: Shop, product: Product, group_id: int, qty: Decimal) -> Tier | None:
    rows = (row for row in tiers_seen(shop, product) if row.group_id == group_id)
    return next((row for row in rows if row.quantity == quantity(qty)), None)


def _group_id(call: Call) -> int:
    given = call.params["customerGroupId"]
    if given == "all":
        return ALL_GROUPS
    return int(float(given)) if numeric(given) else -1


def _positive(call: Call, name: str) -> Decimal:
    given = call.params[name]
    if not numeric(given) or Decimal(given) <= 0:
        raise Refused(400, "The data was invalid. Verify the data and try again.")
    return Decimal(given)


# -- base prices ----------------------------------------------------------------------------

BASE_PRICE = Type(
    "Magento\\Catalog\\Api\\Data\\BasePriceInterface",
    {"price": "float", "store_id": "int", "sku": "string", "extension_attributes": "any"},
)
_BASED = frozenset({"simple", "virtual", "downloadable"})
_INVALID = "Invalid attribute %fieldName = %fieldValue."


def base_prices(shop: Shop, call: Call) -> Any:
    skus = parameter(call.body(), "skus", "string[]")
    found = [(sku, shop.products.by_sku(sku)) for sku in skus]
    return [
        {"price": number(product.price), "store_id": 0, "sku": sku}
        for sku, product in found
        if product and product.type_id in _BASED and product.price is not None
    ]


def set_base_prices(shop: Shop, call: Call) -> Any:
    rows = parameter(call.body(), "prices", [BASE_PRICE], most=shop.most_items)
    call.work.kind, call.work.rows = "write", len(rows)
    failures: list[dict[str, Any]] = []
    for row in rows:
        wrong = _wrong_base_price(shop, row)
        failures += wrong
        product = shop.products.by_sku(row.get("sku") or "")
        if not wrong and product is not None:
            product.price, product.updated_at = price(row["price"]), shop.now()
    return failures


def _wrong_base_price(shop: Shop, row: dict[str, Any]) -> list[dict[str, Any]]:
    product = shop.products.by_sku(row.get("sku") or "")
    found = []
    if product is None or product.type_id not in _BASED:
        found.append(_failure(_INVALID, "SKU", row.get("sku")))
    if row.get("price") is None or row["price"] < 0:
        found.append(_failure(_INVALID, "Price", row.get("price")))
    if row.get("store_id") not in (0, 1):
        message = "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId."
        found.append(_failure(message, row.get("sku"), row.get("store_id")))
    return found


def _failure(message: str, *parameters: Any) -> dict[str, Any]:
    return {"message": message, "parameters": [text(one) for one in parameters]}


# -- special prices -------------------------------------------------------------------------


def special_prices(shop: Shop, call: Call) -> Any:
    skus = parameter(call.body(), "skus", "string[]")
    found = [(sku, shop.products.by_sku(sku)) for sku in skus]
    return [_special(sku, product) for sku, product in found if product and _has_special(product)]


def _has_special(product: Product) -> bool:
    return product.attributes.get("special_price") is not None


def _special(sku: str, product: Product) -> dict[str, Any]:
    return {
        "price": number(Decimal(product.attributes["special_price"])),
        "store_id": 0,
        "sku": sku,
        "price_from": product.attributes.get("special_from_date"),
        "price_to": product.attributes.get("special_to_date"),
    }


_CATALOG = "Magento_Catalog::catalog"
_TIERS = "products/{sku}/group-prices/{customerGroupId}/tiers"

ROUTES = (
    Route("GET", _TIERS, _CATALOG, group_tiers),
    Route("POST", _TIERS + "/{qty}/price/{price}", _CATALOG, add_group_tier),
    Route("DELETE", _TIERS + "/{qty}", _CATALOG, drop_group_tier),
    Route("POST", "products/base-prices-information", _CATALOG, base_prices),
    Route("POST", "products/base-prices", _CATALOG, set_base_prices),
    Route("POST", "products/special-price-information", _CATALOG, special_prices),
)
