"""Tokens of the API, and requests that were answered under an idempotency key."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_tokens"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    name: str
    token_hash: str = Field(unique=True)
    last_signs: str
    """Its last four signs: which of several it is."""
    scopes: str
    """By spaces."""
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """To the minute."""


class ApiRequest(SQLModel, table=True):
    """A request that changed something, with its answer: written in the very unit of work that
    changed it, so that asking again changes nothing and is answered the same."""

    __tablename__ = "api_requests"

    token_id: int = Field(foreign_key="api_tokens.id", primary_key=True)
    key: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    digest: str
    """Of method, path and body."""
    status: int
    body: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)
