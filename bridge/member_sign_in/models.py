"""Codes and signed links by which members come in, their sessions, and how often it was tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class MemberCode(SQLModel, table=True):
    """A code that a browser asked for. The code itself is nowhere: it is made from the nonce
    when its letter is written and when it is checked. An address that nobody bears has a row as
    well, so that asking takes as long and guessing ends as early."""

    __tablename__ = "member_codes"
    __table_args__ = (Index("ix_member_codes_browser", "workspace_id", "browser_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    browser_hash: str
    """Of what the asking browser's cookie holds: no other browser can give the code."""
    address_hash: str
    """Of the address that was typed (:func:`bridge.member_sign_in.secrets.address_hash`)."""
    member_id: int | None = Field(default=None, foreign_key="members.id", index=True)
    """``None``: the address stands for nobody, and no letter was written."""
    nonce: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    guesses: int = 0
    """Wrong ones."""
    is_over: bool = False
    """Used, guessed at too often, or followed by another."""


class MemberSession(SQLModel, table=True):
    """A browser in which a member is signed in."""

    __tablename__ = "member_sessions"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    token_hash: str = Field(unique=True)
    member_id: int = Field(foreign_key="members.id", index=True)
    address_hash: str = ""
    """By a code: the address it went to. The session lasts while that stands for him."""
    installation_id: int | None = Field(default=None, foreign_key="installations.id")
    """By a link: whose customer he is there. The session lasts while he is that customer."""
    customer_id: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)


class MemberLinkKey(SQLModel, table=True):
    """What an installation signs its links with."""

    __tablename__ = "member_link_keys"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    token: str = Field(unique=True)
    """Names the installation in the links' address."""
    secret: str
    """Encrypted (see :mod:`bridge.kit.encryption`)."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class MemberLinkUse(SQLModel, table=True):
    """A link that was followed: it works once."""

    __tablename__ = "member_link_uses"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    nonce: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    """From then on the link is too old anyway."""


class MemberTry(SQLModel, table=True):
    """How often somebody tried something of late (:mod:`bridge.member_sign_in.limiting`)."""

    __tablename__ = "member_tries"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    subject: str = Field(primary_key=True)
    """What is tried, and the hash of who tries or of which address: never in the clear."""
    level: float
    """Tries that are not forgotten yet, at this moment:"""
    at: datetime = Field(sa_type=UtcDateTime, index=True)
