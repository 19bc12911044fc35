from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))
sys.path.insert(0, str(Path(__file__).parents[1] / "points"))

from voucher_world import VoucherWorld

from bridge.db import Database


@pytest.fixture
def shops(database: Database) -> VoucherWorld:
    return VoucherWorld(database)
