"""What cart price rules of the bridge take off a basket, read from their native text. Pure.

Rules come by their sort order, of equal ones those without a coupon first; each takes off what
earlier ones left (recorded: cart_price_rules.json #30, #32, #38). A rule that a person changed into
something the bridge never writes is told as unreadable, and takes nothing off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import Rejected
from connectors.magento.conditions import (
    ADDRESS,
    COMBINE,
    LINES_GROSS,
    LINES_NET,
    PRODUCT,
    PRODUCT_COMBINE,
    PRODUCT_FOUND,
    SUBSELECTION,
    SUBTOTAL_GROSS,
    SUBTOTAL_NET,
    Condition,
)
from connectors.magento.quoting_prices import cents
from connectors.magento.rule_text import (
    ALL_GROUPS,
    BY_PERCENT,
    CART_FIXED,
    NO_COUPON,
    fields_of,
)
from connectors.quotes import Basket, Offer, Outcome, Refused, below
from connectors.sales import NO_MONEY, Money

_NOTHING = Decimal(0)
_NEVER = (
    "apply_to_shipping",
    "discount_step",
    "uses_per_customer",
    "stop_rules_processing",
)
"""Switched off in every rule of the bridge (:data:`connectors.magento.rule_text.ALWAYS`)."""
_SIDES = {SUBTOTAL_NET: "without tax", SUBTOTAL_GROSS: "with tax"}
_SIDES_OF_LINES = {LINES_NET: "without tax", LINES_GROSS: "with tax"}
_ABOUT_LINES = {("sku", "=="), ("sku", "!="), ("quote_item_qty", ">")}


class Unreadable(Exception):
    """A rule says what the bridge does not write."""


@dataclass(slots=True)
class Line:
    """``price``: of one piece, as the catalogue has it."""

    sku: str
    price: Decimal
    quantity: int
    before: Money = NO_MONEY
    """What it is worth before discounts."""
    taken: dict[str, Decimal] = field(default_factory=dict)
    """By the rule's key."""

    @property
    def worth(self) -> Decimal:
        return cents(self.price * self.quantity)

    @property
    def discount(self) -> Decimal:
        return sum(self.taken.values(), _NOTHING)

    @property
    def left(self) -> Decimal:
        return max(self.worth - self.discount, _NOTHING)

    def take(self, key: str, amount: Decimal) -> None:
        """What rounding carried over may be a cent below nothing, on a line that is free."""
        off = min(amount, self.left)
        if off:
            self.taken[key] = self.taken.get(key, _NOTHING) + off


@dataclass(frozen=True, slots=True)
class Rule:
    offer: Offer
    fields: Mapping[str, Any]

    @property
    def key(self) -> str:
        return self.offer.key

    @property
    def has_coupon(self) -> bool:
        return bool(self.fields["coupon_type"] != NO_COUPON)

    @property
    def order(self) -> tuple[int, bool, int]:
        native_id = self.offer.native_id
        number = int(native_id) if native_id.isdecimal() else 2**31
        return self.fields["sort_order"], self.has_coupon, number

    @property
    def amount(self) -> Decimal:
        return Decimal(self.fields["discount_amount"])

    @property
    def most(self) -> Decimal:
        """Pieces of a line at most; 0: all."""
        return Decimal(self.fields["discount_qty"])

    @property
    def condition(self) -> Condition:
        found: Condition = self.fields["condition"]
        return found


def rules_of(offers: Sequence[Offer]) -> tuple[list[Rule], dict[str, Refused]]:
    """In the order they apply; and those that cannot be read, by key."""
    rules, refused = [], {}
    for offer in offers:
        try:
            rule = Rule(offer, fields_of(offer.native))
            _check_readable(rule)
            rules.append(rule)
        except (Rejected, Unreadable, InvalidOperation, TypeError, KeyError):
            refused[offer.key] = Refused(Outcome.UNREADABLE)
    return sorted(rules, key=lambda rule: rule.order), refused


def _check_readable(rule: Rule) -> None:
    fields = rule.fields
    known = fields["simple_action"] in (BY_PERCENT, CART_FIXED)
    odd = any(fields[name] for name in _NEVER)
    free_shipping = fields["simple_free_shipping"] not in ("0", "")
    if not known or odd or free_shipping or rule.has_coupon is not bool(rule.offer.code):
        raise Unreadable
    for one in (*_all(rule.condition), *_all(fields["action_condition"])):
        if not _is_readable(one):
            raise Unreadable


def _is_readable(condition: Condition) -> bool:
    kind = condition["condition_type"]
    if kind in (COMBINE, PRODUCT_COMBINE, PRODUCT_FOUND):
        return bool(condition["value"] == "1")
    asked = condition["attribute_name"], condition["operator"]
    if kind == PRODUCT:
        return asked in _ABOUT_LINES
    known = {ADDRESS: _SIDES, SUBSELECTION: _SIDES_OF_LINES}.get(kind, {})
    return asked in [(side, ">=") for side in known]


def _all(condition: Condition) -> Iterator[Condition]:
    yield condition
    for one in condition.get("conditions") or ():
        yield from _all(one)


# -- whether it applies -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """``values``: what the basket is worth, by the attribute that asks."""

    basket: Basket
    group_id: str
    values: Mapping[str, Decimal]


