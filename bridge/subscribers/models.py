"""Other systems of the merchant, and what they are told. It is read off what is stored, each
event once for each subscriber, and sent until the subscriber takes it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Disabled(StrEnum):
    """Why a subscriber is sent nothing."""

    BY_HAND = "by-hand"
    GONE = "gone"
    """It answered 410: it wants no more."""
    FAILING = "failing"
    """It took nothing for days."""


class MessageState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """It was tried for three days. It can be sent once more."""


class Subscriber(SQLModel, table=True):
    """A system that is told of events by signed HTTP requests (Standard Webhooks)."""

    __tablename__ = "subscribers"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    url: str
    """May hold a token of its own: shown to who may change settings, never logged."""
    types: list[str] = Field(sa_type=JSON)
    """Of events it is told."""
    with_email: bool = False
    """Whether it is told members' addresses, too."""
    is_public_only: bool
    """Its address was typed into the web app: only public addresses are called for it."""
    secret: str = ""
    """What messages are signed with; encrypted (see :mod:`bridge.kit.encryption`)."""
    old_secret: str = ""
    """The one before, encrypted: messages bear both signatures for a while."""
    old_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    begins_at: datetime = Field(sa_type=UtcDateTime)
    """What happened from then on it is told."""
    disabled: str = ""
    """Why it is sent nothing; empty: it is."""
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """From then on it took nothing; ``None``: it took the last."""
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last time it took something not."""
    busy: int = 0
    """How often in a row it could not be reached, or asked for a pause."""
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Until then it is left alone."""
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last time it took something."""


class SubscriberCursor(SQLModel, table=True):
    """How far a subscriber's events were read off one table."""

    __tablename__ = "subscriber_cursors"

    subscriber_id: int = Field(foreign_key="subscribers.id", primary_key=True)
    source: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    through: datetime = Field(sa_type=UtcDateTime)
    last_id: int = 0
    """For rows that do not say when they were made: up to this number."""
    seen_id: int = 0
    """The newest number seen; ``last_id`` follows once nothing below can appear any more."""


class SubscriberMessage(SQLModel, table=True):
    """One event for one subscriber: the outbox. Found again, it is the same row."""

    __tablename__ = "subscriber_messages"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "event", name="one_event_one_message"),
        Index("ix_subscriber_messages_due", "subscriber_id", "state", "not_before"),
        Index("ix_subscriber_messages_listed", "subscriber_id", "id"),
        Index("ix_subscriber_messages_state", "workspace_id", "state", "id"),
        Index("ix_subscriber_messages_made", "workspace_id", "made_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    subscriber_id: int = Field(foreign_key="subscribers.id")
    event: str
    """What it tells of, unique for the subscriber: ``points/812``, ``voucher/7/used``…"""
    webhook_id: str
    """The header ``webhook-id``: the same however often it is sent."""
    type: str
    at: datetime = Field(sa_type=UtcDateTime)
    """When it happened."""
    member_id: int | None = Field(default=None, foreign_key="members.id", index=True)
    """Whose address is told with it, where the subscriber gets addresses: read when it is sent,
    and never stored here."""
    data: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)
    """When it is tried next."""
    state: str = MessageState.WAITING.value
    attempts: int = 0
    """Counted before each is begun: what kills the process counts too."""
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last attempt. From then on the subscriber may have it, whatever ``state`` says."""
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: int | None = None
    """What the subscriber answered last; ``None``: nothing."""
    error: str = ""
    """Why it was not taken."""
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
