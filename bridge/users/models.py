"""Users of the bridge, what they may do in which workspace, and how they signed in.

A user stands above workspaces: staff of an agency work for several merchants with one password.
What he sees of a workspace hangs on his row in ``user_roles``.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime
from bridge.users.roles import Role


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    """As :func:`bridge.programme.emails.normal_email` writes it."""
    name: str
    password_hash: str = ""
    """argon2id; empty: he has none, and comes by a link or another sign-in service."""
    password_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    totp_secret: str = ""
    """Encrypted; empty: no second factor."""
    totp_step: int = 0
    """The last time step whose code was taken: no code works twice."""
    subject: str = ""
    """Who he is to the sign-in service (issuer and subject, OpenID Connect), from the first time
    he came by it; later nobody else comes in by his address."""
    language: str = ""
    """Empty: as his browser says."""
    is_disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class UserRole(SQLModel, table=True):
    __tablename__ = "user_roles"
    __table_args__ = (
        CheckConstraint(
            "role IN ({})".format(", ".join(f"'{role}'" for role in Role)), name="role"
        ),
        CheckConstraint("adjust_limit >= 0", name="adjust_limit"),
    )

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True, index=True)
    role: str
    adjust_limit: int | None = None
    """Points he may give or take a day; more waits for a second person. ``None``: as many
    as the workspace allows."""
    granted_at: datetime = Field(sa_type=UtcDateTime)
    granted_by: str


class UserAccount(SQLModel, table=True):
    """A member that a user of the role sales looks after: others he does not see."""

    __tablename__ = "user_accounts"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    member_id: int = Field(foreign_key="members.id", primary_key=True, index=True)
    given_at: datetime = Field(sa_type=UtcDateTime)


class UserSession(SQLModel, table=True):
    __tablename__ = "user_sessions"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    client: str
    """What his browser calls itself, cut."""
    address: str


class LinkPurpose(StrEnum):
    OWNER = "owner"
    """The first user of a workspace."""
    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - a purpose
    """Somebody forgot his."""


class ShopAdministration(SQLModel, table=True):
    """Whoever comes from a shop's administration: one account for all of them, made when a person
    first lets them in. It has no password and no e-mail address. What it may do is its row in
    ``user_roles``; without one nobody is let in."""

    __tablename__ = "shop_administrations"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    user_id: int = Field(foreign_key="users.id", unique=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a person last signed everybody out or let nobody in any more, or the app was gone: what
    the shop signed before leads nobody in, so that an address that somebody took is worth
    nothing."""


class AdministrationTicket(SQLModel, table=True):
    """Lets one browser in from a shop's administration, once, within minutes."""

    __tablename__ = "administration_tickets"

    token_hash: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    installation_id: int = Field(foreign_key="installations.id", index=True)
    target: str
    """The page he asked for: a path of ours."""
    shop_user: str
    """Who he is there; empty: the shop does not say."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)


class UserLink(SQLModel, table=True):
    """An address that works once, for who was handed it."""

    __tablename__ = "user_links"
    __table_args__ = (Index("ix_user_links_workspace", "workspace_id", "purpose"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    purpose: str
    workspace_id: int | None = Field(default=None, foreign_key="workspaces.id")
    email: str
    """Empty for the owner's: he says it himself."""
    role: str
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """Instead of a code of the second factor, once."""

    __tablename__ = "recovery_codes"

    user_id: int = Field(foreign_key="users.id", primary_key=True)
    code_hash: str = Field(primary_key=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInFailure(SQLModel, table=True):
    """Failed sign-ins in a row, of an account or from an address."""

    __tablename__ = "sign_in_failures"

    subject: str = Field(primary_key=True)
    failures: int
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)


class WebSecret(SQLModel, table=True):
    """What cookies and forms are signed with: one for all processes on this database."""

    __tablename__ = "web_secrets"

    id: int = Field(default=1, primary_key=True)
    secret: str
    """Encrypted."""
