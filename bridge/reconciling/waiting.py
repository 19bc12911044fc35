"""What waits for a person, or for work that nobody does: told, and left as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.inbox.models import Cursor, InboxRow, InboxState
from bridge.installations.models import Installation
from bridge.outbox.models import Delivery, DeliveryState
from bridge.reconciling.books import GRACE, Books, at
from bridge.reconciling.findings import Finding, Severity

INBOX = "inbox-failed"
STUCK = "inbox-stuck"
DELIVERY = "delivery-dead"
LEASE = "delivery-stuck"
BALANCE = "balance-dead"
POLL = "poll-late"


def find(books: Books) -> Iterator[Finding]:
    now = books.clock()
    with books.looking() as session:
        found = [
            *_failed(session, books.workspace_id),
            *_stuck(session, books.workspace_id, now),
            *_deliveries(session, books.workspace_id, now),
            *_balances(session, books.workspace_id),
            *_polls(session, books.workspace_id, now),
        ]
    yield from found


def told(check: str, store: str, where: str, what: str, cause: str, repair: str) -> Finding:
    return Finding(check, where, what, cause, repair, None, Severity.WAITS, store)


def _failed(session: Session, workspace_id: int) -> Iterator[Finding]:
    states = (InboxState.FAILED.value, InboxState.UNREAD.value)
    for row in counted(session, workspace_id, InboxRow, col(InboxRow.state).in_(states)):
        yield told(
            INBOX,
            row.name,
            "inbox",
            f"{row.count:,} rows could not be fetched or handled.",
            row.reason or "Each says why.",
            "See `loyalty-bridge inbox --failed`; `inbox retry` once the cause is mended.",
        )


def _stuck(session: Session, workspace_id: int, now: datetime) -> Iterator[Finding]:
    late = (
        col(InboxRow.state) == InboxState.QUEUED.value,
        col(InboxRow.fetched_at) < now - GRACE,
    )
    for row in counted(session, workspace_id, InboxRow, *late):
        yield told(
            STUCK,
            row.name,
            "inbox",
            f"{row.count:,} rows wait for longer than a day.",
            "Nobody works: neither `run` nor `work --once` came to them.",
            "Start `loyalty-bridge run`, or call `loyalty-bridge work --once`.",
        )


def _deliveries(session: Session, workspace_id: int, now: datetime) -> Iterator[Finding]:
    dead = col(Delivery.state) == DeliveryState.DEAD.value
    for row in counted(session, workspace_id, Delivery, dead):
        yield told(
            DELIVERY,
            row.name,
            "deliveries",
            f"{row.count:,} changes were refused.",
            row.reason or "Each says why.",
            "See `loyalty-bridge deliveries`; `deliveries retry` once the cause is mended.",
        )
    stuck = (
        col(Delivery.state) == DeliveryState.LEASED.value,
        col(Delivery.lease_until) < now - GRACE,
    )
    for row in counted(session, workspace_id, Delivery, *stuck):
        yield told(
            LEASE,
            row.name,
            "deliveries",
            f"{row.count:,} changes were begun by a worker that is gone.",
            "Nobody works: the next worker compares with the shop and goes on.",
            "Start `loyalty-bridge run`, or call `loyalty-bridge work --once`.",
        )


def _balances(session: Session, workspace_id: int) -> Iterator[Finding]:
    dead = col(ShownBalance.is_dead).is_(True)
    for row in counted(session, workspace_id, ShownBalance, dead):
        yield told(
            BALANCE,
            row.name,
            "balances",
            f"{row.count:,} customers' balances were refused.",
            row.reason or "Each says why.",
            "Mend what the shop says; the next change of their points tries again.",
        )


def _polls(session: Session, workspace_id: int, now: datetime) -> Iterator[Finding]:
    rows = session.execute(
        select(col(Installation.name), func.min(col(Cursor.polled_at)).label("polled_at"))
        .join(Cursor, col(Cursor.installation_id) == col(Installation.id))
        .where(
            col(Cursor.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
            col(Cursor.polled_at) < now - GRACE,
        )
        .group_by(col(Installation.name))
        .order_by(col(Installation.name))
    )
    for name, polled_at in rows:
        yield told(
            POLL,
            name,
            "cursors",
            f"It was last read at {at(polled_at)}.",
            "Nobody works, or the shop cannot be asked.",
            "Start `loyalty-bridge run`; see what `loyalty-bridge store check` says.",
        )


def counted(session: Session, workspace_id: int, table: Any, *which: Any) -> list[Any]:
    """By store: how many, and one of the reasons."""
    return list(
        session.execute(
            select(
                col(Installation.name),
                func.count().label("count"),
                func.max(col(table.error)).label("reason"),
            )
            .join(Installation, col(Installation.id) == col(table.installation_id))
            .where(
                col(table.workspace_id) == workspace_id,
                col(Installation.removed_at).is_(None),
                *which,
            )
            .group_by(col(Installation.name))
            .order_by(col(Installation.name))
        )
    )
