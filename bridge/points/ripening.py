"""Time at work on lots: pending points become available, available ones expire."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, OpenAccount, OpenLot
from bridge.points.debts import settle_debt
from bridge.points.models import Entry, Place

RIPEN = "ripen"
EXPIRE = "expire"


def ripen(book: Book, account: OpenAccount, lot: OpenLot) -> None:
    """Makes the lot's pending points available, and pays what is owed from them. Once a lot is
    ripe, what its source earns later is available at once."""
    if lot.is_ripe:
        return
    installation_id, kind, source_id, part = lot.source
    when = lot.ripens_at or book.now
    lot.ripened_at, lot.ripens_at = book.now, None
    lot.changed = True
    points = lot.pending
    if points:
        cause = Cause(kind, source_id, when, installation_id, line=part, rule=RIPEN)
        book.post(account, lot, Place.PENDING, Place.AVAILABLE, points, RIPEN, cause)
        settle_debt(book, account, lot, points, cause)


def expire_due(book: Book, account: OpenAccount) -> int:
    """Takes out what has expired by now, as far as a task did not yet; how many points."""
    due = [
        lot
        for lot in book.lots(account)
        if lot.available and lot.expires_at is not None and lot.expires_at <= book.now
    ]
    return expire(book, account, due)


def expire(book: Book, account: OpenAccount, lots: Iterable[OpenLot]) -> int:
    """Takes the available points out of these lots; one that is not written yet waits for the
    next time."""
    due = {lot.id: lot for lot in lots if lot.available and lot.id is not None}
    earlier = _times_expired(book, list(due))
    total = 0
    for lot_id, lot in due.items():
        total += lot.available
        when = lot.expires_at or book.now
        times = earlier.get(lot_id, 0) + book.times_unwritten(lot, EXPIRE)
        cause = Cause("lot", str(lot_id), when, revision=times)
        book.post(account, lot, Place.AVAILABLE, Place.EXPIRED, lot.available, EXPIRE, cause)
    return total


def _times_expired(book: Book, lot_ids: list[int]) -> dict[int, int]:
    """A lot that was given points back after it expired expires again, as another effect."""
    if not lot_ids:
        return {}
    rows = book.session.execute(
        select(col(Entry.lot_id), func.count(col(Entry.id)))
        .where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.lot_id).in_(lot_ids),
            col(Entry.effect) == EXPIRE,
        )
        .group_by(col(Entry.lot_id))
    )
    return {row[0]: row[1] for row in rows}
