"""Carts: enough to see what a shopper pays (shapes: cart_price_rules.json #20 to #30).

Without tax, shipping and price rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused, no_product, no_such
from connectors.magento.sandbox.inputs import Type, parameter
from connectors.magento.sandbox.prices_seen import Shopper, unit_price
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.routing import Call, Route
from connectors.magento.sandbox.stores import CURRENCY
from connectors.magento.sandbox.values import cents, number, quantity

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

MOST_PER_CART = 10_000

CART_ITEM = Type(
    "Magento\\Quote\\Api\\Data\\CartItemInterface",
    {
        "item_id": "int",
        "sku": "string",
        "qty": "float",
        "name": "string",
        "price": "float",
        "product_type": "string",
        "quote_id": "string",
        "product_option": "any",
        "extension_attributes": "any",
    },
)


@dataclass(slots=True)
class Item:
    id: int
    product_id: int
    """The simple product that is sold."""
    qty: Decimal
    parent_id: int = 0
    """The configurable it was chosen through."""
    option: dict[str, Any] | None = None


@dataclass(slots=True)
class Cart:
    id: int
    customer_id: int
    items: dict[int, Item] = field(default_factory=dict)


@dataclass(slots=True)
class Carts:
    rows: dict[int, Cart] = field(default_factory=dict)
    next_id: int = 1
    next_item_id: int = 1

    def of_customer(self, customer_id: int) -> Cart | None:
        return next((one for one in self.rows.values() if one.customer_id == customer_id), None)

    def open(self, customer_id: int) -> Cart:
        """The customer's cart; there is one at most (recorded: #20, #21)."""
        cart = self.of_customer(customer_id)
        if cart is None:
            cart = self.rows[self.next_id] = Cart(self.next_id, customer_id)
            self.next_id += 1
        return cart

    def drop_product(self, product_id: int) -> None:
        for cart in self.rows.values():
            gone = [one.id for one in cart.items.values() if one.product_id == product_id]
            for item_id in gone:
                del cart.items[item_id]

    def drop_customer(self, customer_id: int) -> None:
        cart = self.of_customer(customer_id)
        if cart is not None:
            del self.rows[cart.id]

    def get(self, cart_id: int) -> Cart:
        cart = self.rows.get(cart_id)
        if cart is None:
            raise no_such("cartId", cart_id)
        return cart


# -- what it costs --------------------------------------------------------------------------


def price_of(shop: Shop, cart: Cart, product: Product, qty: Decimal) -> Decimal:
    customer = shop.customers.get(cart.customer_id)
    by_website = shop.faults.shop["price_scope"] == "website"
    shopper = Shopper(customer["group_id"], customer["website_id"] if by_website else 0)
    special = product.attributes.get("special_price")
    return unit_price(
        product.price or Decimal(0),
        Decimal(special) if special else None,
        shop.tiers.of(product.id),
        shopper,
        qty,
    )


def _item(shop: Shop, cart: Cart, item: Item) -> dict[str, Any]:
    product = shop.products.rows[item.product_id]
    parent = shop.products.rows.get(item.parent_id)
    row: dict[str, Any] = {
        "item_id": item.id,
        "sku": product.sku,
        "qty": number(item.qty),
        "name": (parent or product).name,
        "price": number(price_of(shop, cart, product, item.qty)),
        "product_type": (parent or product).type_id,
        "quote_id": str(cart.id),
    }
    if item.option is not None:
        row["product_option"] = item.option
    return row


def _total(shop: Shop, cart: Cart, item: Item) -> dict[str, Any]:
    product = shop.products.rows[item.product_id]
    parent = shop.products.rows.get(item.parent_id)
    price = price_of(shop, cart, product, item.qty)
    unit, whole = number(price), number(cents(price * item.qty))
    return {
        "item_id": item.id,
        "price": unit,
        "base_price": unit,
        "qty": number(item.qty),
        "row_total": whole,
        "base_row_total": whole,
        "row_total_with_discount": 0,
        "tax_amount": 0,
        "base_tax_amount": 0,
        "tax_percent": 0,
        "discount_amount": 0,
        "base_discount_amount": 0,
        "discount_percent": 0,
        "price_incl_tax": unit,
        "base_price_incl_tax": unit,
        "row_total_incl_tax": whole,
        "base_row_total_incl_tax": whole,
        "options": json.dumps(_chosen(parent, product), separators=(",", ":")),
        "weee_tax_applied_amount": None,
        "weee_tax_applied": None,
        "name": (parent or product).name,
    }


def _chosen(parent: Product | None, product: Product) -> list[dict[str, str]]:
    if parent is None:
        return []
    return [
        {"value": product.choice_labels[one["attribute_id"]], "label": one["label"]}
        for one in parent.options
    ]


# -- services -------------------------------------------------------------------------------

Find = Callable[["Shop", Call], Cart]


def _by_id(shop: Shop, call: Call) -> Cart:
    return shop.carts.get(call.params["cartId"])


def _mine(shop: Shop, call: Call) -> Cart:
    assert call.customer_id is not None
    cart = shop.carts.of_customer(call.customer_id)
    if cart is None:
        raise no_such("customerId", call.customer_id)
    return cart


