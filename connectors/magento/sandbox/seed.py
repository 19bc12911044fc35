"""What the shop has at the start: sample data, the shared catalogue in between, customers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import sample, sample_sales
from connectors.magento.sandbox.categories import Category
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.recorded import recorded
from connectors.magento.sandbox.values import price
from connectors.sandbox.catalogue import CATEGORIES, Article, catalogue
from connectors.sandbox.people import PASSWORD, Person, people

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

BEGAN = "2025-11-22 14:12:59"
SIZE = 1930
"""Articles of the shared catalogue that make the shop as large as the recorded one: 2,046."""
_FIRST_CATEGORY = 41
_TAX_CLASS = "2"
_AXES = {"Colour": sample.COLOUR, "Size": sample.SIZE, "Length": sample.LENGTH}


def fill(shop: Shop, *, size: int, customers: int) -> None:
    for code in ("NOT LOGGED IN", "General", "Wholesale", "Retailer"):
        shop.groups.add(code)
    category_ids = _categories(shop)
    _Shelves(shop, category_ids).fill(catalogue(size) if size else ())
    _count_what_is_missing(shop)
    _customers(shop, customers)
    sample_sales.fill(shop)


def _moment(seconds: int) -> str:
    began = datetime.fromisoformat(BEGAN) + timedelta(seconds=seconds)
    return began.isoformat(" ")


# -- categories -----------------------------------------------------------------------------


def _categories(shop: Shop) -> dict[str, int]:
    """Returns the ids of the shared catalogue's categories by key; they hang below Gear."""
    _recorded_categories(shop, recorded()["categories"])
    for category_id, parent, name, position, level in sample.TOP_CATEGORIES:
        shop.categories.add(Category(category_id, parent, name, position, level))
    ids: dict[str, int] = {}
    for place, node in enumerate(CATEGORIES):
        parent = ids.get(node.parent, sample.GEAR)
        level = shop.categories.get(parent).level + 1
        category_id = _FIRST_CATEGORY + place
        shop.categories.add(Category(category_id, parent, node.name, place + 10, level))
        ids[node.key] = category_id
    return ids


def _recorded_categories(shop: Shop, node: dict[str, Any]) -> None:
    shop.categories.add(
        Category(
            node["id"],
            node["parent_id"],
            node["name"],
            node["position"],
            node["level"],
            node["is_active"],
            unseen=node["product_count"],
        )
    )
    for child in node["children_data"]:
        _recorded_categories(shop, child)


def _count_what_is_missing(shop: Shop) -> None:
    for product in shop.products.rows.values():
        for category_id in product.category_ids:
            category = shop.categories.get(category_id)
            category.unseen = max(category.unseen - 1, 0)


# -- products -------------------------------------------------------------------------------


