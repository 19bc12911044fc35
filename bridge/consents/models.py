"""What people agreed to, and took back. Rows are only added; the last one of a purpose counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Consent(SQLModel, table=True):
    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_member", "workspace_id", "member_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id")
    purpose: str
    """``membership``, ``letters`` (all of them), ``letters/expiring`` (one kind), ``terms``…"""
    is_given: bool
    """Given; else taken back."""
    at: datetime = Field(sa_type=UtcDateTime)
    way: str
    """How it was said: ``member page``, ``link in a letter``, ``staff``…"""
    text: str = ""
    """What was agreed to, by its version: ``terms 4``, ``programme 12``; empty: no text was
    shown."""
    by: str = ""
    """Who wrote it down for him; empty: he said it himself."""
