"""Carts: what is in them and how it gets there (cart_price_rules.json #20 to #30, orders.json
#20, #21, orders_composite_and_tax.json #3)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused, no_such
from connectors.magento.sandbox.groups import NOT_LOGGED_IN
from connectors.magento.sandbox.inputs import Type
from connectors.magento.sandbox.prices_seen import Shopper, unit_price
from connectors.magento.sandbox.products import Product
from connectors.magento.sandbox.values import quantity

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

_ASKS = {
    "bundle": "Please specify product option(s).",
    "grouped": "Please specify the quantity of product(s).",
}
"""Kinds of products that are no line of their own; no recording puts one into a cart."""
_WEIGHTLESS = ("virtual", "downloadable")
_LETTERS = string.ascii_letters + string.digits


@dataclass(slots=True)
class Item:
    id: int
    product_id: int
    """The simple product that is sold."""
    qty: Decimal
    parent_id: int = 0
    """The configurable it was chosen through."""
    child_item_id: int = 0
    """The shop keeps a second row for what was chosen."""
    option: dict[str, Any] | None = None
    gift: str = ""
    """The rule of the bridge's module that it is a gift of: its custom price is 0, no discount
    counts on it, and it is sent for nothing."""


@dataclass(slots=True)
class Cart:
    id: int
    customer_id: int
    """0: a guest's."""
    mask: str = ""
    """How a guest names it."""
    items: dict[int, Item] = field(default_factory=dict)
    email: str = ""
    shipping: dict[str, Any] | None = None
    billing: dict[str, Any] | None = None
    method: str = ""
    """Carrier and method of shipping, ``flatrate_flatrate``."""
    coupon: str = ""
    payment: str = ""
    """The method that was chosen."""
    created_at: str = ""
    updated_at: str = ""
    is_active: bool = True
    declined: list[str] = field(default_factory=list)
    """Rules of the bridge's module whose gift was taken out by hand."""
    referral: str = ""
    """The code of a friend's link."""

    @property
    def pieces(self) -> Decimal:
        return sum((item.qty for item in self.items.values()), Decimal(0))


@dataclass(slots=True)
class Carts:
    now: Callable[[], str]
    rows: dict[int, Cart] = field(default_factory=dict)
    ordered: dict[int, Cart] = field(default_factory=dict)
    """Shown as they were, to who asks for one by its id."""
    next_id: int = 1
    next_item_id: int = 1
    _of_customer: dict[int, int] = field(default_factory=dict)
    _masks: dict[str, int] = field(default_factory=dict)

    def of_customer(self, customer_id: int) -> Cart | None:
        return self.rows.get(self._of_customer.get(customer_id, 0))

    def open(self, customer_id: int) -> Cart:
        """The customer's cart; there is one at most (recorded: #20, #21)."""
        cart = self.of_customer(customer_id)
        if cart is None:
            cart = self._new(customer_id)
            self._of_customer[customer_id] = cart.id
        return cart

    def open_for_guest(self) -> Cart:
        cart = self._new(0)
        cart.mask = "".join(secrets.choice(_LETTERS) for _ in range(32))
        self._masks[cart.mask] = cart.id
        return cart

    def _new(self, customer_id: int) -> Cart:
        at = self.now()
        cart = Cart(self.next_id, customer_id, created_at=at, updated_at=at)
        self.rows[self.next_id] = cart
        self.next_id += 1
        return cart

    def touch(self, cart: Cart) -> None:
        cart.updated_at = self.now()

    def next_item(self) -> int:
        self.next_item_id += 1
        return self.next_item_id - 1

    def drop_product(self, product_id: int) -> None:
        for cart in self.rows.values():
            gone = [
                one.id
                for one in cart.items.values()
                if product_id in (one.product_id, one.parent_id)
            ]
            for item_id in gone:
                del cart.items[item_id]

    def drop_customer(self, customer_id: int) -> None:
        cart_id = self._of_customer.pop(customer_id, 0)
        self.rows.pop(cart_id, None)

    def adopt(self, cart: Cart) -> Cart:
        """One that belongs to an order's edit; its customer's own cart stays."""
        cart.id = self.next_id
        self.next_id += 1
        return cart

    def assign(self, cart: Cart, customer_id: int) -> None:
        """A guest's cart becomes the customer's; what is in the one he has goes into it (magento2
        ``QuoteManagement::assignCustomer``, 2.4)."""
        mine = self.of_customer(customer_id)
        if mine is not None:
            for item in mine.items.values():
                self._merge(cart, item)
            cart.coupon = mine.coupon or cart.coupon
            cart.declined = list(dict.fromkeys([*cart.declined, *mine.declined]))
            del self.rows[mine.id]
        self._masks.pop(cart.mask, None)
        cart.customer_id, cart.mask = customer_id, ""
        self._of_customer[customer_id] = cart.id
        self.touch(cart)

    def _merge(self, cart: Cart, item: Item) -> None:
        kind = (item.product_id, item.parent_id, item.gift)
        for one in cart.items.values():
            if (one.product_id, one.parent_id, one.gift) == kind:
                one.qty += item.qty
                return
        copied = replace(item, id=self.next_item())
        copied.child_item_id = self.next_item() if item.parent_id else 0
        cart.items[copied.id] = copied

    def close(self, cart: Cart) -> None:
        """It was ordered; the shop shows it to nobody any more."""
        if self.rows.pop(cart.id, None) is not None:
            self.ordered[cart.id] = cart
        cart.is_active = False
        self.touch(cart)
        self._masks.pop(cart.mask, None)
        if self._of_customer.get(cart.customer_id) == cart.id:
            del self._of_customer[cart.customer_id]

    def get(self, cart_id: int) -> Cart:
        cart = self.rows.get(cart_id)
        if cart is None:
            raise no_such("cartId", cart_id)
        return cart

    def masked(self, mask: str) -> Cart:
        """Raises Refused as the shop does, which looks for the number of an unknown mask."""
        cart = self.rows.get(self._masks.get(mask, 0))
        if cart is None:
            raise no_such("cartId", None)
        return cart


