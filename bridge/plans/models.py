"""Plans that were made to be looked at: a person reads one, approves it, and just that is done."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class PlanState(StrEnum):
    MAKING = "making"
    """Its rows are still being written; one that stays so was broken off."""
    READY = "ready"
    WAITING = "waiting"
    """For a second person."""
    STARTED = "started"
    """Approved: it is being made into a run."""
    APPLIED = "applied"
    OUTDATED = "outdated"
    """Something changed since it was made: nothing of it was sent."""


class KeptPlan(SQLModel, table=True):
    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint(
            "state IN ({})".format(", ".join(f"'{state}'" for state in PlanState)), name="state"
        ),
        Index("ix_plans_workspace", "workspace_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    stores: list[str] = Field(default_factory=list, sa_type=JSON)
    """Installations it is for; empty: all."""
    undoes: int | None = None
    """The number of the run it takes back; ``None``: it applies the programme."""
    state: str = PlanState.MAKING.value
    programme_number: int | None = None
    digest: str = ""
    """Of what it changes: see :mod:`bridge.plans.digesting`."""
    summary: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Counts and money, as :mod:`bridge.plans.keeping` writes them."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    run_number: int | None = None
    """What became of it; ``None`` too when there was nothing to send."""


class PlanRow(SQLModel, table=True):
    """A change, or a remark."""

    __tablename__ = "plan_rows"
    __table_args__ = (Index("ix_plan_rows_what", "plan_id", "what", "position"),)

    plan_id: int = Field(foreign_key="plans.id", primary_key=True)
    position: int = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    what: str
    """``change``, or a :class:`bridge.plans.parts.RemarkKind`."""
    store: str
    """The installation's name."""
    kind: str
    operation: str = ""
    label: str
    source: str = ""
    message: str = ""
    key: str = ""
    before: str | None = None
    """What the shop holds."""
    after: str | None = None
    """What the programme says."""
    currency: str = ""
    cost_before: int | None = Field(default=None, sa_type=BigInteger)
    """Of one piece, in millionths; ``None``: it is not about money, or not known."""
    cost_after: int | None = Field(default=None, sa_type=BigInteger)
