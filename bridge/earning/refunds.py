"""What refunds take back: in all, by line and rule, of what an order earned. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.programme.points import UnknownRefund
from connectors.sales import Money, Order

LineRule = tuple[str, str]
"""A line's id (or ``SHIPPING``) and a rule's key."""


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

    ``told``: what a person said of refunds that name no amount, by refund id.
    """
    raise NotImplementedError
