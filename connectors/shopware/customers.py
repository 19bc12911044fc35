"""Customers: walking those that changed, and moving one to another group."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connectors.base import Customer
from connectors.errors import Mismatch
from connectors.shopware import mapping
from connectors.shopware.client import ShopwareClient
from connectors.shopware.paging import Criteria, Row
from connectors.shopware.walks import in_database

_FIELDS: Criteria = {"includes": {"customer": mapping.CUSTOMER}}
_UNTOUCHED = [
    "accountType",
    "customFields",
    "customerNumber",
    "defaultBillingAddressId",
    "defaultShippingAddressId",
    "languageId",
    "newsletterSalesChannelIds",
    "requestedGroupId",
    "tagIds",
]
"""Read around a move besides what the bridge keeps, to see that nothing else changed."""
_MOVING: Criteria = {"includes": {"customer": [*mapping.CUSTOMER, *_UNTOUCHED]}}
_MAY_CHANGE = frozenset({"groupId", "updatedAt", "apiAlias"})


class Customers:
    def __init__(self, client: ShopwareClient) -> None:
        self._client = client

    def changed(self, since: datetime | None) -> Iterator[Customer]:
        """``updatedAt`` is null until the first change, so ``createdAt`` counts as one
        (PLATFORM_FACTS Shopware 14). In the order in which they were made."""
        criteria: Criteria = dict(_FIELDS)
        if since is not None:
            criteria["filter"] = [_since(since)]
        for row in self._client.walk("customer", criteria):
            yield mapping.customer(row)

    def one(self, customer_id: str) -> Customer:
        return mapping.customer(self._client.one("customer", customer_id, _FIELDS, "customer"))

    def move(self, customer_id: str, group_id: str) -> Customer:
        before = self._read(customer_id)
        if before.get("groupId") == group_id:
            return mapping.customer(before)
        self._client.update("customer", customer_id, {"groupId": group_id})
        after = self._read(customer_id)
        if after.get("groupId") != group_id:
            raise Mismatch("The shop did not move the customer to the group")
        changed = sorted(
            name
            for name in before.keys() | after.keys()
            if name not in _MAY_CHANGE and before.get(name) != after.get(name)
        )
        if changed:
            raise Mismatch(f"Moving the customer changed something else too: {', '.join(changed)}")
        return mapping.customer(after)

    def _read(self, customer_id: str) -> Row:
        return self._client.one("customer", customer_id, _MOVING, "customer")


def _since(since: datetime) -> Row:
    moment = in_database(since)
    return {
        "type": "multi",
        "operator": "or",
        "queries": [
            {"type": "range", "field": field, "parameters": {"gte": moment}}
            for field in ("updatedAt", "createdAt")
        ],
    }
