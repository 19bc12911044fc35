"""What time does: orders are decided, points ripen and expire. Each in batches, each repeatable."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from bridge.db import Database
from bridge.earning.handling import ORDER, decide_orders
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.kit.clock import Clock
from bridge.orders.history import chronological
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, OpenAccount, OpenLot
from bridge.points.models import Lot
from bridge.points.ripening import expire, ripen

BATCH = 200
"""Lots or orders of one transaction."""
CONFLICTS = 5
"""How often a transaction that lost a race is begun anew."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """How many of each."""

    decided: int = 0
    ripened: int = 0
    expired: int = 0


def pass_time(
    database: Database, workspace_id: int, clock: Clock, *, known_through: datetime | None
) -> Passed:
    """Everything that is due by now.

    ``known_through``: everything that was placed in any store before this time has been
    handled; ``None``: that is not known, and nothing that depends on it is decided.
    """
    decided = _in_batches(
        database,
        lambda session: _decide(session, workspace_id, clock(), known_through),
    )
    ripened = _in_batches(database, lambda session: _ripen(session, workspace_id, clock()))
    expired = _in_batches(database, lambda session: _expire(session, workspace_id, clock()))
    return Passed(decided, ripened, expired)


def _in_batches(database: Database, step: Callable[[Session], int]) -> int:
    total = 0
    while True:
        done = _once(database, step)
        total += done
        if done < BATCH:
            return total


def _once(database: Database, step: Callable[[Session], int]) -> int:
    for conflicts in range(1, CONFLICTS + 1):
        try:
            with database.writing() as session:
                return step(session)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
            time.sleep(pause_after(conflicts))
    with database.writing() as session:
        return step(session)


# -- deciding -------------------------------------------------------------------------------


def _decide(
    session: Session, workspace_id: int, now: datetime, known_through: datetime | None
) -> int:
    """Orders whose points are ripe, oldest first: what depends on the buyer's past is settled,
    also for those that earned nothing by themselves."""
    if known_through is None:
        return 0
    rows = session.execute(
        select(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.is_decided).is_(False),
            col(HandledOrder.placed_at) < known_through,
            col(HandledOrder.ripens_at) <= now,
        )
        .order_by(*chronological(session))
        .limit(BATCH)
    )
    keys = [(row[0], row[1]) for row in rows]
    try:
        with session.begin_nested():
            return decide_orders(session, workspace_id, keys, now)
    except Exception as error:  # noqa: BLE001 - one by one it shows which order it is
        _raise_if_lost(error)
        return sum(_decided(session, workspace_id, key, now) for key in keys)


def _decided(session: Session, workspace_id: int, key: tuple[int, str], now: datetime) -> int:
    """A defect must neither hide the other orders nor stop the clock; its own order waits."""
    try:
        with session.begin_nested():
            return decide_orders(session, workspace_id, [key], now)
    except Exception as error:
        _raise_if_lost(error)
        log.error(
            "an order could not be decided", installation=key[0], order=key[1], exc_info=error
        )
        return 0


def _raise_if_lost(error: Exception) -> None:
    """A lost race or a lost database is no defect of an order."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or is_conflict(error)):
        raise error


def _lot_of_order() -> ColumnElement[bool]:
    return and_(
        col(Lot.installation_id) == col(HandledOrder.installation_id),
        col(Lot.source_kind) == ORDER,
        col(Lot.source_id) == col(HandledOrder.order_id),
    )


# -- ripening and expiring ------------------------------------------------------------------


def _ripen(session: Session, workspace_id: int, now: datetime) -> int:
    ready = or_(
        col(HandledOrder.order_id).is_(None),
        and_(col(HandledOrder.is_decided).is_(True), col(HandledOrder.is_frozen).is_(False)),
    )
    due = (
        select(col(Lot.id), col(Lot.account_id))
        .outerjoin(HandledOrder, _lot_of_order())
        .where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.ripens_at) <= now,
            col(Lot.ripened_at).is_(None),
            ready,
        )
        .order_by(col(Lot.account_id), col(Lot.ripens_at), col(Lot.id))
        .limit(BATCH)
    )

    def act(book: Book, account: OpenAccount, lots: Sequence[OpenLot]) -> None:
        for lot in lots:
            ripen(book, account, lot)

    return _act_on_lots(session, workspace_id, now, due, act)


def _expire(session: Session, workspace_id: int, now: datetime) -> int:
    due = (
        select(col(Lot.id), col(Lot.account_id))
        .where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.expires_at) <= now,
            col(Lot.available) > 0,
        )
        .order_by(col(Lot.account_id), col(Lot.id))
        .limit(BATCH)
    )

    def act(book: Book, account: OpenAccount, lots: Sequence[OpenLot]) -> None:
        expire(book, account, lots)

    return _act_on_lots(session, workspace_id, now, due, act)


def _act_on_lots(
    session: Session,
    workspace_id: int,
    now: datetime,
    due: Any,
    act: Callable[[Book, OpenAccount, Sequence[OpenLot]], None],
) -> int:
    rows = [(row[0], row[1]) for row in session.execute(due)]
    book = Book(session, workspace_id, now)
    accounts = book.lock(account_id for _, account_id in rows)
    lots: dict[int, list[OpenLot]] = {}
    # Again under the locks: an order may wait again, or be held, since it was looked at.
    still = {row[0] for row in session.execute(due)} if rows else set()
    for lot in book.lots_by_id([lot_id for lot_id, _ in rows if lot_id in still]):
        lots.setdefault(lot.account_id, []).append(lot)
    for account_id, some in lots.items():
        act(book, accounts[account_id], some)
    book.write()
    return len(rows)
