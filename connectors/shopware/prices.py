"""``product_price`` rows: reading, writing, removing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from connectors.base import Refusal, TierPrice
from connectors.errors import NotFound, Rejected, Unsafe
from connectors.shopware import mapping
from connectors.shopware.batches import send_all
from connectors.shopware.catalogue import Catalogue
from connectors.shopware.client import INDEXING, ShopwareClient, any_of, operation
from connectors.shopware.extras import foreign_ids, read_extras, with_extras
from connectors.shopware.mapping import Currencies
from connectors.shopware.paging import Criteria, Row

PRODUCTS_PER_READ = 100
ROWS_PER_CALL = 500
_ROWS_INDEXED_PER_CALL = 100
"""Indexing takes a shop about 4 ms a product (recorded: sync_bulk.json #0, #1), more with variants:
a call of 500 could outlast PHP's 30 s."""
AUTO = "auto"
"""Prices are indexed by the queue when somebody runs it, else within the call."""

Payload = tuple[TierPrice, Row]


class Prices:
    def __init__(
        self, client: ShopwareClient, catalogue: Catalogue, mark: str, indexing: str
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._mark = mark
        self._indexing = indexing
        self._asking = threading.Lock()

    def read(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None
    ) -> list[TierPrice]:
        """Rows as they are, each at the product that owns it. A shop may hold two rows of one
        key under two ids (recorded: products_and_advanced_prices.json #10): both are listed."""
        if audience_ids is not None and not audience_ids:
            return []
        found: list[Row] = []
        wanted = list(dict.fromkeys(product_ids))
        for start in range(0, len(wanted), PRODUCTS_PER_READ):
            criteria = _criteria(wanted[start : start + PRODUCTS_PER_READ], audience_ids)
            found += self._client.all("product_price", criteria)
        currencies = self._currencies_of(found)
        return [mapping.tier_price(row, currencies) for row in found]

    def write(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        currencies = self._currencies_for(rows)
        extras = read_extras(self._client, foreign_ids(rows, self._mark))
        refused, ready = [], []
        for row in rows:
            try:
                payload = mapping.price_payload(row, self._mark, currencies)
            except ValueError as reason:
                refused.append(Refusal(row.key, Rejected(str(reason))))
            else:
                ready.append((row, with_extras(payload, extras.get(row.native_id, {}))))
        return [*refused, *self._send(ready, self._upsert)]

    def remove(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        """By id alone, so that no other row can be hit. An id the shop no longer has comes back
        as ``notFound`` with a 200 and is no refusal (recorded: customer_groups.json #21)."""
        refused, ready = [], []
        for row in rows:
            if row.native_id:
                ready.append((row, {"id": row.native_id}))
            else:
                refused.append(Refusal(row.key, Unsafe("The row's id is not known: not removed")))
        sent = self._send(ready, self._delete)
        return [*refused, *(r for r in sent if not isinstance(r.error, NotFound))]

    def _send(
        self, ready: Sequence[Payload], send: Callable[[Sequence[Payload]], None]
    ) -> list[Refusal]:
        if not ready:
            return []
        size = ROWS_PER_CALL if self._way_of_indexing() == "queue" else _ROWS_INDEXED_PER_CALL
        refused = send_all(ready, send, size, _refers_to)
        return [Refusal(row.key, error) for (row, _), error in refused]

    def _upsert(self, batch: Sequence[Payload]) -> None:
        self._sync("upsert", batch)

    def _delete(self, batch: Sequence[Payload]) -> None:
        self._sync("delete", batch)

    def _sync(self, action: str, batch: Sequence[Payload]) -> None:
        payload = [entry for _, entry in batch]
        headers = INDEXING[self._way_of_indexing()]
        self._client.sync({"prices": operation("product_price", action, payload)}, headers)

    def _way_of_indexing(self) -> str:
        """Asked once, before the first write: a shop that does not tell has its reasons to keep
        quiet, and most likely an administrator who runs workers."""
        with self._asking:
            if self._indexing == AUTO:
                self._indexing = "direct" if self._client.admin_worker() else "queue"
            return self._indexing

    def _currencies_for(self, rows: Sequence[TierPrice]) -> Currencies:
        """A currency that was added since the last look is not refused."""
        known = self._catalogue.currencies()
        named = {amount.currency for row in rows for amount in row.value.amounts}
        if all(known.id(code) for code in named):
            return known
        return self._catalogue.currencies(fresh=True)

    def _currencies_of(self, rows: Sequence[Row]) -> Currencies:
        known = self._catalogue.currencies()
        for row in rows:
            entries = row.get("price")
            for price in entries if isinstance(entries, list) else ():
                if isinstance(price, dict) and known.code(str(price.get("currencyId"))) is None:
                    return self._catalogue.currencies(fresh=True)
        return known


def _criteria(product_ids: Sequence[str], audience_ids: Sequence[str] | None) -> Criteria:
    filters = [any_of("productId", product_ids)]
    if audience_ids is not None:
        filters.append(any_of("ruleId", audience_ids))
    return {
        "filter": filters,
        "includes": {"product_price": mapping.PRICE_ROW, "price": mapping.PRICE},
    }


def _refers_to(item: Payload, field: str) -> str:
    row, payload = item
    return str(payload.get(field) or row.native_id or payload.get("id"))
