"""Whether a database is ready for this version of the code.

Every command asks. So the answer is read here from the table and from the names of the
migrations' files: Alembic, imported for it, made every command a fifth slower.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from bridge.db import Database


class SchemaState(Enum):
    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    """Made by a newer version of the bridge than this one."""


def schema_state(database: Database) -> SchemaState:
    with database.engine.connect() as connection:
        revision = None
        if inspect(connection).has_table("alembic_version"):
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.rollback()
    return state_of(revision)


def state_of(revision: str | None) -> SchemaState:
    """Of a database whose last migration was this one."""
    if revision is None:
        return SchemaState.MISSING
    known = revisions()
    if revision == known[0]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in known else SchemaState.NEWER


@cache
def revisions() -> tuple[str, ...]:
    """Of this version of the code, by number, the newest first."""
    files = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    return tuple(sorted((path.name.partition("_")[0] for path in files), reverse=True))


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; ``None`` for one in memory and for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))
