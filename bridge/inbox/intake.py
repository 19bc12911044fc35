"""From one shop into the inbox: fetching orders, and storing what came with all that belongs to
it. Polls and signals share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.inbox import gaps, unread
from bridge.inbox.codec import resource_of
from bridge.inbox.entities import EntityKey, lock
from bridge.inbox.fetching import Answer, Ask, arrived, fetch
from bridge.inbox.shop_time import shop_time
from bridge.inbox.storing import Fetched, store
from bridge.installations.models import Installation
from bridge.kit.clock import Clock
from connectors.base import Connector, Customer
from connectors.sales import Order

log = structlog.get_logger(__name__)


@dataclass
class Counts:
    fetched: int = 0
    """Orders and customers that were fetched by id."""
    stored: int = 0
    """Rows of the inbox that are to be handled."""
    remarks: list[str] = field(default_factory=list)


@dataclass
class Intake:
    """One installation to read from, and where to put it. Opening it may ask the shop for its
    time."""

    database: Database
    workspace_id: int
    installation_id: int
    connector: Connector
    clock: Clock
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        with self.database.reading() as session:
            self.name, connected_at = _installation(session, *self.ids)
        self.time = shop_time(self.database, *self.ids, self.connector, self.clock)
        self.connected_at: datetime = self.time.of(connected_at)
        """On the shop's clock."""

    @property
    def ids(self) -> tuple[int, int]:
        return self.workspace_id, self.installation_id

    def fetch(self, ask: Ask, ids: Sequence[str]) -> Answer:
        """Raises ConnectorError (see :func:`bridge.inbox.fetching.fetch`)."""
        answer = fetch(ask, ids, self.clock, self.time)
        self.counts.fetched += len(answer.fetched)
        return answer

    def arrived(self, record: Order | Customer, began: datetime) -> Fetched:
        return arrived(record, began, self.clock, self.time)

    def put(self, session: Session, whole: Sequence[Fetched], answer: Answer) -> None:
        """Stores ``whole`` (customers and activities) and the orders of an answer."""
        now = self.clock()
        # All at once: one after another, two who wait could wait for each other.
        lock(session, self._keys(whole, answer))
        self.counts.stored += store(session, *self.ids, [*whole, *answer.fetched])
        unread.note(session, *self.ids, answer.refused, self.time.of(now), now)
        for jump in gaps.note_numbers(session, *self.ids, answer.orders, self.connected_at, now):
            log.warning("order numbers jumped", installation=self.name, jump=str(jump))
            self.counts.remarks.append(f"{self.name}: {jump}")

    def _keys(self, whole: Sequence[Fetched], answer: Answer) -> set[EntityKey]:
        told = (*whole, *answer.fetched)
        keys = {
            EntityKey(self.installation_id, resource_of(one.record), one.record.id) for one in told
        }
        return keys | {EntityKey(self.installation_id, unread.ORDER, id_) for id_ in answer.refused}


def _installation(
    session: Session, workspace_id: int, installation_id: int
) -> tuple[str, datetime]:
    row = session.execute(
        select(col(Installation.name), col(Installation.created_at)).where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.id) == installation_id,
        )
    ).one()
    return row.name, row.created_at
