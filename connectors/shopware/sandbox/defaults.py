"""What a field is when a new row does not say it.

Those of customer groups, customers, products and rules are as answers show them (recorded:
customer_groups.json #9, customers.json #3, variants_and_prices_seen.json #8).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE, Definition, definitions

_ROUNDING = {"decimals": 2, "interval": 0.01, "roundForNet": True}

_DEFAULTS: dict[str, dict[str, Any]] = {
    "customer_group": {"displayGross": True, "registrationActive": False},
    "customer": {
        "active": True,
        "guest": False,
        "accountType": "private",
        "languageId": SYSTEM_LANGUAGE,
        "doubleOptInRegistration": False,
        "orderCount": 0,
        "orderTotalAmount": 0,
        "reviewCount": 0,
    },
    "product": {
        "active": True,
        "isCloseout": False,
        "minPurchase": 1,
        "purchaseSteps": 1,
        "shippingFree": False,
        "markAsTopseller": False,
    },
    "category": {
        "displayNestedProducts": True,
        "type": "page",
        "productAssignmentType": "product",
        "visible": True,
        "active": True,
    },
    "currency": {"position": 1, "itemRounding": _ROUNDING, "totalRounding": _ROUNDING},
    "rule": {"invalid": False},
    "rule_condition": {"position": 0},
    "sales_channel": {"active": True, "taxCalculationType": "horizontal", "homeEnabled": True},
    "custom_field_set": {"active": True, "position": 1},
    "custom_field": {"active": True},
    "landing_page": {"active": True},
    "promotion": {"priority": 1, "orderCount": 0, "customerRestriction": False},
    "property_group": {"displayType": "text", "sortingType": "alphanumeric", "filterable": True},
    "webhook": {"errorCount": 0, "active": True, "onlyLiveVersion": False},
    "tax": {"position": 0},
    "order_line_item": {
        "good": True,
        "removable": True,
        "stackable": True,
        "position": 1,
        "states": [],
        "payload": [],
    },
    "order_transaction": {"validationData": []},
    "order_delivery": {"trackingCodes": []},
}

_EVERY_PRODUCT: dict[str, Any] = {"sales": 0, "states": ["is-physical"]}
"""Kept up by the shop itself, for variants too."""


def defaults_of(definition: Definition, *, is_variant: bool = False) -> Mapping[str, Any]:
    """Values of a new row. A variant inherits, so it gets next to none of its own."""
    if definition.entity != "product":
        return _defaults(definition.entity)
    return _EVERY_PRODUCT if is_variant else {**_DEFAULTS["product"], **_EVERY_PRODUCT}


@cache
def _defaults(entity: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        name: False
        for name, field in definitions()[entity].stored.items()
        if field.type == "boolean" and not (field.flags & {"translatable", "runtime", "inherited"})
    }
    return {**values, **_DEFAULTS.get(entity, {})}
