"""A few products by SKU, as last pulled."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopCategory, ShopProduct
from bridge.prices.codec import amounts_from
from connectors.base import Amount


@dataclass(frozen=True, slots=True)
class KnownProduct:
    sku: str
    name: str
    prices: tuple[Amount, ...]
    """Its own, by currency."""


def products_of(
    session: Session, workspace_id: int, installation_id: int, skus: Collection[str]
) -> dict[str, KnownProduct]:
    """By SKU as it was asked for; in other capitals where the shop has it so."""
    wanted = {spelt: sku for sku in skus for spelt in (sku.lower(), sku.upper(), sku)}
    rows = session.execute(
        select(col(ShopProduct.sku), col(ShopProduct.name), col(ShopProduct.prices)).where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(ShopProduct.installation_id) == installation_id,
            col(ShopProduct.sku).in_(wanted),
        )
    )
    return {
        wanted[sku]: KnownProduct(sku, name, amounts_from(json.loads(prices)))
        for sku, name, prices in rows
    }


def category_names(session: Session, workspace_id: int, limit: int = 500) -> list[str]:
    """Of all shops, for a person to choose from."""
    rows = session.execute(
        select(col(ShopCategory.name))
        .where(col(ShopCategory.workspace_id) == workspace_id)
        .distinct()
        .order_by(col(ShopCategory.name))
        .limit(limit)
    )
    return list(rows.scalars())
