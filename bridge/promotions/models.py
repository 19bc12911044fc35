"""Promotions that carry the bridge's mark, as last read from each shop."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class ShopPromotion(SQLModel, table=True):
    __tablename__ = "shop_promotions"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    key: str = Field(primary_key=True)
    """As in :class:`connectors.rewards.Promotion`."""
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    native_id: str
    native: str
    name: str = ""
    is_active: bool = True
    pull: int
