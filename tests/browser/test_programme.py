"""The programme in a browser: begun in a form, a rule added, the text mended; and work is looked
through."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from sqlmodel import update
from test_every_page import _PLAIN
from window import Window

from bridge.audit.service import Actor
from bridge.languages.catalogues import PSEUDO
from bridge.programme.editing import from_text, save
from bridge.users.models import User

TEXT = """\
programme: Acme
currency: EUR
points:
  rules:
    base: {per_amount: {points: 1, each: 1}}
tiers:
  silver: {name: Silver, reach: {spend: 1000}}
"""


def write(window: Window) -> None:
    app = window.office.application
    with app.database.writing() as session:
        draft = from_text(session, app.workspace_id, TEXT)
        save(session, app.workspace_id, draft, 0, Actor("Ada"), "", app.now())


def test_a_programme_is_begun_and_a_rule_added(windows: Callable[..., Window]) -> None:
    window = windows()
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("link", name="Programme", exact=True).click()
    page.get_by_role("link", name="Begin").click()
    page.get_by_label("Name", exact=True).fill("Acme Club")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 1")

    page.get_by_role("link", name="Add a way to earn").click()
    page.get_by_role("link", name="Points for money spent").click()
    page.get_by_label("Short name").fill("base")
    page.get_by_label("Points", exact=True).fill("1.5")
    page.get_by_label("for each").fill("10")
    page.get_by_text("For what").click()
    page.get_by_label("Categories").fill("Tools")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("1.5 points for each €10.00")
    expect(page.get_by_role("main")).to_contain_text("Categories: Tools")


def test_a_fault_in_the_text_is_gone_to(windows: Callable[..., Window]) -> None:
    window = windows()
    page = window.sign_in()
    write(window)
    page.goto("/w/acme/programme/text")
    page.get_by_label("The programme as YAML").fill(TEXT.replace("each: 1", "each: none"))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="5", exact=True).click()
    chosen = page.evaluate(
        "(() => { const area = document.activeElement;"
        " return area.value.slice(area.selectionStart, area.selectionEnd); })()"
    )
    assert chosen == "    base: {per_amount: {points: 1, each: none}}"
    window.faults.clear()  # the browser says that the form was refused


def test_a_preview_is_reckoned_while_one_waits(windows: Callable[..., Window]) -> None:
    window = windows()
    page = window.sign_in()
    write(window)
    page.goto("/w/acme/programme")
    page.get_by_role("link", name="Change base").click()
    page.get_by_label("Points", exact=True).fill("2")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What it would have cost")).to_be_visible()
    page.get_by_role("button", name="Save this change").click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 2")


def test_no_page_keeps_anybody_out(windows: Callable[..., Window]) -> None:
    window = windows(390, "dark")
    page = window.sign_in()
    write(window)
    paths = (
        "programme/sections/points",
        "programme/sections/rules",
        "programme/sections/rules/entries/base",
        "programme/sections/campaigns/new?kind=birthday",
        "programme/text",
        "programme/versions",
        "programme/versions/1",
        "programme/differences?before=1&after=1",
        "simulate",
        "work/inbox",
        "work/deliveries",
        "work/vouchers",
        "work/balances",
        "work/reconcile",
    )
    for path in paths:
        page.goto(f"/w/acme/{path}")
        assert window.barriers() == [], path
        assert window.too_wide() == [], path
    with window.office.application.database.writing() as session:
        session.exec(update(User).values(language=PSEUDO))
    for path in ("programme", *paths):
        page.goto(f"/w/acme/{path}")
        assert page.evaluate(_PLAIN) == [], path
