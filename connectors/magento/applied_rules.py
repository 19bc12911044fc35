"""What cart price rules did to an order: which lines are gifts, what its coupon took off.

An order names rules by id alone, and a rule may be gone by the time the order is read. What is
known of a rule is its owner, whether it asks for a coupon, and how it takes off.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import Forbidden
from connectors.magento.amounts import Row, Worth, number, tidy, total
from connectors.magento.own_rules import OWNER_FIELDS, OwnRules
from connectors.magento.rule_text import CART_FIXED, NO_COUPON
from connectors.sales import NOTHING, Money

_FIELDS = f"{OWNER_FIELDS},coupon_type,simple_action,discount_amount,apply_to_shipping"


@dataclass(frozen=True, slots=True)
class AppliedRule:
    is_ours: bool
    has_coupon: bool
    fixed: Decimal | None = None
    """The amount it takes off the basket; ``None``: it counts otherwise."""
    reaches_shipping: bool = True

    @property
    def is_ours_without_coupon(self) -> bool:
        return self.is_ours and not self.has_coupon


Known = Mapping[int, AppliedRule]
"""By id; a rule that is not there was deleted, or cannot be read."""


class AppliedRules:
    """Rules that orders name, each read once: what the bridge asks of one does not change, but
    for the amount, which a voucher's rule keeps. Safe to share between threads."""

    def __init__(self, rules: OwnRules) -> None:
        self._rules = rules
        self._lock = threading.Lock()
        self._known: dict[int, AppliedRule | None] = {}

    def of(self, orders: Iterable[Row]) -> Known:
        """Those that these orders name. Orders are read without them where the credentials lack
        the privilege: `store check` says so."""
        wanted = set[int]().union(*map(named_rules, orders))
        with self._lock:
            unknown = wanted - self._known.keys()
        if unknown:
            self._read(unknown)
        return {one: rule for one in wanted if (rule := self._known.get(one)) is not None}

    def _read(self, rule_ids: set[int]) -> None:
        try:
            rows = self._rules.by_id(rule_ids, _FIELDS)
        except Forbidden:
            return
        found = {one: self._rule(rows[one]) if one in rows else None for one in rule_ids}
        with self._lock:
            self._known.update(found)

    def _rule(self, row: Row) -> AppliedRule:
        is_fixed = row.get("simple_action") == CART_FIXED
        return AppliedRule(
            is_ours=bool(self._rules.key_of(row)),
            has_coupon=str(row.get("coupon_type") or NO_COUPON) != NO_COUPON,
            fixed=number(row, "discount_amount") if is_fixed else None,
            reaches_shipping=bool(row.get("apply_to_shipping")),
        )


def named_rules(row: Row) -> frozenset[int]:
    """Of an order or one of its rows (recorded: cart_price_rules.json #38)."""
    told = str(row.get("applied_rule_ids") or "")
    return frozenset(int(one) for one in told.split(",") if one.strip().isdecimal())


# -- gifts ----------------------------------------------------------------------------------


def was_given(
    rule_ids: frozenset[int], known: Known, coupon_id: int | None, *, something_is_paid_for: bool
) -> bool:
    """Whether a line that is wholly taken off is a gift. By a rule of ours without a coupon it
    is; what a coupon alone paid for is none; else a line that is free while others are not."""
    if any(one in known and known[one].is_ours_without_coupon for one in rule_ids):
        return True
    return rule_ids != {coupon_id} and something_is_paid_for


# -- coupons --------------------------------------------------------------------------------


def coupon_rule(order: Row, known: Known) -> int | None:
    """The rule that the order's coupon unlocked: an order has one coupon at most. One that was
    deleted is told by being the only one that is gone."""
    if not order.get("coupon_code"):
        return None
    named = named_rules(order)
    unlocked = [one for one in named if one in known and known[one].has_coupon]
    gone = [one for one in named if one not in known]
    candidates = unlocked or gone
    return candidates[0] if len(candidates) == 1 else None


@dataclass(frozen=True, slots=True)
class Bearer:
    """A row that bears money, with what it is worth now."""

    row: Row
    worth: Worth


def coupon_discount(
    bearers: Sequence[Bearer], shipping: Worth, rule_id: int | None, known: Known
) -> Money:
    """What the coupon took off, as near as the order tells. Rows that only its rule applied to
    tell it all; where others applied too, a fixed amount is known from the rule itself, and of a
    percentage no more can be said than what all of them took off together."""
    everything = total([*(one.worth.discount for one in bearers), shipping.discount])
    if rule_id is None:
        return tidy(everything)
    rule = known.get(rule_id)
    reached = [one for one in bearers if rule_id in named_rules(one.row)]
    alone = [one for one in reached if named_rules(one.row) == {rule_id}]
    shared = [one for one in reached if named_rules(one.row) != {rule_id}]
    found = total(one.worth.discount for one in alone)
    if rule is None or rule.reaches_shipping:
        found = found + shipping.discount
    return tidy(found + _share(rule, alone, shared))


def _share(rule: AppliedRule | None, alone: Sequence[Bearer], shared: Sequence[Bearer]) -> Money:
    """Of what was taken off rows that other rules applied to as well."""
    together = Worth(total(one.worth.discount for one in shared))
    told = _raw(shared)
    if rule is None or rule.fixed is None or not told:
        return together.price
    rest = min(max(rule.fixed - _raw(alone), NOTHING), told)
    return together.share(rest, told).price


def _raw(bearers: Sequence[Bearer]) -> Decimal:
    return sum((number(one.row, "base_discount_amount") for one in bearers), NOTHING)
