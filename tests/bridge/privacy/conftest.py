from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "vouchers"))
sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[1] / "points"))

from eve import Eve

from bridge.db import Database


@pytest.fixture
def eve(database: Database, tmp_path: Path) -> Eve:
    """On both kinds of database: where statements or locks matter."""
    return Eve(database, tmp_path)


@pytest.fixture
def one_eve(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Eve:
    return Eve(open_database(sqlite_url), tmp_path)
