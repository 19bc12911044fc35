"""Gift rules that the app in a Shopware shop is told as well, by plan and apply, and an undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from toyshop import World

from bridge.installations import checking, service
from bridge.plans.gift_levels import gift_levels
from bridge.plans.parts import RemarkKind
from bridge.plugins import platforms
from bridge.shop_plugins import telling
from bridge.shop_plugins.checklist import Mark, checklist
from bridge.shop_plugins.standing import standing
from connectors.base import Severity
from connectors.errors import AnswerLost
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import GIFTS
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

SKU, BOUGHT = "B2B-1005", "B2B-1001"
SHOPPER = "david.dietrich@example.com"
APP = "f" * 32
GIFT = {"mug": {"basket": "50.00", "sku": SKU, "stores": [f"shop/{SALES_CHANNEL}"]}}
PROGRAMME = {"programme": "Acme", "currency": "EUR", "timezone": "Europe/Berlin", "gifts": GIFT}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=60, customers=9) as sandbox:
        yield sandbox


@pytest.fixture
def world(running: RunningSandbox, open_database: Any, sqlite_url: str, tmp_path: Path) -> World:
    running.reset()
    world = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms())
    world.connect("shop", SANDBOX.name, running.url, SANDBOX.credentials, dict(SANDBOX.settings))
    world.set_up(PROGRAMME)
    return world


def install(running: RunningSandbox) -> None:
    app = {"id": APP, "name": APP_NAME, "version": APP_VERSION, "active": True}
    insert(running.state.database, "app", app)


def switch(running: RunningSandbox, *, on: bool) -> None:
    change(running.state.database, "app", APP, {"active": on})


def ways(running: RunningSandbox) -> tuple[int, int]:
    """Promotions, and rules of the app."""
    database = running.state.database
    told = [held for name, held in database.config.items() if name.startswith(GIFTS)]
    return len(database["promotion"].rows), sum(map(len, told))


def free(running: RunningSandbox, **own: int) -> int:
    """Free mugs in a basket that is worth it; ``own``: what the shopper put there himself."""
    wanted = {BOUGHT: 2, **({SKU: own["own"]} if own else {})}
    lines = running.state.till().price(SHOPPER, wanted, guest=False)
    return int(
        sum(one.quantity for one in lines if one.sku == SKU and one.gross == one.discount_gross)
    )


def levels(world: World) -> set[str]:
    """Of what is in the shop as it is wanted."""
    return {one.said for one in gift_levels(world.app) if one.is_in_shop}


def shown(world: World) -> Mark:
    """On the app's page."""
    found = standing(world.app, world.installations()["shop"])
    assert found is not None
    return next(one.mark for one in checklist(found) if one.topic == "gifts")


def test_a_rule_follows_the_app_and_an_undo_goes_back(
    world: World, running: RunningSandbox
) -> None:
    assert (ways(running)[1], free(running, own=1), free(running)) == (0, 1, 0)
    install(running)
    world.pull()
    assert world.plan().total == 1
    world.apply()
    promotions, told = ways(running)
    assert (promotions > 0, told > 0) == (True, True)
    assert (free(running), free(running, own=1)) == (1, 1)
    assert levels(world) == {"added by the app"}
    world.pull()
    assert world.plan().total == 0

    switch(running, on=False)
    assert (free(running), free(running, own=1)) == (0, 1)
    world.pull()
    assert world.plan().total == 0
    assert levels(world) == {"free once added"}
    switch(running, on=True)
    assert (free(running), free(running, own=1)) == (1, 1)
    world.pull()
    assert world.plan().total == 0
    world.undo(2)
    assert (ways(running)[1], free(running, own=1), free(running)) == (0, 1, 0)
    world.load({**PROGRAMME, "gifts": {}})
    world.pull()
    world.apply()
    assert (ways(running), free(running), free(running, own=1)) == ((0, 0), 0, 0)


