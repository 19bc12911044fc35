"""What members paid on orders with points: that part of an order earns none.

A voucher for points is known before any order can carry its code, and what it is worth never
changes. So this depends on the order alone, whatever became of the voucher since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import CustomerKey
from bridge.kit.money import from_minor
from bridge.vouchers.models import Voucher, normal_code
from connectors.sales import NO_MONEY, Money, Order

CodeKey: TypeAlias = tuple[int, str]
"""Installation id and code."""


@dataclass(frozen=True, slots=True)
class PointsVoucher:
    """A voucher that cost points, as far as earning asks."""

    face: Decimal
    currency: str
    account_id: int | None
    """Whose points are held for it."""


def paid_with_points(order: Order, vouchers: Mapping[str, PointsVoucher]) -> Money:
    """In the order's currency. ``vouchers``: by code. Pure.

    Where a shop tells only what all discounts of the order took off together, a voucher counts
    with no more than its face (net): it cannot have paid more.
    """
    paid = NO_MONEY
    for used in order.codes:
        voucher = vouchers.get(normal_code(used.code))
        if voucher is not None:
            paid = paid + _capped(used.discount, voucher, order.currency)
    return paid


def _capped(discount: Money, voucher: PointsVoucher, currency: str) -> Money:
    if voucher.currency != currency or discount.net <= voucher.face:
        return discount
    return Money(voucher.face, discount.gross * voucher.face / discount.net)


def points_vouchers(
    session: Session, workspace_id: int, orders: Iterable[tuple[int, Order]]
) -> dict[CodeKey, PointsVoucher]:
    """Those whose codes are on these orders of these installations."""
    codes: dict[int, set[str]] = {}
    for installation_id, order in orders:
        for used in order.codes:
            codes.setdefault(installation_id, set()).add(normal_code(used.code))
    found: dict[CodeKey, PointsVoucher] = {}
    for installation_id, some in sorted(codes.items()):
        rows = session.execute(
            select(
                col(Voucher.code),
                col(Voucher.amount_minor),
                col(Voucher.currency),
                col(Voucher.account_id),
            ).where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.installation_id) == installation_id,
                col(Voucher.code).in_(sorted(some)),
                col(Voucher.points) > 0,
            )
        )
        for code, amount, currency, account_id in rows:
            face = from_minor(amount or 0, currency)
            found[installation_id, code] = PointsVoucher(face, currency, account_id)
    return found


def paid_on(
    orders: Iterable[tuple[CustomerKey, Order]], vouchers: Mapping[CodeKey, PointsVoucher]
) -> dict[CustomerKey, Money]:
    """By order; those on which nothing was paid with points are left out. Pure."""
    if not vouchers:
        return {}
    found = {}
    for key, order in orders:
        theirs = {code: one for (shop, code), one in vouchers.items() if shop == key[0]}
        paid = paid_with_points(order, theirs)
        if paid != NO_MONEY:
            found[key] = paid
    return found


def accounts_of(vouchers: Mapping[CodeKey, PointsVoucher]) -> Sequence[int]:
    """To be locked with the buyers' own, before the vouchers are settled."""
    return sorted({one.account_id for one in vouchers.values() if one.account_id is not None})
