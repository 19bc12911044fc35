from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bridge" / "points"))

from points.merchant import Bridge, Shops


@pytest.fixture
def shops() -> Iterator[Shops]:
    both = Shops.open()
    yield both
    both.close()


@pytest.fixture
def bridges(shops: Shops, tmp_path: Path) -> Iterator[Callable[..., tuple[Bridge, Bridge]]]:
    """``bridges(database_url)``: one to be left alone and one to be killed, of the same shops.
    The second uses the database."""
    made: list[Bridge] = []

    def begin(database_url: str | None) -> tuple[Bridge, Bridge]:
        calm = Bridge.set_up(shops, tmp_path / "calm")
        made.append(calm)
        if database_url is None:
            made.append(calm.copy(tmp_path / "killed"))
        else:
            made.append(Bridge.set_up(shops, tmp_path / "killed", database_url))
        return made[0], made[1]

    yield begin
    for one in made:
        one.ledger.close()
