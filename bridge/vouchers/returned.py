"""How much of an order was given back, as one share of its goods. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from bridge.earning.refunds import returned_parts
from bridge.vouchers.charging import WHOLE
from connectors.sales import Money, Order, OrderLine

_NONE = Fraction(0)


def returned_millionths(order: Order, told: Mapping[str, Money]) -> int:
    """From 0 to :data:`WHOLE`, which is said of an order of which everything came back, and of
    no other. ``told``: what a person said of refunds that name no amount, by refund id; until
    he does, they give nothing back.

    Lines weigh what they cost; where nothing was left to pay, what they would have cost.
    """
    if any(refund.is_whole for refund in order.refunds):
        return WHOLE
    lines = [line for line in order.lines if not line.is_gift]
    if not order.refunds or not lines:
        return 0
    parts = returned_parts(order, told)
    weights = _weights(lines)
    returned = (weight * parts[line.id] for line, weight in zip(lines, weights, strict=True))
    share = sum(returned, _NONE) / sum(weights, _NONE)
    if share >= 1:
        return WHOLE
    return min(round(share * WHOLE), WHOLE - 1)


def _weights(lines: Sequence[OrderLine]) -> list[Fraction]:
    """At least one is above 0."""
    costs = [max(Fraction(line.price.gross - line.discount.gross), _NONE) for line in lines]
    prices = [max(Fraction(line.price.gross), _NONE) for line in lines]
    if any(costs):
        return costs
    return prices if any(prices) else [Fraction(1)] * len(lines)
