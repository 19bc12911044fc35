"""Holding an order's points while nobody knows how much of it was refunded.

What still waits is simply not made available (see :mod:`bridge.earning.clockwork`); what is
available already is set aside, and comes back when the amount is known.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, OpenAccount, SourceKey
from bridge.points.models import Entry, Place
from bridge.points.spending import RELEASE, RESERVE, held_for, release

FREEZE = "freeze"


def freeze(book: Book, account: OpenAccount, source: SourceKey, at: datetime) -> None:
    """Sets aside what is available of the source's lot."""
    lot = book.lot(account, source)
    if lot is None or not lot.available:
        return
    cause = _cause(book, source, at, RESERVE)
    book.post(account, lot, Place.AVAILABLE, Place.RESERVED, lot.available, RESERVE, cause)


def thaw(book: Book, account: OpenAccount, source: SourceKey, at: datetime) -> None:
    """Gives back what was set aside."""
    cause = _cause(book, source, at, RELEASE)
    if held_for(book, cause):
        release(book, account, cause)


def _cause(book: Book, source: SourceKey, at: datetime, effect: str) -> Cause:
    """It may happen again and again: each time is a revision of its own."""
    installation_id, _, source_id, _ = source
    times = book.session.execute(
        select(func.count(func.distinct(col(Entry.revision)))).where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == FREEZE,
            col(Entry.source_id) == source_id,
            col(Entry.effect) == effect,
        )
    ).scalar_one()
    return Cause(FREEZE, source_id, at, installation_id, revision=int(times))
