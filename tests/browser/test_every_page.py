"""Each page of the menu, as an owner sees it: for every eye, on a telephone, in the dark, in every
language, without a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import url_for
from sqlmodel import update
from window import Window

from bridge.languages.catalogues import PSEUDO
from bridge.users.models import User
from bridge.web.admin.navigation import MENU, SETTINGS
from bridge.web.admin.registering import routes

PAGES = [*(entry.page for entry in (*MENU, *SETTINGS)), "programme_templates", "fleet"]
NO_PAGES = {
    *("front", "sign_in", "second_factor", "to_service", "back_from_service"),
    *("programme_file", "liability_file", "logo_file", "sample_letter", "letter_text_frame"),
}
"""What sends on, is a file, or is for who is not signed in."""
NEED_A_PROGRAMME = {"new_group", "new_price_list", "programme_differences"}
OF_A_STORE = ("one_store", "store_settings", "store_links", "removing_store")


def every_page() -> dict[str, dict[str, int]]:
    """Each page that opens without anything being chosen, and those of a store; what it needs."""
    alone = (
        one.name
        for one in routes()
        if one.method == "GET" and "<" not in one.rule.replace("<workspace>", "")
    )
    return {name: {} for name in alone if name not in NO_PAGES | NEED_A_PROGRAMME} | {
        name: {"store_id": 1} for name in OF_A_STORE
    }


def address(window: Window, page: str, **told: int) -> str:
    with window.office.app.test_request_context():
        return url_for(f"admin.{page}", workspace="acme", **told)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_too_wide(windows: Callable[..., Window], scheme: str) -> None:
    window = windows(390, scheme)
    page = window.sign_in()
    for name in PAGES:
        page.goto(address(window, name))
        assert window.barriers() == [], name
        assert window.too_wide() == [], name


@pytest.mark.long
def test_every_text_can_be_translated(windows: Callable[..., Window]) -> None:
    """In the pseudo-language each text stands in brackets: one that does not is not translated."""
    window = windows()
    page = window.sign_in()
    with window.office.application.database.writing() as session:
        session.exec(update(User).values(language=PSEUDO))
    for name, told in every_page().items():
        page.goto(address(window, name, **told))
        assert page.evaluate(_PLAIN) == [], name


_PLAIN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const plain = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("script, style, code, [data-told]")) continue;
    const text = node.textContent.trim();
    if (/[A-Za-z]{3}/.test(text) && !text.startsWith("[")) plain.push(text);
  }
  return plain;
}"""
"""``data-told``: names, addresses and other things that people and shops say."""
