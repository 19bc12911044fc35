"""A workspace of its own for each test, and a look at the book that shares no code with it."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bridge.db import Database
from bridge.workspaces.models import Workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
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


def assert_sound(database: Database, workspace_id: int) -> None:
    """Accounts and lots are exactly what their entries add up to; nothing is negative."""
    with database.reading() as session:
        entries = (
            session.connection()
            .execute(
                text(
                    "SELECT account_id, lot_id, debit, credit, points FROM entries"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
        accounts = (
            session.connection()
            .execute(
                text(
                    "SELECT id, pending, available, reserved, debt FROM accounts"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
        lots = (
            session.connection()
            .execute(
                text(
                    "SELECT id, account_id, pending, available, reserved FROM lots"
                    " WHERE workspace_id = :w"
                ),
                {"w": workspace_id},
            )
            .all()
        )
    by_account: dict[int, Counter[str]] = defaultdict(Counter)
    by_lot: dict[int, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    for account_id, lot_id, debit, credit, points in entries:
        assert points > 0
        for place, change in ((debit, -points), (credit, points)):
            by_account[account_id][place] += change
            by_lot[lot_id][place] += change
            whole[place] += change
    assert sum(whole.values()) == 0
    assert whole["moved"] == 0
    in_lots: dict[int, Counter[str]] = defaultdict(Counter)
    for lot_id, account_id, *held in lots:
        for place, points in zip(("pending", "available", "reserved"), held, strict=True):
            assert points == by_lot[lot_id][place] >= 0
            in_lots[account_id][place] += points
    for account_id, pending, available, reserved, debt in accounts:
        summed = by_account[account_id]
        assert (pending, available, reserved) == (
            summed["pending"],
            summed["available"],
            summed["reserved"],
        )
        assert debt == -summed["debt"] >= 0
        for place, points in (("pending", pending), ("available", available)):
            assert points == in_lots[account_id][place]
        assert not (debt and available), "debt is paid before anything is available"
