"""What was decided and is still to be delivered, what was delivered, and what it replaced."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class RunKind(StrEnum):
    APPLY = "apply"
    UNDO = "undo"


class Run(SQLModel, table=True):
    """The execution of a plan, or the reversal of one: a set of deliveries."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    number: int
    kind: str
    undoes: int | None = None
    """The number of the run it takes back."""
    programme_number: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeliveryState(StrEnum):
    QUEUED = "queued"
    """Waiting for its turn, or for its next try."""
    LEASED = "leased"
    """A worker holds it until ``lease_until``."""
    DONE = "done"
    CONFLICT = "conflict"
    """The shop holds something else than was expected; nothing was sent. A person decides."""
    DEAD = "dead"
    """It cannot be delivered; the reason is in ``error``. `deliveries retry` tries again."""
    CANCELLED = "cancelled"


OPEN_STATES = (DeliveryState.QUEUED.value, DeliveryState.LEASED.value)


class Delivery(SQLModel, table=True):
    """One outbox row: one thing in one shop that shall go from ``before`` to ``after``."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("run_id", "installation_id", "kind", "key"),
        Index("ix_deliveries_open", "workspace_id", "installation_id", "state", "stage", "batch"),
        Index("ix_deliveries_thing", "installation_id", "kind", "key"),
        Index("ix_deliveries_run", "run_id", "state", "id"),
        Index("ix_deliveries_state", "workspace_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    run_id: int = Field(foreign_key="runs.id")
    stage: int
    """Lower stages of an installation are finished before higher ones begin."""
    batch: str
    """Rows of one batch key go out together: the product of a price."""
    kind: str
    """``group``, ``audience``, ``price``, ``promotion`` or ``customer``."""
    key: str
    label: str = ""
    """What a person calls it, for messages."""
    before: str | None = None
    """What is in the shop when it is decided; ``None``: nothing."""
    after: str | None = None
    """What shall be there; ``None``: nothing."""
    native_id: str = ""
    source: str = ""
    """Where it comes from: the price list, the group."""
    hints: str = ""
    """What else the sending needs, as JSON: the base of a new group, what a promotion means."""
    base: str | None = None
    """The binding's snapshot before, as JSON, for undo; ``None``: there was no binding."""
    releases: bool = False
    """When it is done the thing is no longer ours: its binding goes."""
    restores: str | None = None
    """Of an undo: the snapshot the binding goes back to; ``None``: as ``releases`` says."""

    state: str = DeliveryState.QUEUED.value
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = 0
    """Grows with each lease; only the holder of the newest may write a result."""
    intended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the intent was committed: from then on the shop may hold ``after``."""
    error: str = ""
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Binding(SQLModel, table=True):
    """A local thing and its counterpart in one installation, with what was last agreed."""

    __tablename__ = "bindings"
    __table_args__ = (
        Index("ix_bindings_batch", "installation_id", "kind", "batch"),
        Index("ix_bindings_workspace", "workspace_id"),
    )

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    batch: str = ""
    native_id: str = ""
    ours: str | None = None
    """What the programme said when it was last agreed; ``None``: overrule the next time."""
    theirs: str | None = None
    """What the shop held then; ``None``: nothing."""
    original: str | None = None
    """What the shop held before the bridge first wrote here; ``None``: nothing."""
    owned: bool = True
    """Made by the bridge or handed over to it; else only referred to."""
    source: str = ""
    run_id: int | None = Field(default=None, foreign_key="runs.id")