def applied(rules: Sequence[Rule], lines: Sequence[Line], facts: Facts) -> dict[str, Refused]:
    """Fills in what is taken off the lines; why others take nothing off, by key."""
    refused = {}
    for rule in rules:
        reason = _reason(rule, lines, facts) or _take(rule, lines)
        if reason is not None:
            refused[rule.key] = reason
    return refused


def _reason(rule: Rule, lines: Sequence[Line], facts: Facts) -> Refused | None:
    fields, basket = rule.fields, facts.basket
    today = basket.at.date().isoformat()
    groups = fields["customer_group_ids"]
    if not fields["is_active"]:
        return Refused(Outcome.IS_OFF)
    if int(basket.store.id) not in fields["website_ids"]:
        return Refused(Outcome.OTHER_STORE)
    if fields["from_date"] > today:
        return Refused(Outcome.NOT_YET, f"from {fields['from_date']} on")
    if fields["to_date"] < today:
        return Refused(Outcome.IS_OVER, f"until {fields['to_date']}")
    if groups != ALL_GROUPS and int(facts.group_id) not in groups:
        return Refused(Outcome.OTHER_GROUP)
    return _unmet(rule.condition, lines, facts)


def _unmet(condition: Condition, lines: Sequence[Line], facts: Facts) -> Refused | None:
    kind = condition["condition_type"]
    if kind == PRODUCT_FOUND:
        if any(_means(condition, line) for line in lines):
            return None
        return Refused(Outcome.NEEDS_PRODUCTS, missing=tuple(_skus(condition)))
    if kind == ADDRESS:
        attribute, needed = condition["attribute_name"], Decimal(condition["value"])
        there = facts.values[attribute]
        if there >= needed:
            return None
        return below(there, needed, facts.basket.store.currency, _SIDES[attribute])
    if kind == SUBSELECTION:
        return _too_little(condition, lines, facts)
    found = [_unmet(one, lines, facts) for one in condition["conditions"]]
    unmet = [one for one in found if one is not None]
    if condition["aggregator_type"] == "any" and len(unmet) < len(found):
        return None
    missing = tuple(dict.fromkeys(sku for one in unmet for sku in one.missing))
    return replace(unmet[0], missing=missing) if unmet else None


def _too_little(condition: Condition, lines: Sequence[Line], facts: Facts) -> Refused | None:
    attribute, needed = condition["attribute_name"], Decimal(condition["value"])
    counted = sum((line.before for line in lines if _means(condition, line)), NO_MONEY)
    there = counted.gross if attribute == LINES_GROSS else counted.net
    if there >= needed:
        return None
    return below(there, needed, facts.basket.store.currency, _SIDES_OF_LINES[attribute])


def _means(condition: Condition, line: Line) -> bool:
    """Of a line; a SKU is one whatever its case."""
    if "conditions" not in condition:
        return _is_so(condition, line)
    found = [_means(one, line) for one in condition["conditions"]]
    if not found:
        return True
    return any(found) if condition["aggregator_type"] == "any" else all(found)


def _is_so(condition: Condition, line: Line) -> bool:
    if condition["attribute_name"] == "quote_item_qty":
        return line.quantity > Decimal(condition["value"])
    is_it = str(condition["value"]).casefold() == line.sku.casefold()
    return is_it is (condition["operator"] == "==")


def _skus(condition: Condition) -> list[str]:
    """A product's id in Magento is its SKU."""
    return [one["value"] for one in _all(condition) if one["condition_type"] == PRODUCT]


# -- what comes off ---------------------------------------------------------------------------


def _take(rule: Rule, lines: Sequence[Line]) -> Refused | None:
    named = rule.fields["action_condition"]
    meant = [line for line in lines if _means(named, line)]
    if not meant:
        return Refused(Outcome.NOT_IN_BASKET, ", ".join(_skus(named)))
    _ACTIONS[rule.fields["simple_action"]](rule, meant)
    if not any(line.taken.get(rule.key) for line in meant):
        return Refused(Outcome.NOTHING_LEFT)
    return None


def _by_percent(rule: Rule, lines: Sequence[Line]) -> None:
    """Of what earlier rules left of the pieces it is for. What rounding leaves over goes to the
    next line (magento2 ``Utility::deltaRoundingFix``)."""
    percent, rest = min(rule.amount, Decimal(100)), _NOTHING
    for line in lines:
        pieces = min(Decimal(line.quantity), rule.most) if rule.most else Decimal(line.quantity)
        left = max(line.price * pieces - line.discount, _NOTHING)
        exact = left * percent / 100 + rest
        rounded = cents(exact)
        rest = exact - rounded
        line.take(rule.key, rounded)


def _cart_fixed(rule: Rule, lines: Sequence[Line]) -> None:
    """Over the lines by what is left of each; the last takes what rounding left."""
    open_ = [(line, line.left) for line in lines if line.left]
    whole = sum((left for _, left in open_), _NOTHING)
    to_share = rest = min(rule.amount, whole)
    for place, (line, left) in enumerate(open_, 1):
        share = rest if place == len(open_) else min(cents(to_share * left / whole), left)
        line.take(rule.key, share)
        rest -= share


_ACTIONS: Mapping[str, Callable[[Rule, Sequence[Line]], None]] = {
    BY_PERCENT: _by_percent,
    CART_FIXED: _cart_fixed,
}
