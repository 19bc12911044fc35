"""Tokens: made, recognised, revoked. A token is shown once and kept as its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from bridge.api_tokens.models import ApiToken
from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Actor, Subject, record
from bridge.kit.calendar import day_end
from bridge.kit.errors import BridgeError
from bridge.workspaces.models import Workspace
from connectors.sentences import sentence

PREFIX = "lbt_"
"""So that scanners of code and logs recognise a token that was left lying about."""
LONGEST_NAME = 100
_LATEST_YEAR = 9000
_USED_EVERY = timedelta(minutes=1)


class UnknownToken(BridgeError):
    def __init__(self, token_id: int) -> None:
        super().__init__(
            sentence(
                "There is no token %(token_id)s. See `loyalty-bridge tokens list`.",
                token_id=f"{token_id}",
            )
        )


class TokenRefused(BridgeError):
    """A token that would open nothing, or that nobody could tell from others."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever shows a token."""

    token_id: int
    workspace_id: int
    workspace: str
    name: str
    scopes: frozenset[str]
    is_due: bool
    """Whether :func:`note_use` has something to write."""

    @property
    def actor(self) -> Actor:
        return Actor(f"token {self.name}")


@dataclass(frozen=True, slots=True)
class Made:
    row: ApiToken
    token: str
    """To be shown now, and never again."""


def make_token(
    session: Session,
    workspace_id: int,
    name: str,
    scopes: Iterable[Scope],
    actor: Actor,
    now: datetime,
    *,
    ends_at: datetime | None = None,
) -> Made:
    """Raises :class:`TokenRefused`: without a name or a scope, or over already."""
    name = _name(name)
    token = PREFIX + secrets.token_urlsafe(32)
    told = sorted({scope.value for scope in scopes})
    if not told:
        raise TokenRefused(sentence("A token without a scope opens nothing: choose at least one."))
    if ends_at is not None and ends_at <= now:
        raise TokenRefused(
            sentence("The token would have ended already: choose a later day, or none.")
        )
    row = ApiToken(
        workspace_id=workspace_id,
        name=name,
        token_hash=_hash(token),
        last_signs=token[-4:],
        scopes=" ".join(told),
        made_by=actor.name,
        made_at=now,
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    after = {"scopes": told, "ends": ends_at.isoformat() if ends_at else None}
    record(session, workspace_id, actor, "token.made", _subject(row), now, after=after)
    return Made(row, token)


def holder(session: Session, token: str, now: datetime) -> Holder | None:
    """``None``: unknown, revoked or over."""
    found = session.exec(
        select(ApiToken, Workspace.key)
        .join(Workspace, col(Workspace.id) == col(ApiToken.workspace_id))
        .where(col(ApiToken.token_hash) == _hash(token), col(ApiToken.revoked_at).is_(None))
    ).first()
    if found is None:
        return None
    row, workspace = found
    if row.ends_at is not None and row.ends_at <= now:
        return None
    assert row.id is not None
    is_due = row.used_at is None or now - row.used_at >= _USED_EVERY
    return Holder(
        row.id, row.workspace_id, workspace, row.name, frozenset(row.scopes.split()), is_due
    )


def note_use(session: Session, token_id: int, now: datetime) -> None:
    session.exec(update(ApiToken).where(col(ApiToken.id) == token_id).values(used_at=now))


def tokens(session: Session, workspace_id: int) -> list[ApiToken]:
    """The newest first."""
    return list(
        session.exec(
            select(ApiToken)
            .where(col(ApiToken.workspace_id) == workspace_id)
            .order_by(col(ApiToken.id).desc())
        )
    )


def open_tokens_by(session: Session, workspace_id: int, email: str, now: datetime) -> list[str]:
    """The names of those that a user made and that still open something: they belong to the
    workspace, and stay when he goes."""
    return [
        row.name
        for row in tokens(session, workspace_id)
        if is_open(row, now) and row.made_by.endswith(f"<{email}>")
    ]


def revoke(
    session: Session, workspace_id: int, token_id: int, actor: Actor, now: datetime
) -> ApiToken:
    """Raises :class:`UnknownToken`. One that was revoked stays so."""
    row = session.exec(
        select(ApiToken)
        .where(col(ApiToken.workspace_id) == workspace_id, col(ApiToken.id) == token_id)
        .with_for_update()
    ).first()
    if row is None:
        raise UnknownToken(token_id)
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, workspace_id, actor, "token.revoked", _subject(row), now)
    return row


def ends_with(day: date, zone: ZoneInfo) -> datetime:
    """When a token ends whose last day this is. Raises :class:`TokenRefused`."""
    if day.year > _LATEST_YEAR:
        raise TokenRefused(
            sentence(
                "Choose a last day up to the year %(latest_year)s, or none.",
                latest_year=str(_LATEST_YEAR),
            )
        )
    return day_end(day, zone)


def is_open(row: ApiToken, now: datetime) -> bool:
    """Whether it still opens anything."""
    return row.revoked_at is None and (row.ends_at is None or row.ends_at > now)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise TokenRefused(
            sentence(
                "Name the program that will use the token, with at most %(longest_name)s signs.",
                longest_name=LONGEST_NAME,
            )
        )
    return name


def _subject(row: ApiToken) -> Subject:
    return Subject("token", str(row.id), row.name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
