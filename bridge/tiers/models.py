"""Who had which tier when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class TierChange(SQLModel, table=True):
    """A member's tier became another. Rows are only added."""

    __tablename__ = "tier_changes"
    __table_args__ = (Index("ix_tier_changes_at", "workspace_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id", index=True)
    before: str
    """The tier's key; empty: none."""
    after: str
    at: datetime = Field(sa_type=UtcDateTime)
