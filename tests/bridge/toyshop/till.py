"""The toy shop as the conformance suite wants to know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from connectors.rewards import Discount, Promotion, PromotionKind
from connectors.sales import Money, Order, OrderLine, Refund, RefundLine
from connectors.sandbox.shopper import Sale, SoldLine
from toyshop.baskets import begin_checkout, comes_to, count_uses, fill, order, put
from toyshop.discounts import cents
from toyshop.promoting import change_by_hand, promote
from toyshop.selling import edit, shop_now, tell
from toyshop.shop import ToyShop


class ToyTill:
    """:class:`connectors.sandbox.shopper.Till`."""

    def __init__(self, shop: ToyShop) -> None:
        self._shop = shop
        self._clock = shop.clock

    def buyers(self) -> Sequence[str]:
        return [customer.email for customer in self._shop.customers.values()]

    def skus(self) -> Sequence[str]:
        return [product.sku for product in self._shop.products.values()]

    def order(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sale:
        basket_id = fill(self._shop, wanted, email, guest=guest, codes=codes)
        return _sale(self._shop.orders[order(self._shop, basket_id)])

    def price(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sequence[SoldLine]:
        basket_id = fill(self._shop, wanted, email, guest=guest, codes=codes)
        found = comes_to(self._shop, basket_id)
        del self._shop.baskets[basket_id]
        return [
            _sold(
                line.item_id,
                self._shop.products[line.product_id].sku,
                Decimal(line.pieces),
                line.price,
                line.discount,
            )
            for line in found.lines
        ]

    def pay(self, order_id: str) -> None:
        edit(self._shop, order_id, paid_at=self.now())

    def send(self, order_id: str) -> None:
        edit(self._shop, order_id, completed_at=self.now())

    def cancel(self, order_id: str) -> None:
        edit(self._shop, order_id, cancelled_at=self.now())

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Sale:
        bought = self._shop.orders[order_id]
        lines = [_part(line, wanted[line.id]) for line in bought.lines if line.id in wanted]
        back = tuple(
            RefundLine(line.id, line.quantity, line.price - line.discount) for line in lines
        )
        refund = Refund(self._shop.number(), self.now(), back)
        edit(self._shop, order_id, quietly=True, refunds=(*bought.refunds, refund))
        tell(self._shop, "refunds", refund.id, entity_id=order_id)
        return _sale(replace(bought, lines=tuple(lines), placed_at=refund.at), refund.id)

    def now(self) -> datetime:
        return shop_now(self._shop)

    def set_clock(self, at: datetime | None) -> None:
        self._shop.clock = self._clock if at is None else lambda: at


class ToyBaskets:
    """:class:`connectors.sandbox.shopper.Baskets`."""

    def __init__(self, shop: ToyShop) -> None:
        self._shop = shop

    def fill(self, email: str, wanted: Mapping[str, int], *, guest: bool = False) -> str:
        return fill(self._shop, wanted, email, guest=guest)

    def put(self, cart_id: str, sku: str, pieces: int) -> None:
        put(self._shop, cart_id, sku, pieces)

    def begin_checkout(self, cart_id: str) -> None:
        begin_checkout(self._shop, cart_id)

    def order(self, cart_id: str) -> None:
        order(self._shop, cart_id)

    def sell_out(self, sku: str) -> None:
        self._shop.in_stock[sku] = 0


class ToyDesk:
    """:class:`connectors.conformance.PromotionDesk`."""

    def __init__(self, shop: ToyShop) -> None:
        self._shop = shop

    def make(self, name: str, percent: int, codes: Sequence[str]) -> str:
        off = Discount(percent=Decimal(percent))
        offer = Promotion("", PromotionKind.CODES, name, name, "s1", "EUR", off)
        return promote(self._shop, offer, *codes)

    def seen(self, native_id: str) -> object:
        codes = [one for one in self._shop.codes.values() if one.promotion_id == native_id]
        return [replace(one) for one in (self._shop.promotions[native_id], *codes)]

    def switch_off(self, native_id: str) -> None:
        change_by_hand(self._shop, self._shop.promotions[native_id].key, is_active=False)

    def count_uses(self) -> None:
        count_uses(self._shop)


def _part(line: OrderLine, pieces: int) -> OrderLine:
    """Given back all at once: a part of a line is rounded."""
    share = pieces / line.quantity
    sides = [
        Money(cents(money.net * share), cents(money.gross * share))
        for money in (line.price, line.discount)
    ]
    return replace(line, quantity=Decimal(pieces), price=sides[0], discount=sides[1])


def _sale(bought: Order, refund_id: str = "") -> Sale:
    lines = tuple(
        _sold(line.id, line.sku, line.quantity, line.price, line.discount) for line in bought.lines
    )
    return Sale(
        bought.id,
        bought.number,
        bought.customer_id,
        bought.email,
        lines,
        bought.shipping.net,
        bought.shipping.gross,
        bought.charged.gross,
        bought.placed_at,
        refund_id,
    )


def _sold(id_: str, sku: str, pieces: Decimal, price: Money, off: Money) -> SoldLine:
    return SoldLine(id_, sku, pieces, price.net, price.gross, off.net, off.gross)
