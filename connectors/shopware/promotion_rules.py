"""What a basket must be like, said as conditions of a rule, and read again. Pure.

A promotion has at most one rule of ours for its basket, and one for the products of each of its
discounts. What a rule is meant to say stands in its custom field; that its conditions still say
so is seen by making them once more and comparing.

What a condition sees (shopware ``Checkout/Cart/Rule``):

- ``cartGoodsPrice``: the goods before all discounts, as their buyer sees them, with tax or
  without;
- ``cartCartAmount``: what is to be paid so far, always with tax, without shipping, after the
  promotions that come before by priority;
- ``cartPositionPrice``: the same as the buyer sees it.

What is given free must not count towards itself, and can be left out of ``cartGoodsPrice`` alone.

So two values are not there to be compared: the net one of buyers who see prices with tax, and the
gross one, without a gift, of buyers who do not. They are reckoned from the other one in a way that
is never too early: by the highest of the shop's tax rates, or by the lowest. That is exact where
the goods bear that rate. With ``early`` in the text it is never too late instead: what lies free in
a basket by other means shall stay free.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from connectors.shopware import ids
from connectors.shopware.mapping import number
from connectors.shopware.paging import Row

Tree = dict[str, Any]
"""``{type, value, children}``; ``value`` and ``children`` may be empty."""

_CENT = Decimal("0.01")
_EMPTY: tuple[object, ...] = (None, [], {})


@dataclass(frozen=True, slots=True)
class TaxRates:
    """In percent."""

    lowest: Decimal
    highest: Decimal


def basket_conditions(basket: Mapping[str, Any], currency_id: str, rates: TaxRates) -> Tree:
    """The conditions of what a promotion's text says under ``basket``."""
    parts: list[Tree] = []
    threshold = basket.get("threshold")
    if threshold:
        # A rule compares numbers: 100 of a weaker currency are not the same.
        parts.append(_leaf("currency", operator="=", currencyIds=[currency_id]))
        parts += _reached(threshold, rates)
    parts += [_contains([product]) for product in basket.get("needs", ())]
    if basket.get("first_order"):
        parts.append(_leaf("customerOrderCount", operator="<", count=1))
    return _any_of(_all_of(*parts))


def product_conditions(product_ids: Sequence[str]) -> Tree:
    """It is one of these products; of a parent, any variant."""
    return _any_of(_all_of(_contains(product_ids)))


def products_of(tree: Tree | None) -> list[str] | None:
    """The products of :func:`product_conditions`; ``None`` for any other conditions."""
    named = sorted(_identifiers(tree)) if tree else []
    return named if named and normal(product_conditions(named)) == tree else None


# --- thresholds ----------------------------------------------------------------------------


def _reached(threshold: Mapping[str, Any], rates: TaxRates) -> list[Tree]:
    amount, is_gross = Decimal(threshold["amount"]), threshold["basis"] == "gross"
    with_tax, without = _both_sides(amount, is_gross, rates, early=threshold.get("early") is True)
    if threshold.get("after_discounts"):
        paid = _at_least("cartCartAmount", with_tax)
        if is_gross:
            return [paid]
        return [_by_display(paid, _at_least("cartPositionPrice", without))]
    goods = [_but_for(threshold["but_for"])] if threshold.get("but_for") else []
    seen_with_tax = _at_least("cartGoodsPrice", with_tax, goods)
    if is_gross and not goods:
        return [_by_display(seen_with_tax, _at_least("cartCartAmount", amount))]
    return [_by_display(seen_with_tax, _at_least("cartGoodsPrice", without, goods))]


def _both_sides(
    amount: Decimal, is_gross: bool, rates: TaxRates, *, early: bool
) -> tuple[Decimal, Decimal]:
    """With tax, without tax."""
    rounding = ROUND_FLOOR if early else ROUND_CEILING
    rate = 1 + (rates.highest if is_gross is early else rates.lowest) / 100
    if is_gross:
        return amount, (amount / rate).quantize(_CENT, rounding)
    return (amount * rate).quantize(_CENT, rounding), amount


