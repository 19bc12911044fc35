"""A workspace: one merchant. Nothing is ever shared between two."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class Workspace(SQLModel, table=True):
    __tablename__ = "workspaces"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
