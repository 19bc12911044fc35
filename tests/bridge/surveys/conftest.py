from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "letters"))
sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from mail_server import MailServer
from survey_world import SurveyWorld

from bridge.db import Database


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def world(
    sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path, mail: MailServer
) -> SurveyWorld:
    """On SQLite: what is said here is the same on every database."""
    return SurveyWorld(open_database(sqlite_url), tmp_path, mail.url)


@pytest.fixture
def anywhere(database: Database, tmp_path: Path, mail: MailServer) -> SurveyWorld:
    """On each database in turn."""
    return SurveyWorld(database, tmp_path, mail.url)
