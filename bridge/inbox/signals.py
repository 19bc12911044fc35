"""Signals: what a webhook hinted at is fetched now rather than at the next poll.

A signal is never the truth. Whatever becomes of it, the next poll tells the same again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from bridge.db import Database
from bridge.inbox import erased
from bridge.inbox.fetching import PER_CALL, WHOLE_SHOP, Answer
from bridge.inbox.intake import Intake
from bridge.inbox.models import SignalState, StoredSignal
from bridge.inbox.storing import Fetched
from bridge.kit.clock import Clock
from connectors.base import Connector
from connectors.errors import ConnectorError, Forbidden
from connectors.sales import Entity, Signal

FETCHABLE = (Entity.ORDER.value, Entity.CUSTOMER.value)
"""What a shop can be asked for by its id. Activities come with the next poll."""
AT_ONCE = 500
"""Signals that are looked at together."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    signals: int
    """Signals that are done with."""
    fetched: int
    """Orders and customers that were fetched for them."""
    stored: int
    """Rows of the inbox that are to be handled because of it."""
    error: str = ""
    """Why the rest was left for later; empty: nothing was."""


def store_signal(
    session: Session, workspace_id: int, installation_id: int, signal: Signal, now: datetime
) -> bool:
    """Whether it is new: each event is stored once, however often it is sent. One that says
    nothing to fetch is kept as ignored; customers who were erased are not named."""
    ids = signal.ids
    if signal.entity is Entity.CUSTOMER:
        ids = erased.not_erased(session, workspace_id, installation_id, ids)
    is_useful = signal.entity in FETCHABLE and any(ids)
    # Not by the row count: psycopg does not tell it where an id comes back.
    stored = session.connection().execute(
        _STORE[session.get_bind().dialect.name],
        {
            "workspace_id": workspace_id,
            "installation_id": installation_id,
            "event_id": signal.event_id,
            "event": signal.event,
            "entity": signal.entity.value if signal.entity else "",
            "ids": json.dumps(list(ids)),
            "sent_at": signal.sent_at,
            "received_at": now,
            "state": (SignalState.NEW if is_useful else SignalState.IGNORED).value,
        },
    )
    return stored.first() is not None


# Built once: a shop waits for the answer, and building takes as long as executing.
_STORE: dict[str, Any] = {
    dialect: insert(StoredSignal.__table__)  # type: ignore[attr-defined]
    .on_conflict_do_nothing(index_elements=["installation_id", "event_id"])
    .returning(col(StoredSignal.id))
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def fetch_signalled(
    database: Database,
    workspace_id: int,
    installation_id: int,
    connector: Connector,
    clock: Clock,
) -> FetchResult:
    """Fetches what new signals name, each thing once however many name it.

    A shop that cannot be asked is no error: the signals wait, and the poll finds the same.
    """
    done = 0
    if not _new(database, workspace_id, installation_id, limit=1):
        return FetchResult(0, 0, 0)
    intake = Intake(database, workspace_id, installation_id, connector, clock)
    error = ""
    try:
        while signals := _new(database, workspace_id, installation_id, limit=AT_ONCE):
            _fetch(intake, signals)
            done += len(signals)
    except ConnectorError as failure:
        error = str(failure)
    return FetchResult(done, intake.counts.fetched, intake.counts.stored, error)


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    entity: str
    ids: tuple[str, ...]


def _new(database: Database, workspace_id: int, installation_id: int, limit: int) -> list[_Named]:
    """Oldest first."""
    with database.reading() as session:
        rows = session.execute(
            select(col(StoredSignal.id), col(StoredSignal.entity), col(StoredSignal.ids))
            .where(
                col(StoredSignal.workspace_id) == workspace_id,
                col(StoredSignal.installation_id) == installation_id,
                col(StoredSignal.state) == SignalState.NEW.value,
            )
            .order_by(col(StoredSignal.id))
            .limit(limit)
        ).all()
    return [_Named(row.id, row.entity, tuple(json.loads(row.ids))) for row in rows]


def _fetch(intake: Intake, signals: Sequence[_Named]) -> None:
    """Stores what they name; only then are they done with. What came meanwhile stays new."""
    feed = intake.connector.feed
    if feed is not None:
        for ids in _chunks(_ids(signals, Entity.ORDER)):
            answer = intake.fetch(feed.orders, ids)
            with intake.database.writing() as session:
                intake.put(session, (), answer)
    for ids in _chunks(_ids(signals, Entity.CUSTOMER)):
        customers = list(_customers(intake, ids))
        with intake.database.writing() as session:
            intake.put(session, customers, Answer())
    with intake.database.writing() as session:
        session.connection().execute(
            update(StoredSignal)
            .where(
                col(StoredSignal.workspace_id) == intake.workspace_id,
                col(StoredSignal.id).in_([signal.id for signal in signals]),
            )
            .values(state=SignalState.FETCHED.value)
        )


def _customers(intake: Intake, ids: Sequence[str]) -> Iterator[Fetched]:
    """One that the shop does not have, or cannot tell, is left to the poll."""
    for id_ in ids:
        began = intake.clock()
        try:
            customer = intake.connector.customer(id_)
        except (*WHOLE_SHOP, Forbidden):
            raise
        except ConnectorError:
            continue
        intake.counts.fetched += 1
        yield intake.arrived(customer, began)


def _ids(signals: Sequence[_Named], entity: Entity) -> list[str]:
    named = (id_ for signal in signals if signal.entity == entity.value for id_ in signal.ids)
    return [id_ for id_ in dict.fromkeys(named) if id_]


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PER_CALL):
        yield ids[start : start + PER_CALL]
