"""Points of somebody who was erased: nobody can ask for them any more, nor be asked for what is
owed. As often as something is left."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, OpenAccount
from bridge.points.models import Entry, Place
from bridge.points.ripening import expire_due

WRITE_OFF = "write_off"
ERASURE = "erasure"
"""The kind of its cause; its id is the erasure's number."""


def write_off(book: Book, account: OpenAccount, cause: Cause) -> int:
    """What is pending, available and owed; how many points were taken. What is reserved stays
    until that is settled: then it comes free, and is written off the next time."""
    expire_due(book, account)
    if not (account.pending or account.available or account.debt):
        return 0
    cause = replace(cause, revision=_next(book, cause))
    taken = 0
    for lot in book.lots(account):
        for place, points in ((Place.PENDING, lot.pending), (Place.AVAILABLE, lot.available)):
            if points:
                line = replace(cause, line=place.value)
                book.post(account, lot, place, Place.ADJUSTED, points, WRITE_OFF, line)
                taken += points
    if account.debt:
        line = replace(cause, line=Place.DEBT.value)
        book.post(account, None, Place.ADJUSTED, Place.DEBT, account.debt, WRITE_OFF, line)
    return taken


def _next(book: Book, cause: Cause) -> int:
    last = book.session.execute(
        select(func.max(col(Entry.revision))).where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.installation_id) == cause.installation_id,
            col(Entry.source_kind) == cause.kind,
            col(Entry.source_id) == cause.id,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1
