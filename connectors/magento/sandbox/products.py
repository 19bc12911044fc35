"""Products (recorded: products.json, paging.json)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, no_product, unknown_attribute
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.recorded import recorded
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.tiers import ALL_GROUPS, Tier
from connectors.magento.sandbox.values import number, percentage, price, quantity

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

PRODUCT = Type(
    "Magento\\Catalog\\Api\\Data\\ProductInterface",
    {
        "id": "int",
        "sku": "string",
        "name": "string",
        "attribute_set_id": "int",
        "price": "float",
        "status": "int",
        "visibility": "int",
        "type_id": "string",
        "created_at": "string",
        "updated_at": "string",
        "weight": "float",
        "extension_attributes": "any",
        "product_links": "any",
        "options": "any",
        "media_gallery_entries": "any",
        "tier_prices": "any",
        "custom_attributes": "any",
    },
)


@dataclass(slots=True)
class Product:
    id: int
    sku: str
    name: str
    price: Decimal | None
    """None where the product has none of its own, for example a bundle."""
    type_id: str
    created_at: str
    updated_at: str
    attribute_set_id: int = 15
    status: int = 1
    visibility: int = 4
    weight: Decimal | None = None
    stock: int = 10_000
    category_ids: tuple[int, ...] = ()
    links: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    """Custom attributes by code, without the categories."""
    child_ids: tuple[int, ...] = ()
    """Of a configurable: the simple products it is sold as."""
    parent_id: int = 0
    """Of a child: the configurable it is sold through."""
    options: tuple[dict[str, Any], ...] = ()
    """Of a configurable: what its children differ in, as the shop shows it."""
    choices: dict[str, int] = field(default_factory=dict)
    """Of a child: attribute id to value index."""
    choice_labels: dict[str, str] = field(default_factory=dict)
    """Of a child: attribute id to what the shopper reads."""


@dataclass(slots=True)
class Products:
    rows: dict[int, Product] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)

    def add(self, product: Product) -> Product:
        self.rows[product.id] = product
        self._ids[product.sku.lower()] = product.id
        return product

    def by_sku(self, sku: str) -> Product | None:
        """Without regard to case and spaces at the end, as the database compares."""
        return self.rows.get(self._ids.get(sku.rstrip(" ").lower(), 0))

    def get(self, sku: str) -> Product:
        product = self.by_sku(sku)
        if product is None:
            raise no_product()
        return product

    def remove(self, product: Product) -> None:
        del self.rows[product.id]
        del self._ids[product.sku.lower()]


# -- showing --------------------------------------------------------------------------------


def shown(shop: Shop, product: Product, *, alone: bool = False) -> dict[str, Any]:
    """As the shop shows it; ``alone`` (asked for by SKU) it comes with its stock."""
    row: dict[str, Any] = {
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "attribute_set_id": product.attribute_set_id,
    }
    if product.price is not None:
        row["price"] = number(product.price)
    row |= {
        "status": product.status,
        "visibility": product.visibility,
        "type_id": product.type_id,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }
    if product.weight is not None:
        row["weight"] = number(product.weight)
    row["extension_attributes"] = _extension(product, alone=alone)
    row["product_links"] = product.links
    row["options"] = []
    row["media_gallery_entries"] = product.media
    row["tier_prices"] = _tiers(shop, product)
    row["custom_attributes"] = _attributes(product)
    return row


def _extension(product: Product, *, alone: bool) -> dict[str, Any]:
    extension: dict[str, Any] = {"website_ids": [1]}
    if product.category_ids:
        extension["category_links"] = [
            {"position": 0, "category_id": str(one)} for one in product.category_ids
        ]
    if alone:
        extension["stock_item"] = stock_item(product)
    if product.type_id == "configurable":
        extension["configurable_product_options"] = list(product.options)
        extension["configurable_product_links"] = list(product.child_ids)
    return extension


def stock_item(product: Product) -> dict[str, Any]:
    own = {"item_id": product.id, "product_id": product.id}
    return {
        **recorded()["stock_item"],
        **own,
        "qty": product.stock,
        "is_in_stock": product.stock > 0 or product.type_id != "simple",
    }


def _attributes(product: Product) -> list[dict[str, Any]]:
    listed = [
        {"attribute_code": code, "value": value} for code, value in product.attributes.items()
    ]
    ids = {
        "attribute_code": "category_ids",
        "value": [str(one) for one in product.category_ids],
    }
    place = next(
        (at for at, one in enumerate(listed) if one["attribute_code"] == "description"),
        len(listed),
    )
    return [*listed[:place], ids, *listed[place:]]


def _tiers(shop: Shop, product: Product) -> list[dict[str, Any]]:
    return [_tier(product, row) for row in tiers_seen(shop, product)]


def tiers_seen(shop: Shop, product: Product) -> list[Tier]:
    """By quantity; with prices for all websites, the rows of a single one are not part of the
    product (magento2 ``GroupPrice\\AbstractGroupPrice::afterLoad``)."""
    rows = shop.tiers.of(product.id)
    if shop.faults.shop["price_scope"] == "global":
        rows = [row for row in rows if row.website_id == 0]
    return sorted(rows, key=lambda row: (row.quantity, row.order))


def value_of(product: Product, row: Tier) -> Decimal:
    if row.is_discount:
        return (product.price or Decimal(0)) * (100 - row.value) / 100
    return row.value


def _tier(product: Product, row: Tier) -> dict[str, Any]:
    extension: dict[str, Any] = {"website_id": row.website_id}
    if row.is_discount and row.value:
        extension["percentage_value"] = number(row.value)
    return {
        "customer_group_id": row.group_id,
        "qty": number(row.quantity),
        "value": number(value_of(product, row)),
        "extension_attributes": extension,
    }


# -- finding --------------------------------------------------------------------------------


def _attribute(code: str) -> Callable[[Product], Any]:
    return lambda product: product.attributes.get(code)


_COLUMNS: dict[str, Callable[[Product], Any]] = {
    "entity_id": lambda product: product.id,
    "sku": lambda product: product.sku,
    "name": lambda product: product.name,
    "price": lambda product: product.price,
    "type_id": lambda product: product.type_id,
    "status": lambda product: product.status,
    "visibility": lambda product: product.visibility,
    "weight": lambda product: product.weight,
    "attribute_set_id": lambda product: product.attribute_set_id,
    "created_at": lambda product: product.created_at,
    "updated_at": lambda product: product.updated_at,
    **{
        code: _attribute(code)
        for code in (
            *("tax_class_id", "url_key", "special_price", "special_from_date", "special_to_date"),
            *("description", "short_description", "meta_title", "image", "small_image"),
            *("thumbnail", "cost", "msrp", "required_options", "has_options", "options_container"),
            *("news_from_date", "news_to_date", "manufacturer", "country_of_manufacture"),
            *("activity", "material", "style_bags", "strap_bags", "features_bags", "gender"),
            *("erin_recommends", "new", "sale", "performance_fabric", "eco_collection"),
        )
    },
    "color": lambda product: product.choices.get("93"),
    "size": lambda product: product.choices.get("142"),
    "category_id": lambda product: product.category_ids,
    "website_id": lambda product: 1,
    "store_id": lambda product: 0,
}


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    rows, total = select(shop.products.rows.values(), criteria, _COLUMNS, unknown_attribute)
    call.work.kind, call.work.rows = "products", len(rows)
    if call.query.get("fields") == "total_count":
        return answer([], criteria, total)
    return answer([shown(shop, product) for product in rows], criteria, total)


_LABELS = {
    "simple": "Simple Product",
    "virtual": "Virtual Product",
    "downloadable": "Downloadable Product",
    "bundle": "Bundle Product",
    "configurable": "Configurable Product",
    "grouped": "Grouped Product",
}


def get(shop: Shop, call: Call) -> Any:
    return shown(shop, shop.products.get(call.params["sku"]), alone=True)


def options(shop: Shop, call: Call) -> Any:
    """What a configurable's children differ in."""
    return list(shop.products.get(call.params["sku"]).options)


