"""Erasing a member who asked for it: by visible labels only."""

from __future__ import annotations

from collections.abc import Callable

from office import Office
from people import People
from playwright.sync_api import expect
from window import Window

from bridge.privacy.erasing import ask


def test_a_request_is_carried_out(office: Office, windows: Callable[..., Window]) -> None:
    people = People(office)
    app = office.application
    with app.database.writing() as session:
        ask(session, app.workspace_id, people.ada, "member", app.now())
    window = windows(390, "dark")
    page = window.sign_in()
    page.goto("/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Privacy").click()
    assert window.barriers() == [] and window.too_wide() == []
    page.get_by_role("link", name="Carry it out").click()
    expect(page.get_by_text("He asked to be erased on")).to_be_visible()
    assert window.barriers() == [] and window.too_wide() == []
    with page.expect_download() as file:
        page.get_by_role("button", name="Download the file").click()
    assert file.value.suggested_filename == f"member-{people.ada}.zip"
    page.get_by_label("His number").fill(f"#{people.ada}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Erase him for good").click()
    expect(page.get_by_text("This member was erased on")).to_be_visible()
    assert window.barriers() == []
    expect(page.get_by_text("ada@example.com")).to_have_count(0)
