"""Vouchers that end unused: taken out of the shop first, then proven, then released.

A voucher whose code may be in the shop is *ending* until two things hold: the code was read to
be gone, and everything the shop took as an order before that moment was read and handled, without
this code on it. Only then do its points come back. One that was never sent ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.inbox.known import ReadThrough
from bridge.kit.errors import BridgeError
from bridge.points.book import Book
from bridge.points.spending import release
from bridge.vouchers.codes import normal_code
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Ending, Voucher, VoucherState
from bridge.vouchers.redeeming import cause_of
from connectors.sentences import sentence

OPEN, USED = VoucherState.OPEN.value, VoucherState.USED.value
ENDING, ENDED = VoucherState.ENDING.value, VoucherState.ENDED.value


class CannotEnd(BridgeError):
    """The voucher was used, or is ending already for another reason."""


class UnknownVoucher(BridgeError):
    def __init__(self, code: str) -> None:
        super().__init__(
            sentence(
                "There is no voucher `%(code)s`. List them with: loyalty-bridge vouchers list",
                code=code,
            )
        )


def voucher_with(session: Session, workspace_id: int, code: str) -> Voucher:
    """By its code, or by ``#number``. Raises :class:`UnknownVoucher`, and CannotEnd when two
    shops have the same code."""
    number = code.strip().removeprefix("#")
    which = (
        col(Voucher.id) == int(number)
        if number.isdecimal()
        else col(Voucher.code) == normal_code(code)
    )
    found = session.scalars(
        select(Voucher).where(col(Voucher.workspace_id) == workspace_id, which)
    ).all()
    if not found:
        raise UnknownVoucher(code)
    return found[0]


# -- asking for the end ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Withdrawn:
    voucher: Voucher
    """The one that was named, or what took its place."""
    is_new: bool
    """False: it was ending before, and nothing was changed."""


def withdraw(
    session: Session,
    workspace_id: int,
    voucher_id: int,
    why: str,
    now: datetime,
    *,
    ending: Ending = Ending.WITHDRAWN,
) -> Withdrawn:
    """Ends an open voucher, or what took its place meanwhile. Told again, it changes nothing.

    Raises :class:`CannotEnd` when it was used; KeyError when there is none.
    """
    book = Book(session, workspace_id, now)
    voucher = lock_vouchers(session, book, [voucher_id])[voucher_id]
    while voucher.replaced_by is not None:
        (voucher,) = lock_vouchers(session, book, [voucher.replaced_by]).values()
    if voucher.state == USED:
        raise CannotEnd(
            sentence(
                "Voucher %(voucher_code)s was used: it cannot be taken back any more.",
                voucher_code=voucher.code,
            )
        )
    is_exchanging = voucher.state == ENDING and voucher.ending == Ending.EXCHANGED.value
    is_new = voucher.state == OPEN or is_exchanging
    if is_exchanging:
        # Nobody waits for the other one any more.
        voucher.ending, voucher.why = ending.value, why
    elif is_new:
        begin_end(book, voucher, ending, why)
    session.flush()
    return Withdrawn(voucher, is_new)


def expire_due(session: Session, workspace_id: int, now: datetime, *, limit: int = 200) -> int:
    """Ends open vouchers whose time is over; how many, at most ``limit``."""
    ids = session.scalars(
        select(col(Voucher.id))
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.state) == OPEN,
            col(Voucher.valid_until) <= now,
        )
        .order_by(col(Voucher.valid_until), col(Voucher.id))
        .limit(limit)
    )
    book = Book(session, workspace_id, now)
    ended = 0
    for voucher in lock_vouchers(session, book, _known(ids)).values():
        if voucher.state == OPEN:
            begin_end(book, voucher, Ending.EXPIRED, "")
            ended += 1
    session.flush()
    return ended


def begin_end(book: Book, voucher: Voucher, ending: Ending, why: str) -> None:
    """Of an open voucher under lock. Its code is not wanted any more; where it was never sent
    there is nothing to wait for."""
    voucher.state, voucher.ending, voucher.is_wanted = ENDING, ending.value, False
    voucher.why = why or voucher.why
    if voucher.is_for_basket:
        # That a shop did not take it says nothing about taking it away again.
        voucher.is_dead, voucher.attempts, voucher.not_before = False, 0, None
    if voucher.intended_at is None:
        finish_end(book, voucher)


# -- the proof ------------------------------------------------------------------------------


def proven(
    session: Session,
    workspace_id: int,
    read: Mapping[int, ReadThrough],
    *,
    limit: int,
    exchanged: bool = False,
) -> list[int]:
    """Ids of ending vouchers that nobody can have used.

    ``read``: how far each installation's orders were read and handled
    (:func:`bridge.inbox.known.read_through`); of one that is not named nothing is proven.
    ``exchanged``: those that another is waited for, else all others.
    """
    found: list[int] = []
    for installation_id, known in sorted(read.items()):
        is_exchanged = col(Voucher.ending) == Ending.EXCHANGED.value
        rows = session.execute(
            select(col(Voucher.id), col(Voucher.code))
            .where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.installation_id) == installation_id,
                *_is_proven(known.at),
                is_exchanged if exchanged else ~is_exchanged,
            )
            .order_by(col(Voucher.id))
            .limit(limit)
        )
        found += [row[0] for row in rows if row[1] not in known.codes]
    return found[:limit]


def _is_proven(through: datetime) -> tuple[Any, ...]:
    return (
        col(Voucher.state) == ENDING,
        col(Voucher.is_wanted).is_(False),
        col(Voucher.is_there).is_(False),
        col(Voucher.removed_at) < through,
    )


def release_proven(
    session: Session,
    workspace_id: int,
    read: Mapping[int, ReadThrough],
    now: datetime,
    *,
    limit: int = 200,
) -> int:
    """Ends what is proven to be unused, and releases its points; how many, at most ``limit``.
    Those to be exchanged are left to :func:`bridge.vouchers.exchanging.exchange_proven`."""
    ids = proven(session, workspace_id, read, limit=limit)
    book = Book(session, workspace_id, now)
    count = 0
    for voucher in lock_vouchers(session, book, ids).values():
        if voucher.state == ENDING and not voucher.is_there:
            finish_end(book, voucher)
            count += 1
    session.flush()
    return count


def let_go(session: Session, workspace_id: int, voucher_id: int, by: str, now: datetime) -> Voucher:
    """A person vouches for it that an ending voucher was not used, where no shop can show it any
    more (the shop is gone). Raises :class:`CannotEnd` while it may still be in a shop's basket.
    """
    book = Book(session, workspace_id, now)
    voucher = lock_vouchers(session, book, [voucher_id])[voucher_id]
    if voucher.state == ENDED:
        return voucher
    if voucher.state != ENDING:
        raise CannotEnd(
            sentence(
                "Voucher %(voucher_code)s is %(state)s: withdraw it first.",
                voucher_code=voucher.code,
                state=voucher.state,
            )
        )
    voucher.why = f"{voucher.why} Let go by {by}.".strip()
    finish_end(book, voucher)
    session.flush()
    return voucher


def finish_end(book: Book, voucher: Voucher) -> None:
    """It was never used and never will be: what is still reserved for it is free."""
    voucher.state, voucher.ended_at = ENDED, book.now
    voucher.is_wanted = False
    if voucher.points and voucher.account_id is not None:
        account = book.lock([voucher.account_id])[voucher.account_id]
        release(book, account, cause_of(voucher, book.now, voucher.programme_number))
        book.write()


def _known(ids: Iterable[int | None]) -> Sequence[int]:
    return [one for one in ids if one is not None]
