"""Codes of members and partners, who came by them, and what that brought."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ReferralCode(SQLModel, table=True):
    """What a member gives to friends, or a partner to customers."""

    __tablename__ = "referral_codes"
    __table_args__ = (UniqueConstraint("workspace_id", "member_id", "partner"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    member_id: int = Field(foreign_key="members.id")
    partner: str = ""
    """The programme's key of the partner agreement; empty: a member's own code."""
    code: str = Field(unique=True)
    """Upper case, over all workspaces: the page finds the merchant by it."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class ReferralClicks(SQLModel, table=True):
    __tablename__ = "referral_clicks"

    code_id: int = Field(foreign_key="referral_codes.id", primary_key=True)
    day: date = Field(primary_key=True)
    """In the programme's time zone."""
    workspace_id: int = Field(foreign_key="workspaces.id")
    clicks: int = 0


class ReferralState(StrEnum):
    ASKED = "asked"
    """The friend gave an address; the link in the e-mail is still to be opened."""
    CONFIRMED = "confirmed"
    """The address is his and new over all stores; he has a code for his first purchase."""
    KNOWN = "known"
    """The address was known already: nothing for either side."""
    ORDERED = "ordered"
    """He bought; the order is to be completed and its return period to pass."""
    REVIEW = "review"
    """Something is odd; a person decides."""
    REWARDED = "rewarded"
    REFUSED = "refused"
    RETURNED = "returned"
    """The order was cancelled or returned: no reward."""


class Referral(SQLModel, table=True):
    """One friend, by address. An address is referred once."""

    __tablename__ = "referrals"
    __table_args__ = (
        UniqueConstraint("workspace_id", "email"),
        Index("ix_referrals_state", "workspace_id", "state"),
        Index("ix_referrals_order", "installation_id", "order_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    code_id: int = Field(foreign_key="referral_codes.id", index=True)
    email: str
    """Trimmed, lower case, IDNA."""
    mailbox: str = Field(default="", index=True)
    """The address without what tells copies of one mailbox apart (``ada+shop@``)."""
    installation_id: int | None = Field(default=None, foreign_key="installations.id")
    """Where his code holds, and then where he bought."""
    store_id: str = ""
    token_hash: str = Field(default="", index=True)
    """SHA-256 of what the e-mail's link carries."""
    nonce: str = ""
    """What the link is derived from, together with the workspace's secret."""
    language: str = "en"
    """Of his page and letters."""
    state: str = ReferralState.ASKED.value
    reasons: str = "[]"
    """What is odd, as JSON list of texts."""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    mailed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voucher_id: int | None = Field(default=None, foreign_key="vouchers.id")
    """The friend's."""
    order_id: str = ""
    ordered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the return period is over; ``None``: the order is not complete."""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str = ""
    """``rules``, or a person's words."""
    reward_voucher_id: int | None = Field(default=None, foreign_key="vouchers.id")
    reward_points: int = Field(default=0, sa_type=BigInteger)


class LetterKind(StrEnum):
    CONFIRM = "confirm"
    """To the friend: the link that shows that the address is his."""
    CODE = "code"
    """To the friend: his voucher, once its code is in the shop."""


class ReferralLetter(SQLModel, table=True):
    """An e-mail to a friend that is to be sent, or was. Told again, it is the same row. To whom
    recommended him goes a letter as to any member (:mod:`bridge.letters`)."""

    __tablename__ = "referral_letters"
    __table_args__ = (
        UniqueConstraint("referral_id", "kind"),
        Index("ix_referral_letters_due", "workspace_id", "sent_at", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    referral_id: int = Field(foreign_key="referrals.id")
    kind: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)
    """When it is tried next."""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    times_sent: int = 0
    attempts: int = 0
    """Since it was asked for last."""
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    is_dead: bool = False
    """The address does not exist, or the mail server refused it again and again."""


class PartnerOrder(SQLModel, table=True):
    """An order of a customer whom a partner's code brought. It credits the code's owner."""

    __tablename__ = "partner_orders"
    __table_args__ = (Index("ix_partner_orders_due", "workspace_id", "due_at"),)

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    order_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    code_id: int = Field(foreign_key="referral_codes.id", index=True)
    carries: bool = False
    """It carries the code itself; others follow the buyer's first one that does."""
    points: int = Field(default=0, sa_type=BigInteger)
    """Credited now, after refunds."""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its worth is to be looked at; ``None``: nothing is to be done."""
    changed_at: datetime = Field(sa_type=UtcDateTime)
