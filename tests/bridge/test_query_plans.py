"""On SQLite a batch is read by its ids, and never by looking at all of a merchant's rows: else the
work grows with the square of what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from bridge.db import Database
from bridge.migrations import migrate

WHOLE = (
    "(workspace_id=?)",
    "(workspace_id=? AND holder=?)",
    "(workspace_id=? AND state=?)",
    "SCAN ",
)
"""How a plan says that it looks through everything of a merchant."""
BY_IDS = {
    "inbox": "SELECT content FROM inbox WHERE workspace_id = 1 AND id IN ({ids})",
    "inbox, writing": "UPDATE inbox SET state = 'handled' WHERE workspace_id = 1 AND id IN ({ids})",
    "inbox, versions": "SELECT id FROM inbox WHERE workspace_id = 1 AND state <> 'unread'"
    " AND installation_id = 1 AND resource = 'order' AND entity_id IN ({ids})",
    "orders": "SELECT member_id FROM orders WHERE workspace_id = 1 AND installation_id = 1"
    " AND order_id IN ({ids}) AND member_id IS NOT NULL",
    "accounts": "SELECT id FROM accounts WHERE workspace_id = 1 AND id IN ({ids}) ORDER BY id",
    "accounts of holders": "SELECT id FROM accounts WHERE workspace_id = 1"
    " AND holder = 'member' AND holder_id IN ({ids})",
    "lots": "SELECT id FROM lots WHERE workspace_id = 1 AND id IN ({ids})",
    "lots of accounts": "SELECT id FROM lots WHERE workspace_id = 1 AND account_id IN ({ids})",
    "entries of sources": "SELECT sum(points) FROM entries WHERE workspace_id = 1"
    " AND installation_id = 1 AND source_kind = 'order' AND source_id IN ({ids})"
    " AND effect IN ('earn')",
    "customers": "SELECT member_id FROM member_customers WHERE workspace_id = 1"
    " AND installation_id = 1 AND customer_id IN ({ids})",
    "members": "SELECT tier FROM members WHERE workspace_id = 1 AND id IN ({ids})",
    "segments": "SELECT segment FROM member_segments WHERE workspace_id = 1"
    " AND member_id IN ({ids})",
    "signal": "SELECT id FROM signals WHERE workspace_id = 1 AND installation_id = 1"
    " AND event_id IN ({ids})",
    "deliveries": "SELECT id FROM deliveries WHERE workspace_id = 1 AND id IN ({ids})",
}


@pytest.mark.parametrize("what", BY_IDS)
@pytest.mark.parametrize("count", [1, 50, 500])
def test_rows_are_found_by_their_ids(
    sqlite_url: str, open_database: Callable[[str], Database], what: str, count: int
) -> None:
    ids = ", ".join(f"'{number}'" for number in range(count))
    statement = f"EXPLAIN QUERY PLAN {BY_IDS[what].format(ids=ids)}"
    with open_database(sqlite_url).reading() as session:
        plan = [row[3] for row in session.connection().execute(text(statement))]
    assert plan
    assert not [step for step in plan if any(part in step for part in WHOLE)], plan


def test_migrating_again_leaves_the_planner_as_it_is(
    sqlite_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(sqlite_url)
    before = _statistics(database)
    migrate(database)
    assert _statistics(database) == before
    assert len(before) > 50


def test_nothing_is_told_to_postgresql(
    postgresql_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(postgresql_url)
    said: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: said.append(statement),
    )
    migrate(database)
    assert said
    assert not [one for one in said if "sqlite" in one]


def _statistics(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        rows = session.connection().execute(text("SELECT tbl, idx, stat FROM sqlite_stat1"))
        return sorted(tuple(map(str, row)) for row in rows)
