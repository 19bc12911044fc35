from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "points"))

from mail_server import MailServer
from referral_world import ReferralWorld

from bridge.db import Database


@pytest.fixture
def world(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path
) -> ReferralWorld:
    """On SQLite: what is said here is the same on every database."""
    found = ReferralWorld(open_database(sqlite_url), tmp_path)
    found.programme()
    return found


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> ReferralWorld:
    """On each database in turn."""
    found = ReferralWorld(database, tmp_path)
    found.programme()
    return found


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def check_book() -> Callable[[ReferralWorld], None]:
    from sound_book import assert_sound

    return lambda world: assert_sound(world.database, world.workspace)
