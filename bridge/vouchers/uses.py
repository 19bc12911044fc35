"""Vouchers seen on orders: what they cost is computed anew, and the difference posted.

This runs in the unit of work that handles the orders, after them. What holds afterwards depends
on the orders as they are, and not on when or how often they were told: an order that is edited,
cancelled, returned in parts or told again leaves what it would have left alone.

A voucher that is seen is used up, whatever becomes of the order: its code is taken out of the
shop. What it cost comes back as points; a voucher that cost none is issued anew
(:mod:`bridge.vouchers.reissuing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import bindparam, delete, exists, select, tuple_
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.earning.news import by_installation
from bridge.inbox.codec import decoded
from bridge.kit.money import from_minor, to_minor
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.points.book import Book
from bridge.vouchers.charging import Use, times_used
from bridge.vouchers.codes import normal_code
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Voucher, VoucherState, VoucherUse
from bridge.vouchers.returned import returned_millionths
from bridge.vouchers.settling import Policies, settle_voucher
from connectors.sales import Money, Order, UsedCode

Seen: TypeAlias = tuple[int, Order]
"""Installation id, and the order as it is now."""
OrderKey: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something about a used voucher that a person should know."""

    voucher_id: int
    """0: it is none of ours."""
    code: str
    text: str


def note_uses(
    session: Session, workspace_id: int, seen: Sequence[Seen], now: datetime
) -> list[Oddity]:
    """Orders just handled, each at its newest state and once. Returns what is odd: a code used
    on several orders, or after its points had been given back."""
    if not any(order.codes for _, order in seen) and not _any_use(session, workspace_id):
        return []
    orders = {(installation_id, order.id): order for installation_id, order in seen}
    ids = {*_by_code(session, workspace_id, seen), *_by_order(session, workspace_id, orders)}
    if not ids:
        return []
    book = Book(session, workspace_id, now)
    vouchers = lock_vouchers(session, book, ids)
    _write_uses(session, workspace_id, vouchers, orders, now)
    uses = uses_of(session, workspace_id, vouchers)
    policies = Policies(session, workspace_id)
    found: list[Oddity] = []
    for voucher_id, voucher in sorted(vouchers.items()):
        theirs = uses.get(voucher_id, [])
        found += _mark(voucher, theirs, now)
        if voucher.state == VoucherState.USED.value:
            settle_voucher(book, voucher, [as_use(row) for row in theirs], policies)
    session.flush()
    return found


def note_again(
    session: Session, workspace_id: int, keys: Iterable[OrderKey], now: datetime
) -> list[Oddity]:
    """The same for handled orders, as they are known: a person told what a refund came to."""
    seen: list[Seen] = []
    for installation_id, ids in by_installation(keys).items():
        rows = session.execute(
            select(col(HandledOrder.content))
            .where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.installation_id) == installation_id,
                col(HandledOrder.order_id).in_(ids),
            )
            .order_by(col(HandledOrder.order_id))
            .with_for_update(read=True)
        )
        seen += [(installation_id, decoded(Order, row.content)) for row in rows]
    return note_uses(session, workspace_id, seen, now)


