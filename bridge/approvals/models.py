"""Changes that wait for a second person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class WaitingState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    """And done, in the same unit of work."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """By who asked for it."""


class WaitingChange(SQLModel, table=True):
    __tablename__ = "waiting_changes"
    __table_args__ = (
        CheckConstraint(
            "state IN ({})".format(", ".join(f"'{state}'" for state in WaitingState)), name="state"
        ),
        Index("ix_waiting_changes_state", "workspace_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    action: str
    """Like ``points.adjust``: which service does it."""
    subject_kind: str
    subject_id: str
    subject: str
    """As a person names it."""
    arguments: dict[str, Any] = Field(sa_type=JSON)
    """What the service is given: it does the same on the day of the decision, or says why not."""
    limit: str
    """Which limit it is above, in words."""
    state: str = WaitingState.WAITING.value
    asked_by: int = Field(foreign_key="users.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="users.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = ""
    """What who decided says to who asked."""