def _by_display(with_tax: Tree, without: Tree) -> Tree:
    """By what the buyer sees; who pays no tax at all sees prices without."""
    return _any_of(
        _all_of(_leaf("cartTaxDisplay", taxDisplay="gross"), with_tax),
        _all_of(_leaf("cartTaxDisplay", taxDisplay="net"), without),
        _all_of(_leaf("cartTaxDisplay", taxDisplay="tax-free"), without),
    )


def _at_least(kind: str, amount: Decimal, only: Sequence[Tree] = ()) -> Tree:
    return {**_leaf(kind, operator=">=", amount=wire(amount)), "children": list(only)}


def _but_for(product_ids: Sequence[str]) -> Tree:
    """Without these. Not by ``!=``: a variant's parent is another one, and that would do
    (shopware ``LineItemRule::lineItemMatches``)."""
    return {"type": "notContainer", "value": {}, "children": [_contains(product_ids)]}


def _contains(product_ids: Sequence[str]) -> Tree:
    return _leaf("cartLineItem", operator="=", identifiers=sorted(product_ids))


def _leaf(kind: str, **value: Any) -> Tree:
    return {"type": kind, "value": value, "children": []}


def _all_of(*children: Tree) -> Tree:
    return {"type": "andContainer", "value": {}, "children": list(children)}


def _any_of(*children: Tree) -> Tree:
    return {"type": "orContainer", "value": {}, "children": list(children)}


def plain(amount: Decimal) -> str:
    """10, 10.0 and 10.00 are one text."""
    return format(amount.normalize(), "f")


def wire(amount: Decimal) -> int | Decimal:
    """As a number of JSON."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


# --- from and to the shop's rows -----------------------------------------------------------


def tree_of(conditions: object) -> Tree | None:
    """From the flat list a rule comes with, each condition naming its parent (recorded:
    products_and_advanced_prices.json #4); in :func:`normal` form. ``None``: no conditions."""
    rows = [c for c in conditions if isinstance(c, dict)] if isinstance(conditions, list) else []
    below: dict[str, list[Row]] = {}
    for row in rows:
        below.setdefault(str(row.get("parentId") or ""), []).append(row)

    def grown(row: Row) -> Tree:
        children = [grown(child) for child in below.get(str(row.get("id")), [])]
        return {"type": row.get("type"), "value": row.get("value"), "children": children}

    roots = [grown(row) for row in below.get("", [])]
    if not roots:
        return None
    return normal(roots[0] if len(roots) == 1 else _all_of(*roots))


def normal(tree: Tree) -> Tree:
    """Comparable: empty values alike, numbers as text, children and lists in one order."""
    value = tree.get("value")
    found: Tree = {"type": tree.get("type")}
    if isinstance(value, dict) and value:
        found["value"] = {name: _settled(one) for name, one in sorted(value.items())}
    elif value not in _EMPTY:
        found["value"] = value
    children = sorted((normal(child) for child in tree.get("children", ())), key=_text)
    if children:
        found["children"] = children
    return found


def _settled(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_settled(one) for one in value), key=str)
    amount = number(value)
    return value if amount is None else plain(amount)


def _text(tree: Tree) -> str:
    return json.dumps(tree, sort_keys=True)


def condition_rows(tree: Tree, mark: str, rule_id: str) -> list[Row]:
    """What a rule is written with, nested. Ids derive from all that the rule says: other
    conditions are other rows, so that in one call the old ones go and the new ones come."""
    says = _text(normal(tree))

    def row(one: Tree, place: str) -> Row:
        made: Row = {
            "id": ids.derived_id(mark, "condition", rule_id, says, place),
            "type": one["type"],
            "value": one["value"] or [],
            "position": int(place.rpartition(".")[2]),
        }
        if one["children"]:
            made["children"] = [row(c, f"{place}.{i}") for i, c in enumerate(one["children"])]
        return made

    return [{**row(tree, "0"), "parentId": None}]


def flattened(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from flattened(row.get("children", ()))


def _identifiers(tree: Tree) -> set[str]:
    value = tree.get("value")
    found = set(value.get("identifiers") or ()) if isinstance(value, dict) else set()
    for child in tree.get("children", ()):
        found |= _identifiers(child)
    return found
