"""What people changed. Rows are only added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "workspace_id", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entries_workspace", "workspace_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    at: datetime = Field(sa_type=UtcDateTime)
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """``None``: by command, or by the bridge itself."""
    actor: str
    """His name and address at that time, or the account that ran the command."""
    action: str
    """Like ``points.adjusted``: what was done."""
    subject_kind: str
    subject_id: str
    subject: str
    """As a person names it."""
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    address: str = ""
    """The network address it came from."""
