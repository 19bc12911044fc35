"""What a Magento tells of its sales: walks by change time, and whole orders."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.http import in_parallel
from connectors.magento.applied_rules import AppliedRules
from connectors.magento.client import MagentoClient, listed
from connectors.magento.criteria import Filter, where
from connectors.magento.mapping import moment, shop_time
from connectors.magento.newsletter import Newsletter
from connectors.magento.orders import (
    INVOICE_FIELDS,
    ORDER_FIELDS,
    SHIPMENT_FIELDS,
    Belongings,
    order_record,
    unclear_products,
)
from connectors.magento.paging import Row
from connectors.magento.refunds import MEMO_FIELDS
from connectors.sales import Change, Entity, Mark, Order

NEWSLETTER = "newsletter"
ORDERS_PER_CALL = 100
IDS_PER_CALL = 200
"""Ids in one address: web servers refuse one above 8 KB."""
_ORDER_ID = {
    "orders": "entity_id",
    "invoices": "order_id",
    "shipments": "order_id",
    "creditmemos": "order_id",
}
"""Each list of sales, and the column that names the order. They are walked one by one: an invoice
or a refund made through the API can leave the order's own row behind (PLATFORM_FACTS Magento 14).
"""
_BELONGINGS = {
    "invoices": INVOICE_FIELDS,
    "shipments": SHIPMENT_FIELDS,
    "creditmemos": MEMO_FIELDS,
}
_PARALLEL_CALLS = 3
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class MagentoFeed:
    """See :class:`connectors.sales.Feed`. Safe to share between threads."""

    def __init__(self, client: MagentoClient, rules: AppliedRules | None = None) -> None:
        """``rules``: ``None`` where it does not matter which line is a gift."""
        self._client = client
        self._rules = rules
        self._newsletter = Newsletter(client, self._has_one_website)
        self._lock = threading.Lock()
        self._views: dict[str, str] = {}

    @property
    def resources(self) -> tuple[str, ...]:
        return (*_ORDER_ID, NEWSLETTER)

    @property
    def order_resources(self) -> tuple[str, ...]:
        return tuple(_ORDER_ID)

    # -- walks ------------------------------------------------------------------------------

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        """Raises ValueError for a resource that is not among :attr:`resources`.

        Times are whole seconds (PLATFORM_FACTS Magento 13): a row that changes again within the
        second of ``since`` shows only to a walk that begins before it, which is why the next
        walk should overlap.
        """
        if resource not in self.resources:
            raise ValueError(f"Magento has no walk {resource!r}")
        begin = max(since.at, _EARLIEST).replace(microsecond=0)
        if resource == NEWSLETTER:
            found = self._newsletter.walk(shop_time(begin))
        else:
            found = self._sales(resource, shop_time(begin))
        after = (begin, _number(since.id))
        return (one for one in found if (one.mark.at, _number(one.mark.id)) > after)

    def _sales(self, resource: str, since: str) -> Iterator[Change]:
        named = _ORDER_ID[resource]
        columns = ",".join(dict.fromkeys(("entity_id", named, "updated_at")))
        rows = self._client.walk_by_change(resource, since, fields=f"items[{columns}],total_count")
        for row in rows:
            mark = Mark(moment(row["updated_at"]), str(row["id"]))
            yield Change(Entity.ORDER, str(row[named]), mark)

    # -- orders -----------------------------------------------------------------------------

    def newest(self, count: int) -> list[tuple[Row, Order]]:
        """The orders that were placed last, as they were told and as they are understood."""
        criteria = where(sort=("entity_id",), size=count, descending=True)
        fields = f"items[{ORDER_FIELDS}],total_count"
        rows = list(self._client.search("orders", criteria, fields).items)
        return list(zip(rows, self._records(rows), strict=True)) if rows else []

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        """In the shop's order of ids. Ids that no order can have are left out like those that
        none has. Raises ValueError for more than :data:`ORDERS_PER_CALL`."""
        return self._found("entity_id", [one for one in order_ids if one.isdecimal()])

    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        """More than one of a number where store views count on their own."""
        return self._found("increment_id", [one for one in numbers if one and "," not in one])

    def _found(self, column: str, values: Sequence[str]) -> list[Order]:
        wanted = list(dict.fromkeys(values))
        if len(wanted) > ORDERS_PER_CALL:
            raise ValueError(f"At most {ORDERS_PER_CALL} orders at once, not {len(wanted)}")
        if not wanted:
            return []
        rows = list(self._rows("orders", column, wanted, ORDER_FIELDS))
        return self._records(rows) if rows else []

    def _records(self, rows: Sequence[Row]) -> list[Order]:
        belongings = self._belongings([str(row["id"]) for row in rows])
        skus = self._catalogue_skus(rows)
        rules = self._rules.of(rows) if self._rules else {}
        views = [str(row.get("store_id") or "") for row in rows]
        return [
            order_record(
                row,
                belongings[str(row["id"])],
                store_id=website,
                catalogue_skus=skus,
                rules=rules,
            )
            for row, website in zip(rows, self._websites(views), strict=True)
        ]

    def _belongings(self, order_ids: Sequence[str]) -> dict[str, Belongings]:
        def fetch(resource: str) -> dict[str, list[Row]]:
            found: dict[str, list[Row]] = defaultdict(list)
            for row in self._rows(resource, "order_id", order_ids, _BELONGINGS[resource]):
                found[str(row["order_id"])].append(row)
            return found

        invoices, shipments, memos = in_parallel(fetch, _BELONGINGS, _PARALLEL_CALLS)
        return {
            one: Belongings(invoices.get(one, ()), shipments.get(one, ()), memos.get(one, ()))
            for one in order_ids
        }

    def _catalogue_skus(self, rows: Sequence[Row]) -> Mapping[int, str]:
        """SKUs of products that orders call otherwise; one that was deleted has none."""
        wanted = sorted(set[int]().union(*map(unclear_products, rows)))
        found: dict[int, str] = {}
        for start in range(0, len(wanted), IDS_PER_CALL):
            some = ",".join(map(str, wanted[start : start + IDS_PER_CALL]))
            among = Filter("entity_id", some, "in")
            known = self._client.walk_by_id("products", among, fields="items[id,sku],total_count")
            found.update((int(row["id"]), str(row["sku"])) for row in known)
        return found

    def _rows(self, path: str, column: str, values: Sequence[str], fields: str) -> Iterator[Row]:
        among = Filter(column, ",".join(values), "in")
        return self._client.walk_by_id(path, among, fields=f"items[{fields}],total_count")

    # -- websites ---------------------------------------------------------------------------

    def _websites(self, view_ids: Sequence[str]) -> list[str]:
        """The website of each store view. An order outlives its view; then the only website it
        can have come from is told, or none."""
        known = self._views
        if not known.keys() >= set(view_ids):
            known = self._read_views()
        websites = set(known.values())
        fallback = websites.pop() if len(websites) == 1 else ""
        return [known.get(view_id, fallback) for view_id in view_ids]

    def _has_one_website(self) -> bool:
        return len(set((self._views or self._read_views()).values())) == 1

    def _read_views(self) -> dict[str, str]:
        """View id to website id, without the admin's own (recorded: store.json #3)."""
        rows = listed(self._client.get("store/storeViews"), "GET /rest/all/V1/store/storeViews")
        views = {str(row["id"]): str(row["website_id"]) for row in rows if int(row["website_id"])}
        with self._lock:
            self._views = views
        return views


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1
