"""What became of messages, kept: and what it says of the subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.subscribers import rules
from bridge.subscribers.event_types import TEST
from bridge.subscribers.models import Disabled, MessageState, Subscriber, SubscriberMessage
from bridge.subscribers.rules import Health, Reply, Verdict, verdict
from bridge.subscribers.service import disable

BRIDGE = Actor("Loyalty Bridge")
"""Who switches off what takes nothing any more."""
_LONGEST_ERROR = 300

log = structlog.get_logger(__name__)


class Held(Protocol):
    """A message under a lease."""

    @property
    def id(self) -> int: ...

    @property
    def until(self) -> datetime: ...


class Taken(Protocol):
    """Messages of one subscriber, leased together."""

    @property
    def name(self) -> str: ...

    @property
    def messages(self) -> Sequence[Held]: ...


def settle(
    app: Application,
    owner: str,
    subscriber_id: int,
    batch: Taken,
    replies: Sequence[Reply | None],
) -> tuple[int, str]:
    """How many were taken, and the first problem, for people; empty: none. ``None`` among the
    replies: it was not begun after all."""
    now, sent, problem = app.now(), 0, ""
    with app.database.writing() as session:
        subscriber = session.get(
            Subscriber, subscriber_id, with_for_update=True, populate_existing=True
        )
        if subscriber is None:  # removed meanwhile, with its messages
            return 0, ""
        for leased, reply in zip(batch.messages, replies, strict=True):
            message = _held(session, app.workspace_id, owner, leased)
            if message is None:
                continue  # another worker has it
            message.lease_owner, message.lease_until = "", None
            if reply is None:
                message.attempts, message.not_before = message.attempts - 1, now
            elif _keep(session, subscriber, message, reply, now):
                sent += 1
            else:
                problem = problem or f"{subscriber.name}: {message.error}"
    if problem:
        log.warning("messages not taken", subscriber=batch.name, reason=problem)
    return sent, problem


def _keep(
    session: Session,
    subscriber: Subscriber,
    message: SubscriberMessage,
    reply: Reply,
    now: datetime,
) -> bool:
    """Whether it was taken."""
    found = verdict(reply)
    message.status = reply.status
    if found is Verdict.TAKEN:
        message.state, message.error = MessageState.DELIVERED.value, ""
        message.delivered_at = subscriber.delivered_at = now
        _set_health(subscriber, rules.WELL)
        return True
    message.error = said(reply)
    if message.type == TEST:  # somebody looks at its answer
        message.state = MessageState.FAILED.value
        return False
    if message.attempts >= rules.MOST_ATTEMPTS:
        message.state = MessageState.FAILED.value
    message.not_before = max(message.not_before, now + rules.wished(reply.retry_after))
    health = rules.after_failure(_health(subscriber), found, reply.retry_after, now)
    _set_health(subscriber, health)
    if found is Verdict.GONE:
        disable(session, subscriber, BRIDGE, now, Disabled.GONE)
    elif rules.is_given_up(health, now):
        disable(session, subscriber, BRIDGE, now, Disabled.FAILING)
    return False


def said(reply: Reply) -> str:
    """Why it was not taken, in one line."""
    if reply.status is None:
        return reply.error
    words = " ".join(reply.text.split())
    beginning = "".join(filter(str.isprintable, words))[:_LONGEST_ERROR]
    return f"It answered {reply.status}" + (f": {beginning}" if beginning else "")


def _health(subscriber: Subscriber) -> Health:
    return Health(
        subscriber.failing_since, subscriber.failed_at, subscriber.busy, subscriber.not_before
    )


def _set_health(subscriber: Subscriber, health: Health) -> None:
    subscriber.failing_since, subscriber.failed_at = health.failing_since, health.failed_at
    subscriber.busy, subscriber.not_before = health.busy, health.not_before


def _held(
    session: Session, workspace_id: int, owner: str, leased: Held
) -> SubscriberMessage | None:
    return session.scalars(
        select(SubscriberMessage)
        .where(
            col(SubscriberMessage.workspace_id) == workspace_id,
            col(SubscriberMessage.id) == leased.id,
            col(SubscriberMessage.lease_owner) == owner,
            col(SubscriberMessage.lease_until) == leased.until,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
