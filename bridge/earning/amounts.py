"""What the lines of an order count with. Pure; exact fractions, nothing is rounded here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from bridge.earning.facts import SHIPPING
from bridge.programme.earning_rules import Discounts, PointsBasis
from connectors.base import Basis
from connectors.sales import Money, Order

_NOTHING = Fraction(0)
_ZERO = Decimal(0)
_EXACTLY = Context(prec=1000)
"""Differences of decimals as they are: fractions cost many times as much."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Neither is below 0, and the discount is not above the price."""

    price: Decimal
    discount: Decimal


def line_amounts(order: Order, basis: PointsBasis, paid_with_points: Money) -> dict[str, Fraction]:
    """By line id, and under ``SHIPPING`` when the basis counts it; in the order's currency.

    Discounts hold what was paid with points. Before discounts, that share of them is taken off
    all the same, in proportion to them; what lines do not show as a discount is taken off in
    proportion to the amounts. Gifts are not there. Nothing is below 0.
    """
    parts = _parts(order, basis.side)
    paid = side(paid_with_points, basis.side)
    if paid > 0:
        amounts = _paid_amounts(parts, basis.discounts, Fraction(paid))
    else:
        amounts = {key: _amount(part, basis.discounts, _NOTHING) for key, part in parts.items()}
    if not basis.shipping:
        amounts.pop(SHIPPING)
    return amounts


def _paid_amounts(
    parts: Mapping[str, _Part], counted: Discounts, paid: Fraction
) -> dict[str, Fraction]:
    """Where ``paid`` of them was paid with points."""
    paid = min(paid, sum((Fraction(part.price) for part in parts.values()), _NOTHING))
    discounts = sum((Fraction(part.discount) for part in parts.values()), _NOTHING)
    shown = min(paid, discounts)
    share = shown / discounts if discounts else _NOTHING
    amounts = {key: _amount(part, counted, share) for key, part in parts.items()}
    return _reduced(amounts, paid - shown) if paid > shown else amounts


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
    counted = max(price, _ZERO)
    return _Part(counted, min(max(discount, _ZERO), counted))


def _amount(part: _Part, discounts: Discounts, paid_share: Fraction) -> Fraction:
    if discounts is Discounts.AFTER:
        return Fraction(_EXACTLY.subtract(part.price, part.discount))
    price = Fraction(part.price)
    return price - Fraction(part.discount) * paid_share if paid_share else price


def _reduced(amounts: Mapping[str, Fraction], by: Fraction) -> dict[str, Fraction]:
    whole = sum(amounts.values(), _NOTHING)
    if whole <= by:
        return dict.fromkeys(amounts, _NOTHING)
    return {key: amount * (whole - by) / whole for key, amount in amounts.items()}
