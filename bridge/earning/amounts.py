"""What the lines of an order count with. Pure; exact fractions, nothing is rounded here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bridge.earning.facts import SHIPPING
from bridge.programme.earning_rules import Discounts, PointsBasis
from connectors.base import Basis
from connectors.sales import Money, Order

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Part:
    price: Fraction
    discount: Fraction


def line_amounts(order: Order, basis: PointsBasis, paid_with_points: Money) -> dict[str, Fraction]:
    """By line id, and under ``SHIPPING`` when the basis counts it; in the order's currency.

    Discounts hold what was paid with points. Before discounts, that share of them is taken off
    all the same, in proportion to them; what lines do not show as a discount is taken off in
    proportion to the amounts. Gifts are not there. Nothing is below 0.
    """
    parts = _parts(order, basis.side)
    paid = min(
        _exact(side(paid_with_points, basis.side)),
        sum((part.price for part in parts.values()), _NOTHING),
    )
    discounts = sum((part.discount for part in parts.values()), _NOTHING)
    shown = min(paid, discounts)
    amounts = {
        key: _amount(part, basis.discounts, shown / discounts if discounts else _NOTHING)
        for key, part in parts.items()
    }
    if paid > shown:
        amounts = _reduced(amounts, paid - shown)
    if not basis.shipping:
        amounts.pop(SHIPPING)
    return amounts


def side(money: Money, basis: Basis) -> Decimal:
    return money.net if basis is Basis.NET else money.gross


def _parts(order: Order, basis: Basis) -> dict[str, _Part]:
    parts = {
        line.id: _part(side(line.price, basis), side(line.discount, basis))
        for line in order.lines
        if not line.is_gift
    }
    parts[SHIPPING] = _part(side(order.shipping, basis), side(order.shipping_discount, basis))
    return parts


def _part(price: Decimal, discount: Decimal) -> _Part:
    exact = max(_exact(price), _NOTHING)
    return _Part(exact, min(max(_exact(discount), _NOTHING), exact))


def _amount(part: _Part, discounts: Discounts, paid_share: Fraction) -> Fraction:
    if discounts is Discounts.AFTER:
        return part.price - part.discount
    return part.price - part.discount * paid_share


def _reduced(amounts: Mapping[str, Fraction], by: Fraction) -> dict[str, Fraction]:
    whole = sum(amounts.values(), _NOTHING)
    if whole <= by:
        return dict.fromkeys(amounts, _NOTHING)
    return {key: amount * (whole - by) / whole for key, amount in amounts.items()}


def _exact(number: Decimal) -> Fraction:
    return Fraction(number)
