"""Who is signed in: opaque tokens whose rows can be ended from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import Session, col, delete, select, update

from bridge.installations.models import AppRegistration, AppState
from bridge.users.models import ShopAdministration, User, UserSession
from bridge.users.tokens import new_token, token_hash

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""So often a page that is looked at counts as a sign of life: not each needs a write."""
_CLIENT = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User
    session_id: int
    seen_at: datetime
    installation_id: int | None = None
    """The store whose administration he came from, as nobody in particular; ``None``: he is
    himself."""

    def is_due(self, now: datetime) -> bool:
        """Whether :func:`see` has something to write."""
        return now - self.seen_at >= SEEN_EVERY


def start_session(
    session: Session,
    user_id: int,
    now: datetime,
    *,
    client: str = "",
    address: str = "",
    lasting: timedelta = LONGEST,
) -> str:
    """The token for his cookie. What ended long ago is deleted with it."""
    session.exec(delete(UserSession).where(col(UserSession.ends_at) < now))
    token = new_token()
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user_id,
            started_at=now,
            seen_at=now,
            ends_at=now + lasting,
            client=client[:_CLIENT],
            address=address,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """``None``: never begun, over, the user was disabled, or the app in whose shop it began is not
    at work any more, or was registered anew since."""
    found = session.exec(
        select(UserSession, User, ShopAdministration.installation_id)
        .join(User, col(User.id) == col(UserSession.user_id))
        .outerjoin(ShopAdministration, col(ShopAdministration.user_id) == col(User.id))
        .outerjoin(
            AppRegistration,
            col(AppRegistration.installation_id) == col(ShopAdministration.installation_id),
        )
        .where(
            col(UserSession.token_hash) == token_hash(token),
            col(UserSession.ends_at) > now,
            col(UserSession.seen_at) > now - IDLE,
            col(User.is_disabled).is_(False),
            or_(
                col(ShopAdministration.user_id).is_(None),
                and_(
                    col(AppRegistration.state) == AppState.ACTIVE.value,
                    col(AppRegistration.registered_at) <= col(UserSession.started_at),
                ),
            ),
        )
    ).first()
    if found is None:
        return None
    row, user, installation_id = found
    assert row.id is not None
    return SignedIn(user, row.id, row.seen_at, installation_id)


def see(session: Session, session_id: int, now: datetime) -> None:
    session.exec(update(UserSession).where(col(UserSession.id) == session_id).values(seen_at=now))


def end_session(session: Session, user_id: int, session_id: int) -> bool:
    """One of his own; whether there was one."""
    done = session.exec(
        delete(UserSession).where(
            col(UserSession.id) == session_id, col(UserSession.user_id) == user_id
        )
    )
    return bool(done.rowcount)


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> None:
    """All of a user's: after a new password, a lost telephone, when he is disabled."""
    session.exec(
        delete(UserSession).where(
            col(UserSession.user_id) == user_id,
            *([] if but is None else [col(UserSession.id) != but]),
        )
    )


def sessions_of(session: Session, user_id: int, now: datetime) -> list[UserSession]:
    """Those that live, the last seen first."""
    return list(
        session.exec(
            select(UserSession)
            .where(
                col(UserSession.user_id) == user_id,
                col(UserSession.ends_at) > now,
                col(UserSession.seen_at) > now - IDLE,
            )
            .order_by(col(UserSession.seen_at).desc(), col(UserSession.id).desc())
        )
    )