def types(shop: Shop, call: Call) -> Any:
    return [{"name": name, "label": label} for name, label in _LABELS.items()]


def children(shop: Shop, call: Call) -> Any:
    product = shop.products.get(call.params["sku"])
    return [shown(shop, shop.products.rows[one]) for one in product.child_ids]


def get_stock_item(shop: Shop, call: Call) -> Any:
    return stock_item(shop.products.get(call.params["sku"]))


# -- changing -------------------------------------------------------------------------------


def create(shop: Shop, call: Call) -> Any:
    given = parameter(call.body(), "product", PRODUCT, most=shop.most_items)
    return _save(shop, call, str(given.get("sku") or ""), given)


def update(shop: Shop, call: Call) -> Any:
    """Changes what is given; a SKU that is not there is made."""
    given = parameter(call.body(), "product", PRODUCT, most=shop.most_items)
    return _save(shop, call, call.params["sku"], given)


def _save(shop: Shop, call: Call, sku: str, given: dict[str, Any]) -> Any:
    product = shop.products.by_sku(sku) or _new(shop, sku, given)
    if given.get("price") is not None and given["price"] < 0:
        raise Refused(400, "Please enter a number 0 or greater in this field.")
    for name in ("name", "status", "visibility", "attribute_set_id"):
        if given.get(name) is not None:
            setattr(product, name, given[name])
    for name in ("price", "weight"):
        if given.get(name) is not None:
            setattr(product, name, price(given[name]))
    for one in given.get("custom_attributes") or []:
        if one.get("attribute_code") != "category_ids":
            product.attributes[one.get("attribute_code")] = one.get("value")
    if given.get("tier_prices") is not None:
        _replace_tiers(shop, product, given["tier_prices"])
    product.updated_at = shop.now()
    call.work.kind = "write"
    return shown(shop, product, alone=True)


