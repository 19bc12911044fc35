"""Vouchers beside each other and beside their promotions: one for each cause, each on a promotion
of its own worth, none without its row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import String, and_, cast, func, literal, or_, select
from sqlmodel import Session, col

from bridge.kit.money import from_millionths, from_minor
from bridge.points.book import Book, Cause
from bridge.points.models import Entry
from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.purchase_rules import NOTHING
from bridge.reconciling.purchases import bring_in_line, in_book
from bridge.vouchers.ending import begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Ending, Voucher, VoucherPool, VoucherState
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.redeeming import VOUCHER

DOUBLED = "voucher-doubled"
POOL = "voucher-pool"
MISSING = "voucher-missing"
_MONTH = timedelta(days=32)
_CAUSE: tuple[Any, ...] = (
    col(Voucher.kind),
    col(Voucher.rule),
    col(Voucher.source_kind),
    col(Voucher.source_id),
)


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    with books.looking() as session:
        doubled = list(session.scalars(_doubled(books.workspace_id)))
        astray = [
            (one, _own_pool(session, one)) for one in session.scalars(_astray(books.workspace_id))
        ]
    for one in doubled:
        yield Finding(
            DOUBLED,
            f"voucher {one.code}",
            f"{one.source_kind} {one.source_id} gave an older voucher already.",
            "It was written past the bridge, while the constraint was gone that lets one cause "
            "give one voucher.",
            "Withdraw it: its code is taken out, then what is held for it comes back.",
            _ending(books, one.id or 0),
            store=stores.get(one.installation_id, ""),
        )
    for one, pool_id in astray:
        yield Finding(
            POOL,
            f"voucher {one.code}",
            "The promotion that its code hangs on is gone from the books, or is one of another "
            "store or worth.",
            "The voucher's row, or that of its promotion, was changed or deleted past the bridge.",
            "Withdraw it with `loyalty-bridge vouchers withdraw`, and issue another."
            if pool_id is None
            else "Let it hang on the promotion of its own store and worth.",
            None if pool_id is None else _hanging(books, one.id or 0),
            store=stores.get(one.installation_id, ""),
        )


# -- two for one cause ----------------------------------------------------------------------


def _doubled(workspace_id: int) -> Any:
    """Open ones whose cause gave another, older or used, voucher that did not end."""
    other: Any = Voucher.__table__.alias()  # type: ignore[attr-defined]
    is_first = or_(other.c.id < col(Voucher.id), other.c.state == VoucherState.USED.value)
    same = and_(*(one == other.c[one.key] for one in _CAUSE))
    return (
        select(Voucher)
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.state) == VoucherState.OPEN.value,
            select(other.c.id)
            .where(
                other.c.workspace_id == workspace_id,
                other.c.id != col(Voucher.id),
                same,
                is_first,
                other.c.state.in_([VoucherState.OPEN.value, VoucherState.USED.value]),
            )
            .exists(),
        )
        .order_by(col(Voucher.id))
    )


def _ending(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
        if voucher is None or voucher.state != VoucherState.OPEN.value:
            return False
        begin_end(book, voucher, Ending.WITHDRAWN, "Its cause had given a voucher already.")
        session.flush()
        return True

    return books.fix(mend)


# -- promotions -----------------------------------------------------------------------------


def _astray(workspace_id: int) -> Any:
    """Living ones without a promotion, or on one of another store or kind."""
    return (
        select(Voucher)
        .outerjoin(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
        .where(
            col(Voucher.workspace_id) == workspace_id,
            col(Voucher.state) == VoucherState.OPEN.value,
            or_(
                col(VoucherPool.id).is_(None),
                col(VoucherPool.installation_id) != col(Voucher.installation_id),
                col(VoucherPool.store_id) != col(Voucher.store_id),
                ~_is_of_its_kind(),
            ),
        )
        .order_by(col(Voucher.id))
    )


def _is_of_its_kind() -> Any:
    """What it takes off is looked at where a promotion is chosen."""
    kind = literal('%"kind": "').concat(col(Voucher.kind)).concat('"%')
    return col(VoucherPool.worth).like(kind)


def _own_pool(session: Session, voucher: Voucher) -> int | None:
    """The newest of the only worth in its store that it can have; ``None``: none or several."""
    pools = session.scalars(
        select(VoucherPool)
        .where(
            col(VoucherPool.workspace_id) == voucher.workspace_id,
            col(VoucherPool.installation_id) == voucher.installation_id,
            col(VoucherPool.store_id) == voucher.store_id,
        )
        .order_by(col(VoucherPool.number))
    )
    fitting = [one for one in pools if _fits(one, voucher)]
    return fitting[-1].id if len({one.worth for one in fitting}) == 1 else None


def _fits(pool: VoucherPool, voucher: Voucher) -> bool:
    """Whether its promotion takes off what the voucher is worth, for as long as it lasts."""
    if voucher.valid_until is None or pool.ends_at is None:
        lasts = voucher.valid_until is None and pool.ends_at is None
    else:
        lasts = timedelta(0) <= pool.ends_at - voucher.valid_until < _MONTH
    discount = promotion_of(pool).discount
    exactly = (
        (discount.amount, _money(voucher.amount_minor, voucher.currency)),
        (discount.maximum, _money(voucher.maximum_minor, voucher.currency)),
        (discount.percent, _percent(voucher.percent_millionths)),
    )
    kind = json.loads(pool.worth).get("kind")
    return lasts and kind == voucher.kind and all(one == other for one, other in exactly)


def _money(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else from_minor(minor, currency)


def _percent(millionths: int | None) -> Decimal | None:
    return None if millionths is None else from_millionths(millionths)


def _hanging(books: Books, voucher_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
        pool_id = None if voucher is None else _own_pool(session, voucher)
        if voucher is None or pool_id is None or voucher.pool_id == pool_id:
            return False
        voucher.pool_id = pool_id
        session.flush()
        return True

    return books.fix(mend)


# -- points held for nothing ----------------------------------------------------------------


def find_missing(books: Books, *, are_shops_clean: bool) -> Iterator[Finding]:
    """Points that moved for a voucher that is not there. ``are_shops_clean``: every shop of the
    merchant was asked, and none holds a code that the books do not know."""
    with books.looking() as session:
        rows = list(session.execute(_without_row(books.workspace_id)))
        said = in_book(session, books.workspace_id, VOUCHER, [row.source_id for row in rows])
    for row in rows:
        held = said[row.source_id].said.held
        if held <= 0:
            continue
        yield Finding(
            MISSING,
            f"voucher #{row.source_id}",
            f"{held:,} points of account {row.account_id} are held for it, and there is no such "
            "voucher.",
            "The voucher's row was deleted past the bridge, or the book was restored without it.",
            "Give them back: no shop holds a code that could still be used."
            if are_shops_clean
            else "Its code may still work in a shop: reconcile with all of them, and remove there "
            "what is said to be unknown; then the points can be given back.",
            _freeing(books, row.source_id, row.account_id) if are_shops_clean else None,
        )


def _without_row(workspace_id: int) -> Any:
    known = select(cast(col(Voucher.id), String)).where(col(Voucher.workspace_id) == workspace_id)
    return (
        select(col(Entry.source_id), func.min(col(Entry.account_id)).label("account_id"))
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.source_kind) == VOUCHER,
            col(Entry.installation_id) == 0,
            col(Entry.source_id).not_in(known),
        )
        .group_by(col(Entry.source_id))
        .order_by(col(Entry.source_id))
    )


def _freeing(books: Books, source_id: str, account_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        account = book.lock([account_id])[account_id]
        found = session.scalars(
            select(col(Voucher.id)).where(
                col(Voucher.workspace_id) == books.workspace_id, col(Voucher.id) == int(source_id)
            )
        )
        if found.first() is not None:
            return False
        bring_in_line(book, account, Cause(VOUCHER, source_id, now), NOTHING)
        return True

    return books.fix(mend)
