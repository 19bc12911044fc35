"""Carts as an integration reads them (recorded: cart_price_rules.json #34)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.cart_routes import CART, Find, for_all, item_rows
from connectors.magento.sandbox.cart_totals import is_virtual_cart
from connectors.magento.sandbox.carts import Cart, group_of
from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.customers import shown as customer_shown
from connectors.magento.sandbox.errors import Refused, internal, no_such
from connectors.magento.sandbox.inputs import parameter
from connectors.magento.sandbox.placing import CHECK, PAYMENT_METHODS
from connectors.magento.sandbox.routing import Call, Handler, Route
from connectors.magento.sandbox.stores import CURRENCY
from connectors.magento.sandbox.values import number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
_UNKNOWN = (
    *("region", "region_id", "region_code", "country_id", "telephone", "postcode", "city"),
    *("firstname", "lastname"),
)
_MORE = ("company", "vat_id", "customer_address_id")
_CURRENCY = {
    "global_currency_code": CURRENCY,
    "base_currency_code": CURRENCY,
    "store_currency_code": CURRENCY,
    "quote_currency_code": CURRENCY,
    "store_to_base_rate": 0,
    "store_to_quote_rate": 0,
    "base_to_global_rate": 1,
    "base_to_quote_rate": 1,
}
_COLUMNS = {
    "entity_id": lambda cart: cart.id,
    "store_id": lambda cart: 1,
    "is_active": lambda cart: int(cart.is_active),
    "created_at": lambda cart: cart.created_at,
    "updated_at": lambda cart: cart.updated_at,
    "customer_id": lambda cart: cart.customer_id or None,
    "items_count": lambda cart: len(cart.items),
    "items_qty": lambda cart: cart.pieces,
    "coupon_code": lambda cart: cart.coupon or None,
}


def shown(shop: Shop, cart: Cart) -> Row:
    items = item_rows(shop, cart)
    customer = shop.customers.rows.get(cart.customer_id)
    email = customer["email"] if customer else cart.email or None
    shipping = _address(cart, cart.shipping, 2 * cart.id, email) | {"same_as_billing": 1}
    group = shop.groups.rows[group_of(shop, cart)]
    currency, rate = shop.shown_currency
    return {
        "id": cart.id,
        "created_at": cart.created_at,
        "updated_at": cart.updated_at,
        "is_active": cart.is_active,
        "is_virtual": bool(items) and is_virtual_cart(shop, cart),
        "items": items,
        "items_count": len(items),
        "items_qty": number(cart.pieces),
        "customer": customer_shown(customer) if customer else _nobody(),
        "billing_address": _address(cart, cart.billing, 2 * cart.id - 1, email),
        "orig_order_id": 0,
        "currency": {
            **_CURRENCY,
            "quote_currency_code": currency,
            "base_to_quote_rate": number(rate),
        },
        "customer_is_guest": not cart.customer_id,
        "customer_note_notify": True,
        "customer_tax_class_id": group["tax_class_id"],
        "store_id": 1,
        "extension_attributes": {
            "shipping_assignments": [
                {"shipping": {"address": shipping, "method": cart.method or None}, "items": items}
            ]
        },
    }


def _nobody() -> Row:
    return {"email": None, "firstname": None, "lastname": None}


def _address(cart: Cart, given: Row | None, address_id: int, email: str | None) -> Row:
    """All its fields are there, even of one that nobody gave yet."""
    source = given or {}
    return {
        "id": address_id,
        **{name: source.get(name) for name in _UNKNOWN},
        "street": source.get("street") or [""],
        **({"customer_id": cart.customer_id} if cart.customer_id else {}),
        "email": source.get("email") or email,
        "same_as_billing": 0,
        "save_in_address_book": 0,
        **{name: source[name] for name in _MORE if source.get(name)},
    }


# -- services -------------------------------------------------------------------------------


def search(shop: Shop, call: Call) -> Any:
    criteria = criteria_from(call.query, largest_page=shop.largest_page)
    everyone = [*shop.carts.rows.values(), *shop.carts.ordered.values()]
    rows, total = select(everyone, criteria, _COLUMNS, lambda name: internal())
    call.work.rows = len(rows)
    return answer([shown(shop, cart) for cart in rows], criteria, total)


def get(shop: Shop, call: Call) -> Any:
    """One that was ordered is still shown."""
    cart_id = call.params["cartId"]
    cart = shop.carts.rows.get(cart_id) or shop.carts.ordered.get(cart_id)
    if cart is None:
        raise no_such("cartId", cart_id)
    return shown(shop, cart)


def chosen_payment(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        return {"method": cart.payment} if cart.payment else None

    return service


def choose_payment(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        method = (parameter(call.body(), "method", "any") or {}).get("method")
        if method not in PAYMENT_METHODS:
            raise Refused(400, "The requested Payment Method is not available.")
        call.work.kind = "write"
        cart.payment = method or CHECK
        shop.carts.touch(cart)
        return str(cart.id)

    return service


ROUTES = (
    Route("GET", "carts/search", CART, search),
    Route("GET", "carts/{cartId:int}", CART, get),
    *for_all("GET", "/selected-payment-method", chosen_payment),
    *for_all("PUT", "/selected-payment-method", choose_payment),
)
