"""Customers of each installation, as last pulled: only what the bridge needs of a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ShopCustomer(SQLModel, table=True):
    __tablename__ = "shop_customers"
    __table_args__ = (Index("ix_shop_customers_email", "workspace_id", "email"),)

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
