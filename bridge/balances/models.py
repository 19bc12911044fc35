"""What each shop shows of a member's points, and what it is still to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ShownBalance(SQLModel, table=True):
    """One customer of one shop. Ten changes before the next push make one push."""

    __tablename__ = "shown_balances"
    __table_args__ = (
        Index("ix_shown_balances_due", "workspace_id", "installation_id", "is_due"),
        Index("ix_shown_balances_dead", "workspace_id", "is_dead"),
    )

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    customer_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id", index=True)
    version: int = Field(default=1, sa_type=BigInteger)
    """Grows with each change; a push settles the version it was made for and no later one."""
    is_due: bool = True
    shown: str | None = None
    """What the shop was seen to hold last, as JSON; ``None``: not known, as while it is told."""
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    """Since it went well last."""
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    is_dead: bool = False
    """Tried too often: it waits for a person, or for the next change."""


class BalancePlace(SQLModel, table=True):
    """A shop where a plugin holds the balances, and was there when it was last looked for."""

    __tablename__ = "balance_places"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    since: datetime = Field(sa_type=UtcDateTime)
