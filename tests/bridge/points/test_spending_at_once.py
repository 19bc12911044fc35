"""Points cannot be spent twice, however many threads and processes ask at once.

The processes are real ones (see ``spender.py``); each spends until it is refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import forked
import pytest
from sound_book import NOON, assert_sound
from sqlalchemy import text

from bridge.db import Database
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Holder
from bridge.workspaces.models import Workspace

SPENDER = Path(__file__).with_name("spender.py")
REPOSITORY = Path(__file__).parents[3]
PROCESSES = 4
LONGEST = 120.0
COST = 7
LOTS = (5, 200, 1, 313, 6, 13, 462)
"""Points of each; the cost divides neither them nor their sum, so that spends cross lots."""
BALANCE = sum(LOTS)
MEMBER = 1
Came = list[dict[str, int]]


@pytest.mark.parametrize("threads", [1, 4])
def test_processes_spend_all_there_is_and_not_a_point_more_on_sqlite(
    sqlite_url: str, threads: int, spend_at_once: Callable[..., Came]
) -> None:
    came = spend_at_once(sqlite_url, threads, names=[f"p{n}" for n in range(PROCESSES)])
    assert sum(one["spent"] for one in came) == BALANCE // COST
    assert sum(one["refused"] for one in came) == PROCESSES * threads


def test_threads_and_processes_spend_all_there_is_on_postgresql(
    postgresql_url: str, spend_at_once: Callable[..., Came]
) -> None:
    came = spend_at_once(postgresql_url, 16, names=[f"p{n}" for n in range(PROCESSES)])
    assert sum(one["spent"] for one in came) == BALANCE // COST
    assert sum(one["refused"] for one in came) == PROCESSES * 16


def test_a_cause_that_several_processes_tell_is_spent_once(
    database_url: str, spend_at_once: Callable[..., Came]
) -> None:
    came = spend_at_once(database_url, 2, names=["same"] * PROCESSES, times=20)
    assert sum(one["spent"] for one in came) == 2 * 20
    assert sum(one["known"] for one in came) == 2 * 20 * (PROCESSES - 1)
    assert sum(one["refused"] for one in came) == 0


@pytest.fixture
def spend_at_once(
    open_database: Callable[[str], Database],
) -> Callable[..., Came]:
    """Processes (one for each name) begin together; what came of each. The book is sound
    afterwards, and says the same as they do."""

    def go(url: str, threads: int, *, names: Sequence[str], times: int = BALANCE) -> Came:
        database = open_database(url)
        workspace = _with_points(database)
        errands = [
            {
                "url": url,
                "workspace": workspace,
                "member": MEMBER,
                "cost": COST,
                "now": NOON.isoformat(),
                "name": name,
                "threads": threads,
                "times": times,
            }
            for name in names
        ]
        came = _all_at_once(errands)
        _assert_the_book_agrees(database, workspace, sum(one["spent"] for one in came))
        return came

    return go


def _with_points(database: Database) -> int:
    """A workspace with one member, whose lots expire in another order than they were earned."""
    with database.writing() as session:
        workspace = Workspace(key="spending", created_at=NOON)
        session.add(workspace)
        session.flush()
        assert workspace.id is not None
        book = Book(session, workspace.id, NOON)
        key = (Holder.MEMBER, MEMBER)
        account = book.open([key])[key]
        for place, points in enumerate(LOTS):
            lot = book.new_lot(
                account,
                (0, "import", str(place), ""),
                NOON,
                expires_at=NOON + timedelta(days=100 - 10 * place) if place % 3 else None,
                is_ripe=True,
            )
            earn(book, account, lot, points, Cause("import", str(place), NOON))
        book.write()
        return workspace.id


def _all_at_once(errands: Sequence[dict[str, object]]) -> Came:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    processes = [
        forked.Popen(
            [sys.executable, str(SPENDER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in errands
    ]
    try:
        for process, errand in zip(processes, errands, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(errand) + "\n")
            process.stdin.flush()
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate(timeout=LONGEST)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _assert_the_book_agrees(database: Database, workspace: int, spent: int) -> None:
    assert_sound(database, workspace)
    with database.reading() as session:
        connection = session.connection()
        left = connection.execute(
            text("SELECT available FROM accounts WHERE workspace_id = :w"), {"w": workspace}
        ).scalar_one()
        causes = connection.execute(
            text(
                "SELECT source_id, sum(points) AS points FROM entries"
                " WHERE workspace_id = :w AND effect = 'spend' GROUP BY source_id"
            ),
            {"w": workspace},
        ).all()
    assert left == BALANCE - spent * COST
    assert len(causes) == spent
    assert {row.points for row in causes} == {COST}
