"""`terms`: shown, switched on for a store, published, taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from toyshop import Style, World
from toyshop.content import edit_page
from toyshop.world import KEY

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database

from .conftest import Cli

BASE = {
    "programme": "Bean Club",
    "currency": "EUR",
    "groups": {"g": {"name": "G", "base": "General"}},
}


@pytest.fixture
def world(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    for name, value in {"DATABASE_URL": sqlite_url, "HOME": str(tmp_path), "KEYS": KEY}.items():
        monkeypatch.setenv(f"LOYALTY_BRIDGE_{name}", value)
    monkeypatch.setenv("LOYALTY_BRIDGE_WORKSPACE", "acme")
    found = World(open_database(sqlite_url), tmp_path)
    monkeypatch.setattr(Application, "open", lambda settings: found.app)
    monkeypatch.setattr(Application, "close", lambda app: None)
    found.open(Style.NUMBERED, "berlin")
    found.load({**BASE, "points": {"rules": {"base": {"per_order": 5}}}})
    found.pull()
    return found


def test_the_terms_are_shown_and_put_into_a_store(world: World, tmp_path: Path) -> None:
    cli = Cli(tmp_path, CliRunner())
    assert "5 Punkte für jede Bestellung." in cli.ok("terms", "show", "--language", "de")
    assert cli.ok("terms", "show", "--html").startswith('<div class="loyalty-terms"')
    assert "No shop shows the terms" in cli.ok("terms", "list")
    assert "There are: berlin/main" in cli("terms", "settings", "--on", "berlin/north").output
    cli.ok("terms", "settings", "--on", "berlin/main", "--url-key", "club")
    assert "1 page written" in cli.ok("terms", "publish")
    assert cli.json("terms", "list")[0]["address"] == "https://toy.example/club"
    edit_page(world.shop, "<p>Mine.</p>")
    left = cli("terms", "publish")
    assert left.exit_code == 1
    assert "Take it over" in left.output
    assert "1 page written" in cli.ok("terms", "publish", "--take-over")
    (page,) = world.shop.pages.values()
    assert "5 points for each order." in page.text.html
    cli.ok("terms", "settings", "--off", "berlin/main")
    assert "1 switched off" in cli.ok("terms", "publish")
