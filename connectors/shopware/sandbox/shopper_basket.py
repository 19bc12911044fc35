"""A signed-in shopper's cart, over the Store API."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from connectors.sandbox.basket import BasketLine
from connectors.shopware.sandbox.shopping import Shopper

_CART = "/checkout/cart"
_LINES = "/checkout/cart/line-item"


class ShopwareBasket:
    """Implements :class:`connectors.sandbox.basket.Basket`."""

    def __init__(self, url: str, email: str) -> None:
        self._shopper = Shopper(url)
        try:
            self._shopper.sign_in(email)
            self._shopper.ask(_CART, method="DELETE")
        except BaseException:
            self._shopper.leave()
            raise

    def put(self, sku: str, pieces: int) -> None:
        product = self._shopper.find(sku)
        self._shopper.ask(
            _LINES, {"items": [{"type": "product", "referencedId": product, "quantity": pieces}]}
        )

    def take_out(self, sku: str) -> None:
        for line in self._cart():
            if line["type"] == "product" and line["payload"]["productNumber"] == sku:
                self._shopper.ask(_LINES, {"ids": [line["id"]]}, method="DELETE")
                return
        raise LookupError(f"{sku} is not in the cart")

    def enter(self, code: str) -> bool:
        self._shopper.ask(_LINES, {"items": [{"type": "promotion", "referencedId": code}]})
        return any(line["referencedId"] == code for line in self._cart())

    def lines(self) -> list[BasketLine]:
        """What promotions take off stands in lines of their own, which say of what. What the
        bridge's app takes off is a line here, too: of its label, and of less than nothing."""
        cart, off = self._cart(), defaultdict[str, Decimal](Decimal)
        for line in cart:
            if line["type"] == "promotion":
                for part in line["payload"]["composition"]:
                    off[part["id"]] += _number(part["discount"])
        return [
            BasketLine(
                line["payload"].get("productNumber") or line["label"],
                line["quantity"],
                _number(line["price"]["totalPrice"]),
                off[line["id"]],
            )
            for line in cart
            if line["type"] in ("product", "discount")
        ]

    def close(self) -> None:
        try:
            self._shopper.ask(_CART, method="DELETE")
        finally:
            self._shopper.leave()

    def _cart(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self._shopper.ask(_CART, method="GET")[1]["lineItems"]
        return lines

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _number(value: float) -> Decimal:
    """Without the dust of binary fractions, which the shop's own JSON has (7.5200000000000005)."""
    return Decimal(str(value)).quantize(Decimal("0.000001"))
