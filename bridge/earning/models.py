"""What members did, as last handled, and how far the clock was followed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class HandledActivity(SQLModel, table=True):
    """A review, a newsletter subscription, or what the merchant reported."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_unclaimed", "workspace_id", "member_id", "email"),)

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    installation_id: int = Field(primary_key=True)
    """0: reported by the merchant."""
    activity_id: str = Field(primary_key=True)
    name: str
    member_id: int | None = Field(default=None, foreign_key="members.id")
    """``None``: of nobody the bridge knows yet."""
    account_id: int | None = Field(default=None, foreign_key="accounts.id")
    """Where its points went."""
    customer_id: str = ""
    email: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    is_valid: bool
    changed_at: datetime = Field(sa_type=UtcDateTime)
    fetched_at: datetime = Field(sa_type=UtcDateTime)


class FollowedClock(SQLModel, table=True):
    """Up to when something that depends on the time alone was done for a workspace."""

    __tablename__ = "followed_clocks"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    name: str = Field(primary_key=True)
    """``occasions``, ``segments``, ``tiers``."""
    through: datetime = Field(sa_type=UtcDateTime)
    last_id: int = 0
    """The newest member it was done for."""
