"""Tier prices of each installation, as last pulled or last read back."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class ShopPrice(SQLModel, table=True):
    """One native row, whoever made it. Two rows of one key differ in ``native_id``."""

    __tablename__ = "shop_prices"
    __table_args__ = (Index("ix_shop_prices_product", "installation_id", "product_id"),)

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    key: str = Field(primary_key=True)
    """See :func:`bridge.prices.codec.key_text`."""
    native_id: str = Field(primary_key=True, default="")
    workspace_id: int = Field(foreign_key="workspaces.id")
    product_id: str
    value: str
    """See :func:`bridge.prices.codec.value_text`."""
