"""Moving points from one account to another: members merge, split, or join a company.

The entries of the old account stay where they are. What is in a lot goes into a lot of the same
source and dates in the other account, so that a later refund finds it there. Reserved points
stay until what they are held for is settled: then they are captured, or released and moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bridge.points.book import Book, Cause, OpenAccount, OpenLot
from bridge.points.debts import settle_debt
from bridge.points.models import Place

MOVE_OUT = "move_out"
MOVE_IN = "move_in"
MOVE_DEBT = "move_debt"
_PLACES = (Place.PENDING, Place.AVAILABLE)


def move_all(
    session: Session,
    workspace_id: int,
    from_account_id: int,
    to_account_id: int,
    cause: Cause,
    now: datetime,
) -> int:
    """Everything, what is owed too. Returns how many points moved; a cause that was told
    already must not be told again with new points: give it an id of its own."""
    book = Book(session, workspace_id, now)
    accounts = book.lock((from_account_id, to_account_id))
    old, new = accounts[from_account_id], accounts[to_account_id]
    moved = move_between(book, old, new, book.lots(old), cause)
    _move_debt(book, old, new, cause)
    book.write()
    return moved


def move_lots(
    session: Session,
    workspace_id: int,
    lot_ids: Sequence[int],
    from_account_id: int,
    to_account_id: int,
    cause: Cause,
    now: datetime,
) -> int:
    """What is still in these lots. Returns how many points moved."""
    book = Book(session, workspace_id, now)
    accounts = book.lock((from_account_id, to_account_id))
    old, new = accounts[from_account_id], accounts[to_account_id]
    lots = [lot for lot in book.lots_by_id(lot_ids) if lot.account_id == old.id]
    moved = move_between(book, old, new, lots, cause)
    book.write()
    return moved


def move_between(
    book: Book, old: OpenAccount, new: OpenAccount, lots: Iterable[OpenLot], cause: Cause
) -> int:
    """The same within a unit of work that goes on; what the other account owes is paid."""
    lots = list(lots)
    book.load_sources((new, lot.source) for lot in lots)
    moved = 0
    for lot in lots:
        target = _counterpart(book, new, lot)
        for place in _PLACES:
            points = getattr(lot, place.value)
            if points:
                # Where the lot over there is ripe, what waited here has waited long enough.
                to = Place.AVAILABLE if place is Place.PENDING and target.is_ripe else place
                line = replace(cause, line=f"{lot.id}/{place.value}")
                book.post(old, lot, place, Place.MOVED, points, MOVE_OUT, line)
                book.post(new, target, Place.MOVED, to, points, MOVE_IN, line)
                if to is Place.AVAILABLE:
                    settle_debt(book, new, target, points, line)
                moved += points
    return moved


def _counterpart(book: Book, account: OpenAccount, lot: OpenLot) -> OpenLot:
    found = book.lot(account, lot.source)
    if found is None:
        found = book.new_lot(
            account,
            lot.source,
            lot.earned_at,
            ripens_at=lot.ripens_at,
            expires_at=lot.expires_at,
        )
        found.ripened_at = lot.ripened_at
    elif not (found.pending or found.available or found.reserved):
        # It was emptied when its points left; what they wait for may have happened since.
        found.ripens_at, found.ripened_at = lot.ripens_at, lot.ripened_at
        found.expires_at = lot.expires_at
        found.changed = True
    return found


def _move_debt(book: Book, old: OpenAccount, new: OpenAccount, cause: Cause) -> None:
    owed = old.debt
    if owed:
        book.post(old, None, Place.MOVED, Place.DEBT, owed, MOVE_DEBT, cause)
        book.post(new, None, Place.DEBT, Place.MOVED, owed, MOVE_DEBT, replace(cause, line="in"))
        for lot in book.lots(new):
            paid = min(new.debt, lot.available)
            if paid:
                line = replace(cause, line=f"{lot.id}/debt")
                book.post(new, lot, Place.AVAILABLE, Place.DEBT, paid, MOVE_DEBT, line)
