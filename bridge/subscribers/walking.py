"""Finding what subscribers are to be told of, in what is stored: whichever way it came about, it
is told, and nothing is lost when a process ends.

Each subscriber has a cursor for each table. Rows that are looked at twice give one message; so
those of the last minutes are looked at again, since a transaction may become visible after a
later one. Where nobody subscribed, one question is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from bridge.application import Application
from bridge.db import insert_or_ignore, upsert
from bridge.subscribers import member_events, points_events, reward_events
from bridge.subscribers.event import Event, Source
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import (
    MessageState,
    Subscriber,
    SubscriberCursor,
    SubscriberMessage,
)
from bridge.subscribers.signing import new_id

log = structlog.get_logger(__name__)

SETTLED = timedelta(minutes=10)
"""Longer than any transaction takes, and any two clocks of the bridge's machines differ."""
PAGE = 500
SOURCES = (
    member_events.CREATED,
    member_events.MERGED,
    member_events.ERASED,
    member_events.TIERS,
    points_events.SOURCE,
    reward_events.ISSUED,
    reward_events.USED,
    reward_events.ENDED,
    reward_events.MADE,
    reward_events.DECIDED,
)


def enabled(session: Session, workspace_id: int) -> Sequence[Subscriber]:
    return session.scalars(
        select(Subscriber)
        .where(col(Subscriber.workspace_id) == workspace_id, col(Subscriber.disabled) == "")
        .order_by(col(Subscriber.id))
    ).all()


def find_events(app: Application) -> int:
    """Queues a message for each event and subscriber; how many. Repeatable, and safe beside
    itself: one event is one message of a subscriber. What goes wrong with one table is raised
    after the others were looked at."""
    with app.database.reading() as session:
        found = enabled(session, app.workspace_id)
    made, wrong = 0, []
    for one in found:
        for source in sources_of(one):
            try:
                made += _Walk(app, one, source).go()
            except DBAPIError:
                raise
            except Exception as error:  # a defect with one row must not hold up the others
                log.exception("events not found", source=source.name, subscriber=one.name)
                wrong.append(error)
    if wrong:
        raise wrong[0]
    return made


def sources_of(subscriber: Subscriber) -> list[Source]:
    """The tables that events of its types are read off."""
    return [source for source in SOURCES if source.types & _types(subscriber)]


def begin(session: Session, subscriber: Subscriber, now: datetime) -> None:
    """Events from now on are told, none from before."""
    assert subscriber.id is not None
    rows = []
    for source in SOURCES:
        newest = _newest(session, subscriber.workspace_id, source)
        rows.append(_row(subscriber, source, now, newest, newest))
    upsert(session, SubscriberCursor, rows)


def move_on(session: Session, subscriber: Subscriber, to: datetime) -> None:
    """What happened before ``to`` is not told any more; what follows is, from where it was."""
    for cursor in session.scalars(
        select(SubscriberCursor).where(col(SubscriberCursor.subscriber_id) == subscriber.id)
    ):
        if cursor.through < to:
            cursor.through, cursor.last_id = to, max(cursor.last_id, cursor.seen_id)


