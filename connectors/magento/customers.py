"""Customers: a walk by change time, and a move to another group that changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.base import Customer
from connectors.errors import Mismatch, NotFound
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.magento.mapping import CUSTOMER_FIELDS, customer, shop_time

_BEGINNING = "1970-01-01 00:00:00"
_MAY_CHANGE = frozenset({"group_id", "updated_at"})
_LEFT_ALONE = frozenset({"addresses", "extension_attributes"})
"""Not sent back, which leaves them as they are (recorded: customers.json #13 to #16). Sent back,
an address that the customer adds meanwhile would be deleted, old ones that lack a field would be
refused after the group was saved, VAT checks that an address sets off could move him again
(magento2 ``CustomerRepository::save``, ``AfterAddressSaveObserver``), and a newsletter that waits
for his confirmation would be cancelled (``Newsletter\\Model\\Plugin\\CustomerPlugin``)."""


class Customers:
    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def walk(self, since: datetime | None = None) -> Iterator[Customer]:
        rows = self._client.walk_by_change(
            "customers/search",
            shop_time(since) if since else _BEGINNING,
            fields=f"items[{CUSTOMER_FIELDS}],total_count",
        )
        return map(customer, rows)

    def get(self, customer_id: str) -> Customer:
        return customer(self._whole(customer_id, fields=CUSTOMER_FIELDS))

    def any_in_group(self, group_id: str) -> bool:
        page = self._client.search(
            "customers/search",
            where(Filter("group_id", group_id), size=1),
            fields="items[id],total_count",
        )
        return page.total > 0

    def move(self, customer_id: str, group_id: str) -> Customer:
        """GET, change, PUT, GET, compare: a partial PUT resets group, default addresses or
        custom attributes in some versions (PLATFORM_FACTS Magento 16), so all of the customer's
        own fields go back. The PUT is never repeated: it would undo what he changed meanwhile.
        """
        if not group_id.isdecimal():
            raise NotFound(f"The shop has no customer group {group_id!r}")
        before = self._whole(customer_id)
        if str(before["group_id"]) == group_id:
            return customer(before)
        own = {name: value for name, value in before.items() if name not in _LEFT_ALONE}
        wanted = {**own, "group_id": int(group_id)}
        self._client.put(f"customers/{customer_id}", {"customer": wanted})
        after = self._whole(customer_id)
        if str(after["group_id"]) != group_id:
            raise Mismatch(
                f"Customer {customer_id} is in group {after['group_id']} instead of {group_id}",
                advice="The shop changes groups by itself (automatic group by VAT id?).",
            )
        changed = differences(before, after)
        if changed:
            raise Mismatch(
                f"Moving customer {customer_id} to another group changed more: "
                f"{', '.join(changed)}",
                advice="Look at the customer in the shop's admin.",
            )
        return customer(after)

    def _whole(self, customer_id: str, fields: str = "") -> dict[str, Any]:
        if not customer_id.isdecimal():
            raise NotFound(f"The shop has no customer {customer_id!r}")
        params = [("fields", fields)] if fields else []
        row: dict[str, Any] = self._client.get(f"customers/{customer_id}", params)
        return row


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of what differs besides the group, never the values: they are personal.

    A save adds ``region_id`` to an address that had it in ``region`` only (recorded:
    customers.json #12); nothing else may appear.
    """
    old, new = _comparable(before), _comparable(after)
    names = sorted(set(old) | set(new))
    return [name for name in names if old.get(name, _ABSENT) != new.get(name, _ABSENT)]


_ABSENT = object()


def _comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in _MAY_CHANGE}
    if kept.get("addresses"):
        kept["addresses"] = [_address(address) for address in kept["addresses"]]
    return kept


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    region = address.get("region")
    known = region.get("region_id") if isinstance(region, Mapping) else None
    return {"region_id": known, **address}
