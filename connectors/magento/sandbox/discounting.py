"""What cart price rules take off the lines of a cart, after Magento's SalesRule module; pure.

Rules come in order; each takes off what earlier ones left (recorded: cart_price_rules.json #30,
#32, #38). Unknown actions and attributes take off nothing, as in the recorded shop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.magento.sandbox.values import cents

ZERO = Decimal(0)
Condition = Mapping[str, Any]


@dataclass(slots=True)
class Line:
    """``attributes``: what conditions may ask of the product, ``category_ids`` a tuple."""

    price: Decimal
    qty: Decimal
    attributes: Mapping[str, Any]
    discount: Decimal = ZERO
    net: Decimal = ZERO
    gross: Decimal = ZERO
    """What it is worth before discounts, without tax and with it."""
    percent: Decimal = ZERO
    """What the shop shows as the line's percentage."""
    rule_ids: list[int] = field(default_factory=list)
    taken: dict[int, Decimal] = field(default_factory=dict)
    """What each rule took off; those that took nothing are left out."""
    takes_discounts: bool = True

    @property
    def worth(self) -> Decimal:
        return self.price * self.qty

    @property
    def left(self) -> Decimal:
        return max(cents(self.worth) - self.discount, ZERO)


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    action: str
    amount: Decimal
    most: Decimal = ZERO
    """Pieces of a line it applies to at most; 0: all."""
    step: Decimal = ZERO
    conditions: Condition = field(default_factory=dict)
    actions: Condition = field(default_factory=dict)
    is_last: bool = False
    """Once it applied to a line, no rule after it applies to any: so in 2.4.4 (magento2 issue
    35707); from 2.4.7 on, to none of the lines that this one applied to."""


def apply(
    rules: Sequence[Rule],
    lines: Sequence[Line],
    cart: Mapping[str, Any],
    *,
    counts_own_lines: bool = False,
) -> list[int]:
    """Fills in discounts and rules of the lines; returns the rules that applied, in order.

    ``cart``: what conditions may ask of the whole (``base_subtotal``, ``total_qty``…).
    ``counts_own_lines``: of a rule whose actions choose lines, they ask it of those (magento2
    ``Utility::setEligibleItemsTotalsOnAddress``).
    """
    applied = []
    for rule in rules:
        facts = _of_own_lines(rule, lines, cart) if counts_own_lines else cart
        if not holds(rule.conditions, facts, lines):
            continue
        chosen = [
            line for line in lines if line.takes_discounts and holds(rule.actions, line.attributes)
        ]
        if not chosen:
            continue
        before = [line.discount for line in chosen]
        _take_off(rule, chosen)
        applied.append(rule.id)
        for line, had in zip(chosen, before, strict=True):
            line.rule_ids.append(rule.id)
            if line.discount > had:
                line.taken[rule.id] = line.discount - had
        if rule.is_last:
            break
    return applied


def totals_of(lines: Sequence[Line]) -> dict[str, Decimal]:
    """What conditions may ask of lines together. ``base_subtotal_with_discount`` is what they are
    worth **before** discounts: it is set so before the rules are asked (magento2
    ``Validator::reset``)."""
    net = sum((line.net for line in lines), ZERO)
    return {
        "base_subtotal": net,
        "base_subtotal_with_discount": net,
        "base_subtotal_total_incl_tax": sum((line.gross for line in lines), ZERO),
        "total_qty": sum((line.qty for line in lines), ZERO),
    }


def _of_own_lines(rule: Rule, lines: Sequence[Line], cart: Mapping[str, Any]) -> Mapping[str, Any]:
    own = [line for line in lines if holds(rule.actions, line.attributes)]
    return {**cart, **totals_of(own)} if own and rule.actions.get("conditions") else cart


# -- conditions -----------------------------------------------------------------------------


def holds(condition: Condition, facts: Mapping[str, Any], lines: Sequence[Line] = ()) -> bool:
    """An empty condition holds; one on something that is not known does not.

    ``lines``: of the whole cart, for conditions that look for products in it.
    """
    kind = str(condition.get("condition_type"))
    if kind.endswith("\\Found"):
        return _found(condition, lines)
    if kind.endswith("\\Subselect"):
        return _subselected(condition, lines)
    if "conditions" in condition or not condition.get("attribute_name"):
        return _combined(condition, facts, lines)
    return _compared(condition, facts.get(condition["attribute_name"]))


def _compared(condition: Condition, known: Any) -> bool:
    if known is None:
        return False
    compare = _OPERATORS.get(str(condition.get("operator")))
    return compare is not None and compare(known, str(condition.get("value")))


def _found(condition: Condition, lines: Sequence[Line]) -> bool:
    """Some line fulfils it, or none does where the condition asks for that."""
    group = {**condition, "value": "1", "condition_type": ""}
    there = any(holds(group, line.attributes) for line in lines)
    return there == (condition.get("value") not in ("0", 0, False))


