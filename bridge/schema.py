"""Whether a database is ready for this version of the code."""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

import bridge.migrations
from bridge.db import Database


class SchemaState(Enum):
    MISSING = "missing"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    """Made by a newer version of the bridge than this one."""


def schema_state(database: Database) -> SchemaState:
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
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
    """Of this version of the code, the newest first."""
    scripts = ScriptDirectory(str(Path(bridge.migrations.__file__).parent))
    return tuple(script.revision for script in scripts.walk_revisions())


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; ``None`` for one in memory and for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))
