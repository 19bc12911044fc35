"""Messages go out. Some are leased, and that they are begun is kept, before they are sent;
afterwards they are marked. Killed in between, they are sent again, with the same ``webhook-id``:
a subscriber gets each at least once, in no promised order.

Each subscriber is served by a thread of its own, so that a slow one does not hold up the others.
One that takes nothing is tried with one message at a time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.application import Application
from bridge.kit.encryption import UnreadableSecret
from bridge.subscribers import rules
from bridge.subscribers.composing import body
from bridge.subscribers.models import MessageState, Subscriber, SubscriberMessage
from bridge.subscribers.rules import Reply, Verdict
from bridge.subscribers.service import secrets_of
from bridge.subscribers.settling import settle
from bridge.subscribers.signing import headers
from connectors.http import in_parallel
from connectors.http.posting import Poster

CONTENT_TYPE = "application/json; charset=utf-8"
LEASE = timedelta(minutes=3)
SLOWEST = timedelta(seconds=45)
"""How long one attempt may take: with less of its lease left, none is begun."""
AT_ONCE = 20
"""Messages that one lease covers."""
SIDE_BY_SIDE = 4
"""Requests to one subscriber at the same time."""
LONGEST_RUN = 60.0
"""Seconds after which a run ends, whatever a subscriber is still at."""
_LOOKS = 0.25
"""Seconds between two looks of who has nothing to send while others have."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Leased:
    """One message, ready to be sent."""

    id: int
    webhook_id: str
    body: bytes
    headers: dict[str, str] = field(repr=False)
    until: datetime
    """The end of its lease; with the owner, what tells it from others."""


@dataclass(frozen=True, slots=True)
class Batch:
    name: str
    """The subscriber's."""
    url: str = field(repr=False)
    is_public_only: bool
    messages: Sequence[Leased]


@dataclass
class SentMessages:
    sent: int = 0
    problems: dict[str, None] = field(default_factory=dict)
    has_more: bool = False
    """A subscriber was still at it when the run ended."""


def send_messages(
    app: Application, owner: str, is_stopping: Callable[[], bool] = lambda: False
) -> SentMessages:
    """Everything that is due. ``owner`` names the worker, for its leases."""
    with app.database.reading() as session:
        due = list(session.scalars(_subscribers_with_due(app.workspace_id, app.now())))
    if not due:
        return SentMessages()
    run = _Run(app, owner, is_stopping)
    # Daemons: one that hangs in a subscriber's answer keeps no process from ending.
    threads = [threading.Thread(target=run.serve, args=(one,), daemon=True) for one in due]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LONGEST_RUN
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    run.is_over.set()
    with run.lock:
        result = run.result
        return SentMessages(result.sent, dict(result.problems), any(map(_lives, threads)))


class _Run:
    """What the threads of one run share."""

    def __init__(self, app: Application, owner: str, is_stopping: Callable[[], bool]) -> None:
        self._app, self._owner, self._is_stopping = app, owner, is_stopping
        self._working = 0
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.result = SentMessages()

    def serve(self, subscriber_id: int) -> None:
        """Until nobody has anything to send. What goes wrong here concerns no other subscriber."""
        try:
            while not (self.is_over.is_set() or self._is_stopping()):
                if self._works_off(subscriber_id):
                    continue
                if not self._working:
                    return
                self.is_over.wait(_LOOKS)  # more may be found while others are at work
        except Exception as error:  # a defect must not hold up the others
            log.exception("messages could not be sent", subscriber=subscriber_id)
            self._note(0, f"Internal error: {type(error).__name__}. See the log.")

    def _works_off(self, subscriber_id: int) -> bool:
        """Sends one batch; whether there was one."""
        with self.lock:
            self._working += 1
        try:
            return self._work_off(subscriber_id)
        finally:
            with self.lock:
                self._working -= 1

    def _work_off(self, subscriber_id: int) -> bool:
        try:
            batch = claim(self._app, self._owner, subscriber_id)
        except UnreadableSecret as error:
            self._note(0, str(error))
            return False
        if batch is None:
            return False
        sent, problem = send(self._app, self._owner, subscriber_id, batch)
        self._note(sent, problem)
        return True

    def _note(self, sent: int, problem: str) -> None:
        with self.lock:
            self.result.sent += sent
            if problem:
                self.result.problems[problem] = None


