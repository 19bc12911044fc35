"""Subscribers: added, changed, given another secret, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bridge.audit.service import Actor, Subject, record
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.subscribers.event_types import EventType
from bridge.subscribers.messages import LOOK_BACK, failed
from bridge.subscribers.models import (
    Disabled,
    MessageState,
    Subscriber,
    SubscriberCursor,
    SubscriberMessage,
)
from bridge.subscribers.signing import new_secret
from bridge.subscribers.walking import begin, move_on
from connectors.http.posting import is_address
from connectors.sentences import sentence

BOTH_HOLD = timedelta(hours=24)
"""How long messages bear the old secret's signature beside the new one's."""
LONGEST_NAME = 100
LONGEST_URL = 1000
WORTH_TELLING = timedelta(hours=1)
"""How long a subscriber may take nothing before people hear of it."""
_WENT_WRONG = (Disabled.GONE.value, Disabled.FAILING.value)
_FIELD = "secret"

Keys = Callable[[], KeyRing]


class UnknownSubscriber(BridgeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            sentence(
                'There is no subscriber "%(name)s". See them with: loyalty-bridge subscribers list',
                name=name,
            )
        )


class SubscriberRefused(BridgeError):
    """It cannot be added like this. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    name: str
    url: str
    types: Collection[EventType]
    with_email: bool = False
    is_public_only: bool = True


@dataclass(frozen=True, slots=True)
class WithSecret:
    row: Subscriber
    secret: str
    """To be shown now, and never again."""


def add(
    session: Session, workspace_id: int, new: NewSubscriber, keys: Keys, actor: Actor, now: datetime
) -> WithSecret:
    """It is told what happens from now on. Raises :class:`SubscriberRefused`."""
    name = _checked(session, workspace_id, new)
    row = Subscriber(
        workspace_id=workspace_id,
        name=name,
        url=new.url.strip(),
        types=_sorted(new.types),
        with_email=new.with_email,
        is_public_only=new.is_public_only,
        made_by=actor.name,
        made_at=now,
        begins_at=now,
    )
    session.add(row)
    session.flush()
    secret = _give_secret(session, row, keys)
    begin(session, row, now)
    after = {"url": _shown(row.url), "types": row.types, "with_email": row.with_email}
    record(session, workspace_id, actor, "subscriber.added", _subject(row), now, after=after)
    return WithSecret(row, secret)


def subscribers(session: Session, workspace_id: int) -> Sequence[Subscriber]:
    """By name."""
    return session.scalars(
        select(Subscriber)
        .where(col(Subscriber.workspace_id) == workspace_id)
        .order_by(col(Subscriber.name))
    ).all()


def named(session: Session, workspace_id: int, name: str) -> Subscriber:
    """Raises :class:`UnknownSubscriber`."""
    return _one(session, workspace_id, name, col(Subscriber.name) == name)


def with_id(session: Session, workspace_id: int, subscriber_id: int) -> Subscriber:
    """Raises :class:`UnknownSubscriber`."""
    return _one(session, workspace_id, str(subscriber_id), col(Subscriber.id) == subscriber_id)


def rotate(session: Session, row: Subscriber, keys: Keys, actor: Actor, now: datetime) -> str:
    """The new secret, to be shown once; the old one holds for :data:`BOTH_HOLD`."""
    row.old_secret, row.old_until = row.secret, now + BOTH_HOLD
    secret = _give_secret(session, row, keys)
    record(session, row.workspace_id, actor, "subscriber.rotated", _subject(row), now)
    return secret


def enable(
    session: Session, row: Subscriber, actor: Actor, now: datetime, *, skip: bool = False
) -> None:
    """It is sent what waits, and told what happened since it was disabled, of the last
    :data:`bridge.subscribers.messages.LOOK_BACK` at most. ``skip``: only what happens from now
    on."""
    if not row.disabled:
        return
    if skip:
        _skip(session, row, now)
    else:
        move_on(session, row, now - LOOK_BACK)
    row.disabled, row.disabled_at = "", None
    row.failing_since, row.failed_at, row.busy, row.not_before = None, None, 0, None
    session.add(row)
    told = {"skipped": True} if skip else None
    subject = _subject(row)
    record(session, row.workspace_id, actor, "subscriber.enabled", subject, now, after=told)


def disable(session: Session, row: Subscriber, actor: Actor, now: datetime, why: Disabled) -> None:
    """It is sent nothing; what was not sent waits."""
    if row.disabled:
        return
    row.disabled, row.disabled_at = why.value, now
    session.add(row)
    after = {"why": why.value}
    record(session, row.workspace_id, actor, "subscriber.disabled", _subject(row), now, after=after)


