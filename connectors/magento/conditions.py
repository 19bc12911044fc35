"""Conditions of cart price rules: building those the bridge needs, and one spelling for what the
shop tells of them. Pure.

An admin who opens a rule and saves it leaves the same condition in other words (``"1"`` for
``true``, ``"100.0000"`` for ``100``, keys of his form): :func:`normal` makes them equal again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.magento.mapping import plain

Condition = dict[str, Any]

_RULE = "Magento\\SalesRule\\Model\\Rule\\Condition"
COMBINE = f"{_RULE}\\Combine"
ADDRESS = f"{_RULE}\\Address"
PRODUCT = f"{_RULE}\\Product"
PRODUCT_COMBINE = f"{_RULE}\\Product\\Combine"
PRODUCT_FOUND = f"{_RULE}\\Product\\Found"

SUBSELECTION = f"{PRODUCT}\\Subselect"

SUBTOTAL_NET = "base_subtotal"
"""Without tax, whatever catalogue prices hold (magento2 ``CommonTaxCollector`` sets it before
discounts are computed; recorded: cart_price_rules.json #11). Of the whole basket only where a
rule's actions choose no lines: later versions count just the lines that they choose (magento2
``Utility::setEligibleItemsTotalsOnAddress``, issue 40503)."""
SUBTOTAL_GROSS = "base_subtotal_total_incl_tax"
"""Set beside it. A rule reads it by its name even where the admin's list does not offer it."""
LINES_NET, LINES_GROSS = "base_row_total", "base_row_total_incl_tax"
"""Of a line, before discounts. What lines are worth together is the same in every version."""

_NUMERIC = {
    SUBTOTAL_NET,
    SUBTOTAL_GROSS,
    LINES_NET,
    LINES_GROSS,
    "base_subtotal_with_discount",
    "qty",
    "quote_item_qty",
    "total_qty",
    "weight",
}
LARGEST_LIST = 20
"""Conditions in one list, where a shop limits its input (PLATFORM_FACTS Magento 10)."""


def combined(
    kind: str, conditions: Sequence[Condition] = (), *, needs_all: bool = True
) -> Condition:
    return {
        "condition_type": kind,
        "aggregator_type": "all" if needs_all else "any",
        "value": "1",
        "conditions": list(conditions),
    }


def nested(kind: str, conditions: Sequence[Condition], *, needs_all: bool) -> Condition:
    """The same, in groups of groups where a shop may refuse so long a list."""
    parts = list(conditions)
    while len(parts) > LARGEST_LIST:
        starts = range(0, len(parts), LARGEST_LIST)
        parts = [
            combined(kind, parts[start : start + LARGEST_LIST], needs_all=needs_all)
            for start in starts
        ]
    return combined(kind, parts, needs_all=needs_all)


def at_least(attribute: str, amount: Decimal) -> Condition:
    return {
        "condition_type": ADDRESS,
        "attribute_name": attribute,
        "operator": ">=",
        "value": f"{plain(amount):f}",
    }


def lines_at_least(attribute: str, amount: Decimal, but: Sequence[str] = ()) -> Condition:
    """What the basket's lines are worth together, those of the SKUs ``but`` left out. ``amount``
    is above 0: Magento takes 0 for the contrary of the conditions below."""
    lines = nested(PRODUCT_COMBINE, [_is_not(sku) for sku in but] or [_ANY_LINE], needs_all=True)
    return lines | {
        "condition_type": SUBSELECTION,
        "attribute_name": attribute,
        "operator": ">=",
        "value": f"{plain(amount):f}",
    }


def _is_not(sku: str) -> Condition:
    return is_sku(sku) | {"operator": "!="}


def is_sku(sku: str) -> Condition:
    """Of a line or of the simple product behind it (magento2 ``RulesApplier::applyRules`` asks
    the children too). A list (``()``) would fall apart at a comma within a SKU."""
    return {"condition_type": PRODUCT, "attribute_name": "sku", "operator": "==", "value": sku}


_ANY_LINE: Condition = {
    "condition_type": PRODUCT,
    "attribute_name": "quote_item_qty",
    "operator": ">",
    "value": "0",
}
"""A subselection without a condition holds for no basket (magento2 ``Subselect::validate``)."""


def among(skus: Sequence[str]) -> Condition:
    """For a rule's actions: lines of any of these; of none named: all lines."""
    return nested(PRODUCT_COMBINE, [is_sku(sku) for sku in skus], needs_all=len(skus) < 2)


def in_basket(sku: str) -> Condition:
    """For a rule's conditions: a line of it is there."""
    return combined(PRODUCT_FOUND, [is_sku(sku)])


def normal(told: Any, root: str) -> Condition:
    """What the shop tells of a rule's conditions, in the spelling of this module. ``root``: what
    an empty one is."""
    if not isinstance(told, Mapping) or not told.get("condition_type"):
        return combined(root)
    return _normal(told)


def _normal(told: Mapping[str, Any]) -> Condition:
    kind = str(told["condition_type"]).lstrip("\\")
    if told.get("aggregator_type") or told.get("conditions"):
        return _group(told, kind)
    return {
        "condition_type": kind,
        "attribute_name": str(told.get("attribute_name") or ""),
        "operator": str(told.get("operator") or ""),
        "value": _value(told.get("attribute_name"), told.get("value")),
    }


def _group(told: Mapping[str, Any], kind: str) -> Condition:
    found = combined(
        kind,
        [_normal(one) for one in told.get("conditions") or ()],
        needs_all=str(told.get("aggregator_type") or "all") == "all",
    )
    if told.get("attribute_name"):  # a subselection compares its sum with a value
        found |= {
            "attribute_name": str(told["attribute_name"]),
            "operator": str(told.get("operator") or ""),
            "value": _value(told["attribute_name"], told.get("value")),
        }
    elif told.get("value") in (False, 0, "0", ""):
        found["value"] = "0"
    return found


def _value(attribute: Any, value: Any) -> str:
    text = "" if value is None else str(value)
    if attribute not in _NUMERIC:
        return text
    try:
        return f"{plain(Decimal(text)):f}"
    except InvalidOperation:
        return text
