"""Tier prices in the shops that the bridge does not own: they are shown and never touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.groups.models import ShopAudience
from bridge.installations.models import Installation
from bridge.outbox.models import Binding
from bridge.plans.parts import Remark, RemarkKind
from bridge.prices.codec import key_from_text
from bridge.prices.models import ShopPrice


def count_foreign(
    session: Session, workspace_id: int, installations: Sequence[Installation]
) -> dict[str, int]:
    """How many rows of others there are, by installation."""
    counts = {}
    for installation in installations:
        query = _unbound(select(func.count()).select_from(ShopPrice), workspace_id, installation)
        counts[installation.name] = int(session.execute(query).scalar_one())
    return counts


def foreign_rows(
    session: Session, workspace_id: int, installations: Sequence[Installation]
) -> Iterator[Remark]:
    """Every row of others, as last pulled."""
    for installation in installations:
        names = _audience_names(session, workspace_id, installation)
        query = _unbound(
            select(col(ShopPrice.key), col(ShopPrice.value), col(ShopProduct.sku)).outerjoin(
                ShopProduct,
                (col(ShopProduct.workspace_id) == workspace_id)
                & (col(ShopProduct.installation_id) == col(ShopPrice.installation_id))
                & (col(ShopProduct.product_id) == col(ShopPrice.product_id)),
            ),
            workspace_id,
            installation,
        ).order_by(col(ShopPrice.key))
        for key, value, sku in session.execute(query):
            parsed = key_from_text(key)
            audience = names.get(parsed.audience_id, parsed.audience_id)
            label = f"{sku or parsed.product_id}, {audience}, from {parsed.quantity:f}"
            yield Remark(
                RemarkKind.FOREIGN,
                installation.name,
                "price",
                label,
                "Not ours.",
                key=key,
                theirs=value,
            )


def _unbound(query: Any, workspace_id: int, installation: Installation) -> Any:
    bound = (
        select(col(Binding.key))
        .where(
            col(Binding.workspace_id) == workspace_id,
            col(Binding.installation_id) == col(ShopPrice.installation_id),
            col(Binding.kind) == "price",
            col(Binding.key) == col(ShopPrice.key),
            col(Binding.native_id) == col(ShopPrice.native_id),
        )
        .exists()
    )
    return query.where(
        col(ShopPrice.workspace_id) == workspace_id,
        col(ShopPrice.installation_id) == installation.id,
        ~bound,
    )


def _audience_names(
    session: Session, workspace_id: int, installation: Installation
) -> dict[str, str]:
    rows = session.execute(
        select(col(ShopAudience.audience_id), col(ShopAudience.name)).where(
            col(ShopAudience.workspace_id) == workspace_id,
            col(ShopAudience.installation_id) == installation.id,
        )
    )
    return {id_: name for id_, name in rows if name}
