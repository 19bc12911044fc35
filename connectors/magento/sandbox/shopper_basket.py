"""A signed-in shopper's cart, over the services that a shop window uses."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from connectors.magento.sandbox.shopper import NotTaken, ask
from connectors.magento.sandbox.till import GUEST_ADDRESS
from connectors.sandbox.basket import BasketLine, OrderRefused
from connectors.sandbox.people import PASSWORD


class MagentoBasket:
    """Implements :class:`connectors.sandbox.basket.Basket`. A customer has one cart: what he had
    in it is taken out first."""

    def __init__(self, url: str, email: str) -> None:
        self._base = f"{url}/rest/default/V1"
        self._cart = "carts/mine"
        who = {"username": email, "password": PASSWORD}
        self._token = str(self._ask("POST", "integration/customer/token", who, token=""))
        self._cart_id = str(self._ask("POST", "carts/mine"))
        self._empty()

    def put(self, sku: str, pieces: int) -> None:
        item = {"sku": sku, "qty": pieces, "quote_id": self._cart_id}
        self._ask("POST", f"{self._cart}/items", {"cartItem": item})

    def take_out(self, sku: str) -> None:
        for item in self._items():
            if item["sku"] == sku:
                self._ask("DELETE", f"{self._cart}/items/{item['item_id']}")
                return
        raise LookupError(f"{sku} is not in the cart")

    def enter(self, code: str) -> bool:
        try:
            return self._ask("PUT", f"{self._cart}/coupons/{quote(code, safe='')}") is True
        except LookupError:
            return False

    def lines(self) -> list[BasketLine]:
        skus = {item["item_id"]: item["sku"] for item in self._items()}
        rows = self._ask("GET", f"{self._cart}/totals")["items"]
        return [
            BasketLine(
                skus[row["item_id"]],
                int(row["qty"]),
                Decimal(str(row["row_total"])),
                Decimal(str(row["discount_amount"])),
            )
            for row in rows
        ]

    def close(self) -> None:
        self._empty()

    def _empty(self) -> None:
        while items := self._items():  # with the goods go gifts of the bridge's module
            self._ask("DELETE", f"{self._cart}/items/{items[0]['item_id']}")
        self._ask("DELETE", f"{self._cart}/coupons")

    def _items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", f"{self._cart}/items")
        return found

    def _ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        said = self._token if token is None else token
        return ask(method, f"{self._base}/{path}", said, body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class MagentoGuestBasket(MagentoBasket):
    """Implements :class:`connectors.sandbox.basket.GuestBasket`. A guest may have any number of
    carts."""

    def __init__(self, url: str, email: str) -> None:
        self._base = f"{url}/rest/default/V1"
        self._token = ""
        self._cart_id = str(self._ask("POST", "guest-carts"))
        self._cart = f"guest-carts/{self._cart_id}"
        self._email = email

    def go_to_checkout(self) -> None:
        address = {**GUEST_ADDRESS, "email": self._email}
        flat = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}
        told = {"shipping_address": address, "billing_address": address, **flat}
        self._ask("POST", f"{self._cart}/shipping-information", {"addressInformation": told})

    def order(self) -> str:
        paid = {"email": self._email, "paymentMethod": {"method": "checkmo"}}
        try:
            return str(self._ask("POST", f"{self._cart}/payment-information", paid))
        except NotTaken as refusal:
            raise OrderRefused(refusal.message) from refusal

    def close(self) -> None:
        with suppress(NotTaken):  # it was ordered
            super().close()
