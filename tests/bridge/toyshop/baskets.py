"""Baskets in a toy shop: what a shopper does, and what an integration may do with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.errors import NotFound, Rejected
from connectors.rewards import Cart, CartItem, Carts, CartTotals, PromotionKind
from connectors.sales import LineKind, Mark, Money, OrderLine, UsedCode
from toyshop.discounts import Circumstances, Line, Priced, cents, priced
from toyshop.promoting import ShopCode
from toyshop.selling import place, shop_now

if TYPE_CHECKING:
    from toyshop.shop import ToyShop

GUESTS = "0"
"""The group of who is not signed in."""


@dataclass
class Basket:
    id: str
    store_id: str
    changed_at: datetime
    customer_id: str = ""
    email: str = ""
    items: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By the item's id: product id and pieces."""
    codes: list[str] = field(default_factory=list)
    is_open: bool = True
    in_checkout: bool = False


# -- what a shopper does ------------------------------------------------------------------------


def fill(
    shop: ToyShop,
    wanted: Mapping[str, int],
    email: str = "mia@example.com",
    *,
    guest: bool = False,
    codes: Sequence[str] = (),
    store_id: str = "s1",
) -> str:
    """Puts SKUs into a new basket and enters codes; the basket's id. ``guest``: without the
    account he may have. Raises Rejected when something is sold out."""
    with shop.lock:
        known = [one.id for one in shop.customers.values() if one.email == email and not guest]
        basket = Basket(shop.number(), store_id, shop_now(shop), "".join(known[:1]), email)
        shop.baskets[basket.id] = basket
        for sku, pieces in wanted.items():
            put(shop, basket.id, sku, pieces)
        for code in codes:
            enter(shop, basket.id, code)
        return basket.id


def put(shop: ToyShop, basket_id: str, sku: str, pieces: int = 1) -> str:
    """More of it, as a line of its own unless there is one; the item's id."""
    with shop.lock:
        basket, product_id = shop.baskets[basket_id], shop.product_id(sku)
        lines = [id_ for id_, (what, _) in basket.items.items() if what == product_id]
        item_id = lines[0] if lines else shop.number()
        _, before = basket.items.get(item_id, (product_id, 0))
        if before + pieces > shop.in_stock.get(sku, before + pieces):
            raise Rejected("The requested quantity is not available")
        basket.items[item_id] = (product_id, before + pieces)
        _touch(shop, basket)
        return item_id


def take_out(shop: ToyShop, basket_id: str, item_id: str) -> None:
    with shop.lock:
        basket = shop.baskets[basket_id]
        del basket.items[item_id]
        _touch(shop, basket)


def enter(shop: ToyShop, basket_id: str, code: str) -> bool:
    """Whether the shop takes it: it is there, not known to be used, and its promotion holds for
    this basket. A numbered shop's basket holds one code, as Magento's."""
    with shop.lock:
        basket = shop.baskets[basket_id]
        before = list(basket.codes)
        kept = before if shop.is_ruled else []
        basket.codes = [*(one for one in kept if one.casefold() != code.casefold()), code]
        taken = code in comes_to(shop, basket_id).by_code
        if not taken:
            basket.codes = before
        _touch(shop, basket)
        return taken


def begin_checkout(shop: ToyShop, basket_id: str) -> None:
    with shop.lock:
        basket = shop.baskets[basket_id]
        basket.in_checkout = True
        _touch(shop, basket)


def comes_to(shop: ToyShop, basket_id: str) -> Priced:
    """What the shop computes for a basket, with codes that are still good."""
    with shop.lock:
        basket = shop.baskets[basket_id]
        held = sorted(shop.promotions.values(), key=lambda one: one.native_id)
        codes = {code: found for code in basket.codes if (found := _usable(shop, code))}
        return priced(
            [_line(shop, item_id, *item) for item_id, item in basket.items.items()],
            [one.promotion for one in held if one.promotion.kind is not PromotionKind.CODES],
            {code: shop.promotions[found.promotion_id].promotion for code, found in codes.items()},
            _circumstances(shop, basket),
        )


def order(shop: ToyShop, basket_id: str, **fields: Any) -> str:
    """The basket becomes an order, which lists the codes that were taken; the order's id.
    ``fields``: others of the order."""
    with shop.lock:
        basket = shop.baskets[basket_id]
        found = comes_to(shop, basket_id)
        given = {
            "customer_id": basket.customer_id,
            "email": basket.email,
            "is_guest": not basket.customer_id,
            "group_id": _group(shop, basket),
            "lines": tuple(_order_line(shop, line) for line in found.lines),
            "codes": tuple(UsedCode(code, off) for code, off in found.by_code.items()),
            "store_id": basket.store_id,
        }
        order_id = place(shop, **{**given, **fields})
        basket.is_open = False
        for code in found.by_code:
            _use(shop, code, order_id)
        for line in found.lines:
            _sell(shop, line)
        return order_id


def buy(
    shop: ToyShop,
    wanted: Mapping[str, int],
    email: str = "mia@example.com",
    *,
    guest: bool = False,
    codes: Sequence[str] = (),
    **fields: Any,
) -> str:
    """Fills a basket and orders it at once; the order's id. Codes that are not taken are left
    out."""
    return order(shop, fill(shop, wanted, email, guest=guest, codes=codes), **fields)


