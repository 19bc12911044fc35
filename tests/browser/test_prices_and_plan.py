"""From a price to the shop, by what stands on the screen: give a category a tier, look at the plan,
approve it, watch it arrive, take it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from toyshop import programme
from window import Window


@pytest.fixture
def page(windows: Callable[..., Window]) -> Page:
    window = windows()
    world = window.office.world
    world.load(programme(price_lists={"b2b": {"groups": ["gold"], "prices": {}}}))
    world.pull()
    page = window.sign_in()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    return page


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=name).click()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_a_rule_becomes_prices_in_the_shop_and_is_taken_back(page: Page) -> None:
    menu(page, "Groups & prices")
    page.get_by_role("link", name="b2b").first.click()
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("SKU patterns").fill("A\nB")
    page.get_by_label("From how many, row 1").fill("10")
    page.get_by_label("Per cent off, row 1").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()

    page.get_by_role("link", name="See what would change in the shops").click()
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_text("3 changes are ready to be sent")).to_be_visible()
    expect(page.get_by_role("cell", name="20% off").first).to_be_visible()
    page.get_by_role("button", name="Approve and send").click()
    heading(page, "Run 1")
    expect(page.get_by_text("Every change of this run is in place.")).to_be_visible()

    page.get_by_role("button", name="Take this run back").click()
    heading(page, "Plan: taking back run 1")
    page.get_by_role("button", name="Approve and send").click()
    heading(page, "Run 2")
    expect(page.get_by_text("Every change of this run is in place.")).to_be_visible()


def test_a_price_is_found_while_one_types_and_changed(page: Page) -> None:
    menu(page, "Groups & prices")
    page.get_by_role("link", name="b2b").first.click()
    for sku, price in (("A", "9"), ("B", "8,50")):
        page.get_by_role("link", name="Add a product").click()
        page.get_by_label("SKU").fill(sku)
        page.get_by_label("From how many, row 1").fill("1")
        page.get_by_label("Price of one, row 1").fill(price)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("usually €10.00").first).to_be_visible()
    page.get_by_label("Search by SKU").fill("")
    expect(page.get_by_role("link", name="Change A")).to_be_visible()
    page.get_by_label("Search by SKU").fill("b")
    expect(page.get_by_role("link", name="Change A")).to_have_count(0)
    page.get_by_role("link", name="Change B").click()
    page.get_by_label("Price of one, row 1").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="€3.00")).to_be_visible()
