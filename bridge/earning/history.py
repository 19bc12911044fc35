"""What an order earns because of those before it, and the most that may be earned. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from bridge.earning.amounts import line_amounts
from bridge.earning.conditions import earning_lines, holds_for, is_excluded
from bridge.earning.facts import Buyer, Calculation, Earned, History, ProductFacts
from bridge.earning.lines import order_weights
from bridge.earning.sharing import share_out
from bridge.kit.money import from_minor
from bridge.orders.totals import totals
from bridge.programme.earning_rules import HISTORY_KINDS, EarningRule, NthOrder, StepUp
from bridge.programme.points import Caps, PointsSettings
from connectors.base import Basis
from connectors.sales import NO_MONEY, Money, Order


def earned_by_history(
    settings: PointsSettings,
    order: Order,
    rate: Decimal,
    buyer: Buyer,
    history: History,
    zone: ZoneInfo,
    products: Mapping[str, ProductFacts] | None = None,
    paid_with_points: Money = NO_MONEY,
) -> tuple[Earned, ...]:
    """First order, n-th order, and the steps that this order crosses, shared out to its lines.

    ``history``: the orders before this one. What this order adds counts as ``history`` counts
    (:func:`bridge.orders.totals.totals`): less its refunds. A cancelled or wholly returned
    order earns nothing, and neither does one of nothing but gifts and excluded products.
    """
    day = order.placed_at.astimezone(zone).date()
    rules = {
        key: rule
        for key, rule in settings.rules.items()
        if rule.kind in HISTORY_KINDS and holds_for(key, rule, buyer, day)
    }
    if not rules or is_excluded(settings.exclude, buyer):
        return ()
    after = _after(settings, order, rate, history)
    lines = earning_lines(order.lines, settings.exclude, products or {})
    if after is None or not lines:
        return ()
    amounts = line_amounts(order, settings.basis_of(), paid_with_points)
    worth = sum((amounts[line.id] for line in lines), Fraction(0)) * Fraction(rate)
    weights = order_weights(lines, amounts)
    return tuple(
        Earned(line.id, key, share, why)
        for key, rule in rules.items()
        if rule.when is None or rule.when.worth is None or worth >= rule.when.worth
        for points, why in (_given(rule, history, after),)
        for line, share in zip(lines, share_out(points, weights), strict=True)
        if share
    )


def _after(
    settings: PointsSettings, order: Order, rate: Decimal, before: History
) -> History | None:
    """With this order; ``None``: it does not count."""
    own = totals(order, rate, before.currency)
    if not own.counts:
        return None
    minor = own.net if settings.basis_of().side is Basis.NET else own.gross
    return replace(
        before,
        orders=before.orders + 1,
        spent=before.spent + from_minor(minor, before.currency),
        items=before.items + Decimal(own.items) / 1000,
    )


def _given(rule: EarningRule, before: History, after: History) -> tuple[int, Calculation]:
    """Points for the whole order, and why."""
    if rule.first_order is not None:
        points = rule.first_order if after.orders == 1 else 0
        return points, {"kind": "first_order", "of": points}
    if rule.nth_order is not None:
        points = rule.nth_order.points if _is_nth(rule.nth_order, after.orders) else 0
        return points, {"kind": "nth_order", "order": after.orders, "of": points}
    if rule.order_steps:
        return _crossed(rule.kind, rule.order_steps, Decimal(before.orders), Decimal(after.orders))
    if rule.item_steps:
        return _crossed(rule.kind, rule.item_steps, before.items, after.items)
    return _crossed(rule.kind, rule.spend_steps, before.spent, after.spent)


def _is_nth(asked: NthOrder, orders: int) -> bool:
    return orders == asked.n if asked.every is None else orders % asked.every == 0


def _crossed(
    kind: str, steps: Sequence[StepUp], before: Decimal, after: Decimal
) -> tuple[int, Calculation]:
    crossed = [step for step in steps if before < step.at <= after]
    points = sum(step.points for step in crossed)
    return points, {
        "kind": kind,
        "before": format(before, "f"),
        "after": format(after, "f"),
        "steps": ", ".join(format(step.at, "f") for step in crossed),
        "of": points,
    }


def capped(
    earned: Sequence[Earned], caps: Caps, earned_today: int, earned_ever: int
) -> tuple[Earned, ...]:
    """The same entries, cut so that no cap is passed: from the last one backwards.

    ``earned_today`` and ``earned_ever`` are what the member earned before this, elsewhere. An
    entry that was cut says so in ``why``; one cut wholly is there with 0 points.
    """
    room = {
        "order": caps.order,
        "day": None if caps.day is None else max(caps.day - earned_today, 0),
        "member": None if caps.member is None else max(caps.member - earned_ever, 0),
    }
    limits = [(left, name) for name, left in room.items() if left is not None]
    if not limits:
        return tuple(earned)
    left, name = min(limits)
    kept: list[Earned] = []
    for entry in earned:
        points = min(entry.points, left)
        left -= points
        kept.append(entry if points == entry.points else _cut(entry, points, name))
    return tuple(kept)


def _cut(entry: Earned, points: int, cap: str) -> Earned:
    why = {**entry.why, "cut": entry.points - points, "cap": cap}
    return replace(entry, points=points, why=why)