def count_uses(shop: ToyShop) -> None:
    """The queue is worked off at last: what orders used is used."""
    with shop.lock:
        for name, order_id in shop.uncounted.items():
            if name in shop.codes:
                shop.codes[name].is_used, shop.codes[name].order_id = True, order_id
        shop.uncounted.clear()


# -- behind it ----------------------------------------------------------------------------------


def _touch(shop: ToyShop, basket: Basket) -> None:
    basket.changed_at = shop_now(shop)


def _usable(shop: ToyShop, code: str) -> ShopCode | None:
    found = shop.codes.get(code.casefold())
    return None if found is None or found.is_used else found


def _use(shop: ToyShop, code: str, order_id: str) -> None:
    if shop.counts_late:
        shop.uncounted[code.casefold()] = order_id
        return
    found = shop.codes[code.casefold()]
    found.is_used, found.order_id = True, order_id


def _sell(shop: ToyShop, line: Line) -> None:
    sku = shop.products[line.product_id].sku
    if sku in shop.in_stock:
        shop.in_stock[sku] -= line.pieces


def _group(shop: ToyShop, basket: Basket) -> str:
    return shop.customers[basket.customer_id].group_id if basket.customer_id else GUESTS


def _circumstances(shop: ToyShop, basket: Basket) -> Circumstances:
    group_id = _group(shop, basket)
    side = shop.groups[group_id].tax if group_id in shop.groups else "gross"
    earlier = [
        one
        for one in shop.orders.values()
        if basket.customer_id and one.customer_id == basket.customer_id and not one.cancelled_at
    ]
    return Circumstances(shop_now(shop), basket.store_id, group_id, side, not earlier)


def _line(shop: ToyShop, item_id: str, product_id: str, pieces: int) -> Line:
    net = (shop.products[product_id].prices[0].net or Decimal(0)) * pieces
    price = Money(net, cents(net * (1 + shop.tax / 100)))
    return Line(item_id, product_id, pieces, price, shop.tax)


def _order_line(shop: ToyShop, line: Line) -> OrderLine:
    product = shop.products[line.product_id]
    return OrderLine(
        shop.number(),
        LineKind.PRODUCT,
        product.id,
        product.sku,
        product.name,
        Decimal(line.pieces),
        line.price,
        line.discount,
        product.category_ids,
        line.is_gift,
    )


# -- behind the port ----------------------------------------------------------------------------


class ToyCarts(Carts):
    """Calls are ``changed_carts``, ``cart``, ``cart_totals``, ``add_to_cart`` and
    ``remove_from_cart``."""

    def __init__(self, shop: ToyShop) -> None:
        self._shop = shop

    def changed(self, since: Mark) -> Iterator[Cart]:
        def act() -> list[Cart]:
            found = map(self._shown, self._shop.baskets.values())
            news = [one for one in found if one.is_open and _mark(one) > since]
            return sorted(news, key=_mark)

        yield from self._shop.asked("changed_carts", act, (since,))

    def cart(self, cart_id: str) -> Cart | None:
        """What was ordered is still there, and not open any more."""

        def act() -> Cart | None:
            basket = self._shop.baskets.get(cart_id)
            return None if basket is None else self._shown(basket)

        answer: Cart | None = self._shop.asked("cart", act, (cart_id,))
        return answer

    def totals(self, cart_id: str, store_id: str) -> CartTotals:
        def act() -> CartTotals:
            self._known(cart_id)
            found = comes_to(self._shop, cart_id)
            prices = {line.item_id: line.price for line in found.lines}
            discounts = {line.item_id: line.discount for line in found.lines}
            return CartTotals(found.goods, found.discount, prices, discounts)

        answer: CartTotals = self._shop.asked("cart_totals", act, (cart_id,))
        return answer

    def add(self, cart_id: str, store_id: str, product_id: str, quantity: int) -> CartItem:
        def act() -> CartItem:
            self._known(cart_id)
            if product_id not in self._shop.products:
                raise NotFound(f"There is no product {product_id}")
            sku = self._shop.products[product_id].sku
            item_id = put(self._shop, cart_id, sku, quantity)
            return self._item(item_id, *self._shop.baskets[cart_id].items[item_id])

        answer: CartItem = self._shop.asked("add_to_cart", act, (cart_id, product_id, quantity))
        return answer

    def remove(self, cart_id: str, store_id: str, item_id: str) -> None:
        def act() -> None:
            basket = self._shop.baskets.get(cart_id)
            if basket is not None and item_id in basket.items:
                take_out(self._shop, cart_id, item_id)

        self._shop.asked("remove_from_cart", act, (cart_id, item_id))

    def _known(self, cart_id: str) -> Basket:
        basket = self._shop.baskets.get(cart_id)
        if basket is None or not basket.is_open:
            raise NotFound(f"There is no basket {cart_id}")
        return basket

    def _shown(self, basket: Basket) -> Cart:
        return Cart(
            basket.id,
            basket.store_id,
            basket.changed_at,
            basket.customer_id,
            basket.email,
            _group(self._shop, basket),
            tuple(self._item(id_, *item) for id_, item in basket.items.items()),
            basket.is_open,
            basket.in_checkout,
        )

    def _item(self, id_: str, product_id: str, pieces: int) -> CartItem:
        return CartItem(id_, product_id, self._shop.products[product_id].sku, Decimal(pieces))


def _mark(cart: Cart) -> Mark:
    return Mark(cart.changed_at, cart.id)
