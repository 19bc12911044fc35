"""What time alone should have done: points past their end, ripe ones that wait, and lots whose
marks contradict what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlmodel import Session, col

from bridge.earning.freezing import FREEZE, thaw
from bridge.earning.handling import ORDER
from bridge.inbox.models import Cursor
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, Cause
from bridge.points.debts import settle_debt
from bridge.points.models import Account, Entry, Lot, Place
from bridge.points.ripening import RIPEN, expire, ripen
from bridge.points.spending import CAPTURE, RELEASE, RESERVE
from bridge.reconciling.balances import settle
from bridge.reconciling.books import GRACE, Books, at
from bridge.reconciling.correcting import RECONCILE, correction, write
from bridge.reconciling.findings import Finding, Fix

EXPIRED = "points-expired"
RIPE = "points-ripe"
MARK = "lot-mark"
HELD = "points-held"
UNPAID = "debt-unpaid"
AFTER_WORK = timedelta(minutes=15)
"""After each poll comes the clock's turn: what was due so long before the last one is overdue."""


def find(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        due = due_before(session, books)
        marked = list(session.execute(_marked(books.workspace_id)))
        expired = list(session.execute(_expired(books.workspace_id, due)))
        ripe = list(session.execute(_ripe(books.workspace_id, due)))
        held = list(session.execute(_held(books.workspace_id)))
        unpaid = list(session.execute(_unpaid(books.workspace_id)))
    for row in marked:
        yield _mark(books, row)
    for row in expired:
        yield Finding(
            EXPIRED,
            f"lot {row.id} of account {row.account_id} ({row.source_kind} {row.source_id})",
            f"{row.available:,} points are available, and expired at {at(row.expires_at)}.",
            "The clock was not followed, or the lot's date was changed past the bridge.",
            "Let them expire.",
            _expiring(books, row.id, row.account_id),
        )
    for row in ripe:
        yield Finding(
            RIPE,
            f"lot {row.id} of account {row.account_id} ({row.source_kind} {row.source_id})",
            f"{row.pending:,} points still wait, and were ripe at {at(row.ripens_at)}.",
            "The clock was not followed, or the lot's date was changed past the bridge.",
            "Let them ripen.",
            _ripening(books, row.id, row.account_id),
        )
    for row in held:
        yield Finding(
            HELD,
            f"order id {row.source_id}",
            f"{row.held:,} points are held for an open refund, and the order is not frozen.",
            "Its mark was changed past the bridge, or its row was.",
            "Give them back.",
            _thawing(books, row),
        )
    for row in unpaid:
        yield Finding(
            UNPAID,
            f"account {row.id}",
            f"{row.debt:,} points are owed while {row.available:,} are available.",
            "An entry that paid the debt is gone, or balances were changed past the bridge.",
            "Pay what is owed from what is available.",
            _paying(books, row.id),
        )


def due_before(session: Session, books: Books) -> datetime:
    """What was due by then and is not done was forgotten."""
    now = books.clock()
    worked = last_work(session, books)
    late = now - GRACE
    return late if worked is None else max(late, worked - AFTER_WORK)


def last_work(session: Session, books: Books) -> datetime | None:
    """When a shop was last read: everything else follows."""
    found: datetime | None = session.execute(
        select(func.max(col(Cursor.polled_at))).where(
            col(Cursor.workspace_id) == books.workspace_id,
            col(Cursor.polled_at) <= books.clock(),
        )
    ).scalar_one()
    return found


def _lot(workspace_id: int, *which: Any) -> Any:
    return select(Lot.__table__).where(  # type: ignore[attr-defined]
        col(Lot.workspace_id) == workspace_id, *which
    )


def _marked(workspace_id: int) -> Any:
    """Ripe by their mark with points that wait, or not ripe though the book has it."""
    has_ripened = exists(
        select(1).where(
            col(Entry.lot_id) == col(Lot.id),
            col(Entry.effect) == RIPEN,
            col(Entry.debit) == Place.PENDING.value,
            col(Entry.credit) == Place.AVAILABLE.value,
        )
    )
    return _lot(
        workspace_id,
        or_(
            and_(col(Lot.ripened_at).is_not(None), col(Lot.pending) > 0),
            and_(col(Lot.ripened_at).is_(None), has_ripened),
        ),
    ).order_by(col(Lot.id))


def _expired(workspace_id: int, due: datetime) -> Any:
    return _lot(workspace_id, col(Lot.expires_at) < due, col(Lot.available) > 0).order_by(
        col(Lot.id)
    )


def _of_order() -> Any:
    return and_(
        col(Lot.source_kind) == ORDER,
        col(Lot.installation_id) == col(HandledOrder.installation_id),
        col(Lot.source_id) == col(HandledOrder.order_id),
    )


def _ripe(workspace_id: int, due: datetime) -> Any:
    """Not those of frozen orders, nor of orders that are still to be decided."""
    ready = or_(
        col(HandledOrder.order_id).is_(None),
        and_(col(HandledOrder.is_decided).is_(True), col(HandledOrder.is_frozen).is_(False)),
    )
    return (
        select(Lot.__table__)  # type: ignore[attr-defined]
        .outerjoin(HandledOrder, _of_order())
        .where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.ripens_at) < due,
            col(Lot.ripened_at).is_(None),
            col(Lot.pending) > 0,
            ready,
        )
        .order_by(col(Lot.id))
    )


