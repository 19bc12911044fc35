"""The plugins in the shops as the demo shows them, and what a shop's page asks of the bridge."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.request import Request, urlopen

from sqlmodel import col, select

from bridge.application import Application
from bridge.demo.stage import Shop
from bridge.inbox.models import Cursor
from bridge.installations import plugin_states, service
from bridge.shop_plugins.checklist import Mark, checklist
from bridge.shop_plugins.standing import Standing, standing


def marks(app: Application, store: str) -> dict[str, Mark]:
    """What works of the plugin, by topic."""
    return {point.topic: point.mark for point in checklist(_standing(app, store))}


def redeem_url(app: Application, store: str) -> str:
    """Where the shop's page says that a shopper pays with points; empty: nowhere."""
    return _standing(app, store).wanted.redeem_url


def gives_gifts(app: Application, store: str) -> bool:
    """Whether what was read of the shop last has its gifts in the plugin's hands."""
    return _standing(app, store).state.gave_gifts


def watch(app: Application, store: str) -> None:
    """As somebody does who has the store's page of the plugin open while he installs it."""
    with app.database.writing() as session:
        shop = service.installation(session, app.workspace_id, store)
        plugin_states.watch(session, app.workspace_id, shop.id or 0, app.now())


def polled(app: Application) -> list[datetime | None]:
    """When each shop was last asked for each thing that may have changed."""
    with app.database.reading() as session:
        rows = session.exec(
            select(Cursor)
            .where(col(Cursor.workspace_id) == app.workspace_id)
            .order_by(col(Cursor.installation_id), col(Cursor.resource))
        )
        return [row.polled_at for row in rows]


def pay_with(url: str, token: str, points: int, shop: Shop) -> dict[str, Any]:
    """What the script in the shop's page sends when a shopper says how many; the answer."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept-Language": "en",
        "Origin": shop.url,
    }
    body = json.dumps({"points": points}).encode()
    request = Request(url, body, headers)  # noqa: S310 - the bridge's own address
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        told: dict[str, Any] = json.load(answer)
        return told


def switch_app(shop: Shop, *, on: bool) -> None:
    """As the merchant does in the administration."""
    apps = shop.running.state.apps
    for name in list(apps.apps):
        (apps.activate if on else apps.deactivate)(name)


def _standing(app: Application, store: str) -> Standing:
    with app.database.reading() as session:
        shop = service.installation(session, app.workspace_id, store)
    found = standing(app, shop)
    assert found is not None
    return found
