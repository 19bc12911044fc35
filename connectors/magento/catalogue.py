"""Products with their kinds and variants, and the category tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from connectors.base import Category, Product
from connectors.errors import NotAShop, NotFound
from connectors.http import in_parallel
from connectors.magento.client import MagentoClient, encoded
from connectors.magento.criteria import Filter
from connectors.magento.mapping import PRODUCT_FIELDS, categories, product
from connectors.magento.paging import Row
from connectors.magento.settings import Settings

PARALLEL_CALLS = 4
_LINKS = "extension_attributes[configurable_product_links]"


class Catalogue:
    def __init__(self, client: MagentoClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def walk(self, currency: str) -> Iterator[Product]:
        """``currency``: the one that catalogue prices are kept in."""
        parents = self._parents()
        rows = self._client.walk_by_id("products", fields=f"items[{PRODUCT_FIELDS}],total_count")
        for row in rows:
            yield product(row, currency=currency, settings=self._settings, parents=parents)

    def skus(self) -> Iterator[str]:
        rows = self._client.walk_by_id("products", fields="items[id,sku],total_count")
        return (str(row["sku"]) for row in rows)

    def categories(self) -> list[Category]:
        return categories(self._client.get("categories"))

    def _parents(self) -> dict[int, str]:
        """The configurable each variant belongs to, by the variant's entity id. A variant of
        two is listed under the older one."""
        configurables = self._client.walk_by_id(
            "products",
            Filter("type_id", "configurable"),
            fields=f"items[id,sku,{_LINKS}],total_count",
        )
        found: dict[int, str] = {}
        for sku, links in in_parallel(self._links, configurables, PARALLEL_CALLS):
            for entity_id in links:
                found.setdefault(entity_id, sku)
        return found

    def _links(self, row: Row) -> tuple[str, list[int]]:
        """Lists leave the links out; the product itself names them (recorded: products.json
        #0, orders_composite_and_tax.json #2). A product that was deleted meanwhile has none."""
        sku, links = str(row["sku"]), _links_of(row)
        if links is None:
            with suppress(NotFound):
                links = self._links_of_product(sku)
        return sku, links or []

    def _links_of_product(self, sku: str) -> list[int] | None:
        """Apache as installed answers 404 itself to an encoded slash (``AllowEncodedSlashes
        Off``): such a product has no variants that can be known, which the plan says."""
        fields = [("fields", f"id,sku,{_LINKS}")]
        try:
            return _links_of(self._client.get(f"products/{encoded(sku)}", fields))
        except NotAShop:
            if "/" not in sku:
                raise
            return None


def _links_of(row: Any) -> list[int] | None:
    links = (row.get("extension_attributes") or {}).get("configurable_product_links")
    return None if links is None else [int(link) for link in links]
