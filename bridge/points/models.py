"""The book of points. Entries are only ever added; accounts and lots hold what they sum up to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Holder(StrEnum):
    MEMBER = "member"
    COMPANY = "company"


class Place(StrEnum):
    """Where points are. An entry moves them from one place to another, so that all postings
    of an entry, and so of any transaction, sum to zero by construction."""

    PENDING = "pending"
    """Earned, waiting for the return period."""
    AVAILABLE = "available"
    RESERVED = "reserved"
    """Held for a voucher that is not used yet."""
    DEBT = "debt"
    """Points the holder owes; the account keeps the amount as a positive number."""
    ISSUED = "issued"
    """Where earned points come from and reversed ones go to."""
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    ADJUSTED = "adjusted"
    """The other side of what a person gave, took or imported, and of forgiven debt."""
    MOVED = "moved"
    """The other side of what goes from one account to another when members merge or split."""


OWN_PLACES = (Place.PENDING, Place.AVAILABLE, Place.RESERVED, Place.DEBT)
"""What an account keeps a balance of; the others are only sums over entries."""


class Account(SQLModel, table=True):
    """One holder's points now. Its row is the lock for everything that moves them."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("workspace_id", "holder", "holder_id"),
        CheckConstraint("available >= 0", name="available_is_never_negative"),
        CheckConstraint("pending >= 0", name="pending_is_never_negative"),
        CheckConstraint("reserved >= 0", name="reserved_is_never_negative"),
        CheckConstraint("debt >= 0", name="debt_is_never_negative"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    holder: str
    holder_id: int
    available: int = Field(default=0, sa_type=BigInteger)
    pending: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    debt: int = Field(default=0, sa_type=BigInteger)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    push_due: bool = Field(default=True, index=True)
    """Whether shops that show balances are still to be told of a change."""


class Lot(SQLModel, table=True):
    """Points earned together that ripen and expire together. What is in it now, by place."""

    __tablename__ = "lots"
    __table_args__ = (
        UniqueConstraint(
            "installation_id", "source_kind", "source_id", "part", "account_id", name="uq_lots"
        ),
        CheckConstraint("pending >= 0 AND available >= 0 AND reserved >= 0", name="lot_is_filled"),
        Index("ix_lots_open", "account_id", "expires_at", "id"),
        Index("ix_lots_ripens", "workspace_id", "ripens_at"),
        Index(
            "ix_lots_expires",
            "workspace_id",
            "expires_at",
            sqlite_where=text("available > 0"),
            postgresql_where=text("available > 0"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    account_id: int = Field(foreign_key="accounts.id")
    installation_id: int = 0
    """0: of no installation (an adjustment, an import)."""
    source_kind: str
    """``order``, ``activity``, ``adjustment``, ``import``…"""
    source_id: str
    part: str = ""
    """Tells lots of one source apart that ripen or expire differently."""
    earned_at: datetime = Field(sa_type=UtcDateTime)
    """The business time."""
    ripens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its pending points become available; ``None``: not known yet, or done."""
    ripened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Available points are gone from this moment on; ``None``: they never expire."""
    pending: int = Field(default=0, sa_type=BigInteger)
    available: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)


class Entry(SQLModel, table=True):
    """``points`` went from ``debit`` to ``credit``. Never changed, never deleted: the database
    refuses both (see the migration's triggers)."""

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint(
            "workspace_id",
            "installation_id",
            "source_kind",
            "source_id",
            "source_line",
            "revision",
            "rule",
            "effect",
            "lot_id",
            name="one_cause_one_effect",
        ),
        CheckConstraint("points > 0", name="points_are_positive"),
        CheckConstraint("debit <> credit", name="points_move"),
        Index("ix_entries_account", "account_id", "id"),
        Index("ix_entries_lot", "lot_id"),
        Index("ix_entries_posted", "workspace_id", "posted_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    account_id: int = Field(foreign_key="accounts.id")
    lot_id: int = 0
    """0: of no lot (debt)."""
    debit: str
    credit: str
    points: int = Field(sa_type=BigInteger)
    effect: str
    """``earn``, ``reverse``, ``ripen``, ``expire``, ``spend``, ``adjust``…"""
    installation_id: int = 0
    source_kind: str
    source_id: str
    source_line: str = ""
    revision: int = 0
    rule: str = ""
    reverses_id: int | None = Field(default=None, foreign_key="entries.id")
    programme_number: int | None = None
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    """The business time of its cause."""
    posted_at: datetime = Field(sa_type=UtcDateTime)
    why: str = "{}"
    """The calculation and the facts it used, as JSON, for people (see `points explain`)."""
