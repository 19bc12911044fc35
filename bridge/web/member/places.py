"""Shops as members call them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from bridge.installations.models import ShopFacts
from bridge.vouchers.stores import StorePlace

Titles = dict[tuple[int, str], str]
"""By installation and store id."""


def titles(session: Session, workspace_id: int) -> Titles:
    """Of every store that its shop tells of."""
    rows = session.exec(
        select(ShopFacts.installation_id, ShopFacts.stores).where(
            col(ShopFacts.workspace_id) == workspace_id
        )
    )
    return {
        (installation_id, store["id"]): store.get("name") or store["code"]
        for installation_id, stores in rows
        for store in stores
    }


def title_of(place: StorePlace, known: Titles) -> str:
    return known.get((place.installation_id, place.store_id), place.code)
