"""A merchant with two shops, straight in the database, whose points the book itself moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.db import Database
from bridge.installations.models import Installation, ShopFacts
from bridge.workspaces.models import Workspace

from .merchant import BEGIN, Merchant

__all__ = ["BEGIN", "Merchant"]


@pytest.fixture
def new_merchant(database: Database) -> Callable[[str], Merchant]:
    def make(key: str) -> Merchant:
        with database.writing() as session:
            workspace = Workspace(key=key, created_at=BEGIN)
            session.add(workspace)
            session.flush()
            assert workspace.id is not None
            shops = []
            for name in ("north", "south"):
                shop = Installation(
                    workspace_id=workspace.id,
                    name=name,
                    platform="orchard",
                    url=f"https://{name}.{key}.example",
                    credentials="",
                    created_at=BEGIN,
                )
                session.add(shop)
                session.flush()
                assert shop.id is not None
                shops.append(shop.id)
                store = {"id": "1", "code": "main", "name": "Main", "currency": "EUR"}
                session.add(
                    ShopFacts(
                        installation_id=shop.id,
                        workspace_id=workspace.id,
                        version="3.1",
                        stores=[store],
                        read_at=BEGIN,
                    )
                )
        merchant = Merchant(database, workspace.id, (shops[0], shops[1]))
        merchant.load()
        return merchant

    return make


@pytest.fixture
def merchant(new_merchant: Callable[[str], Merchant]) -> Merchant:
    """Beside another one, whose points and orders are in nobody else's figures."""
    neighbour = new_merchant("neighbour")
    zoe = neighbour.member("zoe", tier="gold")
    neighbour.earns(zoe, BEGIN, 99_999, order=neighbour.order(zoe, BEGIN, 99_999))
    return new_merchant("acme")
