"""From the overview to the table behind a chart, and to what it is about; from a report to its
file; a brand that members can read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect
from window import Window

sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "figures"))
sys.path.insert(0, str(Path(__file__).parents[1] / "bridge" / "preferences"))

from merchant import PROGRAMME, Merchant
from pictures import png


def live(window: Window) -> None:
    """Ada bought twice, and has points in two months."""
    world = window.office.world
    shop = world.installations()["shop1"].id
    assert shop is not None
    world.load(PROGRAMME)
    merchant = Merchant(world.app.database, world.app.workspace_id, (shop, shop))
    ada, now = merchant.member("ada", tier="gold"), world.clock()
    for days in (40, 3):
        merchant.order(ada, now - timedelta(days=days), 10_000)
        merchant.earns(ada, now, 600, expires_at=now + timedelta(days=400 - days))


def test_from_a_chart_to_the_member(windows: Callable[..., Window]) -> None:
    window = windows()
    live(window)
    page = window.sign_in()
    page.goto("/")
    drawn = page.get_by_role("img", name="Most points")
    expect(drawn).to_be_visible()
    blank = "canvas => canvas.toDataURL() === Object.assign(document.createElement('canvas'), \
        {width: canvas.width, height: canvas.height}).toDataURL()"
    assert drawn.evaluate(blank) is False
    assert window.barriers() == []
    page.get_by_role("link", name="12 months").click()
    expect(page.get_by_role("link", name="12 months")).to_have_attribute("aria-current", "true")
    behind = page.get_by_role("figure").filter(has=page.get_by_role("img", name="Most points"))
    behind.get_by_text("Show as a table").click()
    behind.get_by_role("link", name="ada@example.com").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ada@example.com")


def test_from_a_report_to_its_file(windows: Callable[..., Window]) -> None:
    window = windows(390, "dark")
    live(window)
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_text("€12.00").first).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert download.value.suggested_filename.startswith("liability-")
    assert len(text.splitlines()) == 3 and ",600," in text


def test_a_brand_that_members_can_read(windows: Callable[..., Window]) -> None:
    window = windows()
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("link", name="Branding").click()
    page.get_by_label("Name of the programme").fill("Acme Circle")
    page.get_by_label("Colour of links and buttons").fill("#ffcc00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is the nearest shade that has it")).to_be_visible()
    window.faults.clear()  # the browser's word for a form that is refused
    expect(page.get_by_label("Name of the programme")).to_have_value("Acme Circle")
    assert window.barriers() == []
    page.get_by_label("Colour of links and buttons").fill("#b00020")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_label("PNG, at most 200 kB").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": png(60, 16)}
    )
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("The logo is in place.")).to_be_visible()
    assert window.barriers() == []
