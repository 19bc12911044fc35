"""From a cart to an order: addresses, shipping, payment (recorded: orders.json #22, #23,
cart_price_rules.json #36, #37)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import cart_totals
from connectors.magento.sandbox.addresses import COUNTRIES
from connectors.magento.sandbox.cart_routes import Find, for_all, for_shoppers
from connectors.magento.sandbox.cart_totals import SHIPPING_METHOD, is_virtual_cart, totals
from connectors.magento.sandbox.carts import Cart
from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.inputs import parameter
from connectors.magento.sandbox.module_carts import collect
from connectors.magento.sandbox.module_vouchers import check_coupon
from connectors.magento.sandbox.placing import CHECK, FREE, PAYMENT_METHODS, place
from connectors.magento.sandbox.routing import Call, Handler
from connectors.magento.sandbox.values import converted, number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Address = dict[str, Any]

_REQUIRED = {
    "firstname": "firstname",
    "lastname": "lastname",
    "street": "street",
    "city": "city",
    "telephone": "telephone",
    "postcode": "postcode",
    "country_id": "countryId",
}


# -- what a cart is told --------------------------------------------------------------------


def set_shipping(shop: Shop, cart: Cart, information: dict[str, Any]) -> None:
    """Raises Refused, in the order of the shop's own checks."""
    address = information.get("shipping_address") or {}
    if not cart.items:
        raise Refused(
            400,
            "The shipping method can't be set for an empty cart. "
            "Add an item to cart and try again.",
        )
    if not address.get("country_id"):
        raise Refused(400, "The shipping address is missing. Set the address and try again.")
    carrier = information.get("shipping_carrier_code")
    method = f"{carrier}_{information.get('shipping_method_code')}"
    if method != SHIPPING_METHOD or address["country_id"] not in COUNTRIES:
        parts = [carrier, information.get("shipping_method_code")]
        raise Refused(404, "Carrier with such method not found: %1, %2", parts)
    cart.shipping, cart.method = address, method
    shop.carts.touch(cart)
    cart.billing = information.get("billing_address") or cart.billing or address
    cart.email = cart.email or str(address.get("email") or cart.billing.get("email") or "")
    collect(shop, cart)


def shipping_information(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        given = parameter(call.body(), "addressInformation", "any")
        call.work.kind = "write"
        set_shipping(shop, cart, given)
        return _payment_details(shop, cart)

    return service


def _payment_details(shop: Shop, cart: Cart) -> dict[str, Any]:
    return {
        "payment_methods": _methods(shop, cart),
        "totals": cart_totals.shown(cart, totals(shop, cart), shop.shown_currency),
    }


def available_methods(shop: Shop, cart: Cart) -> dict[str, str]:
    """Code to title: what costs nothing is paid without a payment, all else by check."""
    wanted = CHECK if totals(shop, cart).grand_total else FREE
    return {wanted: PAYMENT_METHODS[wanted]}


def _methods(shop: Shop, cart: Cart) -> list[dict[str, str]]:
    found = available_methods(shop, cart)
    return [{"code": code, "title": title} for code, title in found.items()]


def payment_methods(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        return _methods(shop, find(shop, call))

    return service


def payment_details(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        return _payment_details(shop, find(shop, call))

    return service


def shipping_methods(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        if not cart.items or is_virtual_cart(shop, cart):
            return []
        probe = Cart(cart.id, cart.customer_id, items=cart.items, method=SHIPPING_METHOD)
        shipping, (_, rate) = totals(shop, probe).shipping, shop.shown_currency
        amount = number(converted(shipping, rate))
        return [
            {
                "carrier_code": "flatrate",
                "method_code": "flatrate",
                "carrier_title": "Flat Rate",
                "method_title": "Fixed",
                "amount": amount,
                "base_amount": number(shipping),
                "available": True,
                "error_message": "",
                "price_excl_tax": amount,
                "price_incl_tax": amount,
            }
        ]

    return service


def set_billing(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        cart.billing = parameter(call.body(), "address", "any")
        call.work.kind = "write"
        collect(shop, cart)
        return cart.id

    return service


# -- ordering -------------------------------------------------------------------------------


def order(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        return submit(shop, call, cart, call.body().get("paymentMethod"))

    return service


def pay_and_order(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart, body = find(shop, call), call.body()
        if isinstance(body.get("billingAddress"), dict):
            cart.billing = body["billingAddress"]
        if body.get("email"):
            cart.email = str(body["email"])
        return submit(shop, call, cart, parameter(body, "paymentMethod", "any"))

    return service


def submit(shop: Shop, call: Call, cart: Cart, payment: Any) -> str:
    """The order's id comes as a text (recorded: #23). Raises Refused."""
    check_coupon(shop, cart)
    collect(shop, cart)
    method = payment.get("method") if isinstance(payment, dict) else None
    if method is not None and method not in available_methods(shop, cart):
        raise Refused(400, "The requested Payment Method is not available.")
    _check(shop, cart)
    if method is None:
        raise Refused(400, "Enter a valid payment method and try again.")
    call.work.kind = "place_order"
    cart.referral = call.referral or cart.referral
    return str(place(shop, cart, method=method).id)


def _check(shop: Shop, cart: Cart) -> None:
    """As Magento\\Quote\\Model\\ValidationRules."""
    if not cart.items:
        raise Refused(
            400,
            "A server error stopped your order from being placed. "
            "Please try to place your order again.",
        )
    if not is_virtual_cart(shop, cart):
        _check_address(cart.shipping, "shipping")
        if not cart.method:
            raise Refused(
                400, "The shipping method is missing. Select the shipping method and try again."
            )
    _check_address(cart.billing, "billing")
    if not cart.customer_id and not cart.email:
        raise Refused(400, "Email has a wrong format")


def _check_address(address: Address | None, kind: str) -> None:
    given = address or {}
    missing = [shown for name, shown in _REQUIRED.items() if not _filled(given.get(name))]
    if missing:
        reasons = " ".join(f'"{name}" is required. Enter and try again.' for name in missing)
        raise Refused(400, f"Please check the {kind} address information. %1", [reasons])


def _filled(value: Any) -> bool:
    return any(value) if isinstance(value, list) else bool(value)


ROUTES = (
    *for_all("POST", "/shipping-information", shipping_information),
    *for_all("POST", "/billing-address", set_billing),
    *for_all("GET", "/shipping-methods", shipping_methods),
    *for_all("POST", "/estimate-shipping-methods", shipping_methods),
    *for_all("GET", "/payment-methods", payment_methods),
    *for_shoppers("GET", "/payment-information", payment_details),
    *for_shoppers("POST", "/payment-information", pay_and_order),
    *for_all("PUT", "/order", order),
)
