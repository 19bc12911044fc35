"""Services of orders: reading, cancelling, holding, commenting (recorded: orders.json #12 to
#19, #25); and editing, which Magento has in its admin only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.carts import Cart, put
from connectors.magento.sandbox.criteria import answer, criteria_from
from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.inputs import parameter
from connectors.magento.sandbox.module_vouchers import release
from connectors.magento.sandbox.order_shown import row_shown, shown
from connectors.magento.sandbox.orders import (
    CANCELED,
    COMPLETE,
    HOLDED,
    PROCESSING,
    STATUSES,
    ZERO,
    Order,
    OrderRow,
)
from connectors.magento.sandbox.placing import count_use, place
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

_FIELDS = (
    *("entity_id", "increment_id", "state", "status", "created_at", "updated_at", "store_id"),
    *(
        "store_name",
        "quote_id",
        "coupon_code",
        "customer_id",
        "customer_email",
        "customer_group_id",
    ),
    *("customer_firstname", "customer_lastname", "customer_middlename", "customer_is_guest"),
    *("customer_dob", "customer_gender", "customer_prefix", "customer_suffix", "customer_taxvat"),
    *("customer_note", "customer_note_notify", "billing_address_id", "applied_rule_ids"),
    *("is_virtual", "email_sent", "protect_code", "remote_ip", "shipping_description", "weight"),
    *("base_currency_code", "global_currency_code", "order_currency_code", "store_currency_code"),
    *("total_item_count", "total_qty_ordered", "original_increment_id", "edit_increment"),
    *("relation_parent_id", "relation_parent_real_id", "relation_child_id"),
    *("relation_child_real_id", "discount_description", "hold_before_state"),
    *("hold_before_status", "ext_order_id", "ext_customer_id", "x_forwarded_for"),
)
_AMOUNTS = (
    *("adjustment_negative", "adjustment_positive", "discount_amount", "discount_canceled"),
    *("discount_invoiced", "discount_refunded", "grand_total", "shipping_amount"),
    *("shipping_canceled", "shipping_invoiced", "shipping_refunded", "shipping_incl_tax"),
    *("subtotal", "subtotal_canceled", "subtotal_incl_tax", "subtotal_invoiced"),
    *("subtotal_refunded", "tax_amount", "tax_canceled", "tax_invoiced", "tax_refunded"),
    *("total_canceled", "total_due", "total_invoiced", "total_offline_refunded"),
    *("total_online_refunded", "total_paid", "total_refunded"),
)


def _field(name: str) -> Callable[[Order], Any]:
    return lambda order: order.fields.get(name)


def _amount(name: str) -> Callable[[Order], Any]:
    return lambda order: order.money.get(name)


COLUMNS: dict[str, Callable[[Order], Any]] = {
    **{name: _field(name) for name in _FIELDS},
    **{f"{base}{name}": _amount(name) for base in ("", "base_") for name in _AMOUNTS},
}


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    rows, total = shop.orders.entries.search(criteria, COLUMNS)
    call.work.kind, call.work.rows = "orders", len(rows)
    return answer([shown(order) for order in rows], criteria, total)


def get(shop: Shop, call: Call) -> Any:
    return shown(shop.orders.get(call.params["id"]))


def statuses(shop: Shop, call: Call) -> Any:
    return shop.orders.get(call.params["id"]).fields["status"]


def get_row(shop: Shop, call: Call) -> Any:
    for order in shop.orders.entries.rows.values():
        row = order.row(call.params["id"])
        if row is not None:
            return row_shown(row, order.rate)
    raise Refused(
        404, "The entity that was requested doesn't exist. Verify the entity and try again."
    )


# -- cancelling -----------------------------------------------------------------------------


def cancel(shop: Shop, order: Order) -> bool:
    """What is not paid for is called off; False where nothing is left (recorded: #14)."""
    if not order.can_cancel:
        return False
    at = shop.now()
    state = _state_after(order)
    for row in order.rows:
        _cancel_row(shop, order, row, at)
    discount = -order.amount("discount_amount")
    for name, whole, done in (
        ("subtotal_canceled", order.amount("subtotal"), "subtotal_invoiced"),
        ("tax_canceled", order.amount("tax_amount"), "tax_invoiced"),
        ("shipping_canceled", order.amount("shipping_amount"), "shipping_invoiced"),
        ("discount_canceled", discount, "discount_invoiced"),
        ("total_canceled", order.amount("grand_total"), "total_paid"),
    ):
        order.money[name] = whole - abs(order.amount(done))
    order.set_state(state)
    shop.orders.save(order, at)
    count_use(shop, order, -1)
    if state == CANCELED:
        release(shop, order.number)
    return True


def _state_after(order: Order) -> str:
    """Paid rows keep the order alive: until they are sent, or complete."""
    paid = [row for row in order.rows if row.to_refund]
    if not paid:
        return CANCELED
    return PROCESSING if any(row.to_ship > row.to_cancel for row in paid) else COMPLETE


def _cancel_row(shop: Shop, order: Order, row: OrderRow, at: str) -> None:
    qty = row.to_cancel
    if qty:
        last = (row, *order.children(row))[-1]
        shop.stock.reserve(last.product_id, -qty)
    row.qty.canceled += qty
    part = qty / row.qty.ordered
    hidden = row.money.get("discount_tax_compensation_amount", ZERO)
    row.fields |= {
        "tax_canceled": row.fields.get("tax_canceled", ZERO) + row.money["tax_amount"] * part,
        "discount_tax_compensation_canceled": hidden * part,
        "updated_at": at,
    }


def cancel_order(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    return cancel(shop, shop.orders.get(call.params["id"]))


# -- holding --------------------------------------------------------------------------------


def hold(shop: Shop, call: Call) -> Any:
    order = shop.orders.get(call.params["id"])
    if order.state not in ("new", PROCESSING):
        raise Refused(400, "A hold action is not available.")
    call.work.kind = "write"
    order.fields["hold_before_state"] = order.fields["state"]
    order.fields["hold_before_status"] = order.fields["status"]
    order.set_state(HOLDED)
    shop.orders.save(order, shop.now())
    return True


def unhold(shop: Shop, call: Call) -> Any:
    order = shop.orders.get(call.params["id"])
    if order.state != HOLDED:
        raise Refused(400, "You cannot remove the hold.")
    call.work.kind = "write"
    order.fields["state"] = order.fields.pop("hold_before_state")
    order.fields["status"] = order.fields.pop("hold_before_status")
    shop.orders.save(order, shop.now())
    return True


# -- commenting -----------------------------------------------------------------------------


def comment(shop: Shop, call: Call) -> Any:
    """The comment's status becomes the order's; its state stays."""
    order = shop.orders.get(call.params["id"])
    given = parameter(call.body(), "statusHistory", "any")
    status = given.get("status")
    if status and status not in STATUSES.values():
        raise Refused(
            400,
            'Unable to add comment: The status "%1" is not part of the order status history.',
            [status],
        )
    call.work.kind = "write"
    at = shop.now()
    known = ("comment", "is_customer_notified", "is_visible_on_front", "status")
    shop.orders.comment(order, at, **{name: given.get(name) for name in known})
    order.fields["status"] = status or order.fields["status"]
    shop.orders.save(order, at)
    return True


def comments(shop: Shop, call: Call) -> Any:
    order = shop.orders.get(call.params["id"])
    found = [dict(one) for one in reversed(order.history)]
    return {"items": found, "search_criteria": {"filter_groups": []}, "total_count": len(found)}


# -- editing --------------------------------------------------------------------------------


def edit(shop: Shop, order: Order, changes: Mapping[str, Decimal | int]) -> Order:
    """As the admin does: the order is cancelled, another one takes its place.

    ``changes``: SKU as sold to the new quantity, 0 takes it out; others stay as they are.
    Raises Refused where the order cannot be edited any more, is on hold, or lacks stock.
    """
    if not order.can_cancel or any(row.qty.invoiced for row in order.rows):
        raise Refused(400, "You cannot edit this order.")
    cart = _copied(shop, order)
    _fill(shop, cart, order, dict(changes))
    cancel(shop, order)
    return _replaced(shop, order, cart)


def _fill(shop: Shop, cart: Cart, order: Order, wanted: dict[str, Decimal | int]) -> None:
    """What the order holds of the stock counts as free meanwhile. Raises Refused."""
    held = [(row.product_id, row.qty.ordered) for row in order.rows if not order.children(row)]
    for product_id, qty in held:
        shop.stock.reserve(product_id, -qty)
    try:
        for row in order.rows:
            if not row.is_child and not (row.gift and shop.module.works):
                _copy_row(shop, cart, row, wanted.pop(str(row.fields["sku"]), row.qty.ordered))
        for sku, pieces in wanted.items():
            if pieces:
                put(shop, cart, shop.products.get(sku), pieces)
    finally:
        for product_id, qty in held:
            shop.stock.reserve(product_id, qty)
    if not cart.items:
        raise Refused(400, "You need to specify order items.")


def _copied(shop: Shop, order: Order) -> Cart:
    fields = order.fields
    cart = Cart(
        0,
        fields.get("customer_id") or 0,
        email=fields["customer_email"],
        shipping=order.shipping,
        billing=order.billing,
        method=order.method,
        coupon=fields.get("coupon_code") or "",
    )
    return shop.carts.adopt(cart)


def _copy_row(shop: Shop, cart: Cart, row: OrderRow, qty: Decimal | int) -> None:
    product = shop.products.rows.get(row.fields["product_id"])
    if product is not None and qty:
        put(shop, cart, product, qty, row.fields.get("product_option"))


def _replaced(shop: Shop, order: Order, cart: Cart) -> Order:
    first = order.fields.get("original_increment_id") or order.number
    times = int(order.fields.get("edit_increment") or 0) + 1
    new = place(shop, cart, method=order.payment_code, number=f"{first}-{times}")
    new.fields |= {
        "edit_increment": str(times),
        "original_increment_id": first,
        "relation_parent_id": str(order.id),
        "relation_parent_real_id": order.number,
    }
    order.fields |= {"relation_child_id": str(new.id), "relation_child_real_id": new.number}
    return new


_VIEW, _CANCEL = "Magento_Sales::actions_view", "Magento_Sales::cancel"

ROUTES = (
    Route("GET", "orders", _VIEW, search),
    Route("GET", "orders/{id:int}", _VIEW, get),
    Route("GET", "orders/{id:int}/statuses", "Magento_Sales::sales", statuses),
    Route("GET", "orders/items/{id:int}", "Magento_Sales::sales", get_row),
    Route("POST", "orders/{id:int}/cancel", _CANCEL, cancel_order),
    Route("POST", "orders/{id:int}/hold", "Magento_Sales::hold", hold),
    Route("POST", "orders/{id:int}/unhold", "Magento_Sales::unhold", unhold),
    Route("POST", "orders/{id:int}/comments", "Magento_Sales::comment", comment),
    Route("GET", "orders/{id:int}/comments", "Magento_Sales::actions_view", comments),
)
