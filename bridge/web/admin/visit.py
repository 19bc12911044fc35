"""Who looks at this page, in which workspace, and what he may do there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, url_for

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.users.models import User
from bridge.users.roles import Permission, Role, may


@dataclass(frozen=True, slots=True)
class Guest:
    """A user who is signed in, wherever he is."""

    app: Application
    """Of the workspace this process works for: his own is :attr:`Visit.app`."""
    user: User
    session_id: int
    address: str
    """The network address he comes from."""
    installation_id: int | None = None
    """The store whose administration he comes from, as nobody in particular."""

    @property
    def is_person(self) -> bool:
        return self.installation_id is None

    @property
    def user_id(self) -> int:
        assert self.user.id is not None
        return self.user.id

    @property
    def actor(self) -> Actor:
        name = f"{self.user.name} <{self.user.email}>" if self.is_person else self.user.name
        return Actor(name, self.user_id, self.address)


@dataclass(frozen=True, slots=True)
class Visit:
    """A user in a workspace where he has a role. Pages get it as their first argument."""

    app: Application
    """Of this workspace."""
    guest: Guest
    workspace: str
    role: Role
    adjust_limit: int | None
    """His own; the workspace's is a preference."""
    wake: Callable[[str], None]
    """Told the engine's step that this request made work for, once it is committed."""

    @property
    def user(self) -> User:
        return self.guest.user

    @property
    def user_id(self) -> int:
        return self.guest.user_id

    @property
    def actor(self) -> Actor:
        """For the audit log."""
        return self.guest.actor

    def may(self, permission: Permission | str) -> bool:
        return may(self.role, Permission(permission))

    def url(self, page: str, **values: Any) -> str:
        """Of a page of this workspace, by its function's name."""
        return url_for(f"admin.{page}", workspace=self.workspace, **values)


def visit() -> Visit | None:
    """Of this request; ``None`` outside of a workspace's pages."""
    found: Visit | None = g.get("visit")
    return found


def guest() -> Guest | None:
    """Of this request; ``None``: nobody is signed in, or it was not asked."""
    found: Guest | None = g.get("guest")
    return found
