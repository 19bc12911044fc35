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
def world(database: Database, tmp_path: Path) -> ReferralWorld:
    found = ReferralWorld(database, tmp_path)
    found.programme()
    return found


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def check_book(world: ReferralWorld) -> Callable[[], None]:
    from sound_book import assert_sound

    return lambda: assert_sound(world.database, world.workspace)
