"""Templates of programmes. One belongs to the workspace whose programme it was: who may not change
that one's programme does not see it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ProgrammeTemplate(SQLModel, table=True):
    __tablename__ = "programme_templates"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    about: str = ""
    sections: list[str] = Field(sa_type=JSON)
    """As a programme's file calls them, in its order; each says something."""
    version: int
    """The number of the programme's version it was made of."""
    document: str
    """Canonical text of a programme with these sections alone, and without people."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
