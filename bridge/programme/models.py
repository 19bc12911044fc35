"""Versions of a workspace's programme. A version never changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ProgrammeVersion(SQLModel, table=True):
    __tablename__ = "programme_versions"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    number: int
    digest: str
    document: str
    """Canonical text, self-contained (see :mod:`bridge.programme`)."""
    problems: str = "[]"
    """Rows that were left out when it was loaded, as JSON."""
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = ""
    """Who made it in the web app; empty: it came by `program load`."""
    why: str = ""
    """In his words."""
    source: str = ""
    """The text it was read from, with its remarks, where that is complete in itself; empty: it
    was put together in a form, or from several files."""
