"""The catalogue of each installation, as last pulled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ShopProduct(SQLModel, table=True):
    __tablename__ = "shop_products"
    __table_args__ = (Index("ix_shop_products_sku", "installation_id", "sku"),)

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    product_id: str = Field(primary_key=True)
    """What tier prices hang on: the SKU (Magento), the product's UUID (Shopware)."""
    workspace_id: int = Field(foreign_key="workspaces.id")
    sku: str
    name: str
    kind: str
    parent_id: str = ""
    family_id: str = Field(index=True)
    """The parent's product id, or its own: prices of one family are compiled together."""
    prices: str
    """Own unit prices, ``[[currency, net, gross], …]`` in millionths, as JSON."""
    tax_rate: int | None = None
    """In millionths of a percent."""
    tax_class: str = ""
    category_ids: str = "[]"
    is_active: bool = True
    pull: int
    """The pull that saw it last."""


class ShopCategory(SQLModel, table=True):
    __tablename__ = "shop_categories"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    category_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    parent_id: str = ""
    pull: int


class Pull(SQLModel, table=True):
    """One reading of a whole installation; rows that it did not see are gone in the shop."""

    __tablename__ = "pulls"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