def test_an_app_that_is_removed_leaves_the_promotion_and_nothing_to_ask(
    world: World, running: RunningSandbox
) -> None:
    install(running)
    world.pull()
    world.apply()
    running.state.database["app"].store(APP, None)
    assert free(running, own=1) == 1
    world.pull()
    world.apply()
    assert world.said(RemarkKind.CONFLICT) == []
    assert (ways(running), free(running, own=1)) == ((1, 0), 1)
    world.pull()
    assert world.plan().total == 0
    install(running)
    running.state.database["app"].store(APP, None)
    world.load({**PROGRAMME, "gifts": {}})
    world.apply()
    assert ways(running) == (0, 0)


def test_one_that_was_made_to_forget_is_told_no_rule_until_a_person_wants_it(
    world: World, running: RunningSandbox
) -> None:
    """Though it is switched on. The shop's own promotion gives the gift meanwhile."""
    install(running)
    world.pull()
    assert shown(world) is Mark.MEND
    world.apply()
    assert (ways(running), shown(world)) == ((1, 1), Mark.DONE)
    shop = world.installations()["shop"]
    with closing(world.app.connect(shop)) as connector:
        telling.forget(world.app, shop, connector)
        assert (ways(running), shown(world)) == ((1, 0), Mark.MEND)
        world.pull()
        world.apply()
        assert (ways(running), free(running), free(running, own=1)) == ((1, 0), 0, 1)
        assert (levels(world), shown(world)) == ({"free once added"}, Mark.WITHOUT)
        world.undo(1)
        world.pull()
        assert ways(running)[1] == 0
        telling.tell_again(world.app, shop, connector)
    world.apply()
    assert (ways(running), shown(world)) == ((1, 1), Mark.DONE)


def test_one_that_breaks_off_halfway_goes_on(
    world: World, running: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promotion is there, and the app was not told yet: a gift is free, and never two."""
    install(running)
    world.pull()
    tell, seen = InstalledApp.configure, []

    def configure(app: InstalledApp, channel_id: str, name: str, value: Any) -> None:
        if value and not seen:
            seen.append((ways(running), free(running), free(running, own=1)))
            raise AnswerLost("The line was cut")
        tell(app, channel_id, name, value)

    monkeypatch.setattr(InstalledApp, "configure", configure)
    world.apply()
    assert seen == [((1, 0), 0, 1)]
    assert (ways(running), free(running), free(running, own=1)) == ((1, 1), 1, 1)
    assert world.said(RemarkKind.CONFLICT) == []


def test_what_a_hand_did_there_is_asked_about(world: World, running: RunningSandbox) -> None:
    """Whatever it is, plans are made, and say it."""
    install(running)
    world.pull()
    world.apply()
    config = running.state.database.config
    (place,) = [name for name in config if name.startswith(GIFTS)]
    config[place] = [{**config[place][0], "amount": "much", "says": {"discounts": 7}}]
    world.pull()
    (said,) = world.said(RemarkKind.CONFLICT)
    assert "changed it in the shop" in said
    config[place] = {"rubbish": [None, 7.5, {"mark": {}}]}
    world.pull()
    world.apply()
    assert free(running) == 1


WHAT = "puts_gifts_in"


def test_the_check_and_the_pull_tell_of_the_app(world: World, running: RunningSandbox) -> None:
    shop = world.installations()["shop"]

    def told() -> tuple[list[Severity], Any]:
        report = checking.check_one(shop, world.app.connect, lambda one: platforms()[one.platform])
        world.pull()
        with world.app.database.reading() as session:
            facts = service.facts(session, world.app.workspace_id)[shop.id or 0]
        found = [one.severity for one in report.findings if one.topic == checking.PLUGIN]
        seen = facts.plugin
        return found, seen and {name: seen[name] for name in ("version", "is_active", WHAT)}

    assert told() == ([], None)
    install(running)
    active = {"version": APP_VERSION, "is_active": True, WHAT: True}
    assert told() == ([Severity.OK], active)
    switch(running, on=False)
    off = {"version": APP_VERSION, "is_active": False, WHAT: False}
    assert told() == ([Severity.WARNING], off)
