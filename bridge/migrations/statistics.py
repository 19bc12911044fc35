"""What SQLite's planner is told about the tables.

Without statistics it takes any column of an index for selective, ``workspace_id`` too, and reads
all of a merchant's rows where it could look fifty up by their ids: work that grows with the
square of what there is. Statistics of its own (``ANALYZE``) come too late, after the first large
import. So it is told how a large merchant's tables look. SQLite documents this use of the table
``sqlite_stat1`` ("Manual Control Of Query Plans Using SQLITE_STAT Tables").
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, text

ROWS = 1_000_000
"""Of every table."""
FEW = 10
"""Rows for one value of a column that tells rows apart."""
BROAD = {
    "workspace_id": 1,
    "installation_id": 2,
    "resource": 3,
    "state": 3,
    "kind": 3,
    "holder": 2,
    "source_kind": 3,
    "is_decided": 2,
    "push_due": 2,
}
"""Columns that do not tell rows apart, and how many different values they have."""


def tell_the_planner(connection: Connection, metadata: MetaData) -> None:
    """Repeatable; nothing happens on other databases."""
    if connection.dialect.name != "sqlite":
        return
    # Makes the table of statistics where there is none; it is about an index that is always there.
    connection.execute(text("ANALYZE alembic_version"))
    connection.execute(text("DELETE FROM sqlite_stat1"))
    for table in sorted(metadata.tables):
        for index, stat in _statistics(connection, table):
            connection.execute(
                text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"),
                {"tbl": table, "idx": index, "stat": stat},
            )
    connection.execute(text("ANALYZE sqlite_schema"))  # reads them into the open connection


def _statistics(connection: Connection, table: str) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = [(None, str(ROWS))]
    for _, index, is_unique, _, _ in connection.execute(
        text('SELECT seq, name, "unique", origin, partial FROM pragma_index_list(:table)'),
        {"table": table},
    ).all():
        columns = connection.execute(
            text("SELECT name FROM pragma_index_info(:index) ORDER BY seqno"), {"index": index}
        ).scalars()
        found.append((index, _index_statistics(list(columns), is_unique=bool(is_unique))))
    return found


def _index_statistics(columns: Sequence[str], *, is_unique: bool) -> str:
    """The rows of the table, then how many share their values of the first column, of the first
    two, and so on."""
    numbers, left = [ROWS], ROWS
    for place, column in enumerate(columns, 1):
        left = max(left // BROAD[column], 1) if column in BROAD else min(left, FEW)
        numbers.append(1 if is_unique and place == len(columns) else left)
    return " ".join(map(str, numbers))
