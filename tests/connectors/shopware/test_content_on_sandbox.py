"""Landing pages with the terms: several languages, the layout they share, the rights they need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Connection
from connectors.content import ContentPages, PageText, Place
from connectors.errors import AlreadyExists, Forbidden, Unsafe
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import PLATFORM
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.content import SYSTEM_LANGUAGE
from connectors.shopware.privileges import FEATURES, NEEDED
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.seed import SALES_CHANNEL

GERMAN = "01a2039a455f72269a6d7a9c19eb02a0"
DE = PageText("bohnen", "Bedingungen", "<p>Punkte für Bohnen.</p>")
EN = PageText("beans", "Terms", "<p>Points for beans.</p>")


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=3, customers=3) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    """Its storefront has a second address, in German."""
    running.reset()
    database = running.state.database
    (first,) = database["sales_channel_domain"].where("salesChannelId", SALES_CHANNEL)
    values = dict(database["sales_channel_domain"].rows[first].values)
    more = {"id": "0a" * 16, "url": "http://127.0.0.1/de", "languageId": GERMAN}
    kept = {name: values[name] for name in ("salesChannelId", "currencyId", "snippetSetId")}
    with database.lock:
        Admin(database).create("sales_channel_domain", {**kept, **more})
    return running


@pytest.fixture
def shopware(sandbox: RunningSandbox) -> Iterator[ShopwareConnector]:
    connection = Connection(sandbox.url, SANDBOX.credentials, SANDBOX.settings, mark="acme/shop")
    connector = PLATFORM.connect(connection)
    assert isinstance(connector, ShopwareConnector)
    yield connector
    connector._client.close()


@pytest.fixture
def pages(shopware: ShopwareConnector) -> ContentPages:
    assert shopware.content_pages is not None
    return shopware.content_pages


@pytest.fixture
def places(pages: ContentPages) -> tuple[Place, Place]:
    """German and English of the storefront."""
    found = {one.locale: one for one in pages.places() if one.store_id == SALES_CHANNEL}
    return found["de-DE"], found["en-GB"]


def database_of(sandbox: RunningSandbox) -> Database:
    found: Database = sandbox.state.database
    return found


@pytest.mark.parametrize("is_german_first", [True, False])
def test_each_language_says_its_own(
    pages: ContentPages, places: tuple[Place, Place], is_german_first: bool
) -> None:
    """Of one page, whichever comes first; the shop asks for its system's language in any case."""
    german, english = places
    texts = [(german, DE), (english, EN)]
    for place, text in texts if is_german_first else texts[::-1]:
        pages.write(place, text)
    held = [pages.own(place, text.url_key) for place, text in texts]
    assert [one.text for one in held if one is not None] == [DE, EN]
    assert len({one.native_id for one in held if one is not None}) == 1


def test_a_language_that_was_not_written_has_no_page(
    pages: ContentPages, places: tuple[Place, Place]
) -> None:
    """Though the page has a name in it, which the shop asks for."""
    german, english = places
    held = pages.write(german, DE)
    assert pages.read(english, held.native_id) is None


def test_the_layout_stays_as_an_admin_arranged_it(
    sandbox: RunningSandbox, pages: ContentPages, places: tuple[Place, Place]
) -> None:
    pages.write(places[0], DE)
    database = database_of(sandbox)
    (layout,) = [r.values["id"] for r in database["cms_page"].rows.values()][-1:]
    with database.lock:
        Admin(database).update("cms_page", layout, {"cssClass": "ours"})
    pages.write(places[1], EN)
    assert database["cms_page"].by_id(layout).values["cssClass"] == "ours"


def test_a_page_that_lost_its_mark_is_somebody_elses(
    sandbox: RunningSandbox, pages: ContentPages, places: tuple[Place, Place]
) -> None:
    held = pages.write(places[1], EN)
    database = database_of(sandbox)
    translations = {SYSTEM_LANGUAGE: {"customFields": {"loyalty_bridge": {"mark": "b/c"}}}}
    with database.lock:
        Admin(database).update("landing_page", held.native_id, {"translations": translations})
    assert pages.own(places[1], EN.url_key) is None
    with pytest.raises(Unsafe):
        pages.write(places[1], DE)


def test_a_page_of_another_channel_may_have_the_same_address(
    sandbox: RunningSandbox, pages: ContentPages, places: tuple[Place, Place]
) -> None:
    database = database_of(sandbox)
    other = next(
        str(row.values["id"])
        for row in database["sales_channel"].rows.values()
        if row.values["id"] != SALES_CHANNEL
    )
    page = {"name": "By hand", "url": EN.url_key, "salesChannels": [{"id": other}]}
    with database.lock:
        Admin(database).create("landing_page", page)
    assert pages.write(places[1], EN).text == EN
    with database.lock:
        Admin(database).create("landing_page", {**page, "salesChannels": [{"id": SALES_CHANNEL}]})
    with pytest.raises(AlreadyExists):
        pages.write(places[1], EN)


def test_the_rights_that_are_named_are_enough_and_are_needed(
    sandbox: RunningSandbox, pages: ContentPages, places: tuple[Place, Place]
) -> None:
    (feature,) = [one for one in FEATURES if one.entity == "landing_page"]
    names = [*NEEDED, *feature.privileges]
    sandbox.faults.set(shop={"privileges": names})
    held = pages.write(places[0], DE)
    pages.write(places[1], EN, held.native_id)
    pages.hide(places[0], held.native_id)
    assert pages.places()
    for name in ("landing_page:update", "language:read"):
        sandbox.faults.set(shop={"privileges": [one for one in names if one != name]})
        with pytest.raises(Forbidden):
            pages.places()
            pages.write(places[1], EN, held.native_id)
