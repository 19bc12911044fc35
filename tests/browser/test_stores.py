"""A manager adds a store: he finds his way by what is written, and sees it being read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from toyshop import Style, ToyShop
from window import Window

from bridge.users.roles import Role

URL = "https://second.example"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_adding_a_store(windows: Callable[..., Window], width: int, scheme: str) -> None:
    window = windows(width, scheme)
    world = window.office.world
    world.addresses[URL] = ToyShop(Style.NUMBERED, clock=world.clock)
    world.app.resolve = lambda _host: ["93.184.215.14"]
    page = window.sign_in(Role.MANAGER)

    def fine() -> None:
        assert [*window.barriers(), *window.too_wide()] == [], page.url

    def follow(link: str) -> None:
        with page.expect_navigation():  # a click alone may come back on the page before
            page.get_by_role("link", name=link).click()

    page.goto(f"/w/{world.app.workspace}/stores")
    follow("Add a store")
    fine()
    follow("Numbered")
    fine()
    page.get_by_label("Name").fill("second")
    page.get_by_label("Address of the shop").fill(URL)
    page.get_by_label("Key").fill("x")
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_role("heading", name="The shop answers")).to_be_visible()
    fine()
    page.get_by_role("button", name="Connect the store").click()
    expect(page.get_by_text("second is connected.")).to_be_visible()
    expect(page.get_by_role("heading", name="Reading the store")).to_be_hidden()
    expect(page.get_by_text("Everything is in order.")).to_be_visible()
    fine()
    page.get_by_role("link", name="Address and credentials").click()
    expect(page.get_by_label("Key")).to_have_value("")
    fine()
    page.go_back()
    follow("Remove this store")
    fine()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove the store").click()
    expect(page.get_by_text("second is removed.")).to_be_visible()
