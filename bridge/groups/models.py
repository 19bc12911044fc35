"""Customer groups, and the audiences prices hang on, as last pulled."""

from __future__ import annotations

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class ShopGroup(SQLModel, table=True):
    __tablename__ = "shop_groups"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    group_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    tax: str = ""


class ShopAudience(SQLModel, table=True):
    __tablename__ = "shop_audiences"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    audience_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    group_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    priority: int = 0
    ours: bool = False
