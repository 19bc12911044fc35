"""An owner makes a token, copies it while it is shown, and shuts a program out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_token_is_made_and_revoked(
    windows: Callable[..., Window], width: int, scheme: str
) -> None:
    window = windows(width, scheme)
    page = window.sign_in()
    page.goto(f"/w/{window.office.application.workspace}/settings/tokens")
    page.get_by_label("Name").fill("Till")
    page.get_by_label("Give and take points").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_text("This is the token of Till.")).to_be_visible()
    expect(page.get_by_text(re.compile("^lbt_"))).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Till opens nothing any more.")).to_be_visible()
    assert [*window.barriers(), *window.too_wide()] == []
