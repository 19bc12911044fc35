"""Makes ``merchants`` importable, and gives each test a merchant of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from merchants import Merchant, merchant_in

from bridge.db import Database


@pytest.fixture
def merchant(database: Database) -> Merchant:
    return merchant_in(database)
