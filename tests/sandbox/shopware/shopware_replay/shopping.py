"""Shoppers of the Store API, and what the tests of orders ask and do again and again."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.people import PASSWORD, SHOPPERS
from connectors.shopware.sandbox.seed import STOREFRONT_KEY
from shopware_replay.asking import Answer, Client

SAW, DEGREASER = "0009f964978456518617e13b4a9d1108", "01480d19ed01215837593594e2d5ae96"
STANDARD_BUYER, DEALER = SHOPPERS[3], SHOPPERS[0]
COMPLETED = "01a2039a4c037176b4533fc1effe3091"
CAPTURED = "01a2039a4bfc73a2af09bf19f27ed0d7"

Body = dict[str, Any]


class Shopper:
    """Somebody in front of the shop, in one session."""

    def __init__(self, client: Client, email: str = "") -> None:
        self._client = client
        self.token = ""
        if email:
            self.ask("account/login", {"username": email, "password": PASSWORD})

    def ask(self, path: str, body: Body, method: str = "POST") -> Answer:
        headers = {"sw-access-key": STOREFRONT_KEY}
        if self.token:
            headers["sw-context-token"] = self.token
        answer = self._client.ask(
            method, f"/store-api/{path}", body, headers=headers, authorized=False
        )
        self.token = answer.headers.get("sw-context-token", self.token)
        return answer

    def fill(self, *lines: tuple[str, int]) -> Answer:
        items = [{"type": "product", "referencedId": one, "quantity": n} for one, n in lines]
        return self.ask("checkout/cart/line-item", {"items": items})

    def place(self, *lines: tuple[str, int], **said: Any) -> Body:
        self.fill(*lines)
        answer = self.ask("checkout/order", said)
        assert answer.status == 200, answer.body
        placed: Body = answer.body
        return placed


def found_order(api: Client, order_id: str, *associations: str, **more: Any) -> Body:
    asked: Body = {one: {} for one in associations}
    answer = api.post("/api/search/order", {"ids": [order_id], "associations": asked}, **more)
    found: list[Body] = answer.body["data"]
    return found[0]


def do(api: Client, entity: str, key: str, action: str) -> Answer:
    return api.post(f"/api/_action/{entity}/{key}/state/{action}", {})


def pay(api: Client, order: Body, *actions: str) -> None:
    for action in actions or ("paid",):
        assert do(api, "order_transaction", order["transactions"][0]["id"], action).status == 200


def stock(api: Client, product: str = SAW) -> int:
    return int(api.search("product", ids=[product]).body["data"][0]["stock"])


def price(total: float) -> Body:
    return {
        "unitPrice": total,
        "totalPrice": total,
        "quantity": 1,
        "calculatedTaxes": [],
        "taxRules": [],
    }
