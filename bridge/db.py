"""The database: short transactions, one writer a process on SQLite, the same code on PostgreSQL.

A unit of work is opened at the edge (a command, a request, a batch) and committed there and
nowhere else. No unit of work holds a call to a shop.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

BUSY_TIMEOUT_MS = 30_000
"""How long another process may hold SQLite's write lock before a writer here gives up."""


class Database:
    """One database. Share it between threads; open units of work from any of them."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._writing_engine = self.engine.execution_options(writes=True)
        self._writer = threading.RLock() if self.is_sqlite else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A unit of work that may write: commits at the end, rolls back on an error.

        On SQLite it takes the write lock at once (``BEGIN IMMEDIATE``), so that it never fails
        half-way on a lock another writer took meanwhile.
        """
        with (
            self._writer,
            Session(self._writing_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # a session begins lazily, with its first statement
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A unit of work that only reads: one consistent view, never committed.

        What was read stays usable afterwards: closing, unlike a rollback, expires nothing.
        """
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A bare connection in a writing transaction, for migrations."""
        with self._writer, self._writing_engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def upsert(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows, or updates those whose primary key is there. Every row has the same fields."""
    if not rows:
        return
    statement = _upsert_of(table, session.get_bind().dialect.name, tuple(rows[0]))
    # Through the connection: the unit of work would build an object for each row.
    session.connection().execute(statement, list(rows))


@lru_cache(maxsize=256)
def _upsert_of(table: type[SQLModel], dialect: str, fields: tuple[str, ...]) -> Any:
    """Built once: for a wide table that takes longer than writing a few rows."""
    model = inspect(table)
    keys = [column.name for column in model.primary_key]
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement: Any = insert(table)
    changed = {name: statement.excluded[name] for name in fields if name not in keys}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def insert_or_ignore(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    unique: Sequence[str] = (),
) -> None:
    """Inserts rows; one whose ``unique`` fields are there already is left as it is. A table where
    the same row is unique in two ways takes none: PostgreSQL then lets either decide."""
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).on_conflict_do_nothing(index_elements=list(unique) or None)
    session.connection().execute(statement, list(rows))


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
    )


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        hide_parameters=True,  # an error must not carry what a row says into a log
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling would start transactions late and never IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
