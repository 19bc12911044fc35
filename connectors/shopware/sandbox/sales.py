"""An order, or what was given back of it, told in plain amounts of money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.sandbox.shopper import Sale, SoldLine
from connectors.shopware.sandbox.carts import Calculated
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.pricing import CENT, Struct
from connectors.shopware.sandbox.recalculating import order_lines

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sides:
    """An amount without and with tax."""

    net: Decimal = ZERO
    gross: Decimal = ZERO

    def part(self, share: Decimal) -> Sides:
        return Sides((self.net * share).quantize(CENT), (self.gross * share).quantize(CENT))

    def __sub__(self, other: Sides) -> Sides:
        return Sides(self.net - other.net, self.gross - other.gross)

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.net + other.net, self.gross + other.gross)


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def sides(price: Struct, tax_status: str) -> Sides:
    """A calculated price of an order with this tax status."""
    total = decimal(price["totalPrice"])
    tax = sum((decimal(entry["tax"]) for entry in price["calculatedTaxes"]), ZERO)
    return Sides(total - tax, total) if tax_status == "gross" else Sides(total, total + tax)


def goods_of(database: Database, order_id: str) -> list[Struct]:
    return [line for line in order_lines(database, order_id) if line["type"] != "promotion"]


def discounts_of(database: Database, order_id: str) -> dict[str, Sides]:
    """What promotions take off each line, by the line's id: by their compositions, to the cent,
    the largest share taking what rounding leaves."""
    order = database["order"].rows[order_id].values
    lines = order_lines(database, order_id)
    by_identifier = {line["identifier"]: line["id"] for line in lines}
    found = _taken_off(lines, order["price"]["taxStatus"])
    return {by_identifier[key]: off for key, off in found.items()}


def _taken_off(lines: Iterable[Struct], tax_status: str) -> dict[str, Sides]:
    """By the identifiers that compositions name."""
    found: dict[str, Sides] = {}
    for line in lines:
        if line["type"] != "promotion":
            continue
        whole = sides(line["price"], tax_status)
        taken = Sides(-whole.net, -whole.gross)
        for key, part in _shared(taken, line["payload"]["composition"]):
            found[key] = found.get(key, Sides()) + part
    return found


def sold_in(cart: Calculated) -> list[SoldLine]:
    """The lines of a cart that is not ordered, with what promotions take off each."""
    status = cart.buyer.tax_status
    discounts = _taken_off(cart.lines, status)
    return [
        sold_line(line, sides(line["price"], status), discounts)
        for line in cart.lines
        if line["type"] != "promotion"
    ]


def _shared(whole: Sides, composition: list[Struct]) -> list[tuple[str, Sides]]:
    total = sum((decimal(entry["discount"]) for entry in composition), ZERO)
    if not total:
        return []
    shares = {entry["id"]: decimal(entry["discount"]) / total for entry in composition}
    parts = {key: whole.part(share) for key, share in shares.items()}
    largest = max(shares, key=lambda key: shares[key])
    rest = whole
    for part in parts.values():
        rest = rest - part
    parts[largest] = parts[largest] + rest
    return list(parts.items())


def sale_of(database: Database, order_id: str, *, back: Any = None, refund_id: str = "") -> Sale:
    """The order as it is now; with ``back`` (a :class:`.returns.Return`), what that gives back."""
    order = database["order"].rows[order_id].values
    key = database["order_customer"].where("orderId", order_id)[0]
    customer = database["order_customer"].rows[key].values
    account = database["customer"].by_id(customer.get("customerId"))
    guest = account is None or account.values.get("guest")
    shipping = sides(order["shippingCosts"], order["price"]["taxStatus"])
    lines = back.lines if back else _sold(database, order_id)
    total = back.total if back else decimal(order["price"]["totalPrice"])
    at = order["orderDateTime"]
    if refund_id:
        at = database["order_transaction_capture_refund"].rows[refund_id].values["createdAt"]
    return Sale(
        order_id=order_id,
        number=order["orderNumber"],
        customer_id="" if guest else str(customer["customerId"]),
        email=customer["email"],
        lines=tuple(lines),
        shipping_net=ZERO if back else shipping.net,
        shipping_gross=ZERO if back else shipping.gross,
        total=total,
        at=datetime.fromisoformat(at),
        refund_id=refund_id,
    )


def _sold(database: Database, order_id: str) -> list[SoldLine]:
    order = database["order"].rows[order_id].values
    discounts = discounts_of(database, order_id)
    return [
        sold_line(line, sides(line["price"], order["price"]["taxStatus"]), discounts)
        for line in goods_of(database, order_id)
    ]


def sold_line(
    line: Struct, whole: Sides, discounts: Mapping[str, Sides], quantity: int | None = None
) -> SoldLine:
    off = discounts.get(line["id"], Sides())
    payload = line["payload"] if isinstance(line["payload"], dict) else {}
    return SoldLine(
        line_id=line["id"],
        sku=payload.get("productNumber") or "",
        quantity=Decimal(line["quantity"] if quantity is None else quantity),
        net=whole.net,
        gross=whole.gross,
        discount_net=off.net,
        discount_gross=off.gross,
    )
