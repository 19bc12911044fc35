"""An owner adds words of his own, sees them in the preview, and puts the terms into a shop."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from people import PROGRAMME
from playwright.sync_api import expect
from window import Window


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_terms_are_written_and_shown_in_a_shop(
    windows: Callable[..., Window], width: int, scheme: str
) -> None:
    window = windows(width, scheme)
    window.office.world.load(PROGRAMME)
    window.office.world.pull()
    page = window.sign_in()
    page.goto(f"/w/{window.office.application.workspace}/settings/terms")
    page.get_by_label("Contact").fill("Write to [us](https://acme.example/help).")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("link", name="us", exact=True)).to_have_attribute(
        "href", "https://acme.example/help"
    )
    page.get_by_label(re.compile("/main$")).check()
    page.get_by_label("Address of the page").fill("our-club")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved. Pages in the shops follow within minutes.")).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
