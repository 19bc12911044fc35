"""Members in front of their own pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from toyshop import Style, World

from bridge.db import Database

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "admin"))

from club import Club
from office import Office


@pytest.fixture
def club(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Club:
    """Pages are the same on every database; what they call is tested on both."""
    world = World(open_database(sqlite_url), tmp_path / "home")
    world.open(Style.NUMBERED)
    return Club(Office(world))
