from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[1] / "points"))

from ledger_world import LedgerWorld

from bridge.db import Database


@pytest.fixture
def ledger(database: Database) -> LedgerWorld:
    return LedgerWorld(database)


@pytest.fixture
def check_book(ledger: LedgerWorld) -> Callable[[], None]:
    from sound_book import assert_sound

    return lambda: assert_sound(ledger.database, ledger.workspace)
