"""What refunds take back: in all, by line and rule, of what an order earned. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bridge.earning.facts import SHIPPING
from bridge.earning.rounding import rounded
from bridge.programme.points import RoundTo, UnknownRefund
from connectors.sales import Money, Order, OrderLine, Refund, RefundLine

LineRule = tuple[str, str]
"""A line's id (or ``SHIPPING``) and a rule's key."""

_NONE = Fraction(0)
_ALL = Fraction(1)
_CENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Reversal:
    points: Mapping[LineRule, int]
    """What all refunds together take back; never more than was earned; none is 0."""
    frozen: bool
    """A refund's amount is not known, and the programme says to hold the rest until it is."""
    unknown: tuple[str, ...] = ()
    """Refunds whose amount a person has to tell."""


def reversed_points(
    order: Order,
    earned: Mapping[LineRule, int],
    unknown: UnknownRefund,
    told: Mapping[str, Money] | None = None,
) -> Reversal:
    """Cumulative over all refunds of the order, whatever the order they came in.

    Of each line, the part that came back (see :func:`returned_parts`) of each rule's points,
    rounded half up: all that came back takes all, and more refunds never take less.
    ``told``: what a person said of refunds that name no amount, by refund id.
    """
    if not order.refunds:
        return Reversal({}, frozen=False)
    answers = told or {}
    open_ = tuple(
        refund.id
        for refund in order.refunds
        if refund.unnamed is None and not refund.is_whole and refund.id not in answers
    )
    if any(refund.is_whole for refund in order.refunds):
        return Reversal({key: points for key, points in earned.items() if points}, frozen=False)
    parts = returned_parts(order, answers)
    taken = {
        key: rounded(points * parts.get(key[0], _NONE), RoundTo.NEAREST)
        for key, points in earned.items()
    }
    frozen = bool(open_) and unknown is UnknownRefund.FREEZE
    return Reversal({key: points for key, points in taken.items() if points}, frozen, open_)


def returned_parts(order: Order, told: Mapping[str, Money]) -> dict[str, Fraction]:
    """How much of each line came back, from 0 to 1, by line id and under ``SHIPPING``.

    A line that a refund names: the pieces that came back, or, where more money was given than
    they cost (or no pieces came), that money of what the line cost. What names no line is then
    taken from what is left of all lines, in proportion to what they cost; what is left over
    after that, from shipping. Fees that were kept give nothing back.
    """
    lines = {line.id: line for line in order.lines if not line.is_gift}
    parts = {key: _named_part(line, order.refunds) for key, line in lines.items()}
    cost = {key: _cost(line.price, line.discount) for key, line in lines.items()}
    kept = sum((cost[key] * (_ALL - part) for key, part in parts.items()), _NONE)
    unnamed = sum((_unnamed(refund, told) for refund in order.refunds), _NONE)
    if unnamed:
        left = max(_ALL - unnamed / kept, _NONE) if kept else _NONE
        parts = {key: _ALL - (_ALL - part) * left for key, part in parts.items()}
    parts[SHIPPING] = _shipping_part(order, max(unnamed - kept, _NONE))
    return parts


def _named_part(line: OrderLine, refunds: Sequence[Refund]) -> Fraction:
    cost = _cost(line.price, line.discount)
    named = [one for refund in refunds for one in refund.lines if one.line_id == line.id]
    return min(sum((_part(line, one, cost) for one in named), _NONE), _ALL)


def _part(line: OrderLine, one: RefundLine, cost: Fraction) -> Fraction:
    pieces = Fraction(one.quantity) / Fraction(line.quantity) if line.quantity > 0 else _ALL
    pieces = max(pieces, _NONE)
    given = _gross(one.amount)
    if not cost or given <= 0:
        return pieces
    # Shops round each piece for itself: a cent more or less a piece is no gift.
    slack = _CENT * max(Fraction(one.quantity), _NONE)
    return given / cost if given > pieces * cost + slack else pieces


def _unnamed(refund: Refund, told: Mapping[str, Money]) -> Fraction:
    unnamed = told.get(refund.id) if refund.unnamed is None else refund.unnamed
    return _NONE if unnamed is None else max(_gross(unnamed), _NONE)


def _shipping_part(order: Order, more: Fraction) -> Fraction:
    cost = _cost(order.shipping, order.shipping_discount)
    given = sum((max(_gross(refund.shipping), _NONE) for refund in order.refunds), more)
    if not cost:
        return _ALL if given else _NONE
    return min(given / cost, _ALL)


def _cost(price: Money, discount: Money) -> Fraction:
    return max(_gross(price) - _gross(discount), _NONE)


def _gross(money: Money) -> Fraction:
    return Fraction(money.gross if money.gross else Decimal(money.net))
