"""Vouchers, row by row: their state is what orders and book speak of, their points are held or
spent by it, and their code is wanted in the shop by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.points.book import Book
from bridge.reconciling.books import CHUNK, Books, at
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.overdue import due_before
from bridge.reconciling.purchase_rules import Said, voucher_is
from bridge.reconciling.purchases import (
    NOT_IN_BOOK,
    InBook,
    bring_in_line,
    in_book,
    should_of_vouchers,
)
from bridge.vouchers.ending import begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Ending, Voucher, VoucherState, VoucherUse
from bridge.vouchers.redeeming import VOUCHER, cause_of
from bridge.vouchers.settling import Policies

STATE = "voucher-state"
POINTS = "voucher-points"
CODE = "voucher-code"
OVERDUE = "voucher-overdue"
_ALIVE = VoucherState.OPEN.value


@dataclass(frozen=True, slots=True)
class _Seen:
    voucher: Voucher
    state: str
    """What it should be."""
    in_book: InBook
    should: Said


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    with books.looking() as session:
        policies = Policies(session, books.workspace_id)
    after = 0
    while True:
        with books.looking() as session:
            vouchers = session.scalars(
                select(Voucher)
                .where(col(Voucher.workspace_id) == books.workspace_id, col(Voucher.id) > after)
                .order_by(col(Voucher.id))
                .limit(CHUNK)
            ).all()
            seen = _seen(session, books.workspace_id, vouchers, policies)
            due = due_before(session, books)
        for one in seen:
            yield from _of(books, one, due, stores.get(one.voucher.installation_id, ""))
        if len(vouchers) < CHUNK:
            return
        after = vouchers[-1].id or 0


def _seen(
    session: Session, workspace_id: int, vouchers: Sequence[Voucher], policies: Policies
) -> list[_Seen]:
    ids = [one.id for one in vouchers if one.id is not None]
    used = set(
        session.scalars(
            select(col(VoucherUse.voucher_id)).where(
                col(VoucherUse.workspace_id) == workspace_id, col(VoucherUse.voucher_id).in_(ids)
            )
        )
    )
    said = in_book(session, workspace_id, VOUCHER, map(str, ids))
    should = should_of_vouchers(session, workspace_id, vouchers, policies)
    found = []
    for one in vouchers:
        assert one.id is not None
        mine = said.get(str(one.id), NOT_IN_BOOK)
        state = voucher_is(
            one.state,
            mine.said,
            has_uses=one.id in used,
            was_paid=mine.was_paid,
            was_freed=mine.was_freed,
        )
        found.append(_Seen(one, state, mine, should[one.id]))
    return found


def _of(books: Books, one: _Seen, due: datetime, store: str) -> Iterator[Finding]:
    voucher = one.voucher
    assert voucher.id is not None
    where = f"voucher {voucher.code}"
    if one.state != voucher.state:
        yield Finding(
            STATE,
            where,
            f"It is {voucher.state}, and its orders and entries say that it is {one.state}.",
            "The voucher's state was changed past the bridge: orders, entries and state are "
            "written together.",
            f"Make it {one.state}.",
            _making(books, voucher.id),
            store=store,
        )
        return  # all else follows from it
    if one.in_book.said != one.should:
        yield Finding(
            POINTS,
            where,
            f"It is {voucher.state}: {_in_words(one.should)} by what it is and was used on, and "
            f"the book has {_in_words(one.in_book.said)}.",
            "Entries were added, changed or deleted past the bridge, or the voucher was.",
            "Post the difference.",
            _charging(books, voucher.id),
            store=store,
        )
    wrong = _code_is_wrong(voucher)
    if wrong:
        yield Finding(
            CODE,
            where,
            wrong,
            "The voucher's row was changed past the bridge.",
            "Let its code be wanted by its state; the next delivery brings the shop in line.",
            _wanting(books, voucher.id),
            store=store,
        )
    if voucher.state == _ALIVE and voucher.valid_until is not None and voucher.valid_until < due:
        yield Finding(
            OVERDUE,
            where,
            f"It is open, and its time was over at {at(voucher.valid_until)}.",
            "The clock was not followed, or the voucher's date was changed past the bridge.",
            "Let it expire: its code is taken out, then its points come back.",
            _expiring(books, voucher.id),
            store=store,
        )


def _code_is_wrong(voucher: Voucher) -> str:
    if voucher.is_wanted is not (voucher.state == _ALIVE):
        wanted = "wanted" if voucher.is_wanted else "not wanted"
        return f"It is {voucher.state}, and its code is {wanted} in the shop."
    if voucher.is_there and voucher.removed_at is not None:
        return "Its code is said to be in the shop, and to be gone from it."
    if voucher.is_there and voucher.intended_at is None:
        return "Its code is said to be in the shop, and never to have been sent there."
    return ""


def _in_words(said: Said) -> str:
    if said == Said():
        return "no points"
    return f"{said.held:,} points held and {said.paid:,} spent"


# -- mending --------------------------------------------------------------------------------


def _making(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher, seen = _locked(session, book, voucher_id)
        if voucher is None or seen is None or seen.state == voucher.state:
            return False
        voucher.state = seen.state
        if seen.state == VoucherState.ENDED.value:
            voucher.ended_at = voucher.ended_at or now
            voucher.ending = voucher.ending or Ending.WITHDRAWN.value
        elif seen.state == VoucherState.ENDING.value:
            voucher.ended_at = None
            voucher.ending = voucher.ending or Ending.WITHDRAWN.value
        else:
            voucher.ended_at, voucher.ending = None, ""
        _want(voucher, now)
        session.flush()
        _charge(session, book, voucher)
        return True

    return books.fix(mend)


def _charging(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher, seen = _locked(session, book, voucher_id)
        if voucher is None or seen is None or seen.state != voucher.state:
            return False
        return _charge(session, book, voucher)

    return books.fix(mend)


def _charge(session: Session, book: Book, voucher: Voucher) -> bool:
    policies = Policies(session, book.workspace_id)
    (seen,) = _seen(session, book.workspace_id, [voucher], policies)
    if seen.in_book.said == seen.should or voucher.account_id is None:
        return False
    account = book.lock([voucher.account_id])[voucher.account_id]
    cause = cause_of(voucher, book.now, voucher.programme_number)
    forgive = policies.forgives(voucher)
    bring_in_line(book, account, cause, seen.should, forgive=forgive)
    return True


def _wanting(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher, seen = _locked(session, book, voucher_id)
        if voucher is None or seen is None or not _code_is_wrong(voucher):
            return False
        _want(voucher, now)
        session.flush()
        return True

    return books.fix(mend)


def _want(voucher: Voucher, now: datetime) -> None:
    """What may be in the shop counts as being there, until it was looked for."""
    voucher.is_wanted = voucher.state == _ALIVE
    if voucher.is_there:
        voucher.removed_at = None
        voucher.intended_at = voucher.intended_at or voucher.issued_at or now


def _expiring(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
        if voucher is None or voucher.state != _ALIVE:
            return False
        if voucher.valid_until is None or voucher.valid_until > now:
            return False
        begin_end(book, voucher, Ending.EXPIRED, "")
        session.flush()
        return True

    return books.fix(mend)


def _locked(session: Session, book: Book, voucher_id: int) -> tuple[Voucher | None, Any]:
    voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
    if voucher is None:
        return None, None
    policies = Policies(session, book.workspace_id)
    (seen,) = _seen(session, book.workspace_id, [voucher], policies)
    return voucher, seen
