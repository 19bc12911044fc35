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

SUBTOTAL_NET = "base_subtotal"
"""Without tax, whatever catalogue prices hold (magento2 ``CommonTaxCollector`` sets it before
discounts are computed; recorded: cart_price_rules.json #11). Of the whole basket: code that is in
no release we tried counts only the lines that a rule's actions choose (magento2
``Utility::setEligibleItemsTotalsOnAddress``), where a gift would never be reached."""
SUBTOTAL_GROSS = "base_subtotal_total_incl_tax"
"""Set beside it. A rule reads it by its name even where the admin's list does not offer it."""
SUBTOTAL_LEFT = "base_subtotal_with_discount"
"""Without tax, after all discounts, as the **last** calculation of the basket left it."""

_NUMERIC = {SUBTOTAL_NET, SUBTOTAL_GROSS, SUBTOTAL_LEFT, "total_qty", "weight"}


def combined(
    kind: str, conditions: Sequence[Condition] = (), *, needs_all: bool = True
) -> Condition:
    return {
        "condition_type": kind,
        "aggregator_type": "all" if needs_all else "any",
        "value": "1",
        "conditions": list(conditions),
    }


def at_least(attribute: str, amount: Decimal) -> Condition:
    return {
        "condition_type": ADDRESS,
        "attribute_name": attribute,
        "operator": ">=",
        "value": f"{plain(amount):f}",
    }


def is_sku(sku: str) -> Condition:
    """Of a line or of the simple product behind it (magento2 ``RulesApplier::applyRules`` asks
    the children too). A list (``()``) would fall apart at a comma within a SKU."""
    return {"condition_type": PRODUCT, "attribute_name": "sku", "operator": "==", "value": sku}


def among(skus: Sequence[str]) -> Condition:
    """For a rule's actions: lines of any of these; of none named: all lines."""
    return combined(PRODUCT_COMBINE, [is_sku(sku) for sku in skus], needs_all=len(skus) < 2)


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
            "value": str(told.get("value")),
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
