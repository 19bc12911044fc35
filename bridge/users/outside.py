"""Users who are known to a sign-in service (OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select, update

from bridge.audit.service import Actor, Subject, record
from bridge.programme.emails import normal_email
from bridge.users.links import open_invitations
from bridge.users.models import User
from bridge.users.roles import Role
from bridge.users.second_factor import turn_off
from bridge.users.service import grant, make_user, user_named
from bridge.users.sessions import end_sessions


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says, once its signature was checked."""

    issuer: str
    subject: str
    email: str
    is_verified: bool
    name: str

    @property
    def who(self) -> str:
        return f"{self.issuer} {self.subject}"


class Stranger(Exception):
    """Why he is not let in, as a key of a text: ``unknown``, ``unverified``, ``somebody-else``."""


def let_in(session: Session, told: Told, now: datetime) -> User:
    """The user, found by who he is to the service; the first time by his address, which the
    service must have verified. Open invitations to that address are accepted, and a password that
    the account had ends. Raises :class:`Stranger`."""
    found = session.exec(select(User).where(col(User.subject) == told.who)).first()
    if found is None:
        found = _first_time(session, told, now)
    if found.is_disabled:
        raise Stranger("unknown")
    assert found.id is not None
    return found


def _first_time(session: Session, told: Told, now: datetime) -> User:
    known = user_named(session, told.email)
    invited = open_invitations(session, _address(told.email), now) if told.email else []
    if known is None and not invited:
        raise Stranger("unknown")
    if not told.is_verified:
        raise Stranger("unverified")
    if known is not None and known.subject:
        raise Stranger("somebody-else")
    user = known or make_user(session, told.email, told.name, "", now)
    assert user.id is not None
    # Whoever made the account under this address may not have been him: what opened it until now
    # does so no more.
    turn_off(session, user.id)
    end_sessions(session, user.id)
    session.exec(
        update(User)
        .where(col(User.id) == user.id)
        .values(subject=told.who, password_hash="", password_set_at=None)
    )
    for link in invited:
        assert link.workspace_id is not None
        link.used_at = now
        grant(session, link.workspace_id, user.id, Role(link.role), link.made_by, now)
        record(
            session,
            link.workspace_id,
            Actor(f"{user.name} <{user.email}>", user.id),
            "user.joined",
            Subject("user", str(user.id), user.email),
            now,
            after={"role": link.role, "invited by": link.made_by},
        )
    return user


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except ValueError:
        return ""
