"""What a price row of somebody else carries besides the price: a price to strike out, the lowest
of the last 30 days, the tick that links net and gross.

Shopware keeps all of it in one field that is written whole, so a row that was handed over would
lose it with the first new price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import TierPrice
from connectors.shopware import ids
from connectors.shopware.client import ShopwareClient
from connectors.shopware.paging import MAX_LIMIT, Row

_FIELDS = {"includes": {"product_price": ["id", "price"]}}
_BESIDE = ("listPrice", "regulationPrice")
_PARTS = ("currencyId", "net", "gross", "linked")

Extras = Mapping[str, Row]
"""By currency id, what goes into the entry as it is."""


def foreign_ids(rows: Sequence[TierPrice], mark: str) -> list[str]:
    """Ids of rows the bridge did not make."""
    given = (row for row in rows if row.native_id)
    return sorted({row.native_id for row in given if row.native_id != ids.price_id(mark, row.key)})


def read_extras(client: ShopwareClient, row_ids: Sequence[str]) -> dict[str, Extras]:
    """By row id; rows that are gone are left out."""
    found: dict[str, Extras] = {}
    for start in range(0, len(row_ids), MAX_LIMIT):
        some = list(row_ids[start : start + MAX_LIMIT])
        for row in client.all("product_price", {**_FIELDS, "ids": some}):
            found[str(row["id"])] = extras_of(row.get("price"))
    return found


def extras_of(prices: object) -> Extras:
    entries = prices if isinstance(prices, list) else []
    return {str(e.get("currencyId")): _extras(e) for e in entries if isinstance(e, dict)}


def _extras(entry: Row) -> Row:
    kept: Row = {"linked": True} if entry.get("linked") is True else {}
    for name in _BESIDE:
        price = entry.get(name)
        if isinstance(price, dict):
            kept[name] = {part: price[part] for part in _PARTS if part in price}
    return kept


def with_extras(payload: Row, extras: Extras) -> Row:
    entries: list[dict[str, Any]] = payload["price"]
    return {**payload, "price": [{**e, **extras.get(str(e["currencyId"]), {})} for e in entries]}