def _subselected(condition: Condition, lines: Sequence[Line]) -> bool:
    """Pieces or worth of the lines that fulfil it (magento2 ``Product\\Subselect``). With the
    value 0 the lines that do not: the group below takes it for its own."""
    if not condition.get("conditions"):
        return False
    group = {**condition, "condition_type": "", "attribute_name": ""}
    chosen = [line for line in lines if holds(group, line.attributes)]
    measure = _MEASURES.get(str(condition.get("attribute_name")), "")
    return _compared(condition, sum((getattr(line, measure, ZERO) for line in chosen), ZERO))


_MEASURES = {"qty": "qty", "base_row_total": "net", "base_row_total_incl_tax": "gross"}


def _combined(condition: Condition, facts: Mapping[str, Any], lines: Sequence[Line]) -> bool:
    wanted = condition.get("value") not in ("0", 0, False, "")
    found = [holds(one, facts, lines) == wanted for one in condition.get("conditions") or []]
    if not found:
        return True
    return any(found) if condition.get("aggregator_type") == "any" else all(found)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _equal(known: Any, wanted: str) -> bool:
    if isinstance(known, tuple):
        return bool(set(known) & set(_several(wanted)))
    if isinstance(known, (int, Decimal)):
        return bool(known == _number(wanted))
    return str(known).lower() == wanted.lower()


def _one_of(known: Any, wanted: str) -> bool:
    if isinstance(known, tuple):
        return _equal(known, wanted)
    return any(_equal(known, one) for one in _several(wanted))


def _several(wanted: str) -> list[str]:
    return [one.strip() for one in wanted.split(",")]


_OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    "==": _equal,
    "!=": lambda known, wanted: not _equal(known, wanted),
    ">=": lambda known, wanted: bool(known >= _number(wanted)),
    ">": lambda known, wanted: bool(known > _number(wanted)),
    "<=": lambda known, wanted: bool(known <= _number(wanted)),
    "<": lambda known, wanted: bool(known < _number(wanted)),
    "()": _one_of,
    "!()": lambda known, wanted: not _one_of(known, wanted),
    "{}": lambda known, wanted: wanted.lower() in str(known).lower(),
}


# -- actions --------------------------------------------------------------------------------


def _take_off(rule: Rule, lines: Sequence[Line]) -> None:
    if rule.action == "cart_fixed":
        _share_out(rule.amount, lines)
        return
    rest = ZERO
    for line in lines:
        exact = _AMOUNTS.get(rule.action, _nothing)(rule, line) + rest
        rounded = cents(exact)
        rest = exact - rounded
        line.discount += min(rounded, line.left)


def _nothing(rule: Rule, line: Line) -> Decimal:
    return ZERO


def _pieces(rule: Rule, line: Line) -> Decimal:
    return min(line.qty, rule.most) if rule.most else line.qty


def _by_percent(rule: Rule, line: Line) -> Decimal:
    """The line shows a percentage only where all its pieces may get it (recorded: #30)."""
    percent = min(rule.amount, Decimal(100))
    if not rule.most or rule.most > line.qty:
        line.percent = min(line.percent + percent, Decimal(100))
    left = max(line.price * _pieces(rule, line) - line.discount, ZERO)
    return left * percent / 100


def _by_fixed(rule: Rule, line: Line) -> Decimal:
    return rule.amount * _pieces(rule, line)


def _to_fixed(rule: Rule, line: Line) -> Decimal:
    return max(line.price - rule.amount, ZERO) * _pieces(rule, line)


def _buy_x_get_y(rule: Rule, line: Line) -> Decimal:
    if not rule.step or rule.amount > rule.step:
        return ZERO
    periods, over = divmod(_pieces(rule, line), rule.step + rule.amount)
    free = periods * rule.amount + max(over - rule.step, ZERO)
    return free * line.price


def _share_out(amount: Decimal, lines: Sequence[Line]) -> None:
    """Over the lines by what is left of each; the last takes what rounding left."""
    whole = sum((line.left for line in lines), ZERO)
    to_share = min(amount, whole)
    open_lines = [line for line in lines if line.left]
    given = ZERO
    for line in open_lines:
        is_last = line is open_lines[-1]
        share = to_share - given if is_last else cents(to_share * line.left / whole)
        share = min(share, line.left)
        line.discount += share
        given += share


_AMOUNTS: dict[str, Callable[[Rule, Line], Decimal]] = {
    "by_percent": _by_percent,
    "by_fixed": _by_fixed,
    "to_percent": lambda rule, line: line.left * (100 - min(rule.amount, Decimal(100))) / 100,
    "to_fixed": _to_fixed,
    "buy_x_get_y": _buy_x_get_y,
}
