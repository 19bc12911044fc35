"""Orders that took something off for points which nobody can be charged for: told to a person.

The shop believes what stands in its customers' fields. A database that was restored from a backup
has lost what was held since, and a customer who was copied in the shop has another one's fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from bridge.vouchers.models import Voucher
from bridge.vouchers.uses import Oddity, Seen, codes_on, is_its
from connectors.sales import Order, UsedCode


def unknown_points(session: Session, workspace_id: int, seen: Sequence[Seen]) -> list[Oddity]:
    """Of orders just handled. Locks and changes nothing."""
    taken = [(shop, order, *one) for shop, order in seen for one in _points_on(order).items()]
    if not taken:
        return []
    keys = {(shop, code) for shop, _, code, _ in taken}
    rows = session.scalars(
        select(Voucher).where(
            col(Voucher.workspace_id) == workspace_id,
            tuple_(col(Voucher.installation_id), col(Voucher.code)).in_(sorted(keys)),
        )
    )
    found = {(one.installation_id, one.code): one for one in rows}
    told: list[Oddity] = []
    for shop, order, code, used in taken:
        voucher = found.get((shop, code))
        if voucher is None:
            told.append(_odd(0, order, used, "the books know nothing of them"))
        elif not is_its(voucher, order, used):
            told.append(_odd(voucher.id or 0, order, used, "they were held for another customer"))
    return told


def _points_on(order: Order) -> Mapping[str, UsedCode]:
    if order.cancelled_at is not None:
        return {}
    return {code: one for code, one in codes_on(order).items() if one.shown is not None}


def _odd(voucher_id: int, order: Order, used: UsedCode, why: str) -> Oddity:
    text = (
        f"Order {order.number} took {used.shown} {order.currency} off for points ({used.code}), "
        f"and nobody was charged: {why}. After a restored backup, or where a customer was copied "
        "in the shop, take the points from the member by hand."
    )
    return Oddity(voucher_id, used.code, text)
