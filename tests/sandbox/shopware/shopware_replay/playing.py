"""Plays one scenario, exchange by exchange, and collects what differs.

The recordings leave out some request headers, told from the exchanges' names and answers; the
player adds them: ``sw-inheritance: 1`` to "the same with inheritance", the ``sw-version-id`` that
an answer repeats, and the shopper's ``sw-context-token`` to what a shopper, not a guest, asks of
the Store API.
"""

from __future__ import annotations

import json
import re
from typing import Any

from connectors.shopware.sandbox.seed import CLIENT_ID, CLIENT_SECRET, STOREFRONT_KEY
from shopware_replay.asking import Answer, Client
from shopware_replay.comparing import Partners, differences
from shopware_replay.ordering import Ordering
from shopware_replay.preparing import SHOPPER_PASSWORD, Preparation, shopper_email
from shopware_replay.recording import (
    AS_RECORDED,
    RECORDED_HOST,
    Exchange,
    Renaming,
    exchanges,
)

_MASKED = {"<client-id>": CLIENT_ID, "<client-secret>": CLIENT_SECRET}
_WRONG_TOKEN = "wr*ng.t*ken.th*re"
_COMPARED_HEADERS = ("content-type", "location")


class Player:
    def __init__(self, client: Client, scenario: str, renaming: Renaming = AS_RECORDED) -> None:
        self._client = client
        self._scenario = scenario
        self._renaming = renaming
        self._partners = Partners()
        self._shopper = ""
        self._ordering = Ordering(client, renaming, self._partners)

    def play(self) -> dict[int, list[str]]:
        """The differences of each exchange, by its index."""
        self._client.sign_in(CLIENT_ID, CLIENT_SECRET)
        Preparation(self._client, self._renaming).run(self._scenario)
        found = {}
        for exchange in exchanges(self._scenario, self._renaming):
            self._ordering.before(exchange, self._scenario)
            answer = self._ask(exchange)
            if exchange.name == "guest registers":
                self._ordering.tokens[exchange.name] = answer.headers["sw-context-token"]
            found[exchange.index] = self._compare(exchange, answer)
        return found

    # -- asking -----------------------------------------------------------------------------

    def _ask(self, exchange: Exchange) -> Answer:
        request = exchange.request
        body = self._translated(request.get("body"))
        raw = body.encode() if isinstance(body, str) else None
        return self._client.ask(
            request["method"],
            self._partners.translate(request["path"]),
            None if raw else _expanded(body),
            query=request.get("query") or None,
            headers=self._headers(exchange),
            authorized=bool(request.get("authorized")),
            raw=raw,
        )

    def _translated(self, body: Any) -> Any:
        if body is None:
            return None
        text = self._partners.translate(json.dumps(body)).replace(RECORDED_HOST, self._client.url)
        for mask, value in _MASKED.items():
            text = text.replace(mask, value)
        return json.loads(text)

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        headers = {name.title(): value for name, value in exchange.request["headers"].items()}
        if "Sw-Access-Key" in headers:
            headers["Sw-Access-Key"] = STOREFRONT_KEY
            recorded = exchange.response["headers"].get("sw-context-token", "")
            ours = self._ordering.tokens.get(exchange.name) or self._ordering.tokens.get(recorded)
            if ours:
                headers["sw-context-token"] = ours
            elif not exchange.name.startswith("guest"):
                headers["sw-context-token"] = self._signed_in_shopper()
        version = exchange.response["headers"].get("sw-version-id")
        if version:
            headers["sw-version-id"] = self._partners.translate(version)
        if exchange.name == "the same with inheritance":
            headers["sw-inheritance"] = "1"
        if exchange.name == "wrong token":
            headers["Authorization"] = f"Bearer {_WRONG_TOKEN}"
        return headers

    def _signed_in_shopper(self) -> str:
        if not self._shopper:
            recorded = exchanges(self._scenario, self._renaming)[8].response["body"]
            address = recorded["deliveries"][0]["location"]["address"]
            answer = self._client.post(
                "/store-api/account/login",
                {"username": shopper_email(address["customerId"]), "password": SHOPPER_PASSWORD},
                headers={"sw-access-key": STOREFRONT_KEY},
                authorized=False,
            )
            assert answer.status == 200, answer.body
            self._shopper = answer.headers["sw-context-token"]
        return self._shopper

    # -- comparing --------------------------------------------------------------------------

    def _compare(self, exchange: Exchange, answer: Answer) -> list[str]:
        recorded = exchange.response
        if recorded["status"] != answer.status:
            return [f"status {recorded['status']} recorded, {answer.status} here: {answer.raw!r}"]
        found = self._compare_headers(recorded["headers"], answer)
        if recorded["body"] == {"…": "shortened"}:
            return found + _all_listed(exchange, answer)
        body = json.loads(json.dumps(recorded["body"]).replace(RECORDED_HOST, self._client.url))
        return found + differences(body, answer.body, self._partners)

    def _compare_headers(self, recorded: dict[str, str], answer: Answer) -> list[str]:
        found = []
        for name in _COMPARED_HEADERS:
            expected = recorded.get(name, "").replace(RECORDED_HOST, self._client.url)
            ours = answer.headers.get(name, "")
            if expected and not ours:
                found.append(f"header {name}: missing here")
            elif expected:
                found += differences(expected, ours, self._partners, f"header {name}")
        for name in ("sw-context-token", "sw-version-id"):
            if name in recorded:
                ours = answer.headers.get(name, "")
                found += differences(recorded[name], ours, self._partners, f"header {name}")
        return found


def _expanded(body: Any) -> Any:
    """A shortened payload, ``[row, "… 100 entries"]``, at its full length."""
    if not isinstance(body, dict):
        return body
    for operation in body.values():
        payload = operation.get("payload") if isinstance(operation, dict) else None
        if isinstance(payload, list) and len(payload) == 2 and isinstance(payload[1], str):
            count = int(re.findall(r"\d+", payload[1])[0])
            operation["payload"] = [_another(payload[0], number) for number in range(count)]
    return body


def _another(row: dict[str, Any], number: int) -> dict[str, Any]:
    return {**row, "id": f"{number:08x}{row['id'][8:]}", "quantityStart": 1 + 10 * number}


def _all_listed(exchange: Exchange, answer: Answer) -> list[str]:
    sent = _expanded(exchange.request["body"])["p"]["payload"]
    listed = answer.body["data"]["product_price"]
    return [] if listed == [row["id"] for row in sent] else ["not every row is listed as written"]
