"""What a programme names, against what the connected shops told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.groups.models import ShopGroup
from bridge.installations import service as installations
from bridge.installations.models import Installation
from bridge.programme.catalogue import CatalogueProduct, ProductIndex
from bridge.programme.document import Programme
from bridge.programme.issues import Fault
from bridge.programme.references import installation_faults
from bridge.programme.rewards_references import skus_named
from bridge.programme.shop_references import group_name_faults, sku_faults
from connectors.base import ProductKind


def faults_against_shops(session: Session, workspace_id: int, programme: Programme) -> list[Fault]:
    """Installations, stores, groups and products that are named and not there; nothing while no
    shop is connected, and of products and groups nothing while none was read."""
    shops = installations.installations(session, workspace_id)
    if not shops:
        return []
    facts = installations.facts(session, workspace_id)
    stores = {
        shop.name: {store["code"] for store in told.stores}
        if (told := facts.get(shop.id or 0))
        else set()
        for shop in shops
    }
    read = [shop for shop in shops if shop.pulled_at is not None]
    return [
        *installation_faults(programme, stores),
        *group_name_faults(programme, _groups(session, workspace_id, read)),
        *sku_faults(programme, _products(session, workspace_id, programme, read)),
    ]


def _groups(
    session: Session, workspace_id: int, shops: Sequence[Installation]
) -> dict[str, set[str]]:
    names = {shop.id: shop.name for shop in shops}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for installation_id, name in session.execute(
        select(col(ShopGroup.installation_id), col(ShopGroup.name)).where(
            col(ShopGroup.workspace_id) == workspace_id,
            col(ShopGroup.installation_id).in_(list(names)),
        )
    ):
        found[names[installation_id]].add(name)
    return found


def _products(
    session: Session, workspace_id: int, programme: Programme, shops: Sequence[Installation]
) -> dict[str, ProductIndex]:
    if not any(skus_named(programme)):
        return {}
    found = {}
    for shop in shops:
        rows = session.execute(
            select(col(ShopProduct.sku), col(ShopProduct.kind)).where(
                col(ShopProduct.workspace_id) == workspace_id,
                col(ShopProduct.installation_id) == shop.id,
            )
        )
        found[shop.name] = ProductIndex(
            CatalogueProduct(sku, "", ProductKind(kind)) for sku, kind in rows
        )
    return found
