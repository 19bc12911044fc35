"""One row for each section of a workspace's preferences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Preference(SQLModel, table=True):
    __tablename__ = "preferences"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    section: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JSON)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str


class Logo(SQLModel, table=True):
    """The programme's picture, as :func:`bridge.preferences.png.clean_png` put it together."""

    __tablename__ = "logos"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    content: bytes
    """PNG."""
    digest: str
    """The first digits of its SHA-256: another picture has another address."""
    width: int
    height: int
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
