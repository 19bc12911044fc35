"""Finding a member, giving points, turning some into a voucher: by visible labels only."""

from __future__ import annotations

from collections.abc import Callable

from office import Office
from people import People
from playwright.sync_api import expect
from window import Window


def test_find_adjust_redeem(office: Office, windows: Callable[..., Window]) -> None:
    People(office)
    window = windows(390)
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Members").click()
    page.get_by_role("searchbox", name="Search").press_sequentially("ad")
    expect(page.get_by_role("link", name="bob@example.com")).to_have_count(0)
    assert window.barriers() == []
    page.get_by_role("link", name="ada@example.com").click()

    page.get_by_label("How many").fill("300")
    page.get_by_label("Reason").fill("Sorry for the delay")
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.get_by_text("1,500 are available now")).to_be_visible()
    expect(page.get_by_text("Adjustment: Sorry for the delay").first).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []

    page.get_by_role("link", name="Why?").first.click()
    expect(page.get_by_role("heading", name="Why this entry is there")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.go_back()

    page.get_by_role("link", name="Redeem points").click()
    page.get_by_role("spinbutton", name="Points").fill("1000")
    expect(page.get_by_text("valid up to")).to_be_visible()
    expect(page.locator("#preview")).to_contain_text("10.00")
    page.get_by_role("button", name="Make the voucher").click()
    expect(page.get_by_text("on its way to the store")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("link", name="ada@example.com").click()
    expect(page.get_by_text("500", exact=True).first).to_be_visible()


def test_merging_shows_first_what_happens(office: Office, windows: Callable[..., Window]) -> None:
    People(office)
    window = windows()
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("link", name="Members").click()
    page.get_by_role("link", name="ada@example.com").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Merge with another member").click()
    page.get_by_role("searchbox", name="The other member").press_sequentially("bo")
    page.get_by_role("link", name="bob@example.com").click()
    expect(page.get_by_text("This one becomes a part of him")).to_be_visible()
    assert window.barriers() == []
    page.get_by_role("button", name="Make them one member").click()
    expect(page.get_by_text("bob@example.com is a part of this member now.")).to_be_visible()