# -- taking ---------------------------------------------------------------------------------


def claim(app: Application, owner: str, subscriber_id: int) -> Batch | None:
    """Leases what is due of one subscriber. Raises UnreadableSecret."""
    now = app.now()
    with app.database.writing() as session:
        subscriber = session.scalars(
            select(Subscriber)
            .where(col(Subscriber.id) == subscriber_id, _is_open(now))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        if subscriber is None:
            return None
        most = 1 if subscriber.failing_since is not None else AT_ONCE
        rows = session.scalars(
            select(SubscriberMessage)
            .where(col(SubscriberMessage.subscriber_id) == subscriber_id, *_is_due(now))
            .order_by(col(SubscriberMessage.not_before), col(SubscriberMessage.id))
            .limit(most)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        if not rows:
            return None
        leased = _lease(app, session, owner, subscriber, rows)
        return Batch(subscriber.name, subscriber.url, subscriber.is_public_only, leased)


def _lease(
    app: Application,
    session: Session,
    owner: str,
    subscriber: Subscriber,
    rows: Sequence[SubscriberMessage],
) -> list[Leased]:
    now = app.now()
    valid = secrets_of(subscriber, app.keyring(), now)
    leased = []
    for row in rows:
        assert row.id is not None
        if row.attempts >= rules.MOST_ATTEMPTS:
            row.state, row.error = MessageState.FAILED.value, "It was begun again and again"
            continue
        row.attempts += 1
        row.begun_at, row.lease_owner, row.lease_until = now, owner, now + LEASE
        # Should this process be killed, it is tried again as though it had failed.
        row.not_before = now + rules.pause_after(row.attempts, random.random())  # noqa: S311
        content = body(session, subscriber, row)
        signed = headers(valid, row.webhook_id, int(now.timestamp()), content)
        leased.append(Leased(row.id, row.webhook_id, content, signed, now + LEASE))
    return leased


def _subscribers_with_due(workspace_id: int, now: datetime) -> Any:
    messages = (
        select(col(SubscriberMessage.id))
        .where(col(SubscriberMessage.subscriber_id) == col(Subscriber.id), *_is_due(now))
        .exists()
    )
    return (
        select(col(Subscriber.id))
        .where(col(Subscriber.workspace_id) == workspace_id, _is_open(now), messages)
        .order_by(col(Subscriber.id))
    )


def _is_open(now: datetime) -> Any:
    paused = col(Subscriber.not_before)
    return (col(Subscriber.disabled) == "") & or_(paused.is_(None), paused <= now)


def _is_due(now: datetime) -> tuple[Any, ...]:
    lease = col(SubscriberMessage.lease_until)
    return (
        col(SubscriberMessage.state) == MessageState.WAITING.value,
        col(SubscriberMessage.not_before) <= now,
        or_(lease.is_(None), lease <= now),
    )


# -- sending --------------------------------------------------------------------------------


def send(app: Application, owner: str, subscriber_id: int, batch: Batch) -> tuple[int, str]:
    """How many were taken, and the first problem; empty: none."""
    return settle(app, owner, subscriber_id, batch, replies_to(app, batch))


def replies_to(app: Application, batch: Batch) -> list[Reply | None]:
    """Sends them. ``None``: it was not begun, since the subscriber takes nothing now, or too
    little was left of the lease."""
    is_guarded = batch.is_public_only and not app.settings.allow_private_stores
    is_busy = threading.Event()
    with Poster(batch.url, public_only=is_guarded) as poster:

        def attempt(message: Leased) -> Reply | None:
            if is_busy.is_set() or app.now() + SLOWEST > message.until:
                return None
            posted = poster.post(message.body, {"Content-Type": CONTENT_TYPE, **message.headers})
            reply = Reply(posted.status, posted.error, posted.retry_after, posted.text)
            if rules.verdict(reply) in (Verdict.BUSY, Verdict.GONE):
                is_busy.set()
            return reply

        return list(in_parallel(attempt, batch.messages, SIDE_BY_SIDE))


def _lives(thread: threading.Thread) -> bool:
    return thread.is_alive()
