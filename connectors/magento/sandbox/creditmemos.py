"""Credit memos: money given back (recorded: orders.json #5 to #8,
orders_composite_and_tax.json #7 to #10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import documents
from connectors.magento.sandbox.documents import (
    Document,
    Entry,
    Wanted,
    by_pieces,
    invalid,
    share,
    wanted_from,
)
from connectors.magento.sandbox.errors import Refused
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

REFUNDED = 2
_WEEE = {
    "weee_tax_applied": "[]",
    "weee_tax_applied_row_amount": 0,
    "weee_tax_row_disposition": 0,
    "base_weee_tax_row_disposition": 0,
}
_SUMS = ("row_total", "row_total_incl_tax", "tax_amount", "discount_tax_compensation_amount")


@dataclass(frozen=True, slots=True)
class Arguments:
    """``None``: not said; then all the shipping that is left goes back, and the credit memo
    shows no adjustments (recorded: orders.json #8)."""

    shipping: Decimal | None = None
    positive: Decimal | None = None
    negative: Decimal | None = None
    to_stock: frozenset[int] = field(default_factory=frozenset)
    """Order rows whose pieces go back on the shelf."""


ALL = Arguments()


def refund(
    shop: Shop, order: Order, wanted: Wanted, said: Arguments = ALL, *, notify: bool = False
) -> Document:
    """Gives money back without a payment provider. Raises Refused."""
    entries = _entries(order, wanted)
    _check(order, wanted)
    money = _money(order, entries, said)
    _check_amount(order, money)
    at = shop.now()
    fields = {**CURRENCIES, "state": REFUNDED}
    document = shop.creditmemos.add(order, at, fields, money, entries)
    for entry in entries:
        _register(entry, at)
        if entry.row.id in said.to_stock:
            _back_to_stock(shop, order, entry)
    order.fields["customer_note_notify"] = int(notify)
    _pay_back(order, money)
    comment = f"We refunded €{money['grand_total']:,.2f} offline."
    order.settle()
    shop.orders.comment(
        order, at, comment=comment, entity_name="creditmemo", is_customer_notified=notify
    )
    shop.orders.save(order, at)
    return document


def _entries(order: Order, wanted: Wanted) -> list[Entry]:
    """Refuses more than is left before anything else (recorded:
    orders_composite_and_tax.json #9)."""
    found = []
    for row in order.rows:
        if row.parent is not None:
            continue
        qty = wanted.get(row.id, ZERO) if wanted else row.to_refund
        if qty > row.to_refund or qty < 0:
            raise Refused(
                400, 'We found an invalid quantity to refund item "%1".', [row.fields["name"]]
            )
        if not qty:
            continue
        found.append(Entry(row, qty, _row_money(row, qty), {"base_cost": None, **_WEEE}))
        found += [
            Entry(one, qty, {"price": ZERO}, {"base_cost": None}) for one in order.children(row)
        ]
    return found


def _check(order: Order, wanted: Wanted) -> None:
    reasons = []
    if order.state in (HOLDED, CANCELED, CLOSED):
        label = LABELS[str(order.fields["status"])]
        reasons.append(f"A creditmemo can not be created when an order has a status of {label}")
    elif not order.can_refund:
        reasons.append("The order does not allow a creditmemo to be created.")
    if documents.foreign(order, wanted):
        reasons.append(
            "The creditmemo contains product item that is not part of the original order."
        )
    if reasons:
        raise invalid("Creditmemo", reasons)


def _row_money(row: OrderRow, qty: Decimal) -> dict[str, Decimal]:
    have, left = row.money, row.to_refund

    def part(whole: str, used: str) -> Decimal:
        return share(have.get(whole, ZERO), have.get(used, ZERO), left, qty)

    money = {
        "price": have["price"],
        "price_incl_tax": have["price_incl_tax"],
        "row_total": part("row_invoiced", "amount_refunded"),
        "row_total_incl_tax": by_pieces(have["row_total_incl_tax"], row.qty.ordered, qty),
        "tax_amount": part("tax_invoiced", "tax_refunded"),
        "discount_tax_compensation_amount": part(
            "discount_tax_compensation_invoiced", "discount_tax_compensation_refunded"
        ),
    }
    if have["discount_amount"]:
        money["discount_amount"] = part("discount_invoiced", "discount_refunded")
    return money


def _sum(entries: list[Entry], name: str) -> Decimal:
    return sum((entry.money.get(name, ZERO) for entry in entries), ZERO)


def _money(order: Order, entries: list[Entry], said: Arguments) -> dict[str, Decimal]:
    subtotal, gross, tax, compensation = (_sum(entries, name) for name in _SUMS)
    discount = _sum(entries, "discount_amount")
    shipping = _shipping(order, said)
    adjustment = (said.positive or ZERO) - (said.negative or ZERO)
    adjustments = {
        name: amount
        for name, amount in (
            ("adjustment_positive", said.positive),
            ("adjustment_negative", said.negative),
        )
        if amount is not None
    }
    whole = subtotal + compensation + tax + shipping - discount + adjustment
    return {
        "adjustment": adjustment,
        **adjustments,
        "discount_amount": -discount,
        "grand_total": whole,
        "discount_tax_compensation_amount": compensation,
        "shipping_amount": shipping,
        "shipping_incl_tax": shipping,
        "shipping_tax_amount": ZERO,
        "subtotal": subtotal,
        "subtotal_incl_tax": gross,
        "tax_amount": tax,
    }


def _shipping(order: Order, said: Arguments) -> Decimal:
    left = order.amount("shipping_amount") - order.amount("shipping_refunded")
    if said.shipping is None:
        return left
    if said.shipping > left:
        raise Refused(400, "Maximum shipping amount allowed to refund is: %1", [f"€{left:,.2f}"])
    return said.shipping


def _check_amount(order: Order, money: Mapping[str, Decimal]) -> None:
    """Adjustments can ask for too much or leave nothing."""
    if money["grand_total"] <= 0 and order.amount("grand_total"):
        raise invalid("Creditmemo", ["The credit memo's total must be positive."])
    left = order.amount("total_paid") - order.amount("total_refunded")
    if money["grand_total"] > left:
        raise Refused(400, "The most money available to refund is %1.", [f"€{left:,.2f}"])


def _register(entry: Entry, at: str) -> None:
    row, money = entry.row, entry.money
    row.qty.refunded += entry.qty
    row.add("amount_refunded", money.get("row_total", ZERO))
    row.add("tax_refunded", money.get("tax_amount", ZERO))
    row.add("discount_refunded", money.get("discount_amount", ZERO))
    hidden = money.get("discount_tax_compensation_amount", ZERO)
    row.add("discount_tax_compensation_refunded", hidden)
    row.fields["updated_at"] = at


def _back_to_stock(shop: Shop, order: Order, entry: Entry) -> None:
    last = (entry.row, *order.children(entry.row))[-1]
    product = shop.products.rows.get(last.product_id)
    if product is None:
        return
    if entry.row.qty.shipped:
        product.stock += int(entry.qty)
    else:
        shop.stock.reserve(product.id, -entry.qty)


def _pay_back(order: Order, money: Mapping[str, Decimal]) -> None:
    whole = money["grand_total"]
    order.add("total_refunded", whole)
    order.add("total_offline_refunded", whole)
    order.add("subtotal_refunded", money["subtotal"])
    order.add("tax_refunded", money["tax_amount"])
    order.add("shipping_refunded", money["shipping_amount"])
    order.add("shipping_tax_refunded", ZERO)
    order.add("discount_refunded", money["discount_amount"])
    hidden = money["discount_tax_compensation_amount"]
    order.add("discount_tax_compensation_refunded", hidden)
    order.add("adjustment_positive", money.get("adjustment_positive", ZERO))
    order.add("adjustment_negative", money.get("adjustment_negative", ZERO))
    for name, amount in (
        ("amount_refunded", whole),
        ("shipping_refunded", money["shipping_amount"]),
    ):
        order.payment[name] = order.payment.get(name, ZERO) + amount


# -- services -------------------------------------------------------------------------------


def _arguments(body: Mapping[str, Any]) -> Arguments:
    given = body.get("arguments") or {}
    shipping, positive, negative = (
        None if given.get(name) is None else Decimal(str(given[name]))
        for name in ("shipping_amount", "adjustment_positive", "adjustment_negative")
    )
    extension = given.get("extension_attributes") or {}
    to_stock = frozenset(int(one) for one in extension.get("return_to_stock_items") or [])
    return Arguments(shipping, positive, negative, to_stock)


def create(shop: Shop, call: Call) -> Any:
    """The credit memo's id comes as a text."""
    order = shop.orders.get(call.params["orderId"])
    body = call.body()
    return _create(shop, call, order, wanted_from(body), body)


def create_of_invoice(shop: Shop, call: Call) -> Any:
    """Of what one invoice charged, unless the body names rows."""
    paid = shop.invoices.get(call.params["invoiceId"])
    body = call.body()
    rows = {one.row.id: min(one.qty, one.row.to_refund) for one in paid.entries}
    wanted = wanted_from(body) or {
        one.row.id: rows[one.row.id] for one in paid.entries if not one.row.is_child
    }
    return _create(shop, call, paid.order, wanted, body)


def _create(shop: Shop, call: Call, order: Order, wanted: Wanted, body: Mapping[str, Any]) -> str:
    call.work.kind = "refund"
    document = refund(shop, order, wanted, _arguments(body), notify=bool(body.get("notify")))
    if body.get("appendComment", body.get("append_comment")):
        shop.creditmemos.comment(document, shop.now(), body.get("comment") or {})
    return str(document.id)


def _all(shop: Shop) -> documents.Documents:
    return shop.creditmemos


_CREDITMEMO = "Magento_Sales::sales_creditmemo"

ROUTES = (
    Route("POST", "order/{orderId:int}/refund", "Magento_Sales::creditmemo", create),
    Route("POST", "invoice/{invoiceId:int}/refund", "Magento_Sales::creditmemo", create_of_invoice),
    Route("GET", "creditmemos", _CREDITMEMO, documents.search(_all)),
    Route("GET", "creditmemo/{id:int}", _CREDITMEMO, documents.get(_all)),
)