def told_since(session: Session, workspace_id: int, limit: int) -> list[OrderKey]:
    """Orders paid with vouchers, of which a person told a refund after they were looked at."""
    rows = session.execute(
        select(col(VoucherUse.installation_id), col(VoucherUse.order_id))
        .join(
            ToldRefund,
            (col(ToldRefund.installation_id) == col(VoucherUse.installation_id))
            & (col(ToldRefund.order_id) == col(VoucherUse.order_id)),
        )
        .where(
            col(VoucherUse.workspace_id) == workspace_id,
            col(ToldRefund.workspace_id) == workspace_id,
            col(ToldRefund.told_at) >= col(VoucherUse.noticed_at),
        )
        .distinct()
        .order_by(col(VoucherUse.installation_id), col(VoucherUse.order_id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def _any_use(session: Session, workspace_id: int) -> bool:
    """Whether an order of this merchant ever carried a voucher."""
    return bool(session.execute(_ANY_USE, {"workspace": workspace_id}).scalar_one())


_ANY_USE = select(exists().where(col(VoucherUse.workspace_id) == bindparam("workspace")))
"""Built once: it is asked for every batch of orders."""


# -- which vouchers -------------------------------------------------------------------------


def _by_code(session: Session, workspace_id: int, seen: Sequence[Seen]) -> list[int]:
    codes: dict[int, set[str]] = {}
    for installation_id, order in seen:
        codes.setdefault(installation_id, set()).update(codes_on(order))
    found: list[int] = []
    for installation_id, some in codes.items():
        if some:
            rows = session.execute(
                select(col(Voucher.id)).where(
                    col(Voucher.workspace_id) == workspace_id,
                    col(Voucher.installation_id) == installation_id,
                    col(Voucher.code).in_(sorted(some)),
                )
            )
            found += rows.scalars()
    return found


def _by_order(session: Session, workspace_id: int, keys: Iterable[OrderKey]) -> list[int]:
    """Vouchers that these orders carried when they were last looked at."""
    found: list[int] = []
    for installation_id, ids in by_installation(keys).items():
        rows = session.execute(
            select(col(VoucherUse.voucher_id)).where(
                col(VoucherUse.workspace_id) == workspace_id,
                col(VoucherUse.installation_id) == installation_id,
                col(VoucherUse.order_id).in_(ids),
            )
        )
        found += rows.scalars()
    return found


def codes_on(order: Order) -> dict[str, UsedCode]:
    """By code, as vouchers keep it."""
    return {normal_code(one.code): one for one in order.codes}


# -- uses -----------------------------------------------------------------------------------


def uses_of(
    session: Session, workspace_id: int, voucher_ids: Iterable[int]
) -> dict[int, list[VoucherUse]]:
    """By voucher, in the order in which the orders were placed."""
    found: dict[int, list[VoucherUse]] = {}
    rows = session.scalars(
        select(VoucherUse)
        .where(
            col(VoucherUse.workspace_id) == workspace_id,
            col(VoucherUse.voucher_id).in_(sorted(voucher_ids)),
        )
        .order_by(col(VoucherUse.placed_at), col(VoucherUse.order_id))
        .execution_options(populate_existing=True)
    )
    for row in rows:
        found.setdefault(row.voucher_id, []).append(row)
    return found


def _write_uses(
    session: Session,
    workspace_id: int,
    vouchers: Mapping[int, Voucher],
    orders: Mapping[OrderKey, Order],
    now: datetime,
) -> None:
    rows, gone = uses_on(session, workspace_id, vouchers, orders, now)
    if gone:
        _forget(session, workspace_id, gone)
    upsert(session, VoucherUse, rows)


def uses_on(
    session: Session,
    workspace_id: int,
    vouchers: Mapping[int, Voucher],
    orders: Mapping[OrderKey, Order],
    now: datetime,
) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """What is to be noted of these vouchers on these orders: the rows of their uses, and as
    voucher and order which of them do not go together. Changes nothing."""
    told = _told(session, workspace_id, orders)
    rows: list[dict[str, Any]] = []
    gone: list[tuple[int, str]] = []
    for key, order in orders.items():
        codes = codes_on(order)
        for voucher_id, voucher in vouchers.items():
            if voucher.installation_id != key[0]:
                continue
            used = codes.get(voucher.code)
            if used is None or not is_its(voucher, order, used):
                gone.append((voucher_id, order.id))
            else:
                rows.append(_row(voucher_id, voucher, order, used, told.get(key, {}), now))
    return rows, gone


def _forget(session: Session, workspace_id: int, keys: Sequence[tuple[int, str]]) -> None:
    session.execute(
        delete(VoucherUse)
        .where(
            col(VoucherUse.workspace_id) == workspace_id,
            tuple_(col(VoucherUse.voucher_id), col(VoucherUse.order_id)).in_(keys),
        )
        .execution_options(synchronize_session=False)
    )


def is_its(voucher: Voucher, order: Order, used: UsedCode) -> bool:
    """Points held for a basket are taken off by the shop itself, for their customer alone; one
    who was deleted in the shop is named no more."""
    if not voucher.is_for_basket:
        return True
    is_his = voucher.customer_id in ("", order.customer_id) or not order.customer_id
    return used.shown is not None and is_his


def _taken(voucher: Voucher, order: Order, used: UsedCode) -> int:
    if voucher.is_for_basket and used.shown is not None:
        if order.currency != voucher.currency:
            return voucher.amount_minor or 0  # no basket of another currency takes it off
        return to_minor(used.shown, order.currency)
    return to_minor(used.discount.gross, order.currency)


def _row(
    voucher_id: int,
    voucher: Voucher,
    order: Order,
    used: UsedCode,
    told: Mapping[str, Money],
    now: datetime,
) -> dict[str, Any]:
    return VoucherUse(
        voucher_id=voucher_id,
        order_id=order.id,
        installation_id=voucher.installation_id,
        workspace_id=voucher.workspace_id,
        order_number=order.number,
        placed_at=order.placed_at,
        taken_minor=_taken(voucher, order, used),
        is_cancelled=order.cancelled_at is not None,
        returned_millionths=returned_millionths(order, told),
        noticed_at=now,
    ).model_dump()


def _told(
    session: Session, workspace_id: int, orders: Mapping[OrderKey, Order]
) -> dict[OrderKey, dict[str, Money]]:
    found: dict[OrderKey, dict[str, Money]] = {}
    returned = [key for key, order in orders.items() if order.refunds]
    for installation_id, ids in by_installation(returned).items():
        rows = session.scalars(
            select(ToldRefund).where(
                col(ToldRefund.workspace_id) == workspace_id,
                col(ToldRefund.installation_id) == installation_id,
                col(ToldRefund.order_id).in_(ids),
            )
        )
        for row in rows:
            key = (installation_id, row.order_id)
            currency = orders[key].currency
            amount = Money(from_minor(row.net, currency), from_minor(row.gross, currency))
            found.setdefault(key, {})[row.refund_id] = amount
    return found


def as_use(row: VoucherUse) -> Use:
    return Use(row.is_cancelled, row.returned_millionths, row.taken_minor)


# -- what it makes of the voucher -----------------------------------------------------------


def _mark(voucher: Voucher, uses: Sequence[VoucherUse], now: datetime) -> list[Oddity]:
    """Used is used: no voucher is ever open again."""
    if not uses:
        return []
    found: list[Oddity] = []
    assert voucher.id is not None
    numbers = ", ".join(row.order_number for row in uses if not row.is_cancelled)
    if voucher.state == VoucherState.ENDED.value:
        text = f"{_name(voucher)} was used on order {uses[0].order_number} after it had ended"
        voucher.why = f"{text} ({voucher.ending})."
        found.append(Oddity(voucher.id, voucher.code, voucher.why))
    if times_used(as_use(row) for row in uses) > 1:
        charged = "Each of them" if voucher.is_for_basket else "It"
        often = "" if voucher.is_for_basket else " once"
        text = (
            f"{_name(voucher)} was used on several orders: {numbers}. {charged} is charged{often}."
        )
        found.append(Oddity(voucher.id, voucher.code, text))
    if voucher.state != VoucherState.USED.value:
        voucher.state, voucher.ending, voucher.ended_at = VoucherState.USED.value, "", None
        voucher.used_at = now
    voucher.is_wanted = False
    return found


def _name(voucher: Voucher) -> str:
    if voucher.is_for_basket:
        return f"What was held for the basket of member #{voucher.member_id} ({voucher.code})"
    return f"Voucher {voucher.code}"
