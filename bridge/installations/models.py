"""An installation: one shop instance, with what it takes to speak to it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

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
    is_public_only: bool = False
    """Its address was typed into the web app: only public addresses are called for it."""
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
    plugin: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Fields of :class:`connectors.plugins.Plugin`; ``None``: it was not seen in the shop."""
    read_at: datetime = Field(sa_type=UtcDateTime)


class StoreCheck(SQLModel, table=True):
    """What was found when the installation was last checked."""

    __tablename__ = "store_checks"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    findings: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    """Fields of :class:`connectors.base.Finding`, in the order found."""
    checked_at: datetime = Field(sa_type=UtcDateTime)


class StoreDraft(SQLModel, table=True):
    """A store that a user of the web app is setting up: tested, not connected yet."""

    __tablename__ = "store_drafts"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    name: str
    platform: str
    url: str
    is_public_only: bool
    credentials: str
    """Encrypted."""
    info: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the shop told about itself in the test: fields of ShopFacts."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class AppState(StrEnum):
    OFFERED = "offered"
    """An address was made; no shop has confirmed a registration yet."""
    ACTIVE = "active"
    INACTIVE = "inactive"
    """Switched off in the shop: it sends nothing until somebody switches it on there."""
    DELETED = "deleted"
    """Taken out of the shop; it may register anew."""


class AppRegistration(SQLModel, table=True):
    """Where an installation reaches the bridge, and the secrets it signs with."""

    __tablename__ = "app_registrations"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    token: str = Field(unique=True)
    """The unguessable part of its address."""
    base_url: str
    """Where shops reach the bridge, without a final slash."""
    shop_address: str = ""
    """The shop's own address for itself, where it is another than the installation's."""
    secrets: str = ""
    """Encrypted: the app's secret, the shop's present, pending and previous one, its API key."""
    state: str = AppState.OFFERED.value
    shop_id: str = ""
    shop_url: str = ""
    app_version: str = ""
    pending_shop_id: str = ""
    pending_shop_url: str = ""
    pending_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    previous_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Until when what the previous secret signed is taken."""
    registered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PluginState(SQLModel, table=True):
    """What the plugin in a shop was told of the bridge, and what became of it. A row is made once
    one was seen there, or somebody began to set one up."""

    __tablename__ = "plugin_states"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the shop was last asked for it; ``None``: it is to be asked at once."""
    watched_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Somebody is setting it up: until then the shop is asked every minute."""
    told: str = ""
    """:attr:`connectors.plugins.PluginSettings.told` of what it was seen to hold last; empty:
    nothing of this bridge."""
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = ""
    """Why it could not be told; empty: it could."""
    nonce: str = ""
    """What it was asked to repeat in an event that it signs; empty: nothing yet."""
    heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When that event came; ``None``: it did not come since the plugin was told."""
    is_forgotten: bool = False
    """A person took away what it was told: it is told nothing until one asks for it, or until it
    is gone and comes again."""
    link_made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a secret for links was made for it without being asked for: once, so that a secret that
    somebody dropped stays away."""
    gave_gifts: bool = False
    """When it was looked at last."""
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when gifts that it gave are given by nobody; ``None``: it gives them, or never did."""


class WebhookCount(SQLModel, table=True):
    """What became of the messages an installation sent, a day."""

    __tablename__ = "webhook_counts"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    day: date = Field(primary_key=True)
    """In UTC."""
    outcome: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    messages: int
    last_at: datetime = Field(sa_type=UtcDateTime)
