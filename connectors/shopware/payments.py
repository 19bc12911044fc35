"""The payments of an order: which ones carry it, and since when it is paid. Pure.

An order can have several transactions: failed and cancelled tries before the one that worked, a
payment that was given back because the buyer chose another way, or parts of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.errors import Rejected
from connectors.sales import Money
from connectors.shopware.mapping import moment
from connectors.shopware.order_money import ZERO, paid_price
from connectors.shopware.paging import Row
from connectors.shopware.state_history import REFUNDED, SETTLED, History, state_of


@dataclass(frozen=True, slots=True)
class Payment:
    """An ``order_transaction``."""

    id: str
    amount: Money
    state: str
    created_at: datetime
    paid_at: datetime | None
    refunds: tuple[Row, ...]
    """Of its captures, in any state."""

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


def payments(rows: Sequence[Row], history: History, whole: Money, unit: Decimal) -> list[Payment]:
    """Oldest first. ``whole`` is the order, for amounts that list no taxes."""
    found = [_payment(row, history, whole, unit) for row in rows]
    return sorted(found, key=lambda payment: (payment.created_at, payment.id))


def carrying(all_: Sequence[Payment], due: Decimal) -> list[Payment]:
    """The settled payments that stand for the order: those that were not given back where they
    cover it alone (then the others were replaced), else all of them."""
    settled = [payment for payment in all_ if payment.is_settled]
    kept = [payment for payment in settled if payment.state != REFUNDED]
    return kept if kept and _sum(kept) >= due else settled


def paid_at(all_: Sequence[Payment], due: Decimal, placed_at: datetime) -> datetime | None:
    """When the payments together covered the order; else, when the newest one is a settled one,
    its time: an order that was made dearer afterwards stays paid. Nothing due is paid at once."""
    if due <= 0:
        return placed_at
    covered = ZERO
    times = [(p.paid_at, p) for p in carrying(all_, due) if p.paid_at is not None]
    for at, payment in sorted(times, key=lambda one: (one[0], one[1].id)):
        covered += payment.amount.gross
        if covered >= due:
            return at
    return all_[-1].paid_at if all_ else None


def _payment(row: Row, history: History, whole: Money, unit: Decimal) -> Payment:
    created = moment(row.get("createdAt"))
    if created is None:
        raise Rejected("A transaction has no date of creation")
    transaction, state = str(row["id"]), state_of(row)
    captures = row.get("captures")
    refunds = [
        refund
        for capture in (captures if isinstance(captures, list) else ())
        for refund in capture.get("refunds") or ()
    ]
    return Payment(
        id=transaction,
        amount=paid_price(row.get("amount"), whole, unit),
        state=state,
        created_at=created,
        paid_at=history.paid(transaction, state, created),
        refunds=tuple(refunds),
    )


def _sum(some: Sequence[Payment]) -> Decimal:
    return sum((payment.amount.gross for payment in some), ZERO)
