"""Earning and taking back: points from a source go into its lot, or out of it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, OpenAccount, OpenLot
from bridge.points.debts import settle_debt
from bridge.points.models import Entry, Lot, Place
from bridge.points.ripening import expire_due

EARN = "earn"
TAKE_PENDING = "take_back_pending"
TAKE_AVAILABLE = "take_back"
TAKE_EXPIRED = "take_back_expired"
TAKE_AS_DEBT = "take_back_as_debt"
FORGIVE = "take_back_forgiven"

GIVEN = (EARN,)
TAKEN = (TAKE_PENDING, TAKE_AVAILABLE, TAKE_EXPIRED, TAKE_AS_DEBT, FORGIVE)
"""What a source earned is the sum of ``GIVEN`` less the sum of ``TAKEN`` of its entries."""


def earn(book: Book, account: OpenAccount, lot: OpenLot, points: int, cause: Cause) -> None:
    """Puts points into the lot: pending until it ripens, else available at once; what is owed
    is paid from the latter first."""
    if lot.is_ripe:
        book.post(account, lot, Place.ISSUED, Place.AVAILABLE, points, EARN, cause)
        settle_debt(book, account, lot, points, cause)
    else:
        book.post(account, lot, Place.ISSUED, Place.PENDING, points, EARN, cause)


def take_back(
    book: Book,
    account: OpenAccount,
    lot: OpenLot,
    points: int,
    cause: Cause,
    *,
    forgive: bool = False,
    reverses: int | None = None,
) -> None:
    """Takes back what the lot's source once earned.

    From the lot itself first; what of it has expired, here or where its points were before, is
    gone already; what was spent is taken from the account's other lots, first to expire first.
    What is then still missing is owed, or forgiven.
    """
    if _has_expired(book, lot):
        expire_due(book, account)
    left = points
    for place, effect, most in _in_the_lot(book, lot):
        taken = min(left, most)
        if taken:
            book.post(account, lot, place, Place.ISSUED, taken, effect, cause, reverses)
            left -= taken
    if left:
        expire_due(book, account)
    for other in book.lots(account) if left else ():
        taken = min(left, other.available) if other is not lot else 0
        if taken:
            book.post(
                account,
                other,
                Place.AVAILABLE,
                Place.ISSUED,
                taken,
                TAKE_AVAILABLE,
                cause,
                reverses,
            )
            left -= taken
    if left and forgive:
        book.post(account, None, Place.ADJUSTED, Place.ISSUED, left, FORGIVE, cause, reverses)
    elif left:
        book.post(account, None, Place.DEBT, Place.ISSUED, left, TAKE_AS_DEBT, cause, reverses)


def _in_the_lot(book: Book, lot: OpenLot) -> Iterator[tuple[Place, str, int]]:
    yield Place.PENDING, TAKE_PENDING, lot.pending
    yield Place.AVAILABLE, TAKE_AVAILABLE, lot.available
    if _has_expired(book, lot):
        yield Place.EXPIRED, TAKE_EXPIRED, _expired(book, lot)


def _has_expired(book: Book, lot: OpenLot) -> bool:
    return lot.expires_at is not None and lot.expires_at <= book.now


def _expired(book: Book, lot: OpenLot) -> int:
    """Points of the lot's source that expired, whoever held them, and were not taken back
    since."""
    installation_id, kind, source_id, part = lot.source
    lots = select(col(Lot.id)).where(
        col(Lot.workspace_id) == book.workspace_id,
        col(Lot.installation_id) == installation_id,
        col(Lot.source_kind) == kind,
        col(Lot.source_id) == source_id,
        col(Lot.part) == part,
    )
    net = book.unwritten(lot, Place.EXPIRED)
    for column, sign in ((Entry.credit, 1), (Entry.debit, -1)):
        total = book.session.execute(
            select(func.coalesce(func.sum(col(Entry.points)), 0)).where(
                col(Entry.workspace_id) == book.workspace_id,
                col(Entry.lot_id).in_(lots),
                col(column) == Place.EXPIRED.value,
            )
        ).scalar_one()
        net += sign * int(total)
    return net


def at_line(cause: Cause, line: str, rule: str, why: str) -> Cause:
    """The same cause, of one line and rule."""
    return replace(cause, line=line, rule=rule, why=why)
