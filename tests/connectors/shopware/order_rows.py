"""Rows of orders as a shop answers them, built small; every number as the JSON reader gives it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sales import Order
from connectors.shopware.orders import LIVE, order
from connectors.shopware.state_history import History

Row = dict[str, Any]
CENT = Decimal("0.01")
PLACED = "2026-11-01T10:00:00.000+00:00"
TAX_FREE = "tax-free"


def at(hour: int, minute: int = 0) -> str:
    return f"2026-11-02T{hour:02}:{minute:02}:00.000+00:00"


def decimal(value: str | int | Decimal) -> Decimal:
    return Decimal(value)


def price(total: str | int | Decimal, rate: str | int | Decimal | None, mode: str) -> Row:
    """A ``CalculatedPrice``, its tax computed as the shop does; no rate: it lists no taxes."""
    shown = Decimal(total)
    row: Row = {"unitPrice": shown, "quantity": 1, "totalPrice": shown, "calculatedTaxes": []}
    if rate is not None:
        row["calculatedTaxes"] = [{"tax": tax(shown, Decimal(rate), mode), "taxRate": rate}]
    return row


def tax(shown: Decimal, rate: Decimal, mode: str) -> Decimal:
    if mode == TAX_FREE:
        return Decimal(0)
    base = 100 + rate if mode == "gross" else Decimal(100)
    return (shown * rate / base).quantize(CENT, rounding=ROUND_HALF_UP)


def line(
    name: str,
    total: str | int | Decimal,
    *,
    rate: str | int | None = 19,
    mode: str = "gross",
    kind: str = "product",
    quantity: int = 1,
    **more: Any,
) -> Row:
    return {
        "id": name,
        "identifier": f"cart-{name}",
        "type": kind,
        "productId": f"p-{name}" if kind == "product" else None,
        "referencedId": f"p-{name}" if kind == "product" else None,
        "parentId": None,
        "quantity": quantity,
        "label": f"The {name}",
        "good": kind not in {"promotion", "credit", "discount"},
        "position": 1,
        "price": price(total, rate, mode),
        "payload": {"productNumber": f"SKU-{name}", "categoryIds": ["c2", "c1"]},
        "createdAt": PLACED,
        "updatedAt": None,
        **more,
    }


def promotion(
    name: str,
    total: str | int | Decimal,
    composition: dict[str, str] | None = None,
    *,
    rate: str | int | None = 19,
    mode: str = "gross",
    code: str = "",
    scope: str = "cart",
    **more: Any,
) -> Row:
    """``composition``: what it takes off by the name of the line."""
    entries = [
        {"id": f"cart-{of}", "quantity": 1, "discount": Decimal(off)}
        for of, off in (composition or {}).items()
    ]
    payload = {"code": code, "discountScope": scope, "composition": entries}
    return line(
        name, total, rate=rate, mode=mode, kind="promotion",
        **{"payload": payload, "position": 9, **more},
    )  # fmt: skip


def transaction(
    name: str,
    amount: str | int,
    state: str = "open",
    *,
    created: str = PLACED,
    updated: str | None = None,
    refunds: list[Row] | None = None,
) -> Row:
    return {
        "id": name,
        "createdAt": created,
        "updatedAt": updated,
        "amount": price(amount, 19, "gross"),
        "stateMachineState": {"technicalName": state},
        "captures": [{"id": f"capture-{name}", "createdAt": created, "refunds": refunds}]
        if refunds
        else None,
    }


def refund(
    name: str,
    amount: str | int,
    positions: dict[str, tuple[int, str]] | None = None,
    *,
    state: str = "completed",
    rate: int | None = None,
    mode: str = "gross",
    created: str | None = None,
) -> Row:
    """``positions``: quantity and amount by the name of the line."""
    return {
        "id": name,
        "createdAt": created or at(15),
        "updatedAt": None,
        "amount": price(amount, rate, "gross"),
        "stateMachineState": {"technicalName": state},
        "positions": [
            {"orderLineItemId": of, "quantity": pieces, "amount": price(money, rate, mode)}
            for of, (pieces, money) in (positions or {}).items()
        ],
    }


def delivery(cost: str | int, rate: int = 19, mode: str = "gross", **more: Any) -> Row:
    costs = price(cost, rate, mode)
    return {"id": f"d{cost}", "createdAt": PLACED, "shippingCosts": costs, **more}


def order_row(*lines: Row, mode: str = "gross", **more: Any) -> Row:
    """Its totals are those of its lines and its shipping, as the shop sums them up."""
    row: Row = {
        "id": "o1",
        "versionId": LIVE,
        "orderNumber": "10001",
        "salesChannelId": "channel",
        "orderDateTime": PLACED,
        "createdAt": PLACED,
        "updatedAt": None,
        "taxStatus": mode,
        "shippingCosts": price(0, 19, mode),
        "itemRounding": {"decimals": 2},
        "stateMachineState": {"technicalName": "open"},
        "orderCustomer": {
            "customerId": "buyer",
            "email": "buyer@example.com",
            "company": "Muster GmbH",
            "vatIds": ["DE123456789"],
            "customer": {"id": "buyer", "guest": False, "groupId": "group"},
        },
        "transactions": [],
        "deliveries": [],
        "currency": {"isoCode": "EUR"},
        "affiliateCode": None,
        "campaignCode": None,
        "lineItems": list(lines),
        **more,
    }
    prices = [one["price"] for one in row["lineItems"] if not one.get("parentId")]
    prices.append(row["shippingCosts"])
    shown = sum((one["totalPrice"] for one in prices), Decimal(0))
    taxes = sum((t["tax"] for one in prices for t in one["calculatedTaxes"]), Decimal(0))
    row.setdefault("amountTotal", shown + taxes if mode == "net" else shown)
    row.setdefault("amountNet", shown - taxes if mode == "gross" else shown)
    return row


def entry(thing: str, left: str, entered: str, when: str, name: str = "") -> Row:
    """A row of the state history."""
    return {
        "id": name or f"{thing}-{when}-{entered}",
        "referencedId": thing,
        "createdAt": when,
        "fromStateMachineState": {"technicalName": left},
        "toStateMachineState": {"technicalName": entered},
    }


def read(row: Row, *history: Row) -> Order:
    return order(row, History(history))
