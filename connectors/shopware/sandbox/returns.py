"""What pieces of an order come to when they are given back, to the cent.

Of a line that is given back bit by bit, every bit is what is owed by then less what was given
back before, so that all bits together are the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.sandbox.shopper import SoldLine
from connectors.shopware.sandbox import pricing
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.pricing import Struct
from connectors.shopware.sandbox.sales import (
    ZERO,
    Sides,
    discounts_of,
    goods_of,
    sides,
    sold_line,
)


@dataclass(frozen=True, slots=True)
class Return:
    lines: list[SoldLine]
    total: Decimal
    """Gross, after discounts."""
    amount: Struct
    """A calculated price."""
    positions: list[Struct]
    is_all: bool
    """Nothing is left of the order."""


def worked_out(database: Database, order_id: str, wanted: Mapping[str, int]) -> Return:
    """``wanted``: line id to pieces. Raises ValueError for more than is left."""
    order = database["order"].rows[order_id].values
    status = order["price"]["taxStatus"]
    discounts = discounts_of(database, order_id)
    lines: list[SoldLine] = []
    positions: list[Struct] = []
    left = 0
    for line in goods_of(database, order_id):
        before, pieces = _given_back(database, line["id"]), wanted.get(line["id"], 0)
        left += line["quantity"] - before - pieces
        if before + pieces > line["quantity"]:
            raise ValueError(f"line {line['id']}: only {line['quantity'] - before} left")
        if not pieces:
            continue
        whole = sides(line["price"], status)
        bit = _bit(whole, line["quantity"], before, pieces)
        off = _bit(discounts.get(line["id"], Sides()), line["quantity"], before, pieces)
        sold = sold_line(line, bit, {line["id"]: off}, pieces)
        lines.append(sold)
        paid = bit - off
        rate = Decimal(str(line["price"]["taxRules"][0]["taxRate"]))
        price = _price(paid, pieces, rate, status)
        positions.append({"orderLineItemId": line["id"], "quantity": pieces, "amount": price})
    total = sum((one.gross - one.discount_gross for one in lines), ZERO)
    return Return(lines, total, _amount(total, positions), positions, left == 0)


def _bit(whole: Sides, quantity: int, before: int, pieces: int) -> Sides:
    by_then = whole.part(Decimal(before + pieces) / quantity)
    return by_then - whole.part(Decimal(before) / quantity)


def _given_back(database: Database, line_id: str) -> int:
    table = database["order_transaction_capture_refund_position"]
    rows = [table.rows[key].values for key in table.where("orderLineItemId", line_id)]
    return sum(int(row["quantity"]) for row in rows)


def _price(paid: Sides, pieces: int, rate: Decimal, status: str) -> Struct:
    shown = paid.gross if status == "gross" else paid.net
    taxes: list[Any] = [
        {
            "tax": pricing.shown(paid.gross - paid.net),
            "taxRate": pricing.shown(rate),
            "price": pricing.shown(shown),
        }
    ]
    return {
        "unitPrice": pricing.shown(pricing.rounded(shown / pieces)),
        "quantity": pieces,
        "totalPrice": pricing.shown(shown),
        "calculatedTaxes": [] if status == "tax-free" else taxes,
        "taxRules": [{"taxRate": pricing.shown(rate), "percentage": 100}],
    }


def _amount(total: Decimal, positions: list[Struct]) -> Struct:
    sums: dict[Any, list[Decimal]] = {}
    for position in positions:
        for entry in position["amount"]["calculatedTaxes"]:
            sum_ = sums.setdefault(entry["taxRate"], [ZERO, ZERO])
            sum_[0] += Decimal(str(entry["tax"]))
            sum_[1] += Decimal(str(entry["price"]))
    taxes = [
        {"tax": pricing.shown(tax), "taxRate": rate, "price": pricing.shown(price)}
        for rate, (tax, price) in sums.items()
    ]
    return {
        "unitPrice": pricing.shown(total),
        "quantity": 1,
        "totalPrice": pricing.shown(total),
        "calculatedTaxes": taxes,
        "taxRules": [],
    }
