"""A workspace of its own for each test."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sound_book import NOON, assert_sound

from bridge.db import Database
from bridge.workspaces.models import Workspace

_numbers = itertools.count(1)


@pytest.fixture
def new_workspace(database: Database) -> Callable[[], int]:
    def make() -> int:
        with database.writing() as session:
            workspace = Workspace(key=f"merchant-{next(_numbers)}", created_at=NOON)
            session.add(workspace)
            session.flush()
            assert workspace.id is not None
            return workspace.id

    return make


@pytest.fixture
def workspace(new_workspace: Callable[[], int]) -> int:
    return new_workspace()


@pytest.fixture
def check_book(database: Database) -> Callable[[int], None]:
    return lambda workspace_id: assert_sound(database, workspace_id)
