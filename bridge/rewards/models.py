"""What members took from the reward catalogue, and what is still to be provided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class FulfilmentState(StrEnum):
    OPEN = "open"
    """The staff has to provide it; its points are reserved."""
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    """Its points are released, its piece is back in stock."""


class RewardClaim(SQLModel, table=True):
    """One reward that a member took."""

    __tablename__ = "reward_claims"
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_id"),
        Index("ix_reward_claims_state", "workspace_id", "state"),
        Index("ix_reward_claims_member", "workspace_id", "member_id"),
        Index("ix_reward_claims_claimed", "workspace_id", "claimed_at"),
        Index("ix_reward_claims_decided", "workspace_id", "decided_at"),
        CheckConstraint("points > 0", name="a_reward_costs_points"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    request_id: str
    reward: str
    """The programme's key."""
    name: str
    """As it was called when it was taken."""
    member_id: int = Field(foreign_key="members.id")
    account_id: int = Field(foreign_key="accounts.id")
    points: int = Field(sa_type=BigInteger)
    state: str = FulfilmentState.OPEN.value
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str = ""
    note: str = ""
    """What the member asked for, or what he was given: a ticket's number, a date."""


class RewardStock(SQLModel, table=True):
    """How many pieces were taken: the lock for who takes the last one."""

    __tablename__ = "reward_stocks"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_is_never_negative"),)

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    reward: str = Field(primary_key=True)
    taken: int = 0
