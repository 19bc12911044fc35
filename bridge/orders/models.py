"""Orders as last handled, and who bought them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class HandledOrder(SQLModel, table=True):
    """One order at its last handled state. Totals are in the programme's currency."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_member", "workspace_id", "member_id", "placed_at"),
        Index("ix_orders_decide", "workspace_id", "is_decided", "placed_at"),
        Index("ix_orders_guest", "workspace_id", "email"),
        Index("ix_orders_fetched", "workspace_id", "fetched_at"),
    )

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    order_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    number: str
    store_id: str
    member_id: int | None = Field(default=None, foreign_key="members.id")
    """``None``: a guest nobody collects for."""
    account_id: int | None = Field(default=None, foreign_key="accounts.id")
    """Where its points went: the member's account, or his company's when it was handled."""
    customer_id: str = ""
    email: str = ""
    """Of a guest, folded; empty for a customer."""
    is_guest: bool = False
    placed_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    """Of the inbox row that was handled; an older row changes nothing any more."""
    currency: str
    rate: int = Field(default=1_000_000, sa_type=BigInteger)
    """Units of the programme's currency for one of the order's, in millionths."""
    net_total: int = Field(default=0, sa_type=BigInteger)
    """Goods after discounts, less refunds and cancellations; minor units."""
    gross_total: int = Field(default=0, sa_type=BigInteger)
    items: int = Field(default=0, sa_type=BigInteger)
    """Pieces bought and kept, in thousandths."""
    counts: bool = True
    """Whether it counts as an order: not cancelled, not returned whole."""
    ripens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its points can be spent, whether it earned any by itself or not; ``None``: that is
    not known yet, or it can have none."""
    is_decided: bool = False
    """Whether rules that look at the buyer's history were applied to it."""
    is_frozen: bool = False
    """A refund of unknown amount: its points are held until somebody says how much it was."""
    revision: int = 0
    """Grows with each change that was posted."""
    circumstances: str = ""
    """What rules ask for beside the order, as it was when the order came in, as JSON (see
    :mod:`bridge.earning.circumstances`); empty: its buyer was not known yet."""
    content: str
    """The order as it came, as JSON (see :mod:`bridge.inbox.codec`)."""


class ToldRefund(SQLModel, table=True):
    """What a person said a refund came to, because the shop does not tell."""

    __tablename__ = "told_refunds"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    order_id: str = Field(primary_key=True)
    refund_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    net: int = Field(sa_type=BigInteger)
    """Minor units of the order's currency."""
    gross: int = Field(sa_type=BigInteger)
    told_at: datetime = Field(sa_type=UtcDateTime)
    told_by: str = ""
