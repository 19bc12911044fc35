"""What a signed-in shopper of this shop pays, asked over HTTP."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from connectors.sandbox.people import PASSWORD


def shopper_price(url: str, email: str, sku: str, quantity: int) -> Decimal:
    """Puts the product into the shopper's cart, reads the price of one piece, takes it out.

    Raises LookupError for an unknown shopper or SKU, and for a quantity the shop refuses.
    """
    base = f"{url}/rest/default/V1"
    who = {"username": email, "password": PASSWORD}
    token = str(ask("POST", f"{base}/integration/customer/token", "", who))
    cart_id = ask("POST", f"{base}/carts/mine", token)
    wanted = {"cartItem": {"sku": sku, "qty": quantity, "quote_id": str(cart_id)}}
    item_id = ask("POST", f"{base}/carts/mine/items", token, wanted)["item_id"]
    try:
        totals = ask("GET", f"{base}/carts/mine/totals", token)
    finally:
        ask("DELETE", f"{base}/carts/mine/items/{item_id}", token)
    rows = [row for row in totals["items"] if row["item_id"] == item_id]
    return Decimal(str(rows[0]["price"]))


def shopper_points(url: str, email: str) -> tuple[int, int] | None:
    """What the bridge's module tells a signed-in shopper: available and pending points; ``None``:
    it is not there, or he is no member. Raises LookupError for an unknown shopper."""
    base = f"{url}/rest/default/V1"
    who = {"username": email, "password": PASSWORD}
    token = str(ask("POST", f"{base}/integration/customer/token", "", who))
    try:
        told = ask("GET", f"{base}/loyalty-bridge/me", token)
    except NotTaken:
        return None
    return (told["available"], told["pending"]) if told["is_member"] else None


class NotTaken(LookupError):
    """The shop refused; ``message`` is what it says to the shopper."""

    def __init__(self, what: str, body: str) -> None:
        super().__init__(f"{what}: {body}")
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        self.message = str(said.get("message", "")) if isinstance(said, dict) else ""


def ask(method: str, url: str, token: str, body: Any = None) -> Any:
    """Raises :class:`NotTaken`."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, headers, method=method)  # noqa: S310 - a sandbox's address
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)
    except HTTPError as error:
        raise NotTaken(f"{method} {url}", error.read().decode()) from error
