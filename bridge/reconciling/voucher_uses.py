"""Vouchers on handled orders: each use is noted as its order tells it, and no other is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, tuple_
from sqlmodel import Session, col

from bridge.orders.models import HandledOrder
from bridge.points.book import Book
from bridge.reconciling.books import CHUNK, Books
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import OrderKey, readable
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Voucher, VoucherState, VoucherUse
from bridge.vouchers.settling import Policies, settle_voucher
from bridge.vouchers.uses import as_use, codes_on, note_again, told_since, uses_of, uses_on
from connectors.sales import Order

USE = "voucher-use"
_NOTED = ("order_number", "placed_at", "taken_minor", "is_cancelled", "returned_millionths")
_MOST_TOLD = 10_000


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    after: OrderKey = (0, "")
    while True:
        with books.looking() as session:
            rows = _with_codes(session, books.workspace_id, after)
            wrong = _wrong(session, books, rows)
        for row, what in wrong:
            yield Finding(
                USE,
                f"order {row.number}",
                what,
                "What is noted of the voucher, or the order, was changed past the bridge: both "
                "are written together.",
                "Note it as the order tells it, and charge the voucher by that.",
                _noting(books, (row.installation_id, row.order_id)),
                store=stores.get(row.installation_id, ""),
            )
        if len(rows) < CHUNK:
            break
        after = (rows[-1].installation_id, rows[-1].order_id)
    with books.looking() as session:
        made_up = list(session.execute(_made_up(books.workspace_id)))
    for row in made_up:
        yield Finding(
            USE,
            f"voucher {row.code}",
            f"It is said to be used on order {row.order_number} (id {row.order_id}), which never "
            "came in.",
            "It was noted past the bridge.",
            "Forget it, and charge the voucher by the orders that there are.",
            _forgetting(books, row.voucher_id, row.order_id),
            store=stores.get(row.installation_id, ""),
        )


def _with_codes(session: Session, workspace_id: int, after: OrderKey) -> Sequence[Any]:
    """The next orders that carry a code, or that a voucher is said to be used on."""
    same = col(HandledOrder.installation_id) == after[0]
    used = select(col(VoucherUse.installation_id), col(VoucherUse.order_id)).where(
        col(VoucherUse.workspace_id) == workspace_id
    )
    return session.execute(
        select(
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
            col(HandledOrder.content),
        )
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(
                col(HandledOrder.installation_id) > after[0],
                and_(same, col(HandledOrder.order_id) > after[1]),
            ),
            or_(
                col(HandledOrder.content).contains('"codes":[{'),
                tuple_(col(HandledOrder.installation_id), col(HandledOrder.order_id)).in_(used),
            ),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .limit(CHUNK)
    ).all()


def _wrong(session: Session, books: Books, rows: Sequence[Any]) -> list[tuple[Any, str]]:
    """Rows of orders, and what is wrong with what is noted of them."""
    known = {(row.installation_id, row.order_id): readable(row.content) for row in rows}
    orders = {key: order for key, order in known.items() if order is not None}
    noted = _noted(session, books.workspace_id, orders)
    vouchers = _vouchers(session, books.workspace_id, orders, {one for one, _ in noted})
    told, gone = uses_on(session, books.workspace_id, vouchers, orders, books.clock())
    # What a person said of a refund since is charged when time passes next.
    waiting = set(told_since(session, books.workspace_id, _MOST_TOLD))
    found: dict[OrderKey, str] = {}
    for use in told:
        key = (use["installation_id"], use["order_id"])
        code = vouchers[use["voucher_id"]].code
        row = noted.get((use["voucher_id"], key))
        if row is None:
            found[key] = f"It carries the voucher {code}, and its use was never noted."
        elif key not in waiting and any(getattr(row, name) != use[name] for name in _NOTED):
            found[key] = f"What is noted of the voucher {code} on it is not what it tells."
    for voucher_id, order_id in gone:
        key = (vouchers[voucher_id].installation_id, order_id)
        if (voucher_id, key) in noted:
            code = vouchers[voucher_id].code
            found[key] = f"The voucher {code} is said to be used on it, and it does not carry it."
    by_key = {(row.installation_id, row.order_id): row for row in rows}
    return [(by_key[key], what) for key, what in found.items()]


def _noted(
    session: Session, workspace_id: int, orders: Mapping[OrderKey, Order]
) -> dict[tuple[int, OrderKey], VoucherUse]:
    uses = session.scalars(
        select(VoucherUse).where(
            col(VoucherUse.workspace_id) == workspace_id,
            tuple_(col(VoucherUse.installation_id), col(VoucherUse.order_id)).in_(list(orders)),
        )
    )
    return {(one.voucher_id, (one.installation_id, one.order_id)): one for one in uses}


def _vouchers(
    session: Session, workspace_id: int, orders: Mapping[OrderKey, Order], noted: set[int]
) -> dict[int, Voucher]:
    """Those whose codes these orders carry, and those noted of them."""
    codes = {(key[0], code) for key, order in orders.items() for code in codes_on(order)}
    found = session.scalars(
        select(Voucher).where(
            col(Voucher.workspace_id) == workspace_id,
            or_(
                tuple_(col(Voucher.installation_id), col(Voucher.code)).in_(sorted(codes)),
                col(Voucher.id).in_(sorted(noted)),
            ),
        )
    )
    return {one.id: one for one in found if one.id is not None}


def _made_up(workspace_id: int) -> Any:
    """Uses on orders that are not there."""
    return (
        select(
            col(VoucherUse.voucher_id),
            col(VoucherUse.installation_id),
            col(VoucherUse.order_id),
            col(VoucherUse.order_number),
            col(Voucher.code),
        )
        .join(Voucher, col(Voucher.id) == col(VoucherUse.voucher_id))
        .outerjoin(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == col(VoucherUse.installation_id),
                col(HandledOrder.order_id) == col(VoucherUse.order_id),
            ),
        )
        .where(
            col(VoucherUse.workspace_id) == workspace_id,
            col(HandledOrder.order_id).is_(None),
        )
        .order_by(col(VoucherUse.voucher_id), col(VoucherUse.order_id))
    )


# -- mending --------------------------------------------------------------------------------


def _noting(books: Books, key: OrderKey) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        note_again(session, books.workspace_id, [key], now)
        return True

    return books.fix(mend)


def _forgetting(books: Books, voucher_id: int, order_id: str) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [voucher_id]).get(voucher_id)
        if voucher is None:
            return False
        done: Any = session.execute(
            delete(VoucherUse)
            .where(
                col(VoucherUse.workspace_id) == books.workspace_id,
                col(VoucherUse.voucher_id) == voucher_id,
                col(VoucherUse.order_id) == order_id,
            )
            .execution_options(synchronize_session=False)
        )
        if voucher.state == VoucherState.USED.value:
            left = uses_of(session, books.workspace_id, [voucher_id]).get(voucher_id, [])
            policies = Policies(session, books.workspace_id)
            settle_voucher(book, voucher, [as_use(row) for row in left], policies)
        return bool(done.rowcount)

    return books.fix(mend)
