"""A merchant with two toy shops, a member with points, and the command line over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from toyshop import Style, ToyShop, World
from toyshop.world import KEY

import bridge.application
from bridge.application import Application
from bridge.cli import main
from bridge.config import Settings
from bridge.db import Database

MIA = "mia@example.com"


@dataclass
class Desk:
    """``north`` counts uses as Magento does and ``south`` as Shopware; Mia has 1,000 points."""

    world: World

    def __call__(self, *args: str) -> Result:
        return CliRunner().invoke(main, args)

    def ok(self, *args: str) -> str:
        result = self(*args)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self(*args, "--json").stdout)

    def error(self, *args: str) -> str:
        """The one line of a command that fails."""
        result = self(*args)
        assert result.exit_code == 1, result.output
        (line,) = result.stderr.splitlines()
        return line

    def points(self) -> tuple[int, int]:
        shown = self.json("points", "show", MIA)
        return shown["available"], shown["reserved"]

    def codes(self, name: str) -> set[str]:
        return {one.code for one in self.shop(name).codes.values()}

    def shop(self, name: str) -> ToyShop:
        return self.world.addresses[f"https://{name}.acme.example"]


@pytest.fixture
def desk(
    open_database: Callable[[str], Database],
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Desk:
    # One kind is enough: what commands call is tried on both.
    world = World(open_database(sqlite_url), tmp_path / "home")
    for style, name in ((Style.NUMBERED, "north"), (Style.RULED, "south")):
        shop = world.open(style, name)
        shop.stores = (replace(shop.stores[0], code=name[0]),)
    for field in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{field.upper()}", raising=False)
    for field, value in (
        ("DATABASE_URL", sqlite_url),
        ("HOME", str(tmp_path / "home")),
        ("KEYS", KEY),
        ("WORKSPACE", "acme"),
    ):
        monkeypatch.setenv(f"LOYALTY_BRIDGE_{field}", value)
    found = world.app.platforms
    monkeypatch.setattr(bridge.application, "platforms", lambda: found)
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=world.clock)),
    )
    world.load(
        {
            "programme": "Acme",
            "currency": "EUR",
            "redemption": {"rate": {"points": 100, "amount": 1}, "step": 1},
        }
    )
    made = Desk(world)
    made.ok("work", "--once")
    made.ok("points", "adjust", MIA, "+1000", "--reason", "Hello", "--yes")
    return made
