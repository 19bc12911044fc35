"""The worker on what a Magento is really like: over HTTP, with its own sums and its own ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from toyshop import World

from bridge.db import Database
from bridge.gifts.working import GiftDesk, GiftsDone, gifts_for_shop
from bridge.plugins import platforms, sandboxes
from connectors.magento.sandbox.baskets import MagentoBaskets
from connectors.rewards import CartTotals
from connectors.sales import NO_MONEY
from connectors.sandbox.server import RunningSandbox

GOODS, GIFT = "B2B-1134", "B2B-1135"


class Magento:
    def __init__(self, world: World, running: RunningSandbox) -> None:
        self.world = world
        self.baskets = MagentoBaskets(running.state)

    def _asked(self, ask: Callable[[Any], Any]) -> Any:
        (installation,) = self.world.installations().values()
        with closing(self.world.app.connect(installation)) as connector:
            return ask(connector)

    def poll(self) -> GiftsDone:
        app = self.world.app
        (installation,) = self.world.installations().values()
        desk = GiftDesk(
            app.database, app.settings.home, "nowhere/1", app.now, timedelta(seconds=60)
        )
        done: GiftsDone = self._asked(
            lambda connector: gifts_for_shop(
                desk, app.workspace_id, installation.id or 0, connector
            )
        )
        assert done.problems == []
        return done

    def inside(self, cart_id: str) -> dict[str, int]:
        cart = self._asked(lambda connector: connector.carts.cart(cart_id))
        return {item.sku: int(item.quantity) for item in cart.items}

    def totals(self, cart_id: str) -> CartTotals:
        def ask(connector: Any) -> Any:
            cart = connector.carts.cart(cart_id)
            return connector.carts.totals(cart_id, cart.store_id)

        found: CartTotals = self._asked(ask)
        return found


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    with sandboxes()["magento"].serve(products=581, customers=9) as running:
        yield running


@pytest.fixture
def magento(served: RunningSandbox, open_database: Any, sqlite_url: str, tmp_path: Path) -> Magento:
    served.reset()
    sandbox = sandboxes()["magento"]
    database: Database = open_database(sqlite_url)
    world = World(database, tmp_path / "home", more_platforms=platforms())
    world.connect("shop", "magento", served.url, sandbox.credentials, dict(sandbox.settings))
    return Magento(world, served)


def test_it_appears_is_free_and_disappears(magento: Magento) -> None:
    guest = magento.baskets.fill("eva@example.com", {GOODS: 1}, guest=True)
    one = magento.totals(guest).goods.net
    rule = {"basket": str(3 * one), "sku": GIFT}
    magento.world.set_up({"programme": "Acme", "currency": "EUR", "gifts": {"mug": rule}})
    assert magento.poll().added == 0
    magento.baskets.put(guest, GOODS, 2)
    assert magento.poll().added == 1
    assert magento.inside(guest) == {GOODS: 3, GIFT: 1}
    totals = magento.totals(guest)
    assert totals.goods.net - totals.discount.net == 3 * one
    assert magento.poll().added == 0

    his = magento.baskets.fill("anna.albers@example.com", {GOODS: 3, GIFT: 1})
    busy = magento.baskets.fill("eva@example.com", {GOODS: 3}, guest=True)
    magento.baskets.begin_checkout(busy)
    magento.poll()
    assert magento.inside(his) == {GOODS: 3, GIFT: 1}
    assert magento.inside(busy) == {GOODS: 3}

    magento.world.load({"programme": "Acme", "currency": "EUR"})
    magento.world.apply()
    assert magento.poll().removed == 1
    assert magento.inside(guest) == {GOODS: 3}
    assert magento.totals(guest).discount == NO_MONEY
    assert magento.inside(his) == {GOODS: 3, GIFT: 1}


def test_what_is_sold_out_is_left_and_what_was_ordered_is_known(magento: Magento) -> None:
    rule = {"basket": "0.01", "sku": GIFT}
    magento.world.set_up({"programme": "Acme", "currency": "EUR", "gifts": {"mug": rule}})
    early = magento.baskets.fill("eva@example.com", {GOODS: 1}, guest=True)
    assert magento.poll().added == 1
    magento.baskets.begin_checkout(early)
    magento.baskets.order(early)
    magento.baskets.sell_out(GIFT)
    late = magento.baskets.fill("eva@example.com", {GOODS: 1}, guest=True)
    assert magento.poll().added == 0
    assert magento.inside(late) == {GOODS: 1}
    magento.world.clock.pause(3600)
    assert magento.poll().ordered == 1
