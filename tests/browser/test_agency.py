"""Somebody of an agency sees what needs attention, saves one client's gifts as a template, and
applies it to another client."""

from __future__ import annotations

from collections.abc import Callable

from agency import APPLE, APPLE_SHOP, PEAR, PEAR_SHOP, Agency
from playwright.sync_api import expect
from window import Window

from bridge.users.roles import Role


def test_a_template_goes_from_one_client_to_another(windows: Callable[..., Window]) -> None:
    window = windows(390, "dark")
    assert window.office is not None
    clients = Agency(window.office.application)
    clients.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    clients.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    window.office.sign_in(Role.MANAGER, email="ada@agency.example", workspace="apple")
    page = window.sign_in(Role.MANAGER, email="ada@agency.example", workspace="pear")

    def is_clear() -> None:
        assert [*window.barriers(), *window.too_wide()] == []

    def menu(name: str) -> None:
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("link", name=name, exact=True).click()

    page.goto("/")
    expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()
    is_clear()
    page.get_by_label("Name").fill("apple")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name="pear", exact=True)).to_have_count(0)
    page.get_by_role("link", name="apple", exact=True).click()

    menu("Programme")
    page.get_by_role("link", name="Templates").click()
    page.get_by_label("Name of the template").fill("Garden club")
    for name in ("Customer groups", "Points and earning rules", "Segments", "Tiers"):
        page.get_by_label(name).uncheck()
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_text("The template Garden club is saved.")).to_be_visible()
    is_clear()

    page.get_by_role("banner").get_by_role("link", name="apple").click()
    page.get_by_role("link", name="pear", exact=True).click()
    menu("Programme")
    page.get_by_role("link", name="Templates").click()
    page.get_by_role("link", name="Apply here Garden club").click()
    for name in ("Redemption", "Referrals", "Reward catalogue", "Who takes part", "Campaigns"):
        page.get_by_label(name).uncheck()
    is_clear()
    page.get_by_role("button", name="Go on").click()
    is_clear()
    page.get_by_label("What stands for APPLE-GIFT").fill("PEAR-GIFT")
    page.get_by_role("button", name="Show what would be different").click()
    expect(page.get_by_role("row", name="gifts")).to_contain_text("PEAR-GIFT")
    is_clear()
    page.get_by_role("button", name="Apply the template").click()
    expect(page.get_by_text("Saved as version 2; it holds from now on.")).to_be_visible()