@dataclass
class _Shelves:
    shop: Shop
    category_ids: dict[str, int]
    next_id: int = 1
    next_option_id: int = 2
    values: dict[tuple[str, str], int] = field(default_factory=dict)

    def fill(self, articles: tuple[Article, ...]) -> None:
        self._number_values()
        for sku, name, amount, categories in sample.SIMPLE:
            self._add(sku, name, Decimal(amount), category_ids=categories, stock=100)
        for sku, name, cost, type_id, categories in sample.OTHERS:
            own = None if cost is None else Decimal(cost)
            self._add(sku, name, own, type_id=type_id, category_ids=categories)
        self._recorded_products()
        self._family(sample.HOODIE)
        self._articles(articles)
        for family in sample.LAST:
            self._family(family)

    def _add(self, sku: str, name: str, amount: Decimal | None, **more: Any) -> Product:
        at = _moment(self.next_id // 2)
        product = Product(
            id=self.next_id,
            sku=sku,
            name=name,
            price=None if amount is None else price(amount),
            created_at=at,
            updated_at=at,
            **{"type_id": "simple", "attributes": _attributes(name), **more},
        )
        product.links = self._links(product)
        product.media = _media(product)
        self.next_id += 1
        return self.shop.products.add(product)

    def _links(self, product: Product) -> list[dict[str, Any]]:
        """The products before it, as upsell."""
        rows = self.shop.products.rows
        others = [rows[one] for one in range(max(product.id - 2, 1), product.id)]
        return [
            {
                "sku": product.sku,
                "link_type": "upsell",
                "linked_product_sku": other.sku,
                "linked_product_type": other.type_id,
                "position": place + 1,
            }
            for place, other in enumerate(others)
        ]

    def _recorded_products(self) -> None:
        for row in recorded()["products"]:
            product = self.shop.products.get(row["sku"])
            product.links = row["product_links"]
            product.media = row["media_gallery_entries"]
            product.attributes = {
                one["attribute_code"]: one["value"]
                for one in row["custom_attributes"]
                if one["attribute_code"] != "category_ids"
            }

    # -- variants ---------------------------------------------------------------------------

    def _number_values(self) -> None:
        for attribute_id, (first, labels) in sample.VALUES.items():
            for place, label in enumerate(labels):
                self.values[(attribute_id, label)] = first + place

    def _value(self, attribute_id: str, label: str) -> int:
        return self.values.setdefault((attribute_id, label), 500 + len(self.values))

    def _family(self, family: sample.Family) -> None:
        categories = (family.category,)
        children = [
            self._child(
                f"{family.sku}-{size}-{colour}",
                f"{family.name}-{size}-{colour}",
                Decimal(family.price),
                {sample.SIZE: size, sample.COLOUR: colour},
                weight=Decimal(1),
                category_ids=categories,
                stock=100,
            )
            for size in family.sizes
            for colour in family.colours
        ]
        self._parent(family.sku, family.name, children, categories)

    def _child(
        self,
        sku: str,
        name: str,
        amount: Decimal,
        chosen: dict[str, str],
        weight: Decimal | None = None,
        **more: Any,
    ) -> Product:
        child = self._add(sku, name, amount, visibility=1, weight=weight, **more)
        child.choices = {key: self._value(key, label) for key, label in chosen.items()}
        child.choice_labels = dict(chosen)
        return child

    def _parent(
        self, sku: str, name: str, children: list[Product], categories: tuple[int, ...]
    ) -> Product:
        parent = self._add(sku, name, Decimal(0), type_id="configurable", category_ids=categories)
        self._adopt(parent, children)
        return parent

    def _adopt(self, parent: Product, children: list[Product]) -> None:
        parent.child_ids = tuple(child.id for child in children)
        for child in children:
            child.parent_id = parent.id
        if children:
            axes = list(children[0].choices)
            parent.options = tuple(
                self._option(parent, children, axes, axis) for axis in reversed(axes)
            )

    def _option(
        self, parent: Product, children: list[Product], axes: list[str], axis: str
    ) -> dict[str, Any]:
        position = axes.index(axis)
        values = dict.fromkeys(child.choices[axis] for child in children)
        option = {
            "id": self.next_option_id + position,
            "attribute_id": axis,
            "label": sample.LABELS[axis],
            "position": position,
            "values": [{"value_index": value} for value in values],
            "product_id": parent.id,
        }
        if position == 0:
            self.next_option_id += len(axes)
        return option

    # -- the shared catalogue ---------------------------------------------------------------

    def _articles(self, articles: tuple[Article, ...]) -> None:
        parents: dict[str, tuple[Product, list[Product]]] = {}
        for article in articles:
            categories = (self.category_ids[article.category],)
            if article.variant_skus:
                parent = self._add(
                    article.sku,
                    article.name,
                    Decimal(0),
                    type_id="configurable",
                    category_ids=categories,
                )
                parents[article.sku] = (parent, [])
            elif article.parent_sku:
                chosen = {_AXES[name]: label for name, label in article.options}
                child = self._child(
                    article.sku, article.name, article.net, chosen, category_ids=categories
                )
                parents[article.parent_sku][1].append(child)
            else:
                self._add(article.sku, article.name, article.net, category_ids=categories)
        for parent, children in parents.values():
            self._adopt(parent, children)


def _attributes(name: str) -> dict[str, Any]:
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    picture = f"/{key[0]}/{key[1]}/{key}.jpg"
    return {
        "image": picture,
        "small_image": picture,
        "thumbnail": picture,
        "options_container": "container2",
        "msrp_display_actual_price_type": "0",
        "url_key": key,
        "required_options": "0",
        "has_options": "0",
        "tax_class_id": _TAX_CLASS,
        "description": f"<p>{name}</p>",
    }


def _media(product: Product) -> list[dict[str, Any]]:
    return [
        {
            "id": product.id,
            "media_type": "image",
            "label": "Image",
            "position": 1,
            "disabled": False,
            "types": ["image", "small_image", "thumbnail"],
            "file": product.attributes["image"],
        }
    ]


# -- customers ------------------------------------------------------------------------------

_CITIES = (("Berlin", "10115"), ("Hamburg", "20095"), ("Köln", "50667"), ("Leipzig", "04109"))


def _customers(shop: Shop, count: int) -> None:
    shop.customers.new(_FIRST, at="2025-11-22 14:15:25", password=PASSWORD)
    for place, person in enumerate(people(count)):
        given = _customer(person, place)
        shop.customers.new(given, at=_moment(3600 + place * 60), password=PASSWORD)


def _customer(person: Person, place: int) -> dict[str, Any]:
    """Most are in the default group, some buy wholesale."""
    city, postcode = _CITIES[place % len(_CITIES)]
    name = {"firstname": person.first_name, "lastname": person.last_name}
    address = {
        **name,
        "company": person.company,
        "street": [f"Industriestr. {1 + place % 97}"],
        "city": city,
        "postcode": postcode,
        "country_id": "DE",
        "telephone": f"030{1000000 + place}",
        "default_billing": True,
        "default_shipping": True,
    }
    return {
        **name,
        "email": person.email,
        "group_id": 2 if place % 10 == 9 else 1,
        "dob": f"19{60 + place % 40}-0{1 + place % 9}-1{place % 9}",
        "taxvat": person.vat_id,
        "addresses": [address],
    }


_FIRST: dict[str, Any] = {
    "email": "roni_cost@example.com",
    "firstname": "Veronica",
    "lastname": "Costello",
    "dob": "1973-12-15",
    "gender": 2,
    "addresses": [
        {
            "region": {"region_code": "MI", "region": "Michigan", "region_id": 33},
            "country_id": "US",
            "street": ["6146 Honey Bluff Parkway"],
            "telephone": "(555) 229-3326",
            "postcode": "49628-7978",
            "city": "Calder",
            "firstname": "Veronica",
            "lastname": "Costello",
            "default_shipping": True,
            "default_billing": True,
        }
    ],
}
"""The sample data's customer (recorded: customers.json #7)."""
