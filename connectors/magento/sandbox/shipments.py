"""Shipments (recorded: orders.json #3, #11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import documents
from connectors.magento.sandbox.documents import (
    Document,
    Entry,
    Wanted,
    foreign,
    invalid,
    wanted_from,
)
from connectors.magento.sandbox.order_shown import plain
from connectors.magento.sandbox.orders import CANCELED, CLOSED, HOLDED, LABELS, ZERO, Order
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop


def ship(shop: Shop, order: Order, wanted: Wanted) -> Document:
    """Sends ``wanted``, by default all that is left. Raises Refused."""
    _check(order, wanted)
    rows = [row for row in order.rows if row.to_ship]
    chosen = [(row, wanted.get(row.id, ZERO) if wanted else row.to_ship) for row in rows]
    entries = [
        Entry(row, qty, {}, plain({"price": row.money["price"], "weight": row.fields["weight"]}))
        for row, qty in chosen
        if qty
    ]
    if not entries:
        raise invalid("Shipment", ["You can't create a shipment without products."])
    at = shop.now()
    fields: dict[str, Any] = {
        "customer_id": order.fields.get("customer_id"),
        "packages": [],
        "total_qty": sum((entry.qty for entry in entries), ZERO),
    }
    document = shop.shipments.add(order, at, fields, {}, entries)
    for entry in entries:
        for row in (entry.row, *order.children(entry.row)):
            row.qty.shipped += entry.qty
            row.fields["updated_at"] = at
        last = (entry.row, *order.children(entry.row))[-1]
        shop.stock.ship(shop.products.rows.get(last.product_id), entry.qty)
    order.settle(in_progress=True)
    shop.orders.save(order, at)
    return document


def _check(order: Order, wanted: Wanted) -> None:
    reasons = []
    if order.state in (HOLDED, CANCELED, CLOSED):
        label = LABELS[str(order.fields["status"])]
        reasons.append(f"A shipment cannot be created when an order has a status of {label}")
    elif not order.can_ship:
        reasons.append("The order does not allow a shipment to be created.")
    for row_id, qty in wanted.items():
        row = order.row(row_id)
        if row is not None and not row.is_child and not 0 <= qty <= row.to_ship:
            reasons.append(
                "The quantity to ship must not be greater than the unshipped quantity for product "
                f'SKU "{row.fields["sku"]}".'
            )
    if foreign(order, wanted):
        reasons.append(
            "The shipment contains one or more items that are not part of the original order."
        )
    if reasons:
        raise invalid("Shipment", reasons)


def create(shop: Shop, call: Call) -> Any:
    """The shipment's id comes as a text."""
    body = call.body()
    order = shop.orders.get(call.params["orderId"])
    call.work.kind = "ship"
    document = ship(shop, order, wanted_from(body))
    document.fields["tracks"] = list(body.get("tracks") or [])
    if body.get("appendComment", body.get("append_comment")):
        shop.shipments.comment(document, shop.now(), body.get("comment") or {})
    return str(document.id)


def _all(shop: Shop) -> documents.Documents:
    return shop.shipments


_SHIPMENT = "Magento_Sales::shipment"

ROUTES = (
    Route("POST", "order/{orderId:int}/ship", "Magento_Sales::ship", create),
    Route("GET", "shipments", _SHIPMENT, documents.search(_all)),
    Route("GET", "shipment/{id:int}", _SHIPMENT, documents.get(_all)),
)
