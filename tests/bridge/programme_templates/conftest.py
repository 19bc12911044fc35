from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from toyshop import World

sys.path.insert(0, str(Path(__file__).parents[1] / "web" / "admin"))

from agency import Agency


@pytest.fixture
def agency(worlds: Callable[..., World]) -> Agency:
    return Agency(worlds().app)