def _held(workspace_id: int) -> Any:
    sign = {RESERVE: 1, RELEASE: -1, CAPTURE: -1}
    held = sum(
        (
            func.coalesce(func.sum(col(Entry.points)).filter(col(Entry.effect) == effect), 0) * one
            for effect, one in sign.items()
        ),
        start=func.coalesce(0, 0),
    )
    sums = (
        select(
            col(Entry.installation_id),
            col(Entry.source_id),
            col(Entry.account_id),
            held.label("held"),
        )
        .where(col(Entry.workspace_id) == workspace_id, col(Entry.source_kind) == FREEZE)
        .group_by(col(Entry.installation_id), col(Entry.source_id), col(Entry.account_id))
        .subquery()
    )
    return (
        select(sums)
        .join(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == sums.c.installation_id,
                col(HandledOrder.order_id) == sums.c.source_id,
            ),
        )
        .where(sums.c.held > 0, col(HandledOrder.is_frozen).is_(False))
    )


def _unpaid(workspace_id: int) -> Any:
    return (
        select(Account.__table__)  # type: ignore[attr-defined]
        .where(
            col(Account.workspace_id) == workspace_id,
            col(Account.debt) > 0,
            col(Account.available) > 0,
        )
        .order_by(col(Account.id))
    )


# -- mending --------------------------------------------------------------------------------


def _mark(books: Books, row: Any) -> Finding:
    where = f"lot {row.id} of account {row.account_id} ({row.source_kind} {row.source_id})"
    if row.ripened_at is None:
        return Finding(
            MARK,
            where,
            "It is not marked as ripe, and the book has an entry that says it ripened.",
            "The lot's row was changed past the bridge.",
            "Mark it as ripe.",
            _marking(books, row.id),
        )
    return Finding(
        MARK,
        where,
        f"It is ripe since {at(row.ripened_at)}, and {row.pending:,} points in it wait.",
        "The lot's mark was set, or the entry of its ripening deleted, past the bridge.",
        "Make them available.",
        _freeing(books, row.id, row.account_id),
    )


def _marking(books: Books, lot_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        when = session.execute(
            select(func.min(col(Entry.posted_at))).where(
                col(Entry.workspace_id) == books.workspace_id,
                col(Entry.lot_id) == lot_id,
                col(Entry.effect) == RIPEN,
            )
        ).scalar_one()
        done: Any = session.execute(
            update(Lot)
            .where(
                col(Lot.workspace_id) == books.workspace_id,
                col(Lot.id) == lot_id,
                col(Lot.ripened_at).is_(None),
            )
            .values(ripened_at=when, ripens_at=None)
        )
        return bool(done.rowcount)

    return books.fix(mend)


def _freeing(books: Books, lot_id: int, account_id: int) -> Fix:
    """One that only waits to be ripe, and is not yet, waits again."""

    def mend(session: Session, now: datetime) -> bool:
        Book(session, books.workspace_id, now).lock([account_id])
        lot = session.get(Lot, lot_id)
        if lot is None or lot.ripened_at is None or lot.pending <= 0:
            return False
        if lot.ripens_at is not None and lot.ripens_at > now:
            lot.ripened_at = None
            session.flush()
            return True
        reason = f"Lot {lot_id} is ripe, and the entry that says so is gone."
        entry = correction(
            session,
            books.workspace_id,
            account_id,
            lot_id,
            Place.PENDING,
            Place.AVAILABLE,
            lot.pending,
            now,
            reason,
            f"{lot_id}/ripen",
        )
        write(session, [entry])
        session.execute(update(Account).where(col(Account.id) == account_id).values(changed_at=now))
        session.flush()
        settle(session, books.workspace_id, account_id, now)
        return True

    return books.fix(mend)


def _expiring(books: Books, lot_id: int, account_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        account = book.lock([account_id])[account_id]
        due = [
            lot
            for lot in book.lots_by_id([lot_id])
            if lot.expires_at is not None and lot.expires_at <= now
        ]
        points = expire(book, account, due)
        book.write()
        return bool(points)

    return books.fix(mend)


def _ripening(books: Books, lot_id: int, account_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        account = book.lock([account_id])[account_id]
        due = [
            lot
            for lot in book.lots_by_id([lot_id])
            if not lot.is_ripe and lot.ripens_at is not None and lot.ripens_at <= now
        ]
        for lot in due:
            ripen(book, account, lot)
        book.write()
        return bool(due)

    return books.fix(mend)


def _thawing(books: Books, row: Any) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        account = book.lock([row.account_id])[row.account_id]
        thaw(book, account, (row.installation_id, ORDER, row.source_id, ""), now)
        book.write()
        return True

    return books.fix(mend)


def _paying(books: Books, account_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        account = book.lock([account_id])[account_id]
        owed = account.debt
        last = session.execute(
            select(func.count(col(Entry.id))).where(
                col(Entry.workspace_id) == books.workspace_id,
                col(Entry.source_kind) == RECONCILE,
                col(Entry.account_id) == account_id,
            )
        ).scalar_one()
        cause = Cause(RECONCILE, f"account {account_id}", now, line="debt", revision=int(last))
        for lot in book.lots(account):
            settle_debt(book, account, lot, account.debt, cause)
        book.write()
        return account.debt < owed

    return books.fix(mend)
