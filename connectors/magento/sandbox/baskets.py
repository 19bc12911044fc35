"""Magento's side of shopping in carts that stay open."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.magento.sandbox.placing import place
from connectors.magento.sandbox.till import MagentoTill

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop


class MagentoBaskets:
    """Implements :class:`connectors.sandbox.shopper.Baskets`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._till = MagentoTill(shop)

    def fill(self, email: str, wanted: Mapping[str, int], *, guest: bool = False) -> str:
        with self._shop.lock:
            cart = self._till.opened(None if guest else self._shop.customers.by_email(email))
            self._till.put_all(cart, wanted)
            return str(cart.id)

    def put(self, cart_id: str, sku: str, pieces: int) -> None:
        with self._shop.lock:
            self._till.put_all(self._shop.carts.get(int(cart_id)), {sku: pieces})

    def begin_checkout(self, cart_id: str) -> None:
        with self._shop.lock:
            cart = self._shop.carts.get(int(cart_id))
            customer = self._shop.customers.rows.get(cart.customer_id)
            self._till.send_to(cart, customer, cart.email or "guest@example.org")
            self._shop.carts.touch(cart)

    def order(self, cart_id: str) -> None:
        with self._shop.lock:
            place(self._shop, self._shop.carts.get(int(cart_id)))

    def sell_out(self, sku: str) -> None:
        with self._shop.lock:
            product = self._shop.products.get(sku)
            self._shop.stock.reserve(product.id, self._shop.stock.salable(product) or Decimal(0))
