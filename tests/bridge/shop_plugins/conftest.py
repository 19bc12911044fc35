"""Makes ``plugged`` importable, and gives each test a shop that can have a plugin."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toyshop import World

sys.path.insert(0, str(Path(__file__).parent))

from plugged import Plugged, plugged

from bridge.db import Database

BRIDGE = "https://bridge.example"


Opened = Callable[[str], Database]


def _made(database: Database, home: Path, *, registers: bool = False) -> Iterator[Plugged]:
    made = plugged(World(database, home), registers=registers)
    made.reach(BRIDGE)
    yield made
    made.bench.close()


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> Iterator[Plugged]:
    yield from _made(database, tmp_path / "home")


@pytest.fixture
def plug(sqlite_url: str, open_database: Opened, tmp_path: Path) -> Iterator[Plugged]:
    yield from _made(open_database(sqlite_url), tmp_path / "home")


@pytest.fixture
def app_shop(sqlite_url: str, open_database: Opened, tmp_path: Path) -> Iterator[Plugged]:
    yield from _made(open_database(sqlite_url), tmp_path / "home", registers=True)
