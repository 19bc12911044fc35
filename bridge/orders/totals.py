"""What an order comes to after everything that was taken off it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bridge.kit.money import to_minor
from connectors.sales import NO_MONEY, Money, Order, OrderLine

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """In the programme's currency."""

    net: int
    """Goods after discounts, less what was refunded; minor units. Gifts and shipping are not in
    it."""
    gross: int
    items: int
    """Pieces bought and kept, in thousandths; gifts are not in it."""
    counts: bool
    """Whether it counts as an order: something of it was bought, and not all of it came back."""


def totals(order: Order, rate: Decimal, currency: str) -> Totals:
    """``rate`` turns the order's currency into ``currency``."""
    if order.cancelled_at is not None:
        return Totals(0, 0, 0, counts=False)
    lines = [line for line in order.lines if not line.is_gift]
    bought = _sum([line.price - line.discount for line in lines])
    kept = bought - _refunded(order, bought)
    items = _pieces_kept(order, lines)
    net, gross = max(kept.net, _ZERO), max(kept.gross, _ZERO)
    return Totals(
        to_minor(net * rate, currency),
        to_minor(gross * rate, currency),
        int(items * 1000),
        counts=bool(lines) and (items > 0 or gross > 0),
    )


def as_told(order: Order, told: Mapping[str, Money]) -> Order:
    """The order as if its shop had told what a person told of its refunds, by refund id."""
    if not told:
        return order
    refunds = tuple(
        replace(one, unnamed=told[one.id])
        if one.unnamed is None and not one.is_whole and one.id in told
        else one
        for one in order.refunds
    )
    return replace(order, refunds=refunds)


def _refunded(order: Order, bought: Money) -> Money:
    """Of the goods: shipping that was given back lowers nothing here, nor does a fee kept."""
    if any(refund.is_whole for refund in order.refunds):
        return bought
    given = [line.amount for refund in order.refunds for line in refund.lines]
    unnamed = [refund.unnamed for refund in order.refunds if refund.unnamed is not None]
    return _sum(given) + _sum([one for one in unnamed if one.gross > 0])


def _pieces_kept(order: Order, lines: list[OrderLine]) -> Decimal:
    if any(refund.is_whole for refund in order.refunds):
        return _ZERO
    ours = {line.id for line in lines}
    returned = sum(
        (one.quantity for refund in order.refunds for one in refund.lines if one.line_id in ours),
        _ZERO,
    )
    return max(sum((line.quantity for line in lines), _ZERO) - returned, _ZERO)


def _sum(amounts: list[Money]) -> Money:
    total = NO_MONEY
    for amount in amounts:
        total = total + amount
    return total
