"""Baskets that stay open, in a Corner Shop to try things on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cornershop.refused import Refused

Row = dict[str, Any]


class CornerBaskets:
    """What clients ask of baskets, and what shoppers do with them (the suite's
    :class:`connectors.sandbox.shopper.Baskets`)."""

    def __init__(self, state: Any) -> None:
        self._state = state
        self.rows: dict[str, Row] = {}
        self.sold_out: set[str] = set()
        self._made = 0

    # -- what a client asks -----------------------------------------------------------------

    def changed(self, since: str, after: str) -> list[Row]:
        begin = (datetime.fromisoformat(since), after)
        rows = [row for row in self.rows.values() if row["open"] and _mark(row) > begin]
        return sorted(rows, key=_mark)[: self._state.sales.largest_page]

    def get(self, id_: str) -> Row:
        if id_ not in self.rows:
            raise Refused(404, "gone", f"No basket {id_}")
        return self.rows[id_]

    def totals(self, id_: str) -> list[Row]:
        row = self.get(id_)
        wanted = {line["sku"]: line["pieces"] for line in row["lines"]}
        lines, _ = self._state.sales.priced(row["customer"], wanted, ())
        return [{**line, "id": own["id"]} for line, own in zip(lines, row["lines"], strict=True)]

    def add(self, id_: str, sku: str, pieces: int) -> Row:
        row = self.get(id_)
        if sku not in self._state.products:
            raise Refused(400, "", f"No product {sku}")
        if sku in self.sold_out:
            raise Refused(409, "", f"{sku} is sold out")
        same = [line for line in row["lines"] if line["sku"] == sku]
        line = same[0] if same else {"id": self._number(), "sku": sku, "pieces": 0}
        line["pieces"] += pieces
        if not same:
            row["lines"].append(line)
        return self._touched(row, line)

    def remove(self, id_: str, line_id: str) -> Row:
        row = self.get(id_)
        left = [line for line in row["lines"] if line["id"] != line_id]
        if left == row["lines"]:
            raise Refused(404, "gone", f"No line {line_id}")
        row["lines"] = left
        return self._touched(row, {})

    # -- what shoppers do -------------------------------------------------------------------

    def fill(self, email: str, wanted: Mapping[str, int], *, guest: bool = False) -> str:
        known = [one for one in self._state.customers.values() if one["email"] == email]
        customer = {} if guest else known[0]
        id_ = self._number()
        self.rows[id_] = {
            "id": id_,
            "store": "north",
            "customer": customer.get("id", ""),
            "group": customer.get("group", ""),
            "email": customer.get("email", ""),
            "lines": [],
            "open": True,
            "checkout": False,
        }
        for sku, pieces in wanted.items():
            self.add(id_, sku, pieces)
        return id_

    def put(self, cart_id: str, sku: str, pieces: int) -> None:
        self.add(cart_id, sku, pieces)

    def begin_checkout(self, cart_id: str) -> None:
        self.rows[cart_id]["checkout"] = True
        self._touched(self.rows[cart_id], {})

    def order(self, cart_id: str) -> None:
        self.rows[cart_id]["open"] = False

    def sell_out(self, sku: str) -> None:
        self.sold_out.add(sku)

    def _touched(self, row: Row, answer: Row) -> Row:
        row["changed"] = self._state.sales.now().isoformat()
        return answer

    def _number(self) -> str:
        self._made += 1
        return f"b{self._made}"


def _mark(row: Row) -> tuple[datetime, str]:
    return datetime.fromisoformat(row["changed"]), row["id"]
