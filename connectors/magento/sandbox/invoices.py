"""Invoices (recorded: orders.json #1, #2, #9, #10)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import documents
from connectors.magento.sandbox.documents import (
    Document,
    Entry,
    Wanted,
    by_pieces,
    foreign,
    invalid,
    share,
    wanted_from,
)
from connectors.magento.sandbox.orders import (
    CANCELED,
    CLOSED,
    HOLDED,
    LABELS,
    ZERO,
    Order,
    OrderRow,
)
from connectors.magento.sandbox.placing import CURRENCIES
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

PAID = 2
_SUMS = ("row_total", "row_total_incl_tax", "tax_amount", "discount_tax_compensation_amount")


def invoice(shop: Shop, order: Order, wanted: Wanted) -> Document:
    """Pays for ``wanted``, by default for all that is left; the first one takes the shipping.

    Raises Refused.
    """
    _check(order, wanted)
    entries = _entries(order, wanted)
    if not any(entry.qty for entry in entries):
        raise invalid(
            "Invoice",
            ["The invoice can't be created without products. Add products and try again."],
        )
    at = shop.now()
    money = _money(order, entries)
    fields = {
        **CURRENCIES,
        "can_void_flag": 0,
        "state": PAID,
        "total_qty": sum((one.qty for one in entries if not one.row.is_child), ZERO),
    }
    document = shop.invoices.add(order, at, fields, money, entries)
    for entry in entries:
        _register(entry, at)
    _pay(order, money)
    order.settle(in_progress=True)
    shop.orders.save(order, at)
    return document


def _check(order: Order, wanted: Wanted) -> None:
    reasons = []
    if order.state in (HOLDED, CANCELED, CLOSED):
        label = LABELS[str(order.fields["status"])]
        reasons.append(f"An invoice cannot be created when an order has a status of {label}")
    elif not order.can_invoice:
        reasons.append("The order does not allow an invoice to be created.")
    for row_id, qty in wanted.items():
        row = order.row(row_id)
        if row is not None and not row.is_child and not 0 <= qty <= row.to_invoice:
            reasons.append(
                "The quantity to invoice must not be greater than the uninvoiced quantity for "
                f'product SKU "{row.fields["sku"]}".'
            )
    if foreign(order, wanted):
        reasons.append(
            "The invoice contains one or more items that are not part of the original order."
        )
    if reasons:
        raise invalid("Invoice", reasons)


def _entries(order: Order, wanted: Wanted) -> list[Entry]:
    found = []
    for row in order.rows:
        if row.parent is not None:
            continue
        qty = wanted.get(row.id, ZERO) if wanted else row.to_invoice
        if not qty:
            continue
        found.append(Entry(row, qty, _row_money(row, qty)))
        found += [Entry(one, qty, {"price": ZERO}) for one in order.children(row)]
    return found


def _row_money(row: OrderRow, qty: Decimal) -> dict[str, Decimal]:
    have, left = row.money, row.to_invoice

    def part(name: str, used: str) -> Decimal:
        return share(have[name], have.get(used, ZERO), left, qty)

    money = {
        "price": have["price"],
        "price_incl_tax": have["price_incl_tax"],
        "row_total": part("row_total", "row_invoiced"),
        "row_total_incl_tax": by_pieces(have["row_total_incl_tax"], row.qty.ordered, qty),
        "tax_amount": part("tax_amount", "tax_invoiced"),
        "discount_tax_compensation_amount": part(
            "discount_tax_compensation_amount", "discount_tax_compensation_invoiced"
        ),
    }
    if have["discount_amount"]:
        money["discount_amount"] = part("discount_amount", "discount_invoiced")
    return money


def _sum(entries: list[Entry], name: str) -> Decimal:
    return sum((entry.money.get(name, ZERO) for entry in entries), ZERO)


def _money(order: Order, entries: list[Entry]) -> dict[str, Decimal]:
    subtotal, gross, tax, compensation = (_sum(entries, name) for name in _SUMS)
    discount = _sum(entries, "discount_amount")
    is_first = "total_invoiced" not in order.money
    shipping = order.amount("shipping_amount") if is_first else ZERO
    return {
        "discount_amount": -discount,
        "grand_total": subtotal + compensation + tax + shipping - discount,
        "discount_tax_compensation_amount": compensation,
        "shipping_amount": shipping,
        "shipping_discount_tax_compensation_amount": ZERO,
        "shipping_incl_tax": shipping,
        "shipping_tax_amount": ZERO,
        "subtotal": subtotal,
        "subtotal_incl_tax": gross,
        "tax_amount": tax,
    }


def _register(entry: Entry, at: str) -> None:
    row, money = entry.row, entry.money
    row.qty.invoiced += entry.qty
    row.add("row_invoiced", money.get("row_total", ZERO))
    row.add("tax_invoiced", money.get("tax_amount", ZERO))
    row.add("discount_invoiced", money.get("discount_amount", ZERO))
    hidden = money.get("discount_tax_compensation_amount", ZERO)
    row.add("discount_tax_compensation_invoiced", hidden)
    row.fields |= {"updated_at": at, "weee_tax_applied": "[]"}


def _pay(order: Order, money: dict[str, Decimal]) -> None:
    order.add("total_invoiced", money["grand_total"])
    order.add("total_paid", money["grand_total"])
    order.add("total_invoiced_cost", ZERO)
    order.add("subtotal_invoiced", money["subtotal"])
    order.add("tax_invoiced", money["tax_amount"])
    order.add("shipping_invoiced", money["shipping_amount"])
    order.add("discount_invoiced", money["discount_amount"])
    hidden = money["discount_tax_compensation_amount"]
    order.add("discount_tax_compensation_invoiced", hidden)
    order.money["total_due"] = order.amount("grand_total") - order.amount("total_paid")
    for name, amount in (
        ("amount_paid", money["grand_total"]),
        ("shipping_captured", money["shipping_amount"]),
    ):
        order.payment[name] = order.payment.get(name, ZERO) + amount


def create(shop: Shop, call: Call) -> Any:
    """The invoice's id comes as a text. A payment that is no gateway's counts as paid with and
    without ``capture``."""
    body = call.body()
    order = shop.orders.get(call.params["orderId"])
    call.work.kind = "write"
    document = invoice(shop, order, wanted_from(body))
    if body.get("appendComment", body.get("append_comment")):
        shop.invoices.comment(document, shop.now(), body.get("comment") or {})
    return str(document.id)


def _all(shop: Shop) -> documents.Documents:
    return shop.invoices


_INVOICE = "Magento_Sales::sales_invoice"

ROUTES = (
    Route("POST", "order/{orderId:int}/invoice", "Magento_Sales::invoice", create),
    Route("GET", "invoices", _INVOICE, documents.search(_all)),
    Route("GET", "invoices/{id:int}", _INVOICE, documents.get(_all)),
)
