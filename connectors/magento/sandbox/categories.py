"""The category tree (recorded: products.json #7, #8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import no_such, unknown_attribute
from connectors.magento.sandbox.inputs import convert
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

ROOT = 1
_ALL_LEVELS = 99


@dataclass(slots=True)
class Category:
    id: int
    parent_id: int
    name: str
    position: int
    level: int
    is_active: bool | None = True
    unseen: int = 0
    """Products of the recorded shop that this one lacks; they count all the same."""


@dataclass(slots=True)
class Categories:
    rows: dict[int, Category] = field(default_factory=dict)

    def add(self, category: Category) -> Category:
        self.rows[category.id] = category
        return category

    def below(self, parent_id: int) -> list[Category]:
        found = [one for one in self.rows.values() if one.parent_id == parent_id]
        return sorted(found, key=lambda one: one.position)

    def beneath(self, parent_id: int) -> list[Category]:
        """On every level."""
        below = self.below(parent_id)
        return below + [one for child in below for one in self.beneath(child.id)]

    def get(self, category_id: int) -> Category:
        found = self.rows.get(category_id)
        if found is None:
            raise no_such("id", category_id)
        return found

    def path(self, category: Category) -> list[int]:
        above = self.rows.get(category.parent_id)
        return [*(self.path(above) if above else []), category.id]


def tree(shop: Shop, call: Call) -> Any:
    """``rootCategoryId`` and ``depth`` (levels below the root) narrow it."""
    root = convert(call.query.get("rootCategoryId", ROOT), "int")
    depth = convert(call.query.get("depth", _ALL_LEVELS), "int")
    return _node(shop, shop.categories.get(root), _counts(shop), depth)


def _counts(shop: Shop) -> dict[int, int]:
    counts = {one.id: one.unseen for one in shop.categories.rows.values()}
    for product in shop.products.rows.values():
        for category_id in product.category_ids:
            counts[category_id] = counts.get(category_id, 0) + 1
    return counts


def _node(shop: Shop, category: Category, counts: dict[int, int], depth: int) -> dict[str, Any]:
    below = shop.categories.below(category.id) if depth > 0 else []
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "name": category.name,
        "is_active": category.is_active,
        "position": category.position,
        "level": category.level,
        "product_count": counts[category.id],
        "children_data": [_node(shop, one, counts, depth - 1) for one in below],
    }


def get(shop: Shop, call: Call) -> Any:
    return _alone(shop, shop.categories.get(call.params["categoryId"]))


def _alone(shop: Shop, category: Category) -> dict[str, Any]:
    below = shop.categories.below(category.id)
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "name": category.name,
        "is_active": bool(category.is_active),
        "position": category.position,
        "level": category.level,
        "children": ",".join(str(one.id) for one in below),
        "created_at": shop.began,
        "updated_at": shop.began,
        "path": "/".join(map(str, shop.categories.path(category))),
        "available_sort_by": [],
        "include_in_menu": True,
        "custom_attributes": _attributes(shop, category),
    }


def _attributes(shop: Shop, category: Category) -> list[dict[str, str]]:
    key = _url_key(category)
    above = [shop.categories.rows[one] for one in shop.categories.path(category)[2:]]
    values = {
        "is_anchor": "1",
        "path": "/".join(map(str, shop.categories.path(category))),
        "children_count": str(len(shop.categories.beneath(category.id))),
        "url_key": key,
        "url_path": "/".join(_url_key(one) for one in above),
    }
    return [{"attribute_code": code, "value": value} for code, value in values.items()]


def _url_key(category: Category) -> str:
    return re.sub(r"[^a-z0-9]+", "-", category.name.lower()).strip("-")


_COLUMNS = {
    name: lambda row, name=name: getattr(row, name)
    for name in ("name", "parent_id", "level", "position", "is_active")
} | {"entity_id": lambda row: row.id, "url_key": _url_key}


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    rows, total = select(shop.categories.rows.values(), criteria, _COLUMNS, unknown_attribute)
    return answer([_alone(shop, one) for one in rows], criteria, total)


def products(shop: Shop, call: Call) -> Any:
    category = shop.categories.get(call.params["categoryId"])
    return [
        {"sku": product.sku, "position": 0, "category_id": str(category.id)}
        for product in shop.products.rows.values()
        if category.id in product.category_ids
    ]


_CATEGORIES = "Magento_Catalog::categories"

ROUTES = (
    Route("GET", "categories", _CATEGORIES, tree),
    Route("GET", "categories/list", _CATEGORIES, search),
    Route("GET", "categories/{categoryId:int}", _CATEGORIES, get),
    Route("GET", "categories/{categoryId:int}/products", _CATEGORIES, products),
)
