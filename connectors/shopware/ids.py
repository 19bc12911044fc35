"""Ids the bridge chooses itself, so that a repeated call can only ever hit its own things.

Every id is a UUIDv5 over ``mark|kind|parts``, written as Shopware does: 32 hex digits without
dashes. Changing :data:`NAMESPACE` or the wording of a name would orphan everything that was
ever written: never do it.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid5

from connectors.base import TierKey

NAMESPACE = UUID("6f0c2a1e-5b7d-5e43-9a57-1d9f2b8c4e60")

CUSTOM_FIELD = "loyalty_bridge"
"""The custom field that marks what the bridge made: ``{"mark": "workspace/installation", …}``."""


def derived_id(mark: str, kind: str, *parts: str) -> str:
    """``mark`` is the connection's ``workspace/installation``."""
    return uuid5(NAMESPACE, "|".join((mark, kind, *parts))).hex


def group_id(mark: str, key: str) -> str:
    """The id of the customer group with this key of the programme."""
    return derived_id(mark, "group", key)


def rule_id(mark: str, customer_group_id: str) -> str:
    """The id of the rule that holds for exactly this customer group."""
    return derived_id(mark, "rule", customer_group_id)


def price_id(mark: str, key: TierKey) -> str:
    """The id of the ``product_price`` row with this key. Another quantity is another row."""
    return derived_id(mark, "price", key.product_id, key.audience_id, whole(key.quantity))


def whole(quantity: Decimal) -> str:
    return str(int(quantity))


def promotion_id(mark: str, key: str) -> str:
    """The id of the promotion with this key of the bridge."""
    return derived_id(mark, "promotion", key)


def code_id(mark: str, key: str, code: str) -> str:
    """The id of a code that hangs on the promotion with this key."""
    return derived_id(mark, "code", key, code)
