"""A signed-in shopper's cart, over the services that a shop window uses."""

from __future__ import annotations

from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from connectors.magento.sandbox.shopper import ask
from connectors.sandbox.basket import BasketLine
from connectors.sandbox.people import PASSWORD


class MagentoBasket:
    """Implements :class:`connectors.sandbox.basket.Basket`. A customer has one cart: what he had
    in it is taken out first."""

    def __init__(self, url: str, email: str) -> None:
        self._base = f"{url}/rest/default/V1"
        who = {"username": email, "password": PASSWORD}
        self._token = str(self._ask("POST", "integration/customer/token", who, token=""))
        self._cart_id = str(self._ask("POST", "carts/mine"))
        self._empty()

    def put(self, sku: str, pieces: int) -> None:
        item = {"sku": sku, "qty": pieces, "quote_id": self._cart_id}
        self._ask("POST", "carts/mine/items", {"cartItem": item})

    def take_out(self, sku: str) -> None:
        for item in self._items():
            if item["sku"] == sku:
                self._ask("DELETE", f"carts/mine/items/{item['item_id']}")
                return
        raise LookupError(f"{sku} is not in the cart")

    def enter(self, code: str) -> bool:
        try:
            return self._ask("PUT", f"carts/mine/coupons/{quote(code, safe='')}") is True
        except LookupError:
            return False

    def lines(self) -> list[BasketLine]:
        skus = {item["item_id"]: item["sku"] for item in self._items()}
        rows = self._ask("GET", "carts/mine/totals")["items"]
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
        for item in self._items():
            self._ask("DELETE", f"carts/mine/items/{item['item_id']}")
        self._ask("DELETE", "carts/mine/coupons")

    def _items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", "carts/mine/items")
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
