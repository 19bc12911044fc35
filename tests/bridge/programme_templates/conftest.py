from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from toyshop import World

sys.path.insert(0, str(Path(__file__).parents[1] / "web" / "admin"))

from agency import Agency

from bridge.db import Database


@pytest.fixture
def agency(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Agency:
    """What asks the database is tried on both by the commands' tests."""
    return Agency(World(open_database(sqlite_url), tmp_path / "home").app)
