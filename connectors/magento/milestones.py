"""When an order was paid, completed, cancelled. Pure.

What each state says (magento2 ``Sales\\Model\\Order``):

| state | paid | completed | cancelled |
|---|---|---|---|
| new, pending_payment, processing, holded | when the totals say so | no | no |
| payment_review | no: the shop itself doubts the payment | no | no |
| complete | when the totals say so | yes | no |
| closed (all refunded) | when the totals say so | if something was shipped before | no |
| canceled | no | no | yes |

A hold is about the order, not about its money: what was paid stays paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors.magento.amounts import CENT, Row, number
from connectors.magento.mapping import moment_or_none

CANCELED = "canceled"
CLOSED = "closed"
COMPLETE = "complete"
PAYMENT_REVIEW = "payment_review"
_INVOICE_PAID = 2
_INVOICE_CANCELED = 3


def paid_at(order: Row, invoices: Sequence[Row], placed_at: datetime) -> datetime | None:
    """When the last paid invoice was made; a free order, and one that was paid without an
    invoice, when it was placed. What was cancelled need not be paid, nor a cent that partial
    invoices left behind by rounding."""
    if order.get("state") in {CANCELED, PAYMENT_REVIEW}:
        return None
    whole, paid = number(order, "base_grand_total"), number(order, "base_total_paid")
    if whole <= 0:
        return placed_at
    if paid <= 0 or paid < whole - number(order, "base_total_canceled") - CENT:
        return None
    made = (row for row in invoices if _state(row) == _INVOICE_PAID)
    return newest(made, "created_at") or placed_at


def completed_at(
    order: Row, invoices: Sequence[Row], shipments: Sequence[Row], placed_at: datetime
) -> datetime | None:
    """When the last shipment or invoice was made; a virtual order has invoices alone."""
    state = order.get("state")
    was_complete = bool(shipments) or bool(order.get("is_virtual"))
    if state != COMPLETE and not (state == CLOSED and was_complete):
        return None
    valid = [row for row in invoices if _state(row) != _INVOICE_CANCELED]
    return newest([*shipments, *valid], "created_at") or placed_at


def cancelled_at(order: Row) -> datetime | None:
    """The order's last change: Magento keeps no better time of a cancellation, and a comment
    written afterwards moves it."""
    if order.get("state") != CANCELED:
        return None
    return moment_or_none(order.get("updated_at")) or moment_or_none(order.get("created_at"))


def newest(rows: Iterable[Row], column: str) -> datetime | None:
    """The latest of the rows' times; ``None`` where none has one."""
    times = [moment_or_none(row.get(column)) for row in rows]
    return max((time for time in times if time), default=None)


def _state(row: Row) -> int:
    return int(row.get("state") or 0)
