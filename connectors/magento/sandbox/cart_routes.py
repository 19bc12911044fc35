"""The services of carts, each for three callers: by id, a signed-in shopper's, a guest's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import cart_totals
from connectors.magento.sandbox.cart_totals import CartLine, totals
from connectors.magento.sandbox.carts import CART_ITEM, Cart, Item, change, put
from connectors.magento.sandbox.errors import Refused, no_product, no_such
from connectors.magento.sandbox.inputs import parameter
from connectors.magento.sandbox.module_carts import collect
from connectors.magento.sandbox.routing import Call, Handler, Route
from connectors.magento.sandbox.sales_rules import label_of
from connectors.magento.sandbox.stores import STORE_IDS
from connectors.magento.sandbox.values import converted, number

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Find = Callable[["Shop", Call], Cart]
CART = "Magento_Cart::manage"


def by_id(shop: Shop, call: Call) -> Cart:
    return shop.carts.get(call.params["cartId"])


def mine(shop: Shop, call: Call) -> Cart:
    assert call.customer_id is not None
    cart = shop.carts.of_customer(call.customer_id)
    if cart is None:
        raise no_such("customerId", call.customer_id)
    return cart


def guests(shop: Shop, call: Call) -> Cart:
    return shop.carts.masked(call.params["mask"])


def for_all(method: str, rest: str, service: Callable[[Find], Handler]) -> tuple[Route, ...]:
    """``rest``: what follows the cart in the path."""
    by_number = Route(method, f"carts/{{cartId:int}}{rest}", CART, service(by_id))
    return (by_number, *for_shoppers(method, rest, service))


def for_shoppers(method: str, rest: str, service: Callable[[Find], Handler]) -> tuple[Route, ...]:
    """What an integration cannot do for them."""
    return (
        Route(method, f"carts/mine{rest}", "self", service(mine)),
        Route(method, f"guest-carts/{{mask}}{rest}", "anonymous", service(guests)),
    )


# -- opening --------------------------------------------------------------------------------


def open_for_customer(shop: Shop, call: Call) -> Any:
    shop.customers.get(call.params["customerId"])
    call.work.kind = "write"
    return shop.carts.open(call.params["customerId"]).id


def open_mine(shop: Shop, call: Call) -> Any:
    assert call.customer_id is not None
    call.work.kind = "write"
    return shop.carts.open(call.customer_id).id


def open_for_guest(shop: Shop, call: Call) -> Any:
    call.work.kind = "write"
    return shop.carts.open_for_guest().mask


def assign_mine(shop: Shop, call: Call) -> Any:
    """To who is signed in, whatever the body says."""
    cart = guests(shop, call)
    store = parameter(call.body(), "storeId", "int")
    assert call.customer_id is not None
    if store not in STORE_IDS:
        raise Refused(
            400,
            "The customer can't be assigned to the cart. The cart belongs to a different store.",
        )
    call.work.kind = "write"
    shop.carts.assign(cart, call.customer_id)
    collect(shop, cart)
    return True


# -- items ----------------------------------------------------------------------------------


def _added(shop: Shop, cart: Cart, item: Item) -> dict[str, Any]:
    """Only now the shop tells what the rules took off (recorded: #23, #26)."""
    line, (_, rate) = _line_of(shop, cart, item), shop.shown_currency
    discounts = [
        {
            "discount_data": {
                name: number(amount if "base" in name else converted(amount, rate))
                for name in _AMOUNTS
            },
            "rule_label": label_of(shop.sales_rules.get(rule_id)) or "Discount",
            "rule_id": rule_id,
        }
        for rule_id, amount in line.taken.items()
    ]
    more = {"extension_attributes": {"discounts": discounts}} if discounts else {}
    return _item_row(shop, cart, line) | more


def _line_of(shop: Shop, cart: Cart, item: Item) -> CartLine:
    return next(one for one in totals(shop, cart).lines if one.item is item)


_AMOUNTS = ("amount", "base_amount", "original_amount", "base_original_amount")


def item_rows(shop: Shop, cart: Cart) -> list[dict[str, Any]]:
    return [_item_row(shop, cart, line) for line in totals(shop, cart).lines]


def _item_row(shop: Shop, cart: Cart, line: CartLine) -> dict[str, Any]:
    item, (_, rate) = line.item, shop.shown_currency
    row: dict[str, Any] = {
        "item_id": item.id,
        "sku": line.product.sku,
        "qty": number(item.qty),
        "name": line.front.name,
        "price": number(converted(line.money.price, rate)),
        "product_type": line.front.type_id,
        "quote_id": str(cart.id),
    }
    if item.option is not None:
        row["product_option"] = item.option
    return row


def add(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        given = parameter(call.body(), "cartItem", CART_ITEM, most=shop.most_items)
        product = shop.products.by_sku(given.get("sku") or "")
        if product is None:
            raise no_product()
        call.work.kind = "write"
        item = put(shop, cart, product, given.get("qty"), given.get("product_option"))
        collect(shop, cart)
        return _added(shop, cart, item)

    return service


def items(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        return item_rows(shop, find(shop, call))

    return service


def _own(cart: Cart, item_id: int) -> Item:
    if item_id not in cart.items:
        raise Refused(404, "The %1 Cart doesn't contain the %2 item.", [cart.id, item_id])
    return cart.items[item_id]


def update(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        given = parameter(call.body(), "cartItem", CART_ITEM, most=shop.most_items)
        item = _own(cart, call.params["itemId"])
        call.work.kind = "write"
        change(shop, item, given.get("qty") or item.qty)
        shop.carts.touch(cart)
        collect(shop, cart)
        return _item_row(shop, cart, _line_of(shop, cart, _own(cart, item.id)))

    return service


def remove(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        item = _own(cart, call.params["itemId"])
        call.work.kind = "write"
        del cart.items[item.id]
        shop.carts.touch(cart)
        collect(shop, cart, removed=item.gift)
        return True

    return service


def show_totals(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        collect(shop, cart)
        return cart_totals.shown(cart, totals(shop, cart), shop.shown_currency)

    return service


# -- coupons --------------------------------------------------------------------------------


def get_coupon(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        return find(shop, call).coupon or None

    return service


def set_coupon(find: Find) -> Handler:
    """A wrong one takes the place of the right one before it is refused."""

    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        call.work.kind = "write"
        if not cart.items:
            raise Refused(404, 'The "%1" Cart doesn\'t contain products.', [cart.id])
        cart.coupon = ""
        shop.carts.touch(cart)
        use_coupon(shop, cart, call.params["code"])
        return True

    return service


def use_coupon(shop: Shop, cart: Cart, code: str) -> None:
    """Raises Refused where it unlocks no rule for this buyer and this cart (recorded: #33)."""
    coupon = shop.sales_rules.coupon(code)
    if coupon is None:
        raise _no_coupon()
    cart.coupon = coupon["code"]
    if coupon["rule_id"] not in totals(shop, cart).rule_ids:
        raise _no_coupon()
    collect(shop, cart)


def _no_coupon() -> Refused:
    return Refused(404, "The coupon code isn't valid. Verify the code and try again.")


def drop_coupon(find: Find) -> Handler:
    def service(shop: Shop, call: Call) -> Any:
        cart = find(shop, call)
        call.work.kind = "write"
        cart.coupon = ""
        shop.carts.touch(cart)
        collect(shop, cart)
        return True

    return service


ROUTES = (
    Route("POST", "customers/{customerId:int}/carts", CART, open_for_customer),
    Route("POST", "carts/mine", "self", open_mine),
    Route("POST", "guest-carts", "anonymous", open_for_guest),
    Route("PUT", "guest-carts/{mask}", "self", assign_mine),
    *for_all("POST", "/items", add),
    *for_all("GET", "/items", items),
    *for_all("PUT", "/items/{itemId:int}", update),
    *for_all("DELETE", "/items/{itemId:int}", remove),
    *for_all("GET", "/totals", show_totals),
    *for_all("GET", "/coupons", get_coupon),
    *for_all("PUT", "/coupons/{code}", set_coupon),
    *for_all("DELETE", "/coupons", drop_coupon),
)
