"""What the lines of one order earn by the rules that need no history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.earning.conditions import is_excluded
from bridge.earning.facts import Buyer, Calculation, Earned, ProductFacts
from bridge.earning.lines import Lines
from bridge.earning.multiplying import multiplied
from bridge.earning.rounding import increments
from bridge.earning.showing import amount_text
from bridge.programme.earning_rules import EarningRule, PerAmount, PointsBasis
from bridge.programme.points import PointsSettings, Rounding
from connectors.sales import Money, Order


def earned(
    settings: PointsSettings,
    order: Order,
    rate: Decimal,
    buyer: Buyer,
    products: Mapping[str, ProductFacts],
    paid_with_points: Money,
    zone: ZoneInfo,
) -> tuple[Earned, ...]:
    """Points by line and rule, rules in file order, lines in the order's; none is 0.

    ``rate``: units of the programme's currency for one of the order's. ``products``: by product
    id; one that is not there is in no category. ``paid_with_points``: what vouchers bought with
    points took off, in the order's currency. It is part of the lines' discounts already and is
    taken off nothing twice. ``zone``: the programme's; rules begin and end by its days.

    A cancelled order, gift lines and what is excluded earn nothing. Refunds do not count here
    (see :func:`bridge.earning.refunds.reversed_points`).
    """
    if order.cancelled_at is not None or is_excluded(settings.exclude, buyer):
        return ()
    lines = Lines(settings, order, rate, buyer, products, paid_with_points, zone)
    exact = {key: points for key in lines.giving if (points := lines.exact(key))}
    found: dict[str, list[Earned]] = {}
    for key, points in exact.items():
        whole = increments({}, points, settings.rounding)
        found[key] = [
            Earned(line, key, number, _why(settings, lines, key, line, points[line]))
            for line, number in whole.items()
            if number
        ]
    found |= multiplied(settings, lines, exact)
    return tuple(
        entry
        for key in settings.rules
        for entry in sorted(found.get(key, ()), key=lambda entry: lines.position(entry.line_id))
    )


def _why(
    settings: PointsSettings, lines: Lines, key: str, line: str, exact: Fraction
) -> Calculation:
    rule = lines.giving[key]
    why: dict[str, str | int] = {"kind": rule.kind}
    if rule.per_amount is not None:
        basis = settings.basis_of(rule)
        why["amount"] = amount_text(lines.amounts(basis)[line])
        why["basis"] = _basis_text(basis)
        why["per"] = _per_text(rule.per_amount)
        why["exact"] = amount_text(exact)
        why["rounded"] = _rounding_text(settings.rounding)
    elif rule.per_item is not None:
        why["per"] = rule.per_item
        why["exact"] = amount_text(exact)
        why["rounded"] = _rounding_text(settings.rounding)
    else:
        why["of"] = _order_points(rule)
    if lines.rate != 1:
        why["rate"] = format(lines.rate, "f")
    return why


@lru_cache(maxsize=64)
def _basis_text(basis: PointsBasis) -> str:
    return f"{basis.side.value}, {basis.discounts.value} discounts"


@lru_cache(maxsize=1024)
def _per_text(given: PerAmount) -> str:
    return f"{given.points} for each {given.each}"


@lru_cache(maxsize=64)
def _rounding_text(rounding: Rounding) -> str:
    return f"{rounding.to.value}, per {rounding.per.value}"


def _order_points(rule: EarningRule) -> int:
    return rule.bought_together.points if rule.bought_together else rule.per_order or 0
