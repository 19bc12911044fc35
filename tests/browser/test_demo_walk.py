"""The demo as a visitor walks through it: from the address that the terminal names, by what stands
on the screen, without typing another address."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from playwright.sync_api import Browser, Page, expect
from window import Window

from bridge.cli import main
from bridge.cli.demo import _Telling
from bridge.cli.output import Output
from bridge.demo.office import Office, office
from bridge.demo.stage import stage
from bridge.demo.story import Story

MEMBER = "hannes.hofmann@example.com"
LONG = 60_000
"""Milliseconds for what the shops take their time for."""


@pytest.fixture
def told(chromium: Browser) -> Iterator[Office]:
    """What the demo leaves, and says in the terminal, when it stays up."""
    with stage() as scene:
        with click.Context(main):
            Story(scene, _Telling(Output(), scene)).tell()
        with office(scene) as open_:
            yield open_


@pytest.fixture
def window(told: Office, chromium: Browser) -> Iterator[Window]:
    context = chromium.new_context(
        base_url=told.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    window = Window(None, context, told.url)
    window.page.on("dialog", lambda dialog: dialog.accept())
    yield window
    context.close()
    assert window.faults == []


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=name).click()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_from_the_sign_in_to_a_voucher(told: Office, window: Window) -> None:
    page = window.page
    page.goto("/")
    page.get_by_label("E-mail address").fill(told.email)
    page.get_by_label("Password").fill(told.password)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Overview")

    add_the_third_store(page, told)
    give_a_category_a_tier(page)
    approve_the_plan(page)
    give_points_and_redeem(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def add_the_third_store(page: Page, told: Office) -> None:
    menu(page, "Stores")
    page.get_by_role("link", name="Add a store").click()
    page.get_by_role("link", name="Shopware").click()
    page.get_by_label("Name").fill("shopware-at")
    page.get_by_label("Address of the shop").fill(told.shop_url)
    page.get_by_label("Access key ID").fill(told.shop_credentials["client_id"])
    page.get_by_label("Secret access key").fill(told.shop_credentials["client_secret"])
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_role("heading", name="The shop answers")).to_be_visible()
    page.get_by_role("button", name="Connect the store").click()
    expect(page.get_by_text("shopware-at is connected.")).to_be_visible()
    expect(page.get_by_role("heading", name="Reading the store")).to_be_hidden(timeout=LONG)


def give_a_category_a_tier(page: Page) -> None:
    menu(page, "Groups & prices")
    page.get_by_role("link", name="trade", exact=True).first.click()
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Categories", exact=True).fill("Hand tools")
    page.get_by_label("From how many, row 1").fill("10")
    page.get_by_label("Per cent off, row 1").fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The shops get it with the next plan.")).to_be_visible()


def approve_the_plan(page: Page) -> None:
    page.get_by_role("link", name="See what would change in the shops").click()
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_role("cell", name="shopware-at").first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Approve and send").click()
    heading(page, "Run")
    expect(page.get_by_text("Every change of this run is in place.")).to_be_visible(timeout=LONG)


def give_points_and_redeem(page: Page) -> None:
    menu(page, "Members")
    page.get_by_role("searchbox", name="Search").press_sequentially("hannes")
    page.get_by_role("link", name=MEMBER).click()
    page.get_by_label("How many").fill("300")
    page.get_by_label("Reason").fill("Sorry for the delay")
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.get_by_text("Adjustment: Sorry for the delay").first).to_be_visible()

    page.get_by_role("link", name="Redeem points").click()
    page.get_by_role("spinbutton", name="Points").fill("500")
    expect(page.get_by_text("valid up to")).to_be_visible()
    page.get_by_role("button", name="Make the voucher").click()
    expect(page.get_by_text("LB-").first).to_be_visible()
