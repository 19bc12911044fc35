"""Gift rules that move to the module in a Magento shop, and back, by plan and apply, while shoppers
have baskets open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from toyshop import World

from bridge.gifts.working import GiftDesk, GiftsDone, gifts_for_shop
from bridge.plans.gift_levels import gift_levels
from bridge.plans.parts import RemarkKind
from bridge.plugins import platforms
from bridge.shop_plugins import telling
from connectors.errors import AnswerLost
from connectors.magento.module_gifts import ModuleGifts
from connectors.magento.sandbox import SANDBOX
from connectors.magento.sandbox.baskets import MagentoBaskets
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.server import RunningSandbox

GOODS, SKU = "B2B-1134", "B2B-1135"
GIFT = {"mug": {"basket": "0.02", "sku": SKU}}
PROGRAMME = {"programme": "Acme", "currency": "EUR", "timezone": "Europe/Berlin", "gifts": GIFT}


class Magento:
    def __init__(self, world: World, running: RunningSandbox) -> None:
        self.world = world
        self.state = running.state
        self.desk = ModuleDesk(running.state)
        self.baskets = MagentoBaskets(running.state)

    def apply(self) -> None:
        self.world.pull()
        self.world.apply()

    @property
    def ways(self) -> tuple[int, int]:
        """Cart price rules, and rules of the module."""
        ours = [rule for rule in self.state.sales_rules.rows.values() if ":" in rule["description"]]
        return len(ours), len(self.state.module.gifts)

    def levels(self) -> set[str]:
        """Of what is in the shop as it is wanted."""
        return {one.said for one in gift_levels(self.world.app) if one.is_in_shop}

    def poll(self) -> GiftsDone:
        app = self.world.app
        (shop,) = self.world.installations().values()
        desk = GiftDesk(
            app.database, app.settings.home, "nowhere/1", app.now, timedelta(seconds=60)
        )
        with closing(app.connect(shop)) as connector:
            return gifts_for_shop(desk, app.workspace_id, shop.id or 0, connector)

    def fill(self, email: str = "anna.albers@example.com", **more: int) -> str:
        return self.baskets.fill(email, {GOODS: 1, **({SKU: more["own"]} if more else {})})

    def pieces(self, cart_id: str) -> tuple[int, int]:
        """Of the gift's product: free ones, and others."""
        cart = self.state.carts.get(int(cart_id))
        found = [one for one in cart.items.values() if self._sku(one) == SKU]
        free = sum(int(one.qty) for one in found if one.gift)
        return free, sum(int(one.qty) for one in found) - free

    def _sku(self, item: Any) -> str:
        return str(self.state.products.rows[item.product_id].sku)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=581, customers=9) as sandbox:
        yield sandbox


@pytest.fixture
def magento(
    running: RunningSandbox, open_database: Any, sqlite_url: str, tmp_path: Path
) -> Magento:
    running.reset()
    world = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms())
    world.connect("shop", SANDBOX.name, running.url, SANDBOX.credentials, dict(SANDBOX.settings))
    world.set_up(PROGRAMME)
    return Magento(world, running)


def test_a_rule_moves_and_nobody_pays_for_what_the_bridge_had_put_in(magento: Magento) -> None:
    """Nor who is in the middle of his checkout; what a shopper put in himself stays his."""
    open_one, paying = magento.fill(), magento.fill("eva@example.com")
    own = magento.fill("boris.berg@example.com", own=1)
    assert magento.poll().added == 2
    magento.baskets.begin_checkout(paying)
    assert [magento.pieces(one) for one in (open_one, paying, own)] == [(0, 1), (0, 1), (0, 1)]

    magento.desk.install()
    magento.apply()
    assert magento.ways == (0, 1)
    assert magento.levels() == {"added by the module"}
    done = magento.poll()
    assert (done.added, done.removed, done.problems) == (0, 2, [])
    magento.baskets.put(own, GOODS, 1)
    found = [magento.pieces(one) for one in (open_one, paying, own)]
    assert found == [(1, 0), (1, 0), (1, 1)]
    late = magento.fill("clara.cramer@example.com")
    assert magento.poll() == GiftsDone()
    assert magento.pieces(late) == (1, 0)
    magento.world.pull()
    assert magento.world.plan().total == 0


def test_it_moves_back_where_the_module_is_off(magento: Magento) -> None:
    magento.desk.install()
    magento.apply()
    basket = magento.fill()
    magento.desk.switch(on=False)
    magento.apply()
    assert magento.ways == (1, 0)
    magento.baskets.put(basket, GOODS, 1)
    assert magento.pieces(basket) == (0, 0)
    assert magento.poll().added == 1
    magento.desk.switch(on=True)
    magento.baskets.put(basket, GOODS, 1)
    assert magento.poll().added == 0
    assert magento.pieces(basket) == (0, 1)  # the cart price rule makes it free

    magento.world.load({**PROGRAMME, "gifts": {}})
    magento.apply()
    assert magento.ways == (0, 0)


def test_one_that_was_made_to_forget_is_told_no_rule_until_a_person_wants_it(
    magento: Magento,
) -> None:
    """Though it is switched on. The bridge puts the gift in meanwhile."""
    magento.desk.install()
    magento.apply()
    (shop,) = magento.world.installations().values()
    with closing(magento.world.app.connect(shop)) as connector:
        telling.forget(magento.world.app, shop, connector)
        magento.apply()
        assert (magento.ways, magento.levels()) == ((1, 0), {"added by the bridge"})
        basket = magento.fill()
        assert (magento.poll().added, magento.pieces(basket)) == (1, (0, 1))
        magento.world.pull()
        assert magento.world.plan().total == 0
        telling.tell_again(magento.world.app, shop, connector)
    magento.apply()
    assert (magento.ways, magento.levels()) == ((0, 1), {"added by the module"})


def test_one_that_breaks_off_halfway_goes_on(
    magento: Magento, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cart price rule is gone, and the module was not told yet: there is no gift, and never
    two."""
    magento.desk.install()
    put, seen = ModuleGifts.put, []

    def broken(gifts: ModuleGifts, *what: Any) -> None:
        seen.append(magento.ways)
        if len(seen) == 1:
            raise AnswerLost("The line was cut")
        put(gifts, *what)

    monkeypatch.setattr(ModuleGifts, "put", broken)
    magento.apply()
    assert seen[0] == (0, 0)
    assert magento.ways == (0, 1)
    assert magento.world.said(RemarkKind.CONFLICT) == []


def test_what_a_hand_did_there_is_asked_about(magento: Magento) -> None:
    magento.desk.install()
    magento.apply()
    (row,) = magento.state.module.gifts.values()
    row["rule"] = row["rule"].replace('"quantity":1', '"quantity":7')
    magento.world.pull()
    (said,) = magento.world.said(RemarkKind.CONFLICT)
    assert "changed it in the shop" in said
    row["rule"] = "rubbish"
    magento.apply()
    assert magento.pieces(magento.fill()) == (1, 0)


def test_one_that_comes_back_with_old_rules_is_asked_about(magento: Magento) -> None:
    """It was taken out without its tables, and the cart price rule took its place."""
    magento.desk.install()
    magento.apply()
    magento.state.module.is_installed = False
    magento.apply()
    basket = magento.fill()
    assert (magento.ways, magento.poll().added) == ((1, 1), 1)
    magento.state.module.is_installed = True
    assert magento.poll().removed == 1
    assert magento.pieces(basket) == (1, 0)
    magento.world.pull()
    (said,) = magento.world.said(RemarkKind.CONFLICT)
    assert "changed it in the shop" in said
