"""Whole orders, with payments, deliveries, refunds and state history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.errors import Rejected
from connectors.sales import NO_MONEY, Money, Order
from connectors.shopware.client import ShopwareClient, any_of, equals
from connectors.shopware.mapping import moment
from connectors.shopware.order_lines import Split, order_lines, split, used_codes
from connectors.shopware.order_money import (
    amount,
    money,
    negated,
    shown_price,
    total,
    unit_of,
)
from connectors.shopware.paging import Criteria, Row
from connectors.shopware.payments import paid_at, payments
from connectors.shopware.refunds import RefundFacts, refunds
from connectors.shopware.state_history import History, state_of

LIVE = "0fa91ce3e96a4bc2be4bd9ce752c3425"
"""The version of every row that counts. While an administrator edits an order there is a draft of
all its rows under another one, merged or thrown away later (recorded: activities.json #4-#8)."""

_STATE: Criteria = {"associations": {"stateMachineState": {}}}
ASSOCIATIONS: Criteria = {
    "lineItems": {},
    "orderCustomer": {"associations": {"customer": {}}},
    "transactions": {
        "associations": {
            "stateMachineState": {},
            "captures": {
                "associations": {
                    "refunds": {"associations": {"positions": {}, "stateMachineState": {}}}
                }
            },
        }
    },
    "deliveries": {},
    "stateMachineState": {},
    "currency": {},
}
_TIMES = ["id", "createdAt", "updatedAt"]
INCLUDES: Criteria = {
    "order": [
        *_TIMES, "versionId", "orderNumber", "salesChannelId", "orderDateTime", "amountTotal",
        "amountNet", "taxStatus", "shippingCosts", "itemRounding", "totalRounding", "affiliateCode",
        "campaignCode", "stateMachineState", "lineItems", "orderCustomer", "transactions",
        "deliveries", "currency",
    ],
    "order_line_item": [
        *_TIMES, "parentId", "identifier", "type", "referencedId", "productId", "quantity",
        "label", "good", "position", "price", "payload",
    ],
    "order_customer": ["customerId", "email", "company", "vatIds", "customer"],
    "customer": ["id", "guest", "groupId"],
    "order_transaction": [*_TIMES, "amount", "stateMachineState", "captures"],
    "order_transaction_capture": [*_TIMES, "refunds"],
    "order_transaction_capture_refund": [*_TIMES, "amount", "positions", "stateMachineState"],
    "order_transaction_capture_refund_position": ["orderLineItemId", "quantity", "amount"],
    "order_delivery": [*_TIMES, "shippingCosts"],
    "state_machine_state": ["technicalName"],
    "currency": ["isoCode"],
}  # fmt: skip
HISTORY: Criteria = {
    "associations": {"fromStateMachineState": {}, "toStateMachineState": {}},
    "includes": {
        "state_machine_history": [
            "id", "referencedId", "createdAt", "fromStateMachineState", "toStateMachineState",
        ],
        "state_machine_state": ["technicalName"],
    },
}  # fmt: skip
_THINGS_PER_CALL = 100
"""Of whose history is asked at once: each has a handful of entries."""


class Orders:
    def __init__(self, client: ShopwareClient) -> None:
        self._client = client

    def by_id(self, order_ids: Sequence[str]) -> list[Order]:
        wanted = list(dict.fromkeys(order_ids))
        if not wanted:
            return []
        return [found for _, found in self._read({"ids": wanted, "limit": len(wanted)})]

    def by_number(self, numbers: Sequence[str]) -> list[Order]:
        """More than one of a number where sales channels count on their own."""
        wanted = list(dict.fromkeys(numbers))
        if not wanted:
            return []
        criteria = _whole(any_of("orderNumber", wanted))
        return [found for _, found in self._mapped(self._client.all("order", criteria))]

    def newest(self, count: int) -> list[tuple[Row, Order]]:
        """The orders that were made last, as they were told and as they are understood."""
        newest_first = [{"field": "createdAt", "order": "DESC"}]
        return self._read({"sort": newest_first, "limit": count})

    def _read(self, which: Criteria) -> list[tuple[Row, Order]]:
        criteria: Criteria = {**_whole(), **which, "total-count-mode": 0}
        return self._mapped(self._client.search("order", criteria).rows)

    def _mapped(self, rows: Sequence[Row]) -> list[tuple[Row, Order]]:
        live = [row for row in rows if is_live(row)]
        history = History(self._history([thing for row in live for thing in _things(row)]))
        return [(row, _named(row, history)) for row in live]

    def _history(self, things: Sequence[str]) -> Iterator[Row]:
        for start in range(0, len(things), _THINGS_PER_CALL):
            some = things[start : start + _THINGS_PER_CALL]
            criteria = {**HISTORY, "filter": [any_of("referencedId", some)]}
            yield from self._client.all("state_machine_history", criteria)


def _whole(*filters: Criteria) -> Criteria:
    """The filter on the version only makes sure: without a header that names another one the
    shop searches the live one (recorded: activities.json #8)."""
    return {
        "filter": [*filters, equals("versionId", LIVE)],
        "associations": ASSOCIATIONS,
        "includes": INCLUDES,
    }


def is_live(row: Row) -> bool:
    return bool(row.get("versionId", LIVE) == LIVE)


def _things(row: Row) -> Iterator[str]:
    """What has a state that matters: the order, its transactions, the refunds of its captures."""
    yield str(row["id"])
    for transaction in _rows(row, "transactions"):
        yield str(transaction["id"])
        for refund in _refund_rows(transaction):
            yield str(refund["id"])


def _named(row: Row, history: History) -> Order:
    """One odd order is told apart from a shop that is none."""
    try:
        return order(row, history)
    except Rejected as odd:
        name = row.get("orderNumber") or row.get("id")
        raise Rejected(f"The order {name} cannot be read: {odd.message}") from None


# --- from rows to the record, pure ---------------------------------------------------------


def order(row: Row, history: History) -> Order:
    """Raises Rejected when the row lacks what every order has."""
    tax_status = str(row.get("taxStatus"))
    placed, created = _time(row, "orderDateTime"), _time(row, "createdAt")
    whole = money(amount(row.get("amountNet")), amount(row.get("amountTotal")))
    parts = split(_rows(row, "lineItems"), tax_status)
    unit = _unit(row, parts, whole, tax_status)
    lines = order_lines(parts, tax_status, unit)
    shipping, shipping_discount = _shipping(row, parts, tax_status)
    paid_with = payments(_rows(row, "transactions"), history, whole, unit)
    facts = RefundFacts({line.id: line for line in lines}, tax_status, whole, unit, history)
    state, order_id = state_of(row), str(row["id"])

    def since(wanted: str) -> datetime | None:
        return history.entered(order_id, wanted, created) if state == wanted else None

    return Order(
        id=order_id,
        number=str(row.get("orderNumber") or ""),
        store_id=str(row.get("salesChannelId") or ""),
        currency=_currency(row),
        placed_at=placed,
        changed_at=max(_all_times(row, history)),
        lines=lines,
        shipping=shipping,
        shipping_discount=shipping_discount,
        paid_at=paid_at(paid_with, whole.gross, placed),
        completed_at=since("completed"),
        cancelled_at=since("cancelled"),
        refunds=refunds(paid_with, facts),
        codes=used_codes(parts, shipping_discount),
        state=state,
        referral_code=str(row.get("affiliateCode") or row.get("campaignCode") or ""),
        **_buyer(row),
    )


def _buyer(row: Row) -> dict[str, Any]:
    """Shopware makes a customer for each order of a guest (recorded: orders.json #14, #15); it is
    nobody's account."""
    buyer = _object(row, "orderCustomer")
    customer = _object(buyer, "customer")
    guest = customer.get("guest") is True
    vat_ids = buyer.get("vatIds")
    return {
        "customer_id": "" if guest else str(buyer.get("customerId") or ""),
        "email": str(buyer.get("email") or ""),
        "is_guest": guest,
        "group_id": str(customer.get("groupId") or ""),
        "company": str(buyer.get("company") or ""),
        "vat_id": str(vat_ids[0]) if isinstance(vat_ids, list) and vat_ids else "",
    }


def _shipping(row: Row, parts: Split, tax_status: str) -> tuple[Money, Money]:
    """Before discounts, and the discounts. A promotion on the shipping adds a delivery that costs
    less than nothing (shopware ``PromotionDeliveryCalculator::addDiscountDeliveryItem``); the
    order's own costs are the sum."""
    costs = row.get("shippingCosts")
    net_of_discounts = shown_price(costs, tax_status) if costs else NO_MONEY
    deliveries = [
        shown_price(d["shippingCosts"], tax_status)
        for d in _rows(row, "deliveries")
        if d.get("shippingCosts")
    ]
    taken = negated(total(one for one in deliveries if one.gross < 0))
    charged = total(one for one in deliveries if one.gross >= 0)
    if (charged - taken).gross != net_of_discounts.gross:
        taken, charged = NO_MONEY, net_of_discounts
    by_line = total(d.money for d in parts.discounts if d.on_shipping)
    return charged, total([taken, by_line])


def _unit(row: Row, parts: Split, whole: Money, tax_status: str) -> Decimal:
    decimals = _object(row, "itemRounding").get("decimals")
    prices = [shown_price(line.get("price"), tax_status) for line in parts.lines]
    amounts = [whole, *prices, *(discount.money for discount in parts.discounts)]
    return unit_of(amounts, decimals if isinstance(decimals, int) else 2)


def _all_times(row: Row, history: History) -> Iterator[datetime]:
    yield _time(row, "createdAt")
    parts = [row, *_rows(row, "lineItems"), *_rows(row, "transactions"), *_rows(row, "deliveries")]
    for transaction in _rows(row, "transactions"):
        parts += _rows(transaction, "captures")
        parts += _refund_rows(transaction)
    for part in parts:
        for name in ("createdAt", "updatedAt"):
            at = moment(part.get(name))
            if at is not None:
                yield at
    for thing in _things(row):
        yield from (entry.at for entry in history.of(thing))


def _refund_rows(transaction: Row) -> Iterable[Row]:
    return [refund for c in _rows(transaction, "captures") for refund in _rows(c, "refunds")]


def _currency(row: Row) -> str:
    code = _object(row, "currency").get("isoCode")
    if not code:
        raise Rejected("It has no currency")
    return str(code)


def _time(row: Row, name: str) -> datetime:
    at = moment(row.get(name))
    if at is None:
        raise Rejected(f"It has no {name}")
    return at


def _object(row: Row, name: str) -> Row:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _rows(row: Row, name: str) -> list[Row]:
    value = row.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
