"""Asking the shop what a shopper pays, the way a shop window does: over the Store API."""

from __future__ import annotations

import json
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.people import PASSWORD
from connectors.shopware.sandbox.seed import STOREFRONT_KEY

_APP = "LoyaltyBridge"
_POINTS, _PENDING = "loyalty_bridge_points", "loyalty_bridge_pending"


def shopper_price(url: str, email: str, sku: str, quantity: int) -> Decimal:
    """Net price of one piece when the shopper takes ``quantity`` of them, from their cart.

    Raises LookupError for an unknown shopper or SKU.
    """
    shopper = Shopper(url)
    try:
        shopper.sign_in(email)
        product = shopper.find(sku)
        return shopper.net_price(product, quantity)
    finally:
        shopper.leave()


def shopper_points(url: str, email: str) -> tuple[int, int] | None:
    """Available and pending ones, from the shopper's own custom fields; ``None``: he has no such
    fields. Raises LookupError for an unknown shopper."""
    shopper = Shopper(url)
    try:
        shopper.sign_in(email)
        _, customer = shopper.ask("/account/customer")
    finally:
        shopper.leave()
    fields = customer["customFields"] or {}
    return (fields[_POINTS], fields[_PENDING]) if _POINTS in fields else None


def shopper_token(url: str, email: str) -> str:
    """What the shop signs for the bridge's app. Raises LookupError for an unknown shopper, and
    where the app is not at work."""
    shopper = Shopper(url)
    try:
        shopper.sign_in(email)
        status, told = shopper.ask(f"/app-system/{_APP}/generate-token")
    finally:
        shopper.leave()
    if status != 200:
        raise LookupError(f"the shop signs nothing for {_APP}: {told}")
    return str(told["token"])


class Shopper:
    """A connection with a context of its own."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self._token = ""

    def leave(self) -> None:
        self._connection.close()

    def sign_in(self, email: str) -> None:
        status, _ = self.ask("/account/login", {"username": email, "password": PASSWORD})
        if status != 200:
            raise LookupError(f"no shopper {email!r} with the password of the sample customers")

    def find(self, sku: str) -> str:
        criteria = {
            "filter": [{"type": "equals", "field": "productNumber", "value": sku}],
            "includes": {"product": ["id"]},
        }
        _, found = self.ask("/product", criteria)
        if not found["elements"]:
            raise LookupError(f"no product {sku!r} in this sales channel")
        return str(found["elements"][0]["id"])

    def net_price(self, product_id: str, quantity: int) -> Decimal:
        item = {"type": "product", "referencedId": product_id, "quantity": quantity}
        _, cart = self.ask("/checkout/cart/line-item", {"items": [item]})
        price = cart["lineItems"][0]["price"]
        unit = Decimal(str(price["unitPrice"]))
        if cart["price"]["taxStatus"] == "net":
            return unit
        rate = Decimal(str(price["taxRules"][0]["taxRate"]))
        return (unit * 100 / (100 + rate)).quantize(Decimal("0.01"))

    def ask(
        self, path: str, body: dict[str, Any] | None = None, *, method: str = "POST"
    ) -> tuple[int, Any]:
        """The status, and the body as it was read."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "sw-access-key": STOREFRONT_KEY,
        }
        if self._token:
            headers["sw-context-token"] = self._token
        content = None if body is None else json.dumps(body)
        self._connection.request(method, f"/store-api{path}", content, headers)
        response = self._connection.getresponse()
        self._token = response.headers.get("sw-context-token", self._token)
        return response.status, json.loads(response.read() or b"{}")
