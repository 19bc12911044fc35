"""Gifts: the promotion that makes one free, and the line in a basket, as a Magento has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from toyshop import World

from bridge.db import Database
from bridge.gifts.working import GiftDesk, gifts_for_shop
from bridge.plugins import platforms, sandboxes
from bridge.reconciling.service import reconcile
from connectors.magento.sandbox.baskets import MagentoBaskets
from connectors.sandbox.server import RunningSandbox

GOODS, GIFT = "B2B-1134", "B2B-1135"
RULES = {"mug": {"basket": "0.01", "sku": GIFT}}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    with sandboxes()["magento"].serve(products=581, customers=3) as running:
        yield running


@pytest.fixture
def world(
    served: RunningSandbox,
    open_database: Callable[[str], Database],
    sqlite_url: str,
    tmp_path: Path,
) -> World:
    """A gift rule was delivered."""
    served.reset()
    sandbox = sandboxes()["magento"]
    found = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms())
    found.connect("shop", "magento", served.url, sandbox.credentials, dict(sandbox.settings))
    found.set_up({"programme": "Acme", "currency": "EUR", "gifts": RULES})
    return found


def asked(world: World, ask: Callable[[Any], Any]) -> Any:
    (installation,) = world.installations().values()
    with closing(world.app.connect(installation)) as connector:
        return ask(connector)


def poll(world: World) -> tuple[int, int]:
    """Gifts put in and taken out."""
    app = world.app
    (installation,) = world.installations().values()
    desk = GiftDesk(app.database, app.settings.home, "nowhere/1", app.now, timedelta(seconds=60))
    done = asked(
        world, lambda one: gifts_for_shop(desk, app.workspace_id, installation.id or 0, one)
    )
    assert done.problems == []
    return done.added, done.removed


def inside(world: World, cart_id: str) -> list[str]:
    cart = asked(world, lambda connector: connector.carts.cart(cart_id))
    return sorted(item.sku for item in cart.items)


def test_a_gift_that_nobody_remembers_is_remembered(world: World, served: RunningSandbox) -> None:
    cart = MagentoBaskets(served.state).fill("eva@example.com", {GOODS: 1}, guest=True)
    assert poll(world) == (1, 0)
    assert reconcile(world.app).left == []
    with world.app.database.writing() as session:
        session.execute(text("UPDATE cart_gifts SET state = 'removed'"))
    (finding,) = reconcile(world.app).left
    assert (finding.check, finding.where) == ("shop-gift-left", f"basket {cart}")
    report = reconcile(world.app, repair=True)
    assert (report.left, report.failures) == ([], {})
    world.load({"programme": "Acme", "currency": "EUR"})
    world.apply()
    assert poll(world) == (0, 1)
    assert inside(world, cart) == [GOODS]


def test_a_promotion_that_somebody_removed_is_planned_again(world: World) -> None:
    asked(world, lambda one: [one.promotions.remove(each.key) for each in one.promotions.all()])
    (finding,) = reconcile(world.app).left
    assert finding.check == "shop-promotion"
    assert reconcile(world.app, repair=True).left == []
    world.apply()
    assert len(asked(world, lambda one: list(one.promotions.all()))) == 1
    assert reconcile(world.app).left == []
