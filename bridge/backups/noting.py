"""When the last backup was made, for the staff of every workspace: it held theirs, too."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bridge.audit.models import AuditEntry
from bridge.audit.service import Actor, Subject, entries, record
from bridge.backups.making import Made
from bridge.workspaces.service import workspace_ids

KIND = "backup"


def note(session: Session, made: Made, actor: Actor, now: datetime) -> None:
    """Without the file's name: clients of an agency need not know each other."""
    told = {"bytes": made.size, "with_keys": made.contents.has_keys}
    for workspace_id in workspace_ids(session):
        record(
            session,
            workspace_id,
            actor,
            "backup.made",
            Subject(KIND, "database", "database"),
            now,
            after=told,
        )


def last(session: Session, workspace_id: int) -> AuditEntry | None:
    return next(iter(entries(session, workspace_id, kind=KIND, limit=1)), None)


def size(session: Session) -> int:
    """Of the whole database now, in bytes."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        asked = "SELECT pg_database_size(current_database())"
        return int(connection.exec_driver_sql(asked).scalar_one())
    pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    return pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
