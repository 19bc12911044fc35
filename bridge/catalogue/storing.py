"""Putting what a shop answered into the mirror tables: one statement a batch.

``read_at`` is when the reading began. What was delivered since stays as the delivery read it back:
the answer may be older, and would look like somebody else's change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlmodel import Session, SQLModel, col

from bridge.catalogue.models import ShopCategory, ShopProduct
from bridge.db import upsert
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.kit.money import to_millionths
from bridge.outbox.touched import touched_since
from bridge.prices.codec import amounts_text, key_text, value_text
from bridge.prices.models import ShopPrice
from bridge.promotions.models import ShopPromotion
from connectors.base import (
    Audience,
    Category,
    CustomerGroup,
    Product,
    TierPrice,
)
from connectors.rewards import HeldPromotion


def replace_groups(
    session: Session,
    workspace_id: int,
    installation_id: int,
    groups: Sequence[CustomerGroup],
    read_at: datetime,
) -> None:
    kept = touched_since(session, workspace_id, installation_id, "group", read_at).native_ids
    rows = [
        {"group_id": group.id, "name": group.name, "tax": group.tax}
        for group in groups
        if group.id not in kept
    ]
    _replace(
        session,
        ShopGroup,
        workspace_id,
        installation_id,
        rows,
        col(ShopGroup.group_id).not_in(kept),
    )


def replace_audiences(
    session: Session,
    workspace_id: int,
    installation_id: int,
    audiences: Sequence[Audience],
    read_at: datetime,
) -> None:
    kept = touched_since(session, workspace_id, installation_id, "audience", read_at).native_ids
    rows = []
    for audience in audiences:
        if audience.id in kept:
            continue
        fields = asdict(audience)
        fields["audience_id"] = fields.pop("id")
        fields["group_ids"] = list(audience.group_ids)
        rows.append(fields)
    _replace(
        session,
        ShopAudience,
        workspace_id,
        installation_id,
        rows,
        col(ShopAudience.audience_id).not_in(kept),
    )


def replace_promotions(
    session: Session,
    workspace_id: int,
    installation_id: int,
    promotions: Sequence[HeldPromotion],
    pull: int,
    read_at: datetime,
) -> None:
    kept = touched_since(session, workspace_id, installation_id, "promotion", read_at).keys
    rows = [
        {
            "key": one.key,
            "native_id": one.native_id,
            "native": one.native,
            "name": one.name,
            "is_active": one.is_active,
            "pull": pull,
        }
        for one in promotions
        if one.key not in kept
    ]
    _replace(
        session,
        ShopPromotion,
        workspace_id,
        installation_id,
        rows,
        col(ShopPromotion.key).not_in(kept),
    )


def replace_categories(
    session: Session,
    workspace_id: int,
    installation_id: int,
    categories: Sequence[Category],
    pull: int,
) -> None:
    rows = [
        {
            "category_id": category.id,
            "name": category.name,
            "parent_id": category.parent_id,
            "pull": pull,
        }
        for category in categories
    ]
    _replace(session, ShopCategory, workspace_id, installation_id, rows)


def store_products(
    session: Session,
    workspace_id: int,
    installation_id: int,
    products: Sequence[Product],
    pull: int,
) -> None:
    newest = {product.id: product for product in products}
    rows = [
        {
            "installation_id": installation_id,
            "product_id": product.id,
            "workspace_id": workspace_id,
            "sku": product.sku,
            "name": product.name,
            "kind": product.kind.value,
            "parent_id": product.parent_id,
            "family_id": product.parent_id or product.id,
            "prices": amounts_text(product.prices),
            "tax_rate": None if product.tax_rate is None else to_millionths(product.tax_rate),
            "tax_class": product.tax_class,
            "category_ids": json.dumps(product.category_ids),
            "is_active": product.is_active,
            "pull": pull,
        }
        for product in newest.values()
    ]
    upsert(session, ShopProduct, rows)


def drop_unseen_products(
    session: Session, workspace_id: int, installation_id: int, pull: int
) -> None:
    """Products the pull did not meet, with their prices, are no longer in the shop."""
    session.execute(
        delete(ShopProduct).where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(ShopProduct.installation_id) == installation_id,
            col(ShopProduct.pull) != pull,
        )
    )
    session.execute(
        delete(ShopPrice).where(
            col(ShopPrice.workspace_id) == workspace_id,
            col(ShopPrice.installation_id) == installation_id,
            ~col(ShopPrice.product_id).in_(
                select(col(ShopProduct.product_id)).where(
                    col(ShopProduct.workspace_id) == workspace_id,
                    col(ShopProduct.installation_id) == installation_id,
                )
            ),
        )
    )


def replace_prices(
    session: Session,
    workspace_id: int,
    installation_id: int,
    product_ids: Sequence[str],
    prices: Sequence[TierPrice],
    read_at: datetime,
) -> None:
    kept = touched_since(
        session, workspace_id, installation_id, "price", read_at, batches=product_ids
    )
    session.execute(
        delete(ShopPrice).where(
            col(ShopPrice.workspace_id) == workspace_id,
            col(ShopPrice.installation_id) == installation_id,
            col(ShopPrice.product_id).in_(product_ids),
            col(ShopPrice.key).not_in(kept.in_sql),
        )
    )
    upsert(
        session,
        ShopPrice,
        [
            {
                "installation_id": installation_id,
                "key": key_text(price.key),
                "native_id": price.native_id,
                "workspace_id": workspace_id,
                "product_id": price.key.product_id,
                "value": value_text(price.value),
            }
            for price in prices
            if key_text(price.key) not in kept.keys
        ],
    )


def _replace(
    session: Session,
    table: type[SQLModel],
    workspace_id: int,
    installation_id: int,
    rows: Sequence[dict[str, Any]],
    *which: ColumnElement[bool],
) -> None:
    columns: Any = table
    session.execute(
        delete(table).where(
            col(columns.workspace_id) == workspace_id,
            col(columns.installation_id) == installation_id,
            *which,
        )
    )
    place = {"workspace_id": workspace_id, "installation_id": installation_id}
    if rows:
        session.connection().execute(insert(table), [place | row for row in rows])
