"""What was given back. Pure.

Shopware knows two ways: refunds of a capture, with amounts and often with lines (recorded:
changes_a_poller_sees.json #7, #8), which payment apps make; and the state of a transaction, which
an administrator sets by hand: ``refunded`` means all of it, ``refunded_partially`` does not say
how much (PLATFORM_FACTS Shopware 16). One id stays one refund: that of the transaction when
``refunded`` follows ``refunded_partially``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.errors import Rejected
from connectors.sales import NO_MONEY, Money, OrderLine, Refund, RefundLine
from connectors.shopware.mapping import moment
from connectors.shopware.order_money import (
    GROSS,
    NET,
    ZERO,
    amount,
    by_gross,
    by_net,
    money,
    paid_price,
    shown_price,
    tax_of,
    total,
)
from connectors.shopware.paging import Row
from connectors.shopware.payments import Payment, carrying
from connectors.shopware.state_history import PARTLY_REFUNDED, REFUNDED, History, state_of

_COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What refunds are read against."""

    lines: Mapping[str, OrderLine]
    tax_status: str
    whole: Money
    """The order."""
    unit: Decimal
    history: History


def refunds(payments: Sequence[Payment], facts: RefundFacts) -> tuple[Refund, ...]:
    """Completed ones, oldest first. A payment that was given back because another one covers the
    order now is none: nothing came back of what was sold."""
    found: list[Refund] = []
    carriers = carrying(payments, facts.whole.gross)
    for payment in payments:
        if payment.state == REFUNDED and payment not in carriers:
            continue
        captured = [_captured(row, facts) for row in payment.refunds if _is_completed(row)]
        found += captured
        stated = _stated(payment, captured, carriers, facts)
        if stated is not None:
            found.append(stated)
    return tuple(sorted(found, key=lambda refund: (refund.at, refund.id)))


def _is_completed(row: Row) -> bool:
    return state_of(row) == _COMPLETED


# --- by the state of a transaction ---------------------------------------------------------


def _stated(
    payment: Payment, captured: Sequence[Refund], carriers: Sequence[Payment], facts: RefundFacts
) -> Refund | None:
    if payment.state == PARTLY_REFUNDED:
        return None if captured else Refund(payment.id, _at(payment, facts), unnamed=None)
    if payment.state != REFUNDED:
        return None
    named = sum((_all_of(refund).gross for refund in captured), ZERO)
    left = payment.amount.gross - named
    if captured and left <= 0:
        return None
    if _is_last(payment, carriers, facts):
        return Refund(payment.id, _at(payment, facts), is_whole=True)
    return Refund(
        payment.id, _at(payment, facts), unnamed=by_gross(left, payment.amount, facts.unit)
    )


def _is_last(payment: Payment, carriers: Sequence[Payment], facts: RefundFacts) -> bool:
    """All payments of the order were given back, and this one last."""
    if any(one.state != REFUNDED for one in carriers):
        return False
    return payment == max(carriers, key=lambda one: (_at(one, facts), one.id))


def _at(payment: Payment, facts: RefundFacts) -> datetime:
    return facts.history.entered(payment.id, payment.state, payment.created_at)


# --- refunds of captures -------------------------------------------------------------------


def _captured(row: Row, facts: RefundFacts) -> Refund:
    created = moment(row.get("createdAt"))
    if created is None:
        raise Rejected("A refund has no date of creation")
    refund = str(row["id"])
    whole = paid_price(row.get("amount"), facts.whole, facts.unit)
    positions = [p for p in row.get("positions") or () if p.get("orderLineItemId") in facts.lines]
    as_paid = _are_as_paid(row, positions)
    lines = tuple(_line(position, facts, as_paid=as_paid) for position in positions)
    return Refund(
        id=refund,
        at=facts.history.entered(refund, _COMPLETED, created),
        lines=lines,
        unnamed=_rest(row, whole, lines, facts),
    )


def _line(position: Row, facts: RefundFacts, *, as_paid: bool) -> RefundLine:
    line = facts.lines[str(position["orderLineItemId"])]
    return RefundLine(
        line_id=line.id,
        quantity=amount(position.get("quantity")),
        amount=_amount(position.get("amount"), line, facts, as_paid=as_paid),
    )


def _amount(price: object, line: OrderLine, facts: RefundFacts, *, as_paid: bool) -> Money:
    """In the order's mode like the line itself, with the taxes it lists, else in proportion to
    the line's."""
    if not isinstance(price, dict):
        return NO_MONEY
    shown = amount(price.get("totalPrice"))
    if tax_of(price) is not None:
        return shown_price(price, facts.tax_status)
    if as_paid or facts.tax_status == GROSS:
        return by_gross(shown, line.price, facts.unit)
    if facts.tax_status == NET:
        return by_net(shown, line.price, facts.unit)
    return money(shown, shown)


def _are_as_paid(row: Row, positions: Sequence[Row]) -> bool:
    """Positions without taxes that sum up to the money given back are that money: they were
    written gross, also in a net order."""
    prices = [p["amount"] for p in positions if isinstance(p.get("amount"), dict)]
    whole = row.get("amount")
    if not isinstance(whole, dict) or any(tax_of(price) is not None for price in prices):
        return False
    return sum((amount(p.get("totalPrice")) for p in prices), ZERO) == amount(
        whole.get("totalPrice")
    )


def _rest(row: Row, whole: Money, lines: Sequence[RefundLine], facts: RefundFacts) -> Money:
    """What is given back beyond the lines. None in gross is none: a cent of tax is rounding."""
    named = total(line.amount for line in lines)
    gross = whole.gross - named.gross
    if not gross:
        return NO_MONEY
    price = row.get("amount")
    if isinstance(price, dict) and tax_of(price) is not None:
        return money(whole.net - named.net, gross)
    return by_gross(gross, facts.whole, facts.unit)


def _all_of(refund: Refund) -> Money:
    return total([*(line.amount for line in refund.lines), refund.unnamed or NO_MONEY])
