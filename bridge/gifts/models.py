"""Gifts that the bridge itself put into open baskets, and how far it has read the baskets."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class GiftState(StrEnum):
    ADDING = "adding"
    """Decided and perhaps sent; the basket is read before anything is sent again."""
    ADDED = "added"
    REMOVING = "removing"
    REMOVED = "removed"
    """It is not in the basket: taken out again, or never got in (``error`` says why)."""
    DECLINED = "declined"
    """The shopper took it out himself: it is not put in again."""
    ORDERED = "ordered"
    """The basket is closed, as far as the shop tells because it was ordered."""


class CartGift(SQLModel, table=True):
    __tablename__ = "cart_gifts"
    __table_args__ = (Index("ix_cart_gifts_state", "workspace_id", "installation_id", "state"),)

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    cart_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    """The programme's key of the gift rule."""
    workspace_id: int = Field(foreign_key="workspaces.id")
    store_id: str
    product_id: str
    sku: str
    quantity: int
    item_id: str = ""
    """The basket's own id of the line; only this line is ever removed."""
    items_before: str = "[]"
    """Ids of the basket's lines when it was decided, as JSON: a line of the product that is not
    among them is the bridge's."""
    state: str = GiftState.ADDING.value
    error: str = ""
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the basket is looked at again though it did not change; ``None``: it is not."""
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class CartCursor(SQLModel, table=True):
    __tablename__ = "cart_cursors"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    at: datetime = Field(sa_type=UtcDateTime)
    """On the shop's clock."""
    cart_id: str = ""
    polled_at: datetime = Field(sa_type=UtcDateTime)
    lease_owner: str = ""
    """Who walks the baskets now: one worker a shop, so that no two add a gift to one basket."""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
