"""Who was erased, and how he is known again without being known."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ErasureState(StrEnum):
    ASKED = "asked"
    """By the member himself: somebody has to decide."""
    REFUSED = "refused"
    BEGUN = "begun"
    """What he had is ended; his data is being taken away. It goes on until that is done."""
    FINISHING = "finishing"
    """His data is gone, but for the ids by which shops are told that they shall show no points."""
    DONE = "done"


class Erasure(SQLModel, table=True):
    """One person's wish to be forgotten, and what became of it. It says nothing about him."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint(
            "state IN ({})".format(", ".join(f"'{state}'" for state in ErasureState)), name="state"
        ),
        Index("ix_erasures_state", "workspace_id", "state", "id"),
        Index("ix_erasures_member", "workspace_id", "member_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id")
    state: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: str
    """``member``, or who of the staff."""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str = ""
    note: str = ""
    """Why it was refused."""
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What was ended and taken away: numbers by name."""


class ErasedKey(SQLModel, table=True):
    """A customer or an address that was erased, as a keyed hash: when a shop tells of it again,
    it is known not to be let in (see :mod:`bridge.inbox.erased`)."""

    __tablename__ = "erased_keys"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    digest: str = Field(primary_key=True)
    erased_at: datetime = Field(sa_type=UtcDateTime)
    back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When he placed his first order afterwards: what is from then on is let in with him."""


class ErasureSalt(SQLModel, table=True):
    """What a workspace's hashes are made with, so that those of two workspaces differ."""

    __tablename__ = "erasure_salts"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    salt: str