# -- who buys, what it costs ----------------------------------------------------------------


def group_of(shop: Shop, cart: Cart) -> int:
    if not cart.customer_id:
        return NOT_LOGGED_IN
    group_id: int = shop.customers.get(cart.customer_id)["group_id"]
    return group_id


def price_of(shop: Shop, cart: Cart, product: Product, qty: Decimal) -> Decimal:
    """Of one piece, as the catalogue has it: with tax where catalogue prices hold it."""
    by_website = shop.faults.shop["price_scope"] == "website"
    shopper = Shopper(group_of(shop, cart), 1 if by_website else 0)
    special = product.attributes.get("special_price")
    return unit_price(
        product.price or Decimal(0),
        Decimal(special) if special else None,
        shop.tiers.of(product.id),
        shopper,
        qty,
    )


def is_virtual(product: Product) -> bool:
    return product.type_id in _WEIGHTLESS


# -- putting things in ----------------------------------------------------------------------


def put(shop: Shop, cart: Cart, product: Product, qty: Any, option: Any = None) -> Item:
    """More of what is there already, or something new. Raises Refused."""
    sold = _sold(shop, product, option)
    shop.carts.touch(cart)
    parent_id = 0 if sold is product else product.id
    same = next(
        (
            one
            for one in cart.items.values()
            if one.product_id == sold.id and one.parent_id == parent_id and not one.gift
        ),
        None,
    )
    wanted = _checked(shop, sold, quantity(qty or 1) + (same.qty if same else 0))
    if same is not None:
        same.qty = wanted
        return same
    item = Item(shop.carts.next_item(), sold.id, wanted)
    if parent_id:
        item.parent_id, item.option = parent_id, option
        item.child_item_id = shop.carts.next_item()
    cart.items[item.id] = item
    return item


def put_gift(shop: Shop, cart: Cart, product: Product, pieces: int, rule: str) -> None:
    """As an item of its own, beside one that is paid for."""
    item = Item(shop.carts.next_item(), product.id, Decimal(pieces), gift=rule)
    cart.items[item.id] = item


def change(shop: Shop, item: Item, qty: Any) -> None:
    item.qty = _checked(shop, shop.products.rows[item.product_id], quantity(qty))


def _checked(shop: Shop, sold: Product, qty: Decimal) -> Decimal:
    if qty > MOST_PER_CART:
        raise Refused(400, "The requested qty exceeds the maximum qty allowed in shopping cart")
    if not shop.stock.is_salable(sold):
        raise Refused(400, "Product that you are trying to add is not available.")
    if qty > shop.stock.salable(sold):
        raise Refused(400, "The requested qty is not available")
    return qty


def _sold(shop: Shop, product: Product, option: Any) -> Product:
    """The simple product itself, or the child that was chosen."""
    if product.type_id in _ASKS:
        raise Refused(400, _ASKS[product.type_id])
    if product.type_id != "configurable":
        return product
    extension = (option or {}).get("extension_attributes") or {}
    chosen = {
        str(one.get("option_id")): int(one.get("option_value", 0))
        for one in extension.get("configurable_item_options") or []
    }
    children = [shop.products.rows[one] for one in product.child_ids if one in shop.products.rows]
    found = next((one for one in children if chosen and one.choices == chosen), None)
    if found is None:
        raise Refused(400, "You need to choose options for your item.")
    return found
