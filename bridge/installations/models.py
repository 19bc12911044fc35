"""An installation: one shop instance, with what it takes to speak to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Installation(SQLModel, table=True):
    __tablename__ = "installations"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    platform: str
    url: str
    credentials: str
    """Encrypted (see :mod:`bridge.kit.encryption`)."""
    settings: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """What the shop does not tell and the admin said at set-up."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    pulled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the last complete pull began: what it holds is at least this new."""
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Removed by a person: the credentials are gone, the history stays."""


class ShopFacts(SQLModel, table=True):
    """What the shop told about itself at the last pull or check."""

    __tablename__ = "shop_facts"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    version: str = ""
    stores: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    currencies: list[dict[str, str | int | bool]] = Field(default_factory=list, sa_type=JSON)
    read_at: datetime = Field(sa_type=UtcDateTime)
