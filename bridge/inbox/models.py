"""What came in and is still to be handled, and how far each walk got."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Cursor(SQLModel, table=True):
    """How far the walk over one resource of one installation got."""

    __tablename__ = "cursors"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    resource: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    mark_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """On the shop's clock; ``None``: it has not begun."""
    mark_id: str = ""
    complete_through: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """On the shop's clock: everything that was committed there before this time was seen."""
    polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the last walk ended, well or not."""
    error: str = ""
    """Why the last walk ended early; empty when it did not."""
    failures: int = 0
    """Walks in a row that ended early."""
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The pause after a failure ends then."""


class SeenChange(SQLModel, table=True):
    """A change that a walk told of and that was then fetched. Walks overlap: what they tell
    again is not fetched again."""

    __tablename__ = "seen_changes"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    resource: str = Field(primary_key=True)
    mark_id: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    mark_at: datetime = Field(sa_type=UtcDateTime)
    """The latest one, on the shop's clock."""
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    """When the fetch began, on the shop's clock."""


class ShopClock(SQLModel, table=True):
    """How far an installation's clock is ahead of ours, as last measured."""

    __tablename__ = "shop_clocks"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    offset_ms: int | None = Field(default=None, sa_type=BigInteger)
    """``None``: the shop does not tell its time."""
    measured_at: datetime = Field(sa_type=UtcDateTime)


class SignalState(StrEnum):
    NEW = "new"
    FETCHED = "fetched"
    IGNORED = "ignored"
    """It says nothing that the bridge follows."""


class StoredSignal(SQLModel, table=True):
    """A webhook that was verified: a hint to fetch something now rather than at the next poll."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("installation_id", "event_id"),
        Index("ix_signals_state", "workspace_id", "state", "installation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    event_id: str
    event: str
    entity: str = ""
    ids: str = "[]"
    """JSON list."""
    sent_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: str = SignalState.NEW.value


class InboxState(StrEnum):
    QUEUED = "queued"
    HANDLED = "handled"
    STALE = "stale"
    """Something newer of the same entity came in before it was handled."""
    FAILED = "failed"
    """It could not be handled; the reason is in ``error``. It is tried again after a pause, and
    whenever somebody says so."""
    UNREAD = "unread"
    """The shop said that it changed, and could not tell what it is now: the reason is in
    ``error``, ``content`` is empty. The poll asks again after a pause."""
    DROPPED = "dropped"
    """A person decided that nothing comes of it. Of awards alone: what was sold is never
    dropped."""


class InboxRow(SQLModel, table=True):
    """One entity as it was fetched: whole, cut down to what the bridge needs."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("installation_id", "resource", "entity_id", "content_hash"),
        Index("ix_inbox_state", "workspace_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    resource: str
    """``order``, ``customer``, ``activity`` or ``award``."""
    entity_id: str
    content_hash: str
    content: str
    """JSON (see :mod:`bridge.inbox.codec`)."""
    changed_at: datetime = Field(sa_type=UtcDateTime)
    """The shop's change time of what is in it; with ``fetched_at`` it tells which is newer."""
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    """When the fetch began."""
    state: str = InboxState.QUEUED.value
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NumberGap(SQLModel, table=True):
    """An order number that was skipped: late, or never given to an order."""

    __tablename__ = "number_gaps"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    number: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    noticed_at: datetime = Field(sa_type=UtcDateTime)
    asked: int = 0
    """How often the shop was asked for it."""
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When to ask again; ``None``: found, or given up."""
    found: bool = False


class NumberSeries(SQLModel, table=True):
    """The highest order number of a series: what comes after it is no gap yet."""

    __tablename__ = "number_series"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    series: str = Field(primary_key=True)
    """What stands before the counting digits, and how many of those there are."""
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    highest: int
