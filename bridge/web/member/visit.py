"""Who looks at this page, and of which merchant it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, url_for
from sqlmodel import Session

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.members.models import Member
from bridge.preferences.logos import logo
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from bridge.programme.service import current


@dataclass(frozen=True, slots=True)
class Merchant:
    """Whose pages these are: what stands and shines on each of them."""

    name: str
    """Of the programme, as members read it."""
    branding: Branding
    letters: Letters
    programme: Programme | None
    """``None``: none was loaded yet."""
    logo: str
    """The digest of his picture; empty: he has none."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.timezone if self.programme else "UTC")


def merchant(session: Session, app: Application) -> Merchant:
    branding = preferences(session, app.workspace_id, Branding)
    found = current(session, app.workspace_id)
    picture = logo(session, app.workspace_id)
    return Merchant(
        branding.name or (found[1].name if found else app.workspace),
        branding,
        preferences(session, app.workspace_id, Letters),
        found[1] if found else None,
        picture.digest if picture else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody on a merchant's pages, signed in or not."""

    app: Application
    """Of this workspace."""
    workspace: str
    merchant: Merchant
    wake: Callable[[str], None]
    """Told the engine's step that this request made work for, once it is committed."""
    is_signed_in: bool = False

    def url(self, page: str, **values: Any) -> str:
        """Of one of these pages, by its function's name."""
        return url_for(f"member.{page}", workspace=self.workspace, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Caller):
    """A member on his own pages."""

    member: Member
    """As he is now: never one who was merged into another."""
    session_id: int
    takes_part: bool
    """Otherwise he left, or is none of those whom the programme is for."""
    is_signed_in: bool = True

    @property
    def member_id(self) -> int:
        assert self.member.id is not None
        return self.member.id

    @property
    def actor(self) -> Actor:
        """For the audit log."""
        return Actor(f"member #{self.member_id}")


def caller() -> Caller | None:
    """Of this request; ``None``: its workspace is not known."""
    found: Caller | None = g.get("caller")
    return found
