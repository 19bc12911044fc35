"""A sandbox shop with rows that somebody else made, and what its log proves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.demo.differences import Difference, differences
from bridge.plugins import platforms, sandboxes
from connectors.base import (
    ALL_STORES,
    Amount,
    Connection,
    Connector,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.sandbox.log import Call
from connectors.sandbox.server import RunningSandbox

WRITES = {
    "magento": r"^POST /rest/all/V1/products/tier-prices$",
    "shopware": r"^POST /api/_action/sync$",
}
"""The calls that write prices, for holds and faults."""
READS = {
    "magento": r"tier-prices-information$",
    "shopware": r"^POST /api/search/product-price$",
}
_WRITE_PATHS = {
    "magento": "/rest/all/V1/products/tier-prices",
    "shopware": "/api/_action/sync",
}
Dump = dict[str, Any]


@dataclass
class Shop:
    platform: str
    running: RunningSandbox

    @property
    def url(self) -> str:
        return self.running.url

    @property
    def credentials(self) -> Mapping[str, str]:
        return sandboxes()[self.platform].credentials

    @property
    def settings(self) -> Mapping[str, str]:
        return sandboxes()[self.platform].settings

    def connector(self, mark: str = "someone/else") -> Connector:
        """Another integration of the same shop, with marks and ids of its own."""
        connection = Connection(self.url, self.credentials, self.settings, mark)
        return platforms()[self.platform].connect(connection)

    def begin(self, foreign: Sequence[TierPrice]) -> None:
        """As it was at first: no faults, an empty log, the rows that somebody else made."""
        self.running.reset()
        if foreign:
            connector = self.connector()
            assert connector.write_tier_prices(foreign) == []
            connector.close()
        self.running.log.clear()

    # -- evidence ------------------------------------------------------------------------------

    def dump(self) -> Dump:
        """Everything a client can change; conditions of rules, to which the shop gives ids by
        chance, by what they say."""
        dump = self.running.dump()
        conditions = dump.get("rule_condition")
        if conditions:
            dump["rule_condition"] = [_said(row, conditions) for row in conditions.values()]
        return dump

    def changes_since(self, before: Dump) -> list[Difference]:
        return differences(before, self.dump())

    def price_writes(self) -> list[Call]:
        """Calls that wrote prices, as far as the shop did what they asked."""
        path = _WRITE_PATHS[self.platform]
        return [call for call in self.running.log.calls() if call.path == path and call.handled]

    def rows_written(self) -> int:
        return sum(call.rows for call in self.price_writes() if call.status in (0, 200))

    def is_quiet(self) -> bool:
        """No call is running any more."""
        return all(call.ms for call in self.running.log.calls())

    def price_rows(self) -> list[tuple[object, ...]]:
        """What must be unique in the shop, once for each row there is."""
        dump = self.dump()
        if self.platform == "magento":
            names = ("sku", "website_id", "group_id", "quantity")
            return [tuple(row[name] for name in names) for row in dump["tier_prices"]]
        names = ("productId", "ruleId", "quantityStart")
        rows = dump.get("product_price", {}).values()
        return [tuple(row[name] for name in names) for row in rows]

    def twice(self) -> list[tuple[object, ...]]:
        return [key for key, count in Counter(self.price_rows()).items() if count > 1]


def _said(row: Mapping[str, Any], among: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in ("id", "parentId")}
    parent = row.get("parentId")
    return kept | {"below": _said(among[parent], among) if parent else None}


def foreign_rows(platform: str, skus: Sequence[str]) -> list[TierPrice]:
    """Rows of groups that are not the programme's, and of one that is (where a price hangs on
    the group itself): some under the very keys that the programme wants."""
    if platform != "magento":
        return []  # the sandbox has hand-made rules with rows of their own
    rows = []
    for place, sku in enumerate(skus):
        website = ("1", ALL_STORES)[place % 2]
        rows.append(_row(sku, website, "3", 10, Decimal("3.30")))
        if place % 5 == 0:
            rows.append(_row(sku, ALL_STORES, "2", 20, Decimal("2.20")))
    return rows


def _row(sku: str, store: str, group: str, quantity: int, price: Decimal) -> TierPrice:
    key = TierKey(sku, store, group, Decimal(quantity))
    return TierPrice(key, TierValue(amounts=(Amount("USD", net=price),)))
