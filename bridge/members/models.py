"""Customers of each installation as last read, the members they are, and their companies: only
what the bridge needs of a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, func, literal_column
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ShopCustomer(SQLModel, table=True):
    __tablename__ = "shop_customers"
    __table_args__ = (
        Index(
            "ix_shop_customers_email",
            "workspace_id",
            "email",
            postgresql_ops={"email": "text_pattern_ops"},
        ),
        Index(
            "ix_shop_customers_company",
            "workspace_id",
            func.lower(literal_column("company")).label("beginning"),
            postgresql_ops={"beginning": "text_pattern_ops"},
        ),
    )

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    customer_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    email: str
    """Trimmed, lower case, the domain in IDNA."""
    group_id: str
    store_id: str
    company: str = ""
    vat_id: str = ""
    is_guest: bool = False
    is_active: bool = True
    is_confirmed: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    pull: int


class Member(SQLModel, table=True):
    """One person over all stores."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_tier", "workspace_id", "tier", "id"),
        Index("ix_members_merged", "workspace_id", "merged_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    company_id: int | None = Field(default=None, foreign_key="companies.id", index=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)
    """The earliest registration of his customers."""
    birthday: date | None = None
    merged_into: int | None = Field(default=None, foreign_key="members.id", index=True)
    """Set when two were found to be one person; everything of his moved there."""
    merged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    merged_by: str = ""
    """Who said so: a person's words, or ``email``."""
    tier: str = ""
    """The loyalty tier's key; empty: none."""
    tier_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tier_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a tier he no longer qualifies for ends: the grace period."""
    tier_override: str | None = None
    """The tier a person gave him; ``None``: by the rules."""
    tier_override_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """He is a pseudonym since: nothing tells any more who he was."""


class MemberCustomer(SQLModel, table=True):
    """A customer of one installation who is this member."""

    __tablename__ = "member_customers"
    __table_args__ = (Index("ix_member_customers_vat_id", "workspace_id", "vat_id"),)

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    customer_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id", index=True)
    email: str
    """The address that linked him; a later change of address links nobody anew. Empty: none
    was known yet."""
    vat_id: str = ""
    """As last read, normalised (see :class:`Company`)."""
    linked_at: datetime = Field(sa_type=UtcDateTime)
    linked_by: str
    """``email``: his confirmed address stood for the member already; ``new``: it does since;
    ``unconfirmed`` and ``order`` (known from an order only): provisional, until a confirmed
    address links him once; else the person's words."""


class MemberEmail(SQLModel, table=True):
    """An address that stands for a member: of a confirmed customer, or of a guest."""

    __tablename__ = "member_emails"
    __table_args__ = (
        Index(
            "ix_member_emails_begins",
            "workspace_id",
            "email",
            postgresql_ops={"email": "text_pattern_ops"},
        ),
    )

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    email: str = Field(primary_key=True)
    member_id: int = Field(foreign_key="members.id", index=True)
    is_confirmed: bool
    """A customer has shown that it is his; a guest has not."""


class PointsByHand(SQLModel, table=True):
    """How many points somebody gave and took of a day: above a limit a second person is asked."""

    __tablename__ = "points_by_hand"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    who: str = Field(primary_key=True)
    """``user 12``, ``token 3``."""
    day: date = Field(primary_key=True)
    """In UTC."""
    points: int
    """Given and taken, both counted up."""


class IdentityQuestion(SQLModel, table=True):
    """Something about who is who that a person has to decide."""

    __tablename__ = "identity_questions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "subject", "about"),
        Index("ix_identity_questions_answer", "workspace_id", "answer", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    kind: str
    """``address``: a linked customer's address changed; ``company``: a VAT id suggests one."""
    subject: str
    """What it is about: ``installation id/customer id``, ``member id``."""
    about: str
    """The new address, the VAT id."""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer: str = ""
    """``yes`` or ``no``; empty: open."""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str = ""


class Company(SQLModel, table=True):
    """A business whose people are members; it may hold their points together."""

    __tablename__ = "companies"
    __table_args__ = (
        UniqueConstraint("workspace_id", "vat_id"),
        Index(
            "ix_companies_name",
            "workspace_id",
            func.lower(literal_column("name")).label("beginning"),
            postgresql_ops={"beginning": "text_pattern_ops"},
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    vat_id: str | None = None
    """Normalised: upper case, without spaces and punctuation."""
    holds_points: bool = False
    """What its people earn goes into one account, the company's."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class Segment(SQLModel, table=True):
    """Who is in a segment now, as last computed."""

    __tablename__ = "member_segments"
    __table_args__ = (Index("ix_member_segments_segment", "workspace_id", "segment", "member_id"),)

    member_id: int = Field(foreign_key="members.id", primary_key=True)
    segment: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    since: datetime = Field(sa_type=UtcDateTime)


class JoiningWord(SQLModel, table=True):
    """What a person said of a member's part in the programme. The last word counts; words are
    added and never changed, so that it can be asked who took part when."""

    __tablename__ = "joining_words"
    __table_args__ = (Index("ix_joining_words_member", "workspace_id", "member_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id")
    at: datetime = Field(sa_type=UtcDateTime)
    takes_part: bool
    """Taken in; else he left."""
    by: str
