"""An order as the shop's REST services show it (recorded: orders.json #0 to #24,
orders_composite_and_tax.json #5).

A row's ``row_total`` is less its discount, and ``row_total_incl_tax`` is what is paid for it:
magento2 ``Sales/Model/Order/Webapi/ChangeOutputArray.php`` (recorded: cart_price_rules.json #38).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.magento.sandbox.orders import ONE, ZERO, Amounts, Order, OrderRow
from connectors.magento.sandbox.taxes import Applied
from connectors.magento.sandbox.values import cents, converted, number

PAYMENT_TITLES = {"checkmo": "Check / Money order", "free": "No Payment Information Required"}

_BASE_NAMES = {
    "shipping_discount_tax_compensation_amount": "base_shipping_discount_tax_compensation_amnt"
}
_ONLY_BASE = ("total_invoiced_cost",)


def both(amounts: Mapping[str, Decimal], rate: Decimal = ONE) -> dict[str, Any]:
    """Each amount in the order's and in the base currency."""
    found: dict[str, Any] = {}
    for name, value in amounts.items():
        found[_BASE_NAMES.get(name, f"base_{name}")] = number(value)
        if name not in _ONLY_BASE:
            found[name] = number(converted(value, rate))
    return found


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not set."""
    return {
        name: number(value) if isinstance(value, Decimal) else value
        for name, value in fields.items()
        if value is not None
    }


def shown(order: Order) -> dict[str, Any]:
    return {
        **plain(order.fields),
        **both(order.money, order.rate),
        "items": rows_shown(order),
        "billing_address": order.billing,
        "payment": _payment(order),
        "status_histories": [dict(one) for one in reversed(order.history)],
        "extension_attributes": _extension(order),
    }


def rows_shown(order: Order) -> list[dict[str, Any]]:
    return [row_shown(row, order.rate) for row in order.rows]


def row_shown(row: OrderRow, rate: Decimal = ONE) -> dict[str, Any]:
    quantities = {
        "qty_canceled": number(row.qty.canceled),
        "qty_invoiced": number(row.qty.invoiced),
        "qty_ordered": number(row.qty.ordered),
        "qty_refunded": number(row.qty.refunded),
        "qty_shipped": number(row.qty.shipped),
    }
    found = {**plain(row.fields), **both(row.money, rate), **quantities}
    if row.parent is not None:
        found["parent_item_id"] = row.parent.id
        found["parent_item"] = row_shown(row.parent, rate)
    if row.gift:
        found["extension_attributes"] = {"loyalty_bridge_gift": row.gift}
    return found | both(_worth(row.money), rate)


def _worth(money: Amounts) -> Amounts:
    row_total = money["row_total"] - money["discount_amount"]
    tax = money["tax_amount"] + money.get("discount_tax_compensation_amount", ZERO)
    return {"row_total": row_total, "row_total_incl_tax": row_total + tax}


def _payment(order: Order) -> dict[str, Any]:
    return {
        "account_status": None,
        "additional_information": [PAYMENT_TITLES[order.payment_code]],
        "cc_last4": None,
        "entity_id": order.id,
        "method": order.payment_code,
        "parent_id": order.id,
        **both(order.payment, order.rate),
    }


_SHIPPING = (
    "shipping_amount",
    "shipping_canceled",
    "shipping_discount_amount",
    "shipping_discount_tax_compensation_amount",
    "shipping_incl_tax",
    "shipping_invoiced",
    "shipping_refunded",
    "shipping_tax_amount",
    "shipping_tax_refunded",
)


def _extension(order: Order) -> dict[str, Any]:
    amounts = {name: order.money[name] for name in _SHIPPING if name in order.money}
    shipping: dict[str, Any] = {"total": both(amounts, order.rate)}
    if order.shipping is not None:
        shipping |= {"address": order.shipping, "method": order.method}
    title = PAYMENT_TITLES[order.payment_code]
    taxes = [_tax(one, amount) for one, amount in order.tax_codes.items()]
    extension: dict[str, Any] = {
        "shipping_assignments": [{"shipping": shipping, "items": rows_shown(order)}],
        "payment_additional_info": [{"key": "method_title", "value": title}],
        "applied_taxes": taxes,
        "item_applied_taxes": [_row_taxes(row) for row in order.rows if row.taxes],
    }
    if order.referral:
        extension["loyalty_bridge_referral"] = order.referral
    return extension | ({"converting_from_quote": True} if taxes else {})


def _tax(one: Applied, amount: Decimal) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.code,
        "percent": number(one.percent),
        **both({"amount": amount}),
    }


def _row_taxes(row: OrderRow) -> dict[str, Any]:
    percent = sum((one.percent for one in row.taxes), ZERO)
    tax = row.money["tax_amount"]
    applied = [_tax(one, cents(tax * one.percent / (percent or 1))) for one in row.taxes]
    place = {"item_id": row.id} if "quote_item_id" in row.fields else {}
    return {"type": "product", **place, "applied_taxes": applied}
