"""A cart becomes an order."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.cart_totals import (
    SHIPPING_TITLE,
    CartLine,
    Totals,
    is_virtual_cart,
    totals,
)
from connectors.magento.sandbox.carts import Cart, is_virtual
from connectors.magento.sandbox.module_carts import collect
from connectors.magento.sandbox.module_vouchers import check_coupon, claim
from connectors.magento.sandbox.order_shown import PAYMENT_TITLES
from connectors.magento.sandbox.orders import NEW, STATUSES, ZERO, Order, OrderRow, Quantities
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.sales_rules import Use
from connectors.magento.sandbox.stores import CURRENCY, STORE_VIEW
from connectors.magento.sandbox.values import number as shown_number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

CHECK, FREE = "checkmo", "free"
PAYMENT_METHODS = PAYMENT_TITLES
STORE_NAME = f"Main Website\nMain Website Store\n{STORE_VIEW}"

_CURRENCIES = {
    "base_currency_code": CURRENCY,
    "global_currency_code": CURRENCY,
    "order_currency_code": CURRENCY,
    "store_currency_code": CURRENCY,
    "base_to_global_rate": 1,
    "base_to_order_rate": 1,
    "store_to_base_rate": 0,
    "store_to_order_rate": 0,
}
CURRENCIES = _CURRENCIES
_ADDRESS = (
    *("city", "company", "country_id", "fax", "firstname", "lastname", "middlename", "postcode"),
    *("prefix", "suffix", "telephone", "vat_id", "customer_address_id"),
)
_PERSON = ("dob", "gender", "middlename", "prefix", "suffix", "taxvat")


def place(shop: Shop, cart: Cart, *, method: str = CHECK, number: str = "") -> Order:
    """Makes the order, reserves its stock, closes the cart. What is given has been checked, but
    for a voucher that is taken once: raises Refused.

    ``number``: of an order that takes another's place; else the next one.
    """
    check_coupon(shop, cart)
    collect(shop, cart)
    found = totals(shop, cart)
    order = _order(shop, cart, found, method, number or shop.orders.number())
    for line in found.lines:
        order.rows.extend(_rows(shop, order, line))
        shop.stock.reserve(line.product.id, line.item.qty)
    order.fields["weight"] = sum(
        (_weight(line.product) * line.item.qty for line in found.lines), ZERO
    )
    claim(shop, cart, order.number)
    shop.carts.close(cart)
    count_use(shop, order, 1)
    return shop.orders.add(order)


def count_use(shop: Shop, order: Order, change: int) -> None:
    """Goes into the queue; whether it is ever counted depends on the consumers."""
    fields = order.fields
    rule_ids = tuple(int(one) for one in (fields["applied_rule_ids"] or "").split(",") if one)
    if rule_ids:
        who, code = fields.get("customer_id") or 0, fields["coupon_code"] or ""
        shop.sales_rules.queue.append(Use(rule_ids, code, who, change))


def _order(shop: Shop, cart: Cart, found: Totals, method: str, number: str) -> Order:
    order_id, at = shop.orders.next_id, shop.now()
    virtual = is_virtual_cart(shop, cart)
    who = _buyer(shop, cart)
    email = who["customer_email"]
    shipping = None if virtual else _address(shop, order_id, "shipping", cart.shipping, email)
    billing = _address(shop, order_id, "billing", cart.billing or cart.shipping, email)
    currency, rate = shop.shown_currency
    fields = {
        **_CURRENCIES,
        "order_currency_code": currency,
        "base_to_order_rate": shown_number(rate),
        **who,
        "applied_rule_ids": ",".join(map(str, found.rule_ids)) or None,
        "billing_address_id": billing["entity_id"],
        "coupon_code": cart.coupon or None,
        "created_at": at,
        "customer_note_notify": 1,
        "discount_description": found.discount_description or None,
        "email_sent": 1,
        "entity_id": order_id,
        "increment_id": number,
        "is_virtual": int(virtual),
        "protect_code": hashlib.md5(number.encode(), usedforsecurity=False).hexdigest(),
        "quote_id": cart.id,
        "remote_ip": "127.0.0.1",
        "shipping_description": None if virtual else SHIPPING_TITLE,
        "state": NEW,
        "status": STATUSES[NEW],
        "store_id": 1,
        "store_name": STORE_NAME,
        "total_item_count": len(found.lines),
        "total_qty_ordered": cart.pieces,
        "updated_at": at,
    }
    return Order(
        order_id,
        fields,
        _money(found),
        [],
        billing,
        shipping,
        cart.method,
        {"amount_ordered": found.grand_total, "shipping_amount": found.shipping},
        tax_codes=found.tax_by_rate(),
        payment_code=method,
        referral=cart.referral if shop.module.works else "",
    )


def _money(found: Totals) -> dict[str, Decimal]:
    return {
        "discount_amount": -found.discount,
        "grand_total": found.grand_total,
        "discount_tax_compensation_amount": found.compensation,
        "shipping_amount": found.shipping,
        "shipping_discount_amount": ZERO,
        "shipping_discount_tax_compensation_amount": ZERO,
        "shipping_incl_tax": found.shipping,
        "shipping_tax_amount": ZERO,
        "subtotal": found.subtotal,
        "subtotal_incl_tax": found.subtotal_incl_tax,
        "tax_amount": found.tax,
        "total_due": found.grand_total,
    }


def _buyer(shop: Shop, cart: Cart) -> dict[str, Any]:
    """A guest is known by the billing address, and has no group (recorded: orders.json #24)."""
    if not cart.customer_id:
        address = cart.billing or cart.shipping or {}
        return {
            "customer_email": cart.email,
            "customer_firstname": address.get("firstname"),
            "customer_lastname": address.get("lastname"),
            "customer_is_guest": 1,
        }
    row = shop.customers.get(cart.customer_id)
    more = {f"customer_{name}": row.get(name) for name in _PERSON}
    if more["customer_dob"]:
        more["customer_dob"] = f"{str(more['customer_dob'])[:10]} 00:00:00"
    return {
        **more,
        "customer_email": row["email"],
        "customer_firstname": row["firstname"],
        "customer_lastname": row["lastname"],
        "customer_group_id": row["group_id"],
        "customer_id": row["id"],
        "customer_is_guest": 0,
    }


def _address(
    shop: Shop, order_id: int, kind: str, given: dict[str, Any] | None, email: str
) -> dict[str, Any]:
    source = given or {}
    region = source.get("region")
    if isinstance(region, dict):
        source = {**source, **region}
    street = source.get("street") or []
    row = {
        "address_type": kind,
        **{name: source[name] for name in _ADDRESS if source.get(name)},
        "email": source.get("email") or email,
        "entity_id": shop.orders.next_address_id,
        "parent_id": order_id,
        "street": street if isinstance(street, list) else [str(street)],
    }
    for name in ("region", "region_code", "region_id"):
        if source.get(name) and not isinstance(source[name], dict):
            row[name] = source[name]
    shop.orders.next_address_id += 1
    return row


# -- rows -----------------------------------------------------------------------------------


def _rows(shop: Shop, order: Order, line: CartLine) -> list[OrderRow]:
    row = _row(shop, order, line)
    return [row] if line.parent is None else [row, _child(shop, order, line, row)]


def _common(shop: Shop, order: Order, product: Product, sku: str) -> dict[str, Any]:
    at = order.fields["created_at"]
    row_id = shop.orders.next_row_id
    shop.orders.next_row_id += 1
    return {
        "created_at": at,
        "discount_percent": 0,
        "free_shipping": 0,
        "is_qty_decimal": 0,
        "is_virtual": int(is_virtual(product)),
        "item_id": row_id,
        "name": product.name,
        "no_discount": 0,
        "order_id": order.id,
        "product_id": product.id,
        "product_type": product.type_id,
        "row_weight": 0,
        "sku": sku,
        "store_id": 1,
        "tax_percent": 0,
        "updated_at": at,
    }


def _row(shop: Shop, order: Order, line: CartLine) -> OrderRow:
    fields = {
        **_common(shop, order, line.front, line.product.sku),
        "applied_rule_ids": ",".join(map(str, line.rule_ids)) or None,
        "discount_percent": line.discount_percent,
        "quote_item_id": line.item.id,
        "tax_percent": line.tax_percent,
        "weight": line.product.weight,
    }
    if line.item.option is not None:
        fields["product_option"] = line.item.option
    if line.item.gift:
        fields |= {"free_shipping": 1, "no_discount": 1}
    money = {
        "amount_refunded": ZERO,
        "discount_amount": line.discount,
        "discount_invoiced": ZERO,
        "discount_tax_compensation_amount": line.money.compensation,
        "original_price": line.product.price or ZERO,
        "price": line.money.price,
        "price_incl_tax": line.money.price_incl_tax,
        "row_invoiced": ZERO,
        "row_total": line.money.row_total,
        "row_total_incl_tax": line.money.row_total_incl_tax,
        "tax_amount": line.money.tax,
        "tax_invoiced": ZERO,
    }
    return OrderRow(
        fields["item_id"],
        Quantities(line.item.qty),
        fields,
        money,
        taxes=line.taxes,
        product_id=line.product.id,
        gift=line.item.gift,
    )


_NOTHING = (
    *("amount_refunded", "discount_amount", "discount_invoiced", "price", "row_invoiced"),
    *("row_total", "tax_amount", "tax_invoiced"),
)


def _child(shop: Shop, order: Order, line: CartLine, parent: OrderRow) -> OrderRow:
    """The simple product behind a configurable: no money (recorded:
    orders_composite_and_tax.json #5)."""
    fields = {
        **_common(shop, order, line.product, line.product.sku),
        "original_price": 0,
        "quote_item_id": line.item.child_item_id,
        "weight": line.product.weight,
    }
    return OrderRow(
        fields["item_id"],
        Quantities(line.item.qty),
        fields,
        dict.fromkeys(_NOTHING, ZERO),
        parent=parent,
        product_id=line.product.id,
    )


def _weight(product: Product) -> Decimal:
    return product.weight or ZERO