def _new(shop: Shop, sku: str, given: dict[str, Any]) -> Product:
    for name, label in (("name", "Product Name"), ("price", "Price")):
        if given.get(name) is None:
            raise Refused(
                400, 'The "%1" attribute value is empty. Set the attribute and try again.', [label]
            )
    type_id = given.get("type_id") or "simple"
    if not sku or type_id not in _LABELS:
        raise Refused(400, "The product was unable to be saved. Please try again.")
    number_of = max(shop.products.rows, default=0) + 1
    at = shop.now()
    product = Product(number_of, sku, given["name"], price(given["price"]), type_id, at, at)
    return shop.products.add(product)


def _replace_tiers(shop: Shop, product: Product, given: list[dict[str, Any]]) -> None:
    known = {*shop.groups.rows, ALL_GROUPS}
    for row in tiers_seen(shop, product):
        shop.tiers.drop(row.key)
    for one in given:
        extension = one.get("extension_attributes") or {}
        percent = extension.get("percentage_value")
        group_id = int(one.get("customer_group_id", ALL_GROUPS))
        if group_id not in known:
            raise Refused(400, "The specified customer group id does not exist.")
        key = (
            product.id,
            group_id,
            quantity(one.get("qty", 1)),
            int(extension.get("website_id") or 0),
        )
        value = price(one.get("value", 0)) if percent is None else percentage(percent)
        shop.tiers.put(key, value, is_discount=percent is not None)


def delete(shop: Shop, call: Call) -> Any:
    product = shop.products.get(call.params["sku"])
    shop.tiers.drop_product(product.id)
    shop.carts.drop_product(product.id)
    shop.products.remove(product)
    call.work.kind = "write"
    return True


_PRODUCTS = "Magento_Catalog::products"

ROUTES = (
    Route("GET", "products", _PRODUCTS, search),
    Route("POST", "products", _PRODUCTS, create),
    Route("GET", "products/types", _PRODUCTS, types),
    Route("GET", "products/{sku}", _PRODUCTS, get),
    Route("PUT", "products/{sku}", _PRODUCTS, update),
    Route("DELETE", "products/{sku}", _PRODUCTS, delete),
    Route("GET", "configurable-products/{sku}/children", _PRODUCTS, children),
    Route("GET", "configurable-products/{sku}/options/all", _PRODUCTS, options),
    Route("GET", "stockItems/{sku}", "Magento_CatalogInventory::cataloginventory", get_stock_item),
)
