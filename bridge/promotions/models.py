"""Promotions that carry the bridge's mark, as last read from each shop, and what their texts
mean."""

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


class PromotionText(SQLModel, table=True):
    """What a native text means: the promotion it was compiled from. Texts are never looked into,
    so that what a shop holds, an older text that was restored too, is understood by this alone.
    """

    __tablename__ = "promotion_texts"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    key: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    """SHA-256 of the text."""
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    promotion: str
    """The :class:`connectors.rewards.Promotion`, as JSON."""
    rate: str = ""
    """Units of the programme's currency for one of the store's, as its amounts were converted;
    empty: they were not."""