def open_for_customer(shop: Shop, call: Call) -> Any:
    shop.customers.get(call.params["customerId"])
    return shop.carts.open(call.params["customerId"]).id


def open_mine(shop: Shop, call: Call) -> Any:
    assert call.customer_id is not None
    return shop.carts.open(call.customer_id).id


def add(find: Find) -> Callable[[Shop, Call], Any]:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        given = parameter(call.body(), "cartItem", CART_ITEM, most=shop.most_items)
        product = shop.products.by_sku(given.get("sku") or "")
        if product is None:
            raise no_product()
        item = _put(shop, cart, product, given)
        return _item(shop, cart, item)

    return service


def _put(shop: Shop, cart: Cart, product: Product, given: dict[str, Any]) -> Item:
    sold = _sold(shop, product, given.get("product_option"))
    same = next((one for one in cart.items.values() if one.product_id == sold.id), None)
    qty = quantity(given.get("qty") or 1) + (same.qty if same else 0)
    if qty > MOST_PER_CART:
        raise Refused(400, "The requested qty exceeds the maximum qty allowed in shopping cart")
    if qty > sold.stock:
        raise Refused(400, "The requested qty is not available")
    if same is not None:
        same.qty = qty
        return same
    item = Item(shop.carts.next_item_id, sold.id, qty)
    if sold is not product:
        item.parent_id, item.option = product.id, given.get("product_option")
    shop.carts.next_item_id += 1
    cart.items[item.id] = item
    return item


def _sold(shop: Shop, product: Product, option: Any) -> Product:
    """The simple product itself, or the child that was chosen."""
    if product.type_id != "configurable":
        return product
    extension = (option or {}).get("extension_attributes") or {}
    chosen = {
        str(one.get("option_id")): int(one.get("option_value", 0))
        for one in extension.get("configurable_item_options") or []
    }
    children = [shop.products.rows[one] for one in product.child_ids]
    found = next((one for one in children if chosen and one.choices == chosen), None)
    if found is None:
        raise Refused(400, "You need to choose options for your item.")
    return found


def items(find: Find) -> Callable[[Shop, Call], Any]:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        return [_item(shop, cart, item) for item in cart.items.values()]

    return service


def remove(find: Find) -> Callable[[Shop, Call], Any]:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        item_id = call.params["itemId"]
        if item_id not in cart.items:
            raise Refused(404, "The %1 Cart doesn't contain the %2 item.", [cart.id, item_id])
        del cart.items[item_id]
        return True

    return service


def totals(find: Find) -> Callable[[Shop, Call], Any]:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        rows = [_total(shop, cart, item) for item in cart.items.values()]
        subtotal = number(sum((Decimal(str(row["row_total"])) for row in rows), Decimal(0)))
        pieces = number(sum((item.qty for item in cart.items.values()), Decimal(0)))
        return _sums(subtotal, pieces, rows)

    return service


def _sums(subtotal: float, pieces: float, rows: list[dict[str, Any]]) -> dict[str, Any]:
    nothing = dict.fromkeys(("shipping_amount", "shipping_discount_amount", "tax_amount"), 0)
    money = {"grand_total": subtotal, "subtotal": subtotal, "discount_amount": 0}
    money |= {"subtotal_with_discount": subtotal, **nothing}
    both: dict[str, Any] = {}
    for name, value in money.items():
        both |= {name: value, f"base_{name}": value}
    return {
        **both,
        "weee_tax_applied_amount": None,
        "shipping_tax_amount": 0,
        "base_shipping_tax_amount": 0,
        "subtotal_incl_tax": subtotal,
        "shipping_incl_tax": 0,
        "base_shipping_incl_tax": 0,
        "base_currency_code": CURRENCY,
        "quote_currency_code": CURRENCY,
        "items_qty": pieces,
        "items": rows,
        "total_segments": [
            {"code": "subtotal", "title": "Subtotal", "value": subtotal},
            {"code": "shipping", "title": "Shipping & Handling", "value": 0},
            {
                "code": "tax",
                "title": "Tax",
                "value": 0,
                "extension_attributes": {"tax_grandtotal_details": []},
            },
            {"code": "grand_total", "title": "Grand Total", "value": subtotal, "area": "footer"},
        ],
    }


_CART = "Magento_Cart::manage"

ROUTES = (
    Route("POST", "customers/{customerId:int}/carts", _CART, open_for_customer),
    Route("POST", "carts/{cartId:int}/items", _CART, add(_by_id)),
    Route("GET", "carts/{cartId:int}/items", _CART, items(_by_id)),
    Route("DELETE", "carts/{cartId:int}/items/{itemId:int}", _CART, remove(_by_id)),
    Route("GET", "carts/{cartId:int}/totals", _CART, totals(_by_id)),
    Route("POST", "carts/mine", "self", open_mine),
    Route("POST", "carts/mine/items", "self", add(_mine)),
    Route("GET", "carts/mine/items", "self", items(_mine)),
    Route("DELETE", "carts/mine/items/{itemId:int}", "self", remove(_mine)),
    Route("GET", "carts/mine/totals", "self", totals(_mine)),
)