def remove(session: Session, row: Subscriber, actor: Actor, now: datetime) -> None:
    """With its messages, sent or not."""
    for table in (SubscriberMessage, SubscriberCursor):
        session.execute(delete(table).where(col(table.subscriber_id) == row.id))
    record(session, row.workspace_id, actor, "subscriber.removed", _subject(row), now)
    session.execute(delete(Subscriber).where(col(Subscriber.id) == row.id))


def secrets_of(row: Subscriber, keys: KeyRing, now: datetime) -> list[str]:
    """What messages are signed with: the present secret, and the one before while it holds.
    Raises UnreadableSecret."""
    tokens = [row.secret]
    if row.old_secret and row.old_until is not None and now < row.old_until:
        tokens.append(row.old_secret)
    return [keys.decrypt(token)[_FIELD] for token in tokens]


def need_somebody(session: Session, workspace_id: int, now: datetime) -> Sequence[Subscriber]:
    """Who was switched off by what went wrong, or has taken nothing for :data:`WORTH_TELLING`."""
    failing = (col(Subscriber.disabled) == "") & (
        col(Subscriber.failing_since) <= now - WORTH_TELLING
    )
    return session.scalars(
        select(Subscriber)
        .where(
            col(Subscriber.workspace_id) == workspace_id,
            col(Subscriber.disabled).in_(_WENT_WRONG) | failing,
        )
        .order_by(col(Subscriber.name))
    ).all()


def untold(session: Session, workspace_id: int) -> int:
    """How much waits for a person: subscribers that went wrong, and messages that failed."""
    off = session.scalars(
        select(col(Subscriber.id)).where(
            col(Subscriber.workspace_id) == workspace_id,
            col(Subscriber.disabled).in_(_WENT_WRONG),
        )
    ).all()
    return len(off) + failed(session, workspace_id)


def _skip(session: Session, row: Subscriber, now: datetime) -> None:
    """It begins anew."""
    row.begins_at = now
    begin(session, row, now)
    session.execute(
        delete(SubscriberMessage).where(
            col(SubscriberMessage.subscriber_id) == row.id,
            col(SubscriberMessage.state) == MessageState.WAITING.value,
        )
    )


def require_address(url: str) -> None:
    """Sends nothing. Raises :class:`SubscriberRefused`."""
    if not is_address(url.strip()) or len(url) > LONGEST_URL:
        raise SubscriberRefused(
            sentence(
                "The address must begin with https:// (or http://), name a host, and hold neither "
                "a user nor a password."
            )
        )


def note_resent(session: Session, row: Subscriber, actor: Actor, now: datetime, count: int) -> None:
    """In the audit log: messages are sent once more."""
    after = {"messages": count}
    record(session, row.workspace_id, actor, "subscriber.resent", _subject(row), now, after=after)


def _give_secret(session: Session, row: Subscriber, keys: Keys) -> str:
    # Encrypted only after this transaction has written to the table: `keys rotate` takes its
    # lock, so that no row is left behind under a key that is then dropped.
    row.secret = ""
    session.add(row)
    session.flush()
    secret = new_secret()
    row.secret = keys().encrypt({_FIELD: secret})
    session.add(row)
    session.flush()
    return secret


def _checked(session: Session, workspace_id: int, new: NewSubscriber) -> str:
    name = " ".join(new.name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SubscriberRefused(
            sentence("Name the subscriber, with at most %(most)s signs.", most=str(LONGEST_NAME))
        )
    require_address(new.url)
    if not new.types:
        raise SubscriberRefused(sentence("Choose at least one type of event."))
    mine = col(Subscriber.workspace_id) == workspace_id
    same = session.scalars(select(Subscriber).where(mine, col(Subscriber.name) == name)).first()
    if same is not None:
        raise SubscriberRefused(
            sentence('There is a subscriber "%(name)s" already: choose another name.', name=name)
        )
    return name


def _one(session: Session, workspace_id: int, asked: str, which: Any) -> Subscriber:
    found = session.scalars(
        select(Subscriber)
        .where(col(Subscriber.workspace_id) == workspace_id, which)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise UnknownSubscriber(asked)
    return found


def _sorted(types: Collection[EventType]) -> list[str]:
    return [kind.value for kind in EventType if kind in types]


def _shown(url: str) -> str:
    """Without what may be a token."""
    return url.partition("?")[0]


def _subject(row: Subscriber) -> Subject:
    return Subject("subscriber", str(row.id), row.name)
