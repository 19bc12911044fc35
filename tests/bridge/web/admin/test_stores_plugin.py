"""The page of the plugin in a shop: the file, what works, and the ways out."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from office import Browser, Office, seen
from toyshop import World

from bridge.audit.models import AuditEntry
from bridge.db import Database
from bridge.installations import endpoints
from bridge.users.roles import Role
from bridge.web.jobs import EXTENSION, Jobs
from connectors.magento.archive import MagentoModule

sys.path.insert(0, str(Path(__file__).parents[2] / "shop_plugins"))

from plugged import PLUGIN, Plugged, plugged
from sqlmodel import select


@dataclass
class Place:
    plug: Plugged
    office: Office
    browser: Browser

    @property
    def here(self) -> str:
        return f"stores/{self.plug.shop.id}/plugin"

    def wait(self) -> None:
        jobs: Jobs = self.office.app.extensions[EXTENSION]
        found = jobs.newest(self.office.application.workspace_id, f"plugin-{self.plug.shop.id}")
        assert found is not None
        jobs.wait(found.id)

    def page(self) -> str:
        return seen(self.browser.get(self.here))

    def actions(self) -> list[str]:
        with self.office.application.database.reading() as session:
            return [entry.action for entry in session.exec(select(AuditEntry))]


Opened = Callable[[str], Database]


def _place(database: Database, home: Path, *, registers: bool) -> Iterator[Place]:
    plug = plugged(World(database, home), registers=registers)
    plug.reach("https://bridge.example")
    office = Office(plug.world)
    yield Place(plug, office, office.sign_in(Role.MANAGER))
    plug.bench.close()


@pytest.fixture
def module(sqlite_url: str, open_database: Opened, tmp_path: Path) -> Iterator[Place]:
    yield from _place(open_database(sqlite_url), tmp_path / "home", registers=False)


@pytest.fixture
def app(sqlite_url: str, open_database: Opened, tmp_path: Path) -> Iterator[Place]:
    yield from _place(open_database(sqlite_url), tmp_path / "home", registers=True)


def test_a_module_is_fetched_installed_and_seen_to_work(module: Place) -> None:
    browser, plug = module.browser, module.plug
    plug.world.pull()
    store = seen(browser.get(f"stores/{plug.shop.id}"))
    assert "Put it into the shop" in store
    page = browser.get(module.here)
    assert "bin/magento setup:di:compile" in page.text and "hx-trigger" not in page.text

    answer = browser.post(f"{module.here}/file")
    assert answer.headers["Content-Disposition"].endswith('"loyalty-bridge-magento.zip"')
    assert zipfile.ZipFile(io.BytesIO(answer.data)).read("composer.json")
    page = browser.get(module.here)
    assert 'hx-trigger="every 5s"' in page.text, "somebody waits for it"
    assert "It was not seen in the shop yet." in seen(page)
    assert module.office.woken == ["plugins"]

    plug.inside.plugin = PLUGIN
    browser.post(f"{module.here}/look")
    module.wait()
    assert "It was asked to send one" in module.page()
    plug.hear(plug.inside.knocks[-1])
    fragment = browser.get(module.here, headers={"HX-Request": "true"})
    assert "The plugin sent one that it signed." in seen(fragment)
    assert "<html" not in fragment.text and "hx-trigger" not in fragment.text
    held = plug.inside.held
    assert held is not None
    text = browser.get(module.here).text
    assert held.events_secret not in text and held.link_secret not in text

    browser.post(f"{module.here}/forget")
    module.wait()
    assert plug.inside.held is None
    assert "It was made to forget the bridge." in module.page()
    browser.post(f"{module.here}/tell")
    module.wait()
    assert plug.inside.held == held
    assert module.actions() == ["store.plugin-file", "store.plugin-forgot", "store.plugin-told"]


def test_an_app_is_made_for_its_shop_with_the_address_that_is_typed(app: Place) -> None:
    browser, plug = app.browser, app.plug
    assert 'value="https://bridge.example"' in browser.get(app.here).text
    refused = browser.post(f"{app.here}/file", {"url": "bridge"})
    assert refused.status_code == 422 and "https://" in seen(refused)
    assert browser.post(f"{app.here}/file", {"url": ""}).status_code == 422

    typed = {"url": "https://other.example/in/", "shop_url": "https://inside.example"}
    answer = browser.post(f"{app.here}/file", typed)
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        manifest = archive.read("LoyaltyBridge/manifest.xml").decode()
    bridge = plug.world.app
    with bridge.database.reading() as session:
        row = endpoints.registrations(session, bridge.workspace_id)[plug.shop.id or 0]
        found = endpoints.read(row, plug.shop, bridge.keyring)
    assert f"https://other.example/in/plugged/{row.token}/events" in manifest
    assert found.app_secret in manifest and row.shop_address == "https://inside.example"
    page = browser.get(app.here).text
    assert found.app_secret not in page and 'value="https://other.example/in"' in page


def test_a_shop_that_is_down_is_said_so(module: Place) -> None:
    module.plug.inside.is_down = True
    module.browser.post(f"{module.here}/look")
    module.wait()
    assert "The shop is down" in module.page()


def test_what_went_is_told_on_the_stores_page_and_the_plugins(
    module: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MagentoModule, "gives", lambda *_: True)
    plug = module.plug
    mug = {"sku": "A", "basket": "50.00"}
    plug.world.set_up({"programme": "Acme", "currency": "EUR", "gifts": {"mug": mug}})
    plug.inside.plugin = PLUGIN
    plug.step()
    plug.inside.plugin = None
    plug.step(minutes=61)
    for page in (module.page(), seen(module.browser.get(f"stores/{plug.shop.id}"))):
        assert "is gone from the" in page and "no gift comes into a basket by itself" in page


def test_a_store_is_removed_here_once_its_plugin_forgot_the_bridge(module: Place) -> None:
    plug, browser = module.plug, module.browser
    plug.inside.plugin = PLUGIN
    plug.step()
    there = f"stores/{plug.shop.id}/remove"
    assert "The plugin in the shop forgets the bridge" in seen(browser.get(there))
    plug.inside.is_down = True
    refused = browser.post(there)
    assert refused.status_code == 422 and "cannot be made to forget" in seen(refused)
    plug.inside.is_down = False
    assert browser.post(there).status_code == 303
    assert plug.inside.held is None and "plugged" not in plug.world.installations()


def test_who_may_only_look_sees_what_works_and_no_more(module: Place) -> None:
    page = module.office.sign_in(Role.VIEWER).get(module.here)
    assert page.status_code == 200 and "Does it work?" in seen(page)
    assert "<form" not in page.text.split("<main")[1].split("</main")[0]


def test_a_platform_without_one_has_no_page(office: Office) -> None:
    (shop,) = office.world.installations().values()
    browser = office.sign_in(Role.MANAGER)
    assert browser.get(f"stores/{shop.id}/plugin").status_code == 404
    assert browser.post(f"stores/{shop.id}/plugin/tell").status_code == 404
    assert "Plugin in the shop" not in seen(browser.get(f"stores/{shop.id}"))
