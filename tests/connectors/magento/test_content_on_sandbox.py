"""CMS pages with the terms: what Magento's REST services alone make hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.base import Connection
from connectors.content import ContentPages, PageText, Place
from connectors.magento import PLATFORM
from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.server import RunningSandbox

TOKEN = {"access_token": SANDBOX.credentials["access_token"]}
TEXT = PageText("loyalty-programme", "Terms", "<p>Points.</p>")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=0, customers=0) as running:
        yield running


def pages_of(sandbox: RunningSandbox, mark: str) -> ContentPages:
    connector = PLATFORM.connect(Connection(sandbox.url, TOKEN, SANDBOX.settings, mark))
    assert connector.content_pages is not None
    return connector.content_pages


@pytest.fixture
def pages(sandbox: RunningSandbox) -> ContentPages:
    sandbox.reset()
    return pages_of(sandbox, "acme/shop")


@pytest.fixture
def place(pages: ContentPages) -> Place:
    (place,) = pages.places()
    return place


def test_a_page_is_made_in_the_scope_of_its_store_view(
    sandbox: RunningSandbox, pages: ContentPages, place: Place
) -> None:
    """In the scope of all views it would stand in every shop of the installation."""
    held = pages.write(place, TEXT)
    pages.write(place, replace(TEXT, title="Our terms"), held.native_id)
    paths = [call.path for call in sandbox.log.calls() if call.method in ("POST", "PUT")]
    assert paths == ["/rest/default/V1/cmsPage", f"/rest/all/V1/cmsPage/{held.native_id}"]
    assert held.address.endswith("/loyalty-programme")


def test_the_mark_tells_customers_nothing_and_no_layout_is_named(
    sandbox: RunningSandbox, pages: ContentPages, place: Place
) -> None:
    """Changing a design would need a right of its own."""
    held = pages.write(place, TEXT)
    row = sandbox.state.pages.get(int(held.native_id))
    assert "acme" not in row["content"]
    assert "page_layout" not in row


def test_a_page_of_another_workspace_is_not_ours(
    sandbox: RunningSandbox, pages: ContentPages, place: Place
) -> None:
    pages.write(place, TEXT)
    assert pages_of(sandbox, "other/shop").own(place, TEXT.url_key) is None


def test_a_page_whose_comment_an_editor_dropped_reads_as_changed(
    sandbox: RunningSandbox, pages: ContentPages, place: Place
) -> None:
    held = pages.write(place, TEXT)
    sandbox.state.pages.get(int(held.native_id))["content"] = "<p>Mine.</p>"
    changed = pages.read(place, held.native_id)
    assert changed is not None
    assert changed.text.html == "<p>Mine.</p>"
    assert pages.own(place, TEXT.url_key) is None
