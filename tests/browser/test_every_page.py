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

PAGES = [*(entry.page for entry in (*MENU, *SETTINGS)), "programme_templates", "fleet"]


def address(window: Window, page: str) -> str:
    with window.office.app.test_request_context():
        return url_for(f"admin.{page}", workspace="acme")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_too_wide(windows: Callable[..., Window], scheme: str) -> None:
    window = windows(390, scheme)
    page = window.sign_in()
    for name in PAGES:
        page.goto(address(window, name))
        assert window.barriers() == [], name
        assert window.too_wide() == [], name


def test_every_text_can_be_translated(windows: Callable[..., Window]) -> None:
    """In the pseudo-language each text stands in brackets: one that does not is not translated."""
    window = windows()
    page = window.sign_in()
    with window.office.application.database.writing() as session:
        session.exec(update(User).values(language=PSEUDO))
    for name in PAGES:
        page.goto(address(window, name))
        found = page.evaluate(_PLAIN)
        assert found == [], name


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
