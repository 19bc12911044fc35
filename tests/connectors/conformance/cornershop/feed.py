"""What a Corner Shop tells of its sales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.http import HttpClient
from connectors.sales import (
    Change,
    Entity,
    LineKind,
    Mark,
    Money,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    UsedCode,
)

Row = Mapping[str, Any]


class CornerFeed:
    """A refund leaves its order's row as it was, so refunds are walked on their own."""

    resources = ("orders", "refunds")
    order_resources = resources

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        at, after = since.at, since.id
        while True:
            page = self._http.get(f"changes/{resource}", {"since": at.isoformat(), "after": after})
            for row in page:
                at, after = datetime.fromisoformat(row["at"]), row["id"]
                if not row["draft"]:
                    yield Change(Entity.ORDER, row["order"], Mark(at, after))
            if not page:
                return

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return self._read("id", order_ids)

    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        return self._read("number", numbers)

    def _read(self, field: str, values: Sequence[str]) -> list[Order]:
        rows = self._ask("orders/read", {field: list(dict.fromkeys(values))})
        refunds = self._ask("refunds/read", {"orders": [row["id"] for row in rows]})
        return [
            order_from(row, [each for each in refunds if each["order"] == row["id"]])
            for row in rows
            if not row["draft_of"]
        ]

    def _ask(self, path: str, body: Mapping[str, Sequence[str]]) -> list[Row]:
        """Questions that are too long for a URL."""
        answer = self._http.request("POST", path, json=body, repeatable=True, reading=True)
        return list(answer.body)


def order_from(row: Row, refunds: Sequence[Row]) -> Order:
    changed = [row["updated"], *(refund["made"] for refund in refunds)]
    return Order(
        id=row["id"],
        number=row["number"],
        store_id=row["store"],
        currency="EUR",
        placed_at=datetime.fromisoformat(row["placed"]),
        changed_at=max(map(datetime.fromisoformat, changed)),
        customer_id=row["customer"],
        email=row["email"],
        is_guest=not row["customer"],
        lines=tuple(map(line_from, row["lines"])),
        shipping=money(row["shipping"]),
        paid_at=time(row["paid"]),
        completed_at=time(row["sent"]),
        cancelled_at=time(row["cancelled"]),
        refunds=tuple(map(refund_from, refunds)),
        codes=tuple(UsedCode(used["code"], money(used)) for used in row["codes"]),
        state="cancelled" if row["cancelled"] else "sent" if row["sent"] else "open",
    )


def line_from(row: Row) -> OrderLine:
    return OrderLine(
        id=row["id"],
        kind=LineKind.PRODUCT,
        product_id=row["sku"],
        sku=row["sku"],
        name=f"Article {row['sku']}",
        quantity=Decimal(row["pieces"]),
        price=money(row),
        discount=money(row, "off_"),
        is_gift=row["gift"],
    )


def refund_from(row: Row) -> Refund:
    lines = [
        RefundLine(line["id"], Decimal(line["pieces"]), money(line) - money(line, "off_"))
        for line in row["lines"]
    ]
    made = datetime.fromisoformat(row["made"])
    return Refund(id=row["id"], at=made, lines=tuple(lines), shipping=money(row["shipping"]))


def money(row: Row, prefix: str = "") -> Money:
    return Money(net=Decimal(row[f"{prefix}net"]), gross=Decimal(row[f"{prefix}gross"]))


def time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
