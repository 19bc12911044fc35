"""Letters to members that are to be sent or were, and what members do not want to get."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class LetterKind(StrEnum):
    WELCOME = "welcome"
    """He takes part in the programme."""
    EARNED = "earned"
    """Points became available."""
    EXPIRING = "expiring"
    """Points are about to expire."""
    TIER = "tier"
    """A higher tier is reached."""
    VOUCHER = "voucher"
    """A code is his that he did not just ask for himself."""
    REFERRAL = "referral"
    """Thanks for a friend."""
    SURVEY = "survey"
    """He is asked what he thinks, some days after an order."""
    SIGN_IN = "sign-in"
    """The code that he asked for on his pages: sent whatever the merchant has sent and whatever
    the member refused, and before all others."""


OFFERED: Final = tuple(kind for kind in LetterKind if kind is not LetterKind.SIGN_IN)
"""The kinds that merchants switch on and off, members may refuse, and staff look at; in this
order."""


class LetterState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """The mail server refused it for good, or again and again. It can be sent once more."""
    DROPPED = "dropped"
    """It was not to be sent any more when its time came: he wants none, has no address, or what
    it tells of is over."""


class Letter(SQLModel, table=True):
    """One letter to one member. Its text is made when it is sent. Told again, its cause is the
    same row."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "cause", name="one_cause_one_letter"),
        Index("ix_letters_due", "workspace_id", "state", "not_before"),
        Index("ix_letters_begun", "workspace_id", "begun_at"),
        Index("ix_letters_member", "workspace_id", "member_id"),
        Index("ix_letters_kind", "workspace_id", "kind", "state", "not_before"),
        Index("ix_letters_newest", "workspace_id", "id"),
        Index("ix_letters_state", "workspace_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    kind: str
    cause: str
    """What it is sent for, unique within its kind: ``voucher id``, ``account/day``…"""
    member_id: int = Field(foreign_key="members.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What its text needs besides what the database knows when it is sent."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)
    """When it is tried next."""
    state: str = LetterState.WAITING.value
    attempts: int = 0
    """Counted before each is begun: what kills the process counts too."""
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last attempt. From then on the member may have it, whatever ``state`` says."""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    """Why it was not sent, without the address."""


class LetterRefusal(SQLModel, table=True):
    """Letters that a member does not want. It holds whatever the programme says."""

    __tablename__ = "letter_refusals"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    member_id: int = Field(foreign_key="members.id", primary_key=True)
    kind: str = Field(primary_key=True)
    """Of letters; ``all``: none at all."""
    refused_at: datetime = Field(sa_type=UtcDateTime)