class _Walk:
    """One subscriber's way through one table."""

    def __init__(self, app: Application, subscriber: Subscriber, source: Source) -> None:
        self._app, self._subscriber, self._source = app, subscriber, source
        self._now = app.now()
        self._wanted = _types(subscriber)
        self._table: Any = source.table

    def go(self) -> int:
        with self._app.database.reading() as session:
            cursor = session.get(
                SubscriberCursor, (self._subscriber.id, self._source.name), populate_existing=True
            )
            if cursor is None:  # it is being removed
                return 0
            newest = _newest(session, self._app.workspace_id, self._source)
        if self._source.at is None:
            return self._by_number(cursor, newest)
        return self._by_time(cursor)

    def _by_time(self, cursor: SubscriberCursor) -> int:
        at, number = self._source.at, col(self._table.id)
        # What a subscriber is told begins with its own beginning, to the moment.
        after = max(cursor.through - SETTLED, self._subscriber.begins_at)
        last, made = -1, 0
        while True:
            further = or_(at > after, and_(at == after, number > last))
            rows = self._page((at.label("at"),), (at >= after, further), (at, number))
            made += self._queue([row.id for row in rows])
            if len(rows) < PAGE:
                break
            after, last = rows[-1].at, rows[-1].id
        if rows or cursor.through < self._now - SETTLED:
            self._keep(cursor, self._now, 0, 0)
        return made

    def _by_number(self, cursor: SubscriberCursor, newest: int) -> int:
        """The newest number seen is kept, and only :data:`SETTLED` later are lower ones taken as
        looked at."""
        number, last, made = col(self._table.id), cursor.last_id, 0
        while last < newest:
            rows = self._page((), (number > last,), (number,))
            made += self._queue([row.id for row in rows])
            if len(rows) < PAGE:
                break
            last = rows[-1].id
        if cursor.through <= self._now - SETTLED:
            self._keep(cursor, self._now, cursor.seen_id, newest)
        return made

    def _page(self, columns: Iterable[Any], which: Iterable[Any], order: Iterable[Any]) -> Any:
        statement: Any = select(col(self._table.id).label("id"), *columns)
        with self._app.database.reading() as session:
            return session.execute(
                statement.where(col(self._table.workspace_id) == self._app.workspace_id, *which)
                .order_by(*order)
                .limit(PAGE)
            ).all()

    def _queue(self, ids: Sequence[int]) -> int:
        """How many were not known yet."""
        if not ids:
            return 0
        subscriber = self._subscriber
        with self._app.database.reading() as session:
            events = [
                one
                for one in self._source.events(session, self._app.workspace_id, ids)
                if one.type in self._wanted
            ]
            new = _unknown(session, subscriber, events)
        if not new:
            return 0
        with self._app.database.writing() as session:
            if not _is_there(session, subscriber):  # it was removed meanwhile
                return 0
            queue(session, subscriber, new, self._app.now())
        return len(new)

    def _keep(self, cursor: SubscriberCursor, through: datetime, last: int, seen: int) -> None:
        with self._app.database.writing() as session:
            known = session.get(
                SubscriberCursor,
                (cursor.subscriber_id, cursor.source),
                populate_existing=True,
                with_for_update=True,
            )
            if known is not None:
                known.through = max(known.through, through)
                known.last_id = max(known.last_id, last)
                known.seen_id = max(known.seen_id, seen)


def queue(session: Session, subscriber: Subscriber, events: Sequence[Event], now: datetime) -> None:
    """One message for each; for one that is there already, none."""
    rows = [
        {
            "workspace_id": subscriber.workspace_id,
            "subscriber_id": subscriber.id,
            "event": one.key,
            "webhook_id": new_id(),
            "type": one.type.value,
            "at": one.at,
            "member_id": one.member_id,
            "data": dict(one.data),
            "made_at": now,
            "not_before": now,
            "state": MessageState.WAITING.value,
            "attempts": 0,
            "error": "",
            "lease_owner": "",
        }
        for one in events
    ]
    insert_or_ignore(session, SubscriberMessage, rows, ("subscriber_id", "event"))


def _is_there(session: Session, subscriber: Subscriber) -> bool:
    """It then stays until the commit."""
    found = session.execute(
        select(col(Subscriber.id))
        .where(col(Subscriber.id) == subscriber.id)
        .with_for_update(read=True, key_share=True)
    )
    return found.first() is not None


def _unknown(session: Session, subscriber: Subscriber, events: Sequence[Event]) -> list[Event]:
    known = set(
        session.scalars(
            select(col(SubscriberMessage.event)).where(
                col(SubscriberMessage.subscriber_id) == subscriber.id,
                col(SubscriberMessage.event).in_([one.key for one in events]),
            )
        )
    )
    return [one for one in events if one.key not in known]


def _types(subscriber: Subscriber) -> frozenset[EventType]:
    known = {kind.value: kind for kind in EventType}
    return frozenset(known[name] for name in subscriber.types if name in known)


def _newest(session: Session, workspace_id: int, source: Source) -> int:
    """The highest number; 0 where rows are followed by time."""
    if source.at is not None:
        return 0
    table: Any = source.table
    statement: Any = select(func.max(col(table.id))).where(col(table.workspace_id) == workspace_id)
    return int(session.execute(statement).scalar() or 0)


def _row(
    subscriber: Subscriber, source: Source, through: datetime, last: int, seen: int
) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber.id,
        "source": source.name,
        "workspace_id": subscriber.workspace_id,
        "through": through,
        "last_id": last,
        "seen_id": seen,
    }
