"""Plugins over real HTTP, in shops as they are: told by the bridge, heard by it, gone and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Semaphore

import pytest
from toyshop import World

from bridge.db import Database
from bridge.engine.bench import open_bench
from bridge.engine.plugin_steps import plugin_in_shop
from bridge.installations import app_registration, plugin_states
from bridge.installations.models import Installation, PluginState
from bridge.plugins import platforms
from bridge.shop_plugins import telling
from bridge.shop_plugins.checklist import Mark, checklist
from bridge.shop_plugins.standing import standing
from bridge.web import Serving, create_app, serve
from connectors.magento.sandbox import SANDBOX as MAGENTO
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.shopware.app import APP_NAME
from connectors.shopware.app_configuration import MEMBER_URL
from connectors.shopware.sandbox import SANDBOX as SHOPWARE
from connectors.shopware.sandbox import settings
from connectors.shopware.sandbox.apps import AppSystem
from connectors.webhooks import Addresses

Opened = Callable[[str], Database]


class Merchant:
    """His bridge is reachable; time is what it is."""

    def __init__(self, world: World, serving: Serving, woken: list[str], stored: Semaphore) -> None:
        self.world, self.serving, self.woken = world, serving, woken
        self._stored = stored
        self.bench = open_bench(world.app)

    @property
    def shop(self) -> Installation:
        (shop,) = self.world.installations().values()
        return shop

    @property
    def state(self) -> PluginState:
        app = self.world.app
        with app.database.reading() as session:
            return plugin_states.state_of(session, app.workspace_id, self.shop.id or 0)

    def step(self) -> None:
        app = self.world.app
        with app.database.writing() as session:
            plugin_states.watch(session, app.workspace_id, self.shop.id or 0, app.now())
        assert plugin_in_shop(self.bench, self.shop).problems == ()

    def marks(self) -> dict[str, Mark]:
        found = standing(self.world.app, self.shop)
        assert found is not None
        return {point.topic: point.mark for point in checklist(found)}

    def wait_to_hear(self) -> None:
        while self.state.heard_at is None:
            assert self._stored.acquire(timeout=10), "no event came"


@pytest.fixture
def merchant(sqlite_url: str, open_database: Opened, tmp_path: Path) -> Iterator[Merchant]:
    known = platforms()
    world = World(
        open_database(sqlite_url),
        tmp_path / "home",
        more_platforms={name: known[name] for name in ("magento", "shopware")},
    )
    world.clock.now = datetime.now(UTC)
    woken: list[str] = []
    stored = Semaphore(0)
    web = create_app(world.app, on_signal=lambda _: stored.release(), wake=woken.append)
    with serve(web) as serving:
        changed = {"public_url": serving.url}
        world.app.settings = world.app.settings.model_copy(update=changed)
        made = Merchant(world, serving, woken, stored)
        yield made
        made.bench.close()


def test_magentos_module_is_told_proves_itself_and_is_let_go_of(merchant: Merchant) -> None:
    with MAGENTO.serve(products=5, customers=5) as shop:
        merchant.world.connect("us", "magento", shop.url, MAGENTO.credentials)
        merchant.world.pull()
        merchant.step()
        assert shop.state.module.settings == {}
        desk = ModuleDesk(shop.state)
        desk.install()
        merchant.step()
        merchant.wait_to_hear()
        found = merchant.marks()
        done = ("installed", "active", "told", "events", "codes", "links")
        assert {topic: found[topic] for topic in done} == dict.fromkeys(done, Mark.DONE)

        desk.uninstall()  # its tables go, what it was told stays (PLUGIN_FACTS "Packaging")
        merchant.step()
        assert merchant.state.told == "" and merchant.marks()["installed"] is Mark.WAITING
        desk.install()
        merchant.step()
        merchant.wait_to_hear()

        shop.state.module.settings["events_secret"] = "another"  # such as by a backup
        with closing(merchant.world.app.connect(merchant.shop)) as connector:
            telling.tell_again(merchant.world.app, merchant.shop, connector)
            merchant.wait_to_hear()
            telling.forget(merchant.world.app, merchant.shop, connector)
        assert shop.state.module.settings == {}


def test_shopwares_app_is_told_anew_once_it_was_deleted_and_installed_again(
    merchant: Merchant,
) -> None:
    with SHOPWARE.serve(products=5, customers=5) as shop:
        shop.state.now = merchant.world.clock
        database = shop.state.database
        merchant.world.connect("de", "shopware", shop.url, SHOPWARE.credentials)
        merchant.world.pull()
        app = merchant.world.app
        with app.database.writing() as session:
            found = app_registration.offer(
                session, merchant.shop, app.keyring, app.now(), base_url=merchant.serving.url
            )
        registration = app.platforms["shopware"].registration
        assert registration is not None
        addresses = Addresses(found.address("register"), found.address("events"))
        manifest = registration.manifest(addresses, found.app_secret)
        with closing(AppSystem(shop.state, shop.url)) as apps:
            apps.install(manifest)
            assert "plugins" in merchant.woken and merchant.state.looked_at is None
            merchant.step()
            there = f"{merchant.serving.url}/m/acme/from-app/de"
            assert settings.value(database, MEMBER_URL) == there
            assert merchant.marks()["events"] is Mark.DONE

            merchant.woken.clear()
            apps.delete(APP_NAME)
            assert "plugins" in merchant.woken and merchant.state.looked_at is None
            merchant.step()
            assert merchant.state.told == ""
            assert merchant.marks()["installed"] is Mark.WAITING
            assert settings.value(database, MEMBER_URL) == there, "the shop keeps it"
            settings.store(database, MEMBER_URL, "https://old.example")

            apps.install(manifest)
            merchant.step()
            assert settings.value(database, MEMBER_URL) == there
            assert merchant.state.told != "" and merchant.marks()["told"] is Mark.DONE
