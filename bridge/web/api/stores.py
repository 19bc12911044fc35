"""The connected shops, and how each is."""

from __future__ import annotations

from pydantic import BaseModel

from bridge.api_tokens.scopes import Scope
from bridge.figures.health import ShopHealth, health
from bridge.web.api.operations import Call, Nothing, Operations

operations = Operations("Stores")


class StoresOut(BaseModel):
    stores: list[ShopHealth]


@operations.get("/stores", Scope.READ_STORES, StoresOut)
def list_stores(call: Call, query: Nothing) -> StoresOut:
    """Every connected shop by name: what was read of it, what waits, what it refused."""
    with call.app.database.reading() as session:
        found = health(session, call.app.workspace_id, call.app.now())
    return StoresOut(stores=list(found))
