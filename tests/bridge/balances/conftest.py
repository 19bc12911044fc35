from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parent))

from ledger_world import LedgerWorld

from bridge.db import Database


@pytest.fixture
def ledger(database: Database) -> LedgerWorld:
    return LedgerWorld(database)
