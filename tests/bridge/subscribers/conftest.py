from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from receiver import Receiver
from subscriber_world import SubscriberWorld

from bridge.db import Database


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Opens receivers on this machine."""
    made: list[Receiver] = []

    def open_one() -> Receiver:
        made.append(Receiver())
        return made[-1]

    yield open_one
    for one in made:
        one.close()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    return receivers()


@pytest.fixture
def world(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path
) -> SubscriberWorld:
    """On SQLite: what is said here is the same on every database."""
    return SubscriberWorld(open_database(sqlite_url), tmp_path)


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> SubscriberWorld:
    """On each database in turn."""
    return SubscriberWorld(database, tmp_path)
