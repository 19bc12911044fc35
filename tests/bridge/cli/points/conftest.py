"""A merchant with a book, and the command line that looks into it at his time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[2] / "points"))

from counter import Counter
from ledger_world import LedgerWorld
from sound_book import assert_sound

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database


@pytest.fixture
def world(database: Database) -> LedgerWorld:
    """Two shops, north and south, and one point a euro, net."""
    world = LedgerWorld(database)
    world.programme(
        {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}}, timezone="Europe/Berlin"
    )
    return world


@pytest.fixture
def counter(
    world: LedgerWorld, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Counter:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", database_url)
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(tmp_path))
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=lambda: world.now)),
    )
    return Counter(world)


@pytest.fixture
def check_book(world: LedgerWorld) -> Callable[[], None]:
    return lambda: assert_sound(world.database, world.workspace)
