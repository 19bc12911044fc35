"""Magento's side of shopping at random: the same functions as behind the REST services, called
under the shop's lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import creditmemos, invoices, order_routes, shipments
from connectors.magento.sandbox.cart_routes import use_coupon
from connectors.magento.sandbox.cart_totals import CartLine, totals
from connectors.magento.sandbox.carts import Cart, put
from connectors.magento.sandbox.checkout import set_shipping
from connectors.magento.sandbox.creditmemos import Arguments
from connectors.magento.sandbox.documents import Document
from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.module_carts import collect
from connectors.magento.sandbox.orders import ZERO, Order, OrderRow
from connectors.magento.sandbox.placing import place
from connectors.magento.sandbox.products import Product
from connectors.sandbox.shopper import OutOfStock, Sale, SoldLine

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
GUEST_ADDRESS = {
    "firstname": "Gerda",
    "lastname": "Gast",
    "street": ["Hauptstr. 1"],
    "city": "Berlin",
    "postcode": "10115",
    "country_id": "DE",
    "telephone": "030123456",
}
_TAX = "Germany 19 %"


class MagentoTill:
    """Implements :class:`connectors.sandbox.shopper.Till`. Goods bear 19 % tax in Germany: the
    rate is made at the first order where the shop has none."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def buyers(self) -> Sequence[str]:
        with self._shop.lock:
            rows = self._shop.customers.rows.values()
            return [row["email"] for row in rows if row.get("default_shipping")]

    def skus(self) -> Sequence[str]:
        """What is sold by itself, and what is chosen through a configurable."""
        with self._shop.lock:
            products = sorted(self._shop.products.rows.values(), key=lambda one: one.id)
            return [one.sku for one in products if one.type_id == "simple" and one.price]

    def order(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sale:
        with self._shop.lock:
            customer = self._customer(email, guest=guest)
            cart = self.opened(customer)
            self.put_all(cart, wanted)
            self.send_to(cart, customer, email)
            self._enter(cart, codes)
            return sale(place(self._shop, cart))

    def price(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sequence[SoldLine]:
        """In a cart of its own: the one that a customer has open stays as it is."""
        with self._shop.lock:
            customer = self._customer(email, guest=guest)
            cart = self._shop.carts.adopt(Cart(0, 0 if customer is None else customer["id"]))
            self.put_all(cart, wanted)
            self.send_to(cart, customer, email)
            self._enter(cart, codes)
            return [_cart_line(line) for line in totals(self._shop, cart).lines]

    def _customer(self, email: str, *, guest: bool) -> Row | None:
        return None if guest else self._shop.customers.by_email(email)

    def opened(self, customer: Row | None) -> Cart:
        """With nothing in it."""
        if customer is None:
            return self._shop.carts.open_for_guest()
        cart = self._shop.carts.open(customer["id"])
        cart.items.clear()
        cart.declined.clear()
        cart.coupon = ""
        return cart

    def put_all(self, cart: Cart, wanted: Mapping[str, int]) -> None:
        """Raises OutOfStock, and then the cart is empty."""
        try:
            for sku, pieces in wanted.items():
                product, option = self._chosen(self._shop.products.get(sku))
                put(self._shop, cart, product, pieces, option)
            collect(self._shop, cart)
        except Refused as refusal:
            cart.items.clear()
            raise OutOfStock(refusal.message) from refusal

    def send_to(self, cart: Cart, customer: Row | None, email: str) -> None:
        """Home, or where a guest says."""
        self._tax_germany()
        address: Row = {**GUEST_ADDRESS, "email": email}
        if customer is not None:
            homes = {str(one["id"]): one for one in customer["addresses"]}
            home = homes[customer["default_shipping"]]
            address = {**home, "customer_address_id": home["id"]}
        flat = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}
        set_shipping(self._shop, cart, {"shipping_address": address, **flat})

    def _enter(self, cart: Cart, codes: Sequence[str]) -> None:
        """A cart holds one code: the last that is taken."""
        for code in codes:
            before = cart.coupon
            try:
                use_coupon(self._shop, cart, code)
            except Refused:
                cart.coupon = before

    def _chosen(self, product: Product) -> tuple[Product, object]:
        """The configurable a child is bought through, with what is chosen."""
        shop = self._shop
        parent = shop.products.rows.get(product.parent_id)
        if parent is None:
            return product, None
        options = [
            {"option_id": attribute, "option_value": value}
            for attribute, value in product.choices.items()
        ]
        chosen = {"extension_attributes": {"configurable_item_options": options}}
        return parent, chosen

    def _tax_germany(self) -> None:
        taxes = self._shop.taxes
        if any(one["tax_country_id"] == "DE" for one in taxes.rates.values()):
            return
        rate = taxes.add_rate({"tax_country_id": "DE", "rate": 19, "code": _TAX})
        taxes.add_rule(
            {
                "code": _TAX,
                "customer_tax_class_ids": [3],
                "product_tax_class_ids": [2],
                "tax_rate_ids": [rate["id"]],
            }
        )

    # -- what follows -----------------------------------------------------------------------

    def pay(self, order_id: str) -> None:
        self._on(order_id, lambda order: invoices.invoice(self._shop, order, {}))

    def send(self, order_id: str) -> None:
        self._on(order_id, lambda order: shipments.ship(self._shop, order, {}))

    def cancel(self, order_id: str) -> None:
        """Raises ValueError for an order that cannot be cancelled any more."""
        with self._shop.lock:
            if not order_routes.cancel(self._shop, self._shop.orders.get(int(order_id))):
                raise ValueError(f"order {order_id} cannot be cancelled any more")

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Sale:
        pieces = {int(line_id): Decimal(count) for line_id, count in wanted.items()}
        said = Arguments(None if shipping else ZERO, ZERO, ZERO)
        with self._shop.lock:
            order = self._shop.orders.get(int(order_id))
            return returned(creditmemos.refund(self._shop, order, pieces, said))

    def _on(self, order_id: str, work: Callable[[Order], object]) -> None:
        with self._shop.lock:
            work(self._shop.orders.get(int(order_id)))

    # -- the clock --------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._shop.clock().replace(microsecond=0)

    def set_clock(self, at: datetime | None) -> None:
        self._shop.set_clock(None if at is None else lambda: at)


# -- telling --------------------------------------------------------------------------------


def sale(order: Order) -> Sale:
    """The order as it was placed."""
    rows = [row for row in order.rows if not row.is_child]
    return _sale(
        order,
        tuple(_line(row, row.qty.ordered, row.money) for row in rows),
        order.money,
        str(order.fields["created_at"]),
    )


def returned(memo: Document) -> Sale:
    """What a credit memo gave back."""
    entries = [one for one in memo.entries if not one.row.is_child]
    return _sale(
        memo.order,
        tuple(_line(one.row, one.qty, one.money) for one in entries),
        memo.money,
        memo.updated_at,
        refund_id=str(memo.id),
    )


def _cart_line(line: CartLine) -> SoldLine:
    money = {
        "row_total": line.money.row_total,
        "row_total_incl_tax": line.money.row_total_incl_tax,
        "discount_amount": line.discount,
        "discount_tax_compensation_amount": line.money.compensation,
        "tax_amount": line.money.tax,
    }
    return _sold(str(line.item.id), line.product.sku, line.item.qty, money)


def _line(row: OrderRow, quantity: Decimal, money: Mapping[str, Decimal]) -> SoldLine:
    return _sold(str(row.id), str(row.fields["sku"]), quantity, money)


def _sold(id_: str, sku: str, quantity: Decimal, money: Mapping[str, Decimal]) -> SoldLine:
    net, gross = money["row_total"], money["row_total_incl_tax"]
    discount = money.get("discount_amount", ZERO)
    hidden = money["discount_tax_compensation_amount"]
    paid_net, paid_gross = net + hidden - discount, net + hidden - discount + money["tax_amount"]
    return SoldLine(
        id_,
        sku,
        quantity,
        net,
        gross,
        net - paid_net,
        gross - paid_gross,
    )


def _sale(
    order: Order,
    lines: tuple[SoldLine, ...],
    money: Mapping[str, Decimal],
    at: str,
    refund_id: str = "",
) -> Sale:
    return Sale(
        order_id=str(order.id),
        number=order.number,
        customer_id=str(order.fields.get("customer_id") or ""),
        email=str(order.fields["customer_email"]),
        lines=lines,
        shipping_net=money["shipping_amount"],
        shipping_gross=money["shipping_incl_tax"],
        total=money["grand_total"],
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        refund_id=refund_id,
    )
