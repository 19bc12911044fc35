"""What was bought with points costs another amount than was taken: the difference is posted.

A purchase whose points were reserved is captured and partly restored
(:mod:`bridge.points.spending`). Where the reservation is gone (released, and used after all) or
points were given back that are due again, they are taken from what is there; what is missing is
owed or forgiven, as the programme says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, OpenAccount
from bridge.points.debts import settle_debt
from bridge.points.models import Entry, Place
from bridge.points.ripening import expire_due
from bridge.points.spending import CAPTURE, RESTORE, SPEND, anew, capture, held_for, restore

OWE = "spend_as_debt"
FORGIVE = "spend_forgiven"
RESTORE_OWED = "restore_owed"
RESTORE_FORGIVEN = "restore_forgiven"

_PAID = (SPEND, CAPTURE, OWE, FORGIVE)
_BACK = (RESTORE, RESTORE_OWED, RESTORE_FORGIVEN)


def settle(
    book: Book, account: OpenAccount, points: int, cause: Cause, *, forgive: bool = False
) -> int:
    """Makes the purchase with this cause cost ``points`` in all; what is reserved for it is
    taken first, and what it held too much comes back. Returns by how much the cost grew, below 0
    when points were given back. Told again, it posts nothing.

    Writes the book as it goes on. Points that come back end in ``account``.
    """
    cause = anew(book, cause)
    held = held_for(book, cause)
    before = paid(book, cause)
    if held:
        capture(book, account, cause)
        book.write()
    missing = points - before - held
    if missing > 0:
        _pay(book, account, missing, cause, forgive=forgive)
    elif missing < 0:
        _pay_back(book, account, -missing, cause)
    book.write()
    return points - before


def paid(book: Book, cause: Cause) -> int:
    """What the purchase with this cause cost so far, less what was given back; what is owed or
    forgiven counts. Of what was written."""
    sums = _sums(book, cause)
    return sum(sums.get(one, 0) for one in _PAID) - sum(sums.get(one, 0) for one in _BACK)


def _pay(book: Book, account: OpenAccount, points: int, cause: Cause, *, forgive: bool) -> None:
    expire_due(book, account)
    left = points
    for lot in book.lots(account):
        taken = min(left, lot.available)
        if taken:
            book.post(account, lot, Place.AVAILABLE, Place.REDEEMED, taken, SPEND, cause)
            left -= taken
    if left and forgive:
        book.post(account, None, Place.ADJUSTED, Place.REDEEMED, left, FORGIVE, cause)
    elif left:
        book.post(account, None, Place.DEBT, Place.REDEEMED, left, OWE, cause)


def _pay_back(book: Book, account: OpenAccount, points: int, cause: Cause) -> None:
    """First what was forgiven, then what is still owed, then what came out of lots."""
    sums = _sums(book, cause)
    left = points
    forgiven = min(left, sums.get(FORGIVE, 0) - sums.get(RESTORE_FORGIVEN, 0))
    if forgiven:
        book.post(account, None, Place.REDEEMED, Place.ADJUSTED, forgiven, RESTORE_FORGIVEN, cause)
        left -= forgiven
    owed = sums.get(OWE, 0) - sums.get(RESTORE_OWED, 0)
    relieved = min(left, owed, account.debt)
    if relieved:
        book.post(account, None, Place.REDEEMED, Place.DEBT, relieved, RESTORE_OWED, cause)
        left -= relieved
    if left:
        left -= restore(book, account, left, cause)
    if left:
        _give_paid_debt(book, account, left, cause)


def _give_paid_debt(book: Book, account: OpenAccount, points: int, cause: Cause) -> None:
    """What was owed and has been paid since, out of whichever points: a lot of their own."""
    source = (cause.installation_id, cause.kind, cause.id, "")
    book.load_sources([(account, source)])
    lot = book.lot(account, source) or book.new_lot(
        account, source, cause.occurred_at, is_ripe=True
    )
    book.post(account, lot, Place.REDEEMED, Place.AVAILABLE, points, RESTORE_OWED, cause)
    settle_debt(book, account, lot, points, cause)


def _sums(book: Book, cause: Cause) -> Mapping[str, int]:
    rows = book.session.execute(
        select(col(Entry.effect), func.sum(col(Entry.points)))
        .where(*_of(book, cause), col(Entry.effect).in_([*_PAID, *_BACK]))
        .group_by(col(Entry.effect))
    )
    return {effect: int(points) for effect, points in rows}


def _of(book: Book, cause: Cause) -> tuple[Any, ...]:
    return (
        col(Entry.workspace_id) == book.workspace_id,
        col(Entry.installation_id) == cause.installation_id,
        col(Entry.source_kind) == cause.kind,
        col(Entry.source_id) == cause.id,
    )
