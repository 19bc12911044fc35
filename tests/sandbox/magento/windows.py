"""A cart as a shop window fills it: as a guest, or signed in."""

from __future__ import annotations

from typing import Any

import requests

from connectors.sandbox.server import RunningSandbox

ADDRESS = {
    "firstname": "Gerda",
    "lastname": "Gast",
    "street": ["Hauptstr. 1"],
    "city": "Berlin",
    "postcode": "10115",
    "country_id": "DE",
    "telephone": "030123456",
}
_FLAT = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}
_PAYMENT = {"paymentMethod": {"method": "checkmo"}}


class Window:
    def __init__(self, base: str, path: str, token: str = "") -> None:
        self.base = base
        self.url = f"{base}/rest/default/V1/{path}"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.raw(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def raw(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = f"{self.url}{path}"
        return requests.request(method, url, json=body, headers=self.headers, timeout=5)

    # -- what is in it ----------------------------------------------------------------------

    def put(self, sku: str, qty: int = 1) -> Any:
        return self.ask("POST", "/items", {"cartItem": {"sku": sku, "qty": qty}})

    def change(self, item: int, qty: int) -> Any:
        return self.ask("PUT", f"/items/{item}", {"cartItem": {"qty": qty}})

    def remove(self, item: int) -> None:
        self.ask("DELETE", f"/items/{item}")

    @property
    def items(self) -> list[Any]:
        found: list[Any] = self.ask("GET", "/items")
        return found

    @property
    def pieces(self) -> dict[tuple[str, bool], int]:
        """SKU, and whether it is for nothing, to pieces."""
        return {(row["sku"], row["price"] == 0): row["qty"] for row in self.items}

    def item(self, sku: str, *, free: bool = False) -> int:
        rows = self.items
        [found] = [row for row in rows if (row["sku"], row["price"] == 0) == (sku, free)]
        return int(found["item_id"])

    @property
    def totals(self) -> Any:
        return self.ask("GET", "/totals")

    # -- ordering ---------------------------------------------------------------------------

    def send_to(self) -> None:
        address = {**ADDRESS, "email": "gerda@example.com"}
        information = {"shipping_address": address, **_FLAT}
        self.ask("POST", "/shipping-information", {"addressInformation": information})

    def order(self) -> int:
        self.send_to()
        return int(self.ask("PUT", "/order", _PAYMENT))

    def try_to_order(self) -> tuple[int, Any]:
        answer = self.raw("PUT", "/order", _PAYMENT)
        return answer.status_code, answer.json()

    def order_refused(self) -> str:
        """In which words."""
        status, body = self.try_to_order()
        assert status == 400
        return str(body["message"])


def open_window(shop: RunningSandbox, customer_id: int = 0) -> Window:
    """0: a guest's."""
    if not customer_id:
        mask = requests.post(f"{shop.url}/rest/default/V1/guest-carts", timeout=5).json()
        return Window(shop.url, f"guest-carts/{mask}")
    token = sign_in(shop, customer_id)
    mine = Window(shop.url, "carts/mine", token)
    mine.ask("POST", "")
    return mine


def sign_in(shop: RunningSandbox, customer_id: int) -> str:
    """A token of his; also the cookie of his session."""
    token = f"token-of-{customer_id}"
    with shop.state.lock:
        shop.state.access.shopper_tokens[token] = customer_id
    return token
