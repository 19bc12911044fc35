"""An owner writes a letter himself, looks at it in its frame, and keeps it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_text_is_seen_before_it_is_kept(
    windows: Callable[..., Window], width: int, scheme: str
) -> None:
    window = windows(width, scheme)
    page = window.sign_in()
    page.goto(f"/w/{window.office.application.workspace}/settings/letters/texts?kind=tier")
    letter = page.frame_locator("iframe")
    for words in ("Hooray from {programme}!", "Three cheers, {tier}!"):
        page.get_by_label("Before the facts").fill(words)
        page.get_by_role("button", name="Preview").click()
        expect(letter.get_by_text(words.partition("{")[0])).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(letter.get_by_text("Three cheers, Gold!")).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
