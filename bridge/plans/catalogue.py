"""The pulled catalogue as a plan reads it: families of products, and what rules match on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.categories import category_paths
from bridge.catalogue.models import ShopProduct
from bridge.kit.money import from_millionths
from bridge.plans.context import Site
from bridge.prices.codec import amounts_from
from bridge.programme.catalogue import CatalogueProduct
from connectors.base import Family, Product, ProductKind


@dataclass(frozen=True)
class PulledCatalogue:
    """All products of one installation, as far as rules need them."""

    entries: Sequence[CatalogueProduct]
    family_of: Mapping[str, str]
    """Family id by product id."""
    id_of: Mapping[str, str]
    """Product id by SKU."""

    def products(self, installation: str) -> Iterable[CatalogueProduct]:
        return self.entries


def read_catalogue(session: Session, site: Site) -> PulledCatalogue:
    paths = category_paths(session, site.workspace_id, site.installation_id)
    rows = session.execute(
        select(
            col(ShopProduct.product_id),
            col(ShopProduct.sku),
            col(ShopProduct.name),
            col(ShopProduct.kind),
            col(ShopProduct.parent_id),
            col(ShopProduct.family_id),
            col(ShopProduct.category_ids),
        )
        .where(
            col(ShopProduct.workspace_id) == site.workspace_id,
            col(ShopProduct.installation_id) == site.installation_id,
        )
        .order_by(col(ShopProduct.family_id), col(ShopProduct.product_id))
    ).all()
    sku_of = {row.product_id: row.sku for row in rows}
    entries = [
        CatalogueProduct(
            sku=row.sku,
            name=row.name,
            kind=ProductKind(row.kind),
            category_paths=tuple(
                paths[id_] for id_ in json.loads(row.category_ids) if id_ in paths
            ),
            parent_sku=sku_of.get(row.parent_id, ""),
        )
        for row in rows
    ]
    return PulledCatalogue(
        entries,
        {row.product_id: row.family_id for row in rows},
        {row.sku: row.product_id for row in rows},
    )


# Columns, not records: a plan reads every product, and a mapped object costs ten times as much.
_PRODUCT_COLUMNS = tuple(
    col(column)
    for column in (
        ShopProduct.product_id,
        ShopProduct.family_id,
        ShopProduct.sku,
        ShopProduct.name,
        ShopProduct.kind,
        ShopProduct.parent_id,
        ShopProduct.prices,
        ShopProduct.tax_rate,
        ShopProduct.tax_class,
        ShopProduct.category_ids,
        ShopProduct.is_active,
    )
)


def families(session: Session, site: Site, family_ids: Sequence[str]) -> Iterator[Family]:
    rows = session.execute(
        select(*_PRODUCT_COLUMNS)
        .where(
            col(ShopProduct.workspace_id) == site.workspace_id,
            col(ShopProduct.installation_id) == site.installation_id,
            col(ShopProduct.family_id).in_(family_ids),
        )
        .order_by(col(ShopProduct.family_id), col(ShopProduct.product_id))
    )
    members: dict[str, list[Product]] = {}
    for row in rows:
        members.setdefault(row.family_id, []).append(_product(row))
    for family_id, products in members.items():
        yield from _families(family_id, products)


def _families(family_id: str, products: Sequence[Product]) -> Iterator[Family]:
    head = next((product for product in products if product.id == family_id), None)
    if head is None:  # the parent was not read: each variant stands for itself
        yield from (Family(product) for product in products)
        return
    yield Family(head, tuple(product for product in products if product is not head))


def _product(row: Any) -> Product:
    return Product(
        id=row.product_id,
        sku=row.sku,
        name=row.name,
        kind=ProductKind(row.kind),
        parent_id=row.parent_id,
        prices=amounts_from(json.loads(row.prices)),
        tax_rate=None if row.tax_rate is None else from_millionths(row.tax_rate),
        tax_class=row.tax_class,
        category_ids=tuple(json.loads(row.category_ids)),
        is_active=row.is_active,
    )
