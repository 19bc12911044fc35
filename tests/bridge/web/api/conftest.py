"""A merchant with a programme, a shop and a member with points; programs with tokens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toyshop import Style, World

from bridge.db import Database

sys.path.insert(0, str(Path(__file__).parent))

from caller import Merchant


@pytest.fixture
def merchant(database: Database, tmp_path: Path) -> Merchant:
    world = World(database, tmp_path / "home")
    world.open(Style.NUMBERED)
    return Merchant(world)
