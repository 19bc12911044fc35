"""Open baskets of a Corner Shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import NotFound
from connectors.http import HttpClient
from connectors.rewards import Cart, CartItem, CartTotals
from connectors.sales import NO_MONEY, Mark
from cornershop.feed import money

Row = Mapping[str, Any]


class CornerCarts:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def changed(self, since: Mark) -> Iterator[Cart]:
        at, after = since.at, since.id
        while True:
            page = self._http.get("carts", {"since": at.isoformat(), "after": after})
            for row in page:
                at, after = datetime.fromisoformat(row["changed"]), row["id"]
                yield cart_from(row)
            if not page:
                return

    def cart(self, cart_id: str) -> Cart | None:
        try:
            return cart_from(self._http.get(f"carts/{quote(cart_id, safe='')}"))
        except NotFound:
            return None

    def totals(self, cart_id: str, store_id: str) -> CartTotals:
        lines = self._http.get(f"carts/{quote(cart_id, safe='')}/totals")
        goods = {line["id"]: money(line) for line in lines}
        off = {line["id"]: money(line, "off_") for line in lines}
        return CartTotals(sum(goods.values(), NO_MONEY), sum(off.values(), NO_MONEY), goods, off)

    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        """Not repeatable: twice is two."""
        body = {"sku": product_id, "pieces": quantity}
        path = f"carts/{quote(cart_id, safe='')}/lines"
        return item_from(self._http.request("POST", path, json=body).body)

    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        path = f"carts/{quote(cart_id, safe='')}/lines/{quote(item_id, safe='')}"
        try:
            self._http.request("DELETE", path, repeatable=True)
        except NotFound:
            return


def cart_from(row: Row) -> Cart:
    return Cart(
        id=row["id"],
        store_id=row["store"],
        changed_at=datetime.fromisoformat(row["changed"]),
        customer_id=row["customer"],
        email=row["email"],
        group_id=row["group"],
        items=tuple(map(item_from, row["lines"])),
        is_open=row["open"],
        in_checkout=row["checkout"],
    )


def item_from(row: Row) -> CartItem:
    return CartItem(row["id"], row["sku"], row["sku"], Decimal(row["pieces"]))
