from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bridge" / "points"))

from vouchers.counter import Counter


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    """``counters(members, database_url)``: both shops, and a bridge whose members have points."""
    made: list[Counter] = []

    def begin(members: int, database_url: str | None = None) -> Counter:
        made.append(Counter.open(members, tmp_path / "home", database_url))
        return made[-1]

    yield begin
    for one in made:
        one.close()
