"""The bridge dies while a plugin that came is told a gift rule, or one that went is not told it any
more, around any call that changes the shop and any commit. In Magento a rule moves: at no moment do
both hold it. In Shopware the promotion stays beside, and is never away. A repeated apply ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from toyshop import World
from toyshop.dying import Boundaries, Killed, MortalDatabase

from bridge.db import Database
from bridge.plans.parts import RemarkKind
from bridge.plugins import platforms, sandboxes
from connectors.http.client import HttpClient
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import GIFTS
from connectors.shopware.sandbox.records import insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

SKU = "B2B-1005"
APP = "f" * 32
Ways = tuple[int, int]
"""Promotions of the shop's own, and rules of the plugin."""


class Shop:
    """A sandbox, the bridge that knows it, and its plugin."""

    def __init__(self, platform: str, running: RunningSandbox, world: World) -> None:
        self.platform, self.running, self.world = platform, running, world
        self.desk = ModuleDesk(running.state) if platform == "magento" else None
        if self.desk is not None:
            self.desk.install()
            self.switch(on=False)

    @property
    def told(self) -> Ways:
        """What the shop holds with the plugin."""
        return (0, 1) if self.desk is not None else (1, 1)

    def switch(self, *, on: bool) -> None:
        if self.desk is not None:
            self.desk.switch(on=on)
        elif on:
            app = {"id": APP, "name": APP_NAME, "version": APP_VERSION, "active": True}
            insert(self.running.state.database, "app", app)
        else:
            self.running.state.database["app"].store(APP, None)

    def ways(self) -> Ways:
        state = self.running.state
        if self.desk is not None:
            ours = [one for one in state.sales_rules.rows.values() if ":" in one["description"]]
            return len(ours), len(state.module.gifts)
        told = [held for name, held in state.database.config.items() if name.startswith(GIFTS)]
        return len(state.database["promotion"].rows), sum(map(len, told))

    def apply_and_die(self, boundary: int, patch: pytest.MonkeyPatch) -> tuple[bool, list[Ways]]:
        """Whether there were so many boundaries, and what the shop held at each."""
        seen: list[Ways] = []
        boundaries = Boundaries(boundary, lambda: seen.append(self.ways()))
        request = HttpClient.request

        def mortal(client: HttpClient, method: str, path: str, *rest: Any, **named: Any) -> Any:
            if method == "GET" or "search" in path or path.endswith("token"):
                return request(client, method, path, *rest, **named)
            boundaries.pass_one()
            answer = request(client, method, path, *rest, **named)
            boundaries.pass_one()
            return answer

        database = cast(Database, MortalDatabase(self.world.app.database, boundaries))
        with patch.context() as scope:
            scope.setattr(HttpClient, "request", mortal)
            scope.setattr(self.world.app, "database", database)
            try:
                self.world.apply()
            except Killed:
                return True, seen
        return False, seen


@pytest.fixture(scope="module", params=["magento", "shopware"])
def running(request: pytest.FixtureRequest) -> Iterator[tuple[str, RunningSandbox]]:
    with sandboxes()[request.param].serve(products=60, customers=9) as sandbox:
        yield request.param, sandbox


@pytest.fixture
def shop(
    running: tuple[str, RunningSandbox], open_database: Any, sqlite_url: str, tmp_path: Path
) -> Shop:
    platform, sandbox = running
    sandbox.reset()
    world = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms())
    shop = Shop(platform, sandbox, world)
    found = sandboxes()[platform]
    world.connect("shop", platform, sandbox.url, found.credentials, dict(found.settings))
    where = {"stores": [f"shop/{SALES_CHANNEL}"]} if platform == "shopware" else {}
    gift = {"mug": {"basket": "50.00", "sku": SKU, **where}}
    told = {"programme": "Acme", "currency": "EUR", "timezone": "Europe/Berlin", "gifts": gift}
    world.set_up(told)
    return shop


def moves(shop: Shop, patch: pytest.MonkeyPatch, boundary: int, *, on: bool) -> bool:
    """Whether it was killed on the way."""
    before, after = ((1, 0), shop.told) if on else (shop.told, (1, 0))
    assert shop.ways() == before
    shop.switch(on=on)
    shop.world.pull()
    was_killed, seen = shop.apply_and_die(boundary, patch)
    between = {(0, 0)} if shop.desk is not None else set()
    assert set(seen) <= {before, after} | between, f"at boundary {boundary}"
    if was_killed:
        shop.world.apply()
    assert shop.ways() == after, f"after boundary {boundary}"
    assert shop.world.said(RemarkKind.CONFLICT) == []
    shop.world.pull()
    assert shop.world.plan().total == 0
    return was_killed


def test_killed_half_way(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert moves(shop, monkeypatch, 7, on=True)
    assert moves(shop, monkeypatch, 6, on=False)


@pytest.mark.chaos
def test_killed_at_any_boundary(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    boundary, killed = 0, [True]
    while any(killed):
        boundary += 1
        killed = [moves(shop, monkeypatch, boundary, on=on) for on in (True, False)]
    print(f"{shop.platform}: {boundary - 1} boundaries, there and back")  # noqa: T201
    assert boundary > 8
