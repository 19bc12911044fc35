"""Messages as people look at them, sending them once more, and letting go of old ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from bridge.kit.errors import BridgeError
from bridge.subscribers.event_types import TEST
from bridge.subscribers.models import (
    MessageState,
    Subscriber,
    SubscriberCursor,
    SubscriberMessage,
)
from bridge.subscribers.walking import SETTLED, sources_of
from connectors.sentences import sentence

LOOK_BACK = timedelta(days=30)
"""How much of the time in which a subscriber was disabled he is told of afterwards."""
KEPT = LOOK_BACK + timedelta(days=1)
"""How long messages are kept: longer than what is looked at again."""


class UnknownMessage(BridgeError):
    def __init__(self, message_id: int) -> None:
        super().__init__(
            sentence(
                "There is no message %(number)s. See them with: "
                "loyalty-bridge subscribers messages",
                number=str(message_id),
            )
        )


def listed(
    session: Session,
    workspace_id: int,
    *,
    subscriber_id: int | None = None,
    state: MessageState | None = None,
    before: int = 0,
    most: int = 50,
) -> Sequence[SubscriberMessage]:
    """Newest first; ``before``: only those with a lower number, to page on."""
    which = [col(SubscriberMessage.workspace_id) == workspace_id]
    if subscriber_id is not None:
        which.append(col(SubscriberMessage.subscriber_id) == subscriber_id)
    if state is not None:
        which.append(col(SubscriberMessage.state) == state.value)
    if before:
        which.append(col(SubscriberMessage.id) < before)
    return session.scalars(
        select(SubscriberMessage)
        .where(*which)
        .order_by(col(SubscriberMessage.id).desc())
        .limit(most)
    ).all()


def resend(
    session: Session,
    workspace_id: int,
    now: datetime,
    *,
    message_id: int | None = None,
    subscriber_id: int | None = None,
) -> int:
    """Sends a message once more, whatever became of it; or all that failed, of a subscriber or of
    every one. How many. They bear the same ``webhook-id`` as before. Raises
    :class:`UnknownMessage`."""
    which = [col(SubscriberMessage.workspace_id) == workspace_id]
    if message_id is not None:
        which.append(col(SubscriberMessage.id) == message_id)
    else:
        which.append(col(SubscriberMessage.state) == MessageState.FAILED.value)
        which.append(col(SubscriberMessage.type) != TEST)
    if subscriber_id is not None:
        which.append(col(SubscriberMessage.subscriber_id) == subscriber_id)
    done: Any = session.execute(
        update(SubscriberMessage)
        .where(*which)
        .values(state=MessageState.WAITING.value, attempts=0, not_before=now)
        .execution_options(synchronize_session=False)
    )
    if message_id is not None and not done.rowcount:
        raise UnknownMessage(message_id)
    return int(done.rowcount)


def failed(
    session: Session, workspace_id: int, *, subscriber_id: int | None = None, most: int = 100
) -> int:
    """How many failed, tests apart; counted up to ``most``."""
    which = [
        col(SubscriberMessage.workspace_id) == workspace_id,
        col(SubscriberMessage.state) == MessageState.FAILED.value,
        col(SubscriberMessage.type) != TEST,
    ]
    if subscriber_id is not None:
        which.append(col(SubscriberMessage.subscriber_id) == subscriber_id)
    few = select(col(SubscriberMessage.id)).where(*which).limit(most).subquery()
    return int(session.execute(select(func.count()).select_from(few)).scalar_one())


def forget(session: Session, workspace_id: int, now: datetime) -> int:
    """Old ones go, except where their events could still be found again."""
    subscribers = session.scalars(
        select(Subscriber).where(col(Subscriber.workspace_id) == workspace_id)
    ).all()
    gone = 0
    for one in subscribers:
        until = now - KEPT
        if not one.disabled:
            until = min(until, _looked_at_again(session, one, now))
        done: Any = session.execute(
            delete(SubscriberMessage)
            .where(
                col(SubscriberMessage.workspace_id) == workspace_id,
                col(SubscriberMessage.subscriber_id) == one.id,
                col(SubscriberMessage.made_at) < until,
            )
            .execution_options(synchronize_session=False)
        )
        gone += int(done.rowcount)
    return gone


def _looked_at_again(session: Session, subscriber: Subscriber, now: datetime) -> datetime:
    """Of what happened before, nothing is found a second time."""
    oldest = session.execute(
        select(func.min(col(SubscriberCursor.through))).where(
            col(SubscriberCursor.subscriber_id) == subscriber.id,
            col(SubscriberCursor.source).in_([one.name for one in sources_of(subscriber)]),
        )
    ).scalar()
    return (oldest or now) - 2 * SETTLED
