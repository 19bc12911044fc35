"""The categories of what was bought, as the last pull saw them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.categories import category_paths
from bridge.catalogue.models import ShopProduct
from bridge.earning.facts import ProductFacts
from bridge.programme.points import PointsSettings

NO_PRODUCTS: Mapping[str, ProductFacts] = {}


def asks_for_products(settings: PointsSettings) -> bool:
    """Whether any rule is about categories, or about SKUs that may be those of a parent."""
    if settings.exclude.category or settings.exclude.sku:
        return True
    return any(
        (rule.when is not None and rule.when.is_about_lines) or rule.bought_together is not None
        for rule in settings.rules.values()
    )


def product_facts(
    session: Session,
    workspace_id: int,
    installation_id: int,
    bought: Mapping[str, Iterable[str]],
) -> dict[str, ProductFacts]:
    """``bought``: by product id, the category ids that the order itself tells (else the
    product's are taken, and its parent's)."""
    if not bought:
        return {}
    rows = {
        row.product_id: row
        for row in session.execute(
            select(
                col(ShopProduct.product_id),
                col(ShopProduct.sku),
                col(ShopProduct.parent_id),
                col(ShopProduct.category_ids),
            ).where(
                col(ShopProduct.workspace_id) == workspace_id,
                col(ShopProduct.installation_id) == installation_id,
                col(ShopProduct.product_id).in_(sorted(bought)),
            )
        )
    }
    parents = _parents(session, workspace_id, installation_id, rows.values())
    paths = category_paths(session, workspace_id, installation_id)
    found = {}
    for product_id, told in bought.items():
        row = rows.get(product_id)
        ids = set(told)
        parent_sku = ""
        if row is not None:
            ids |= set(json.loads(row.category_ids))
            parent = parents.get(row.parent_id)
            if parent is not None:
                parent_sku = parent.sku
                ids |= set(json.loads(parent.category_ids))
        found[product_id] = ProductFacts(
            tuple(path for one in sorted(ids) if (path := paths.get(one))), parent_sku
        )
    return found


def _parents(
    session: Session, workspace_id: int, installation_id: int, rows: Iterable[Any]
) -> dict[str, Any]:
    ids = sorted({row.parent_id for row in rows if row.parent_id})
    if not ids:
        return {}
    found = session.execute(
        select(
            col(ShopProduct.product_id), col(ShopProduct.sku), col(ShopProduct.category_ids)
        ).where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(ShopProduct.installation_id) == installation_id,
            col(ShopProduct.product_id).in_(ids),
        )
    )
    return {row.product_id: row for row in found}
