"""What the Shopware tests share: recordings, and a shop that answers what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

from connectors.base import Connection
from connectors.rewards import Promotions
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.client import ShopwareClient
from connectors.shopware.connector import ShopwareConnector, connect
from connectors.shopware.sandbox import SANDBOX

CONTRACTS = Path(__file__).parents[2] / "contracts" / "shopware-6.6.7.1"
URL = "http://shop.test"
MARK = "acme/shop"

Exchange = dict[str, Any]


class Recordings:
    """The exchanges of a live shop, by scenario and number."""

    def __call__(self, scenario: str, number: int) -> Exchange:
        exchange: Exchange = self.scenario(scenario)["exchanges"][number]
        return exchange

    def scenario(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((CONTRACTS / f"{name}.json").read_text())
        return content

    def body(self, scenario: str, number: int) -> Any:
        return self(scenario, number)["response"]["body"]


class FakeShop:
    """Answers at ``URL``: a token, and whatever a test adds."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.tokens = 0
        mock.add_callback(responses.POST, f"{URL}/api/oauth/token", self._token)

    def _token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.tokens += 1
        body = {"token_type": "Bearer", "expires_in": 600, "access_token": f"token-{self.tokens}"}
        return 200, {}, json.dumps(body)

    def add(self, method: str, path: str, status: int, body: Any, **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/html" if text.startswith("<") else "application/json"
        self.mock.add(
            method, URL + path, status=status, body=text, content_type=kind, headers=headers
        )

    def answer(self, exchange: Exchange) -> None:
        """Answers a call as it was recorded."""
        request, response = exchange["request"], exchange["response"]
        self.add(request["method"], request["path"], response["status"], response["body"])

    def on(self, method: str, path: str, reply: Callable[[Any], tuple[int, Any]]) -> None:
        """``reply`` gets the parsed request body and gives status and body."""

        def callback(request: Any) -> tuple[int, dict[str, str], str]:
            status, body = reply(json.loads(request.body) if request.body else None)
            text = "" if body is None else json.dumps(body)
            return status, {}, text

        self.mock.add_callback(method, URL + path, callback, content_type="application/json")

    def sent(self, path: str) -> list[Any]:
        """Bodies of the calls to a path, in order."""
        return [
            json.loads(call.request.body)
            for call in self.mock.calls
            if call.request.url == URL + path and call.request.body
        ]

    def headers(self, path: str) -> list[dict[str, str]]:
        return [dict(c.request.headers) for c in self.mock.calls if c.request.url == URL + path]


@pytest.fixture
def recorded() -> Recordings:
    return Recordings()


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield FakeShop(mock)


@pytest.fixture
def client(shop: FakeShop) -> ShopwareClient:
    return ShopwareClient(URL, "SWIAID", "very-secret", sleep=lambda _: None)


@pytest.fixture
def connector(shop: FakeShop) -> ShopwareConnector:
    return connect(
        Connection(
            url=URL,
            credentials={"client_id": "SWIAID", "client_secret": "very-secret"},
            settings={"price_indexing": "queue"},
            mark=MARK,
        )
    )


@pytest.fixture
def currencies(shop: FakeShop) -> None:
    """The shop keeps EUR (default) and CHF, both with two decimals."""
    shop.add(
        "POST",
        "/api/search/currency",
        200,
        {
            "total": 2,
            "data": [
                {
                    "id": "b7d2554b0ce847cd82f3ac9bd1c0dfca",
                    "isoCode": "EUR",
                    "itemRounding": {"decimals": 2},
                },
                {"id": "c" * 32, "isoCode": "CHF", "itemRounding": {"decimals": 2}},
            ],
        },
    )


# -- a whole shop: each file has its own ``running`` ------------------------------------------


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running


@pytest.fixture
def live(sandbox: RunningSandbox) -> Iterator[ShopwareConnector]:
    connector = connect(Connection(sandbox.url, SANDBOX.credentials, {}, MARK))
    yield connector
    connector.close()


@pytest.fixture
def promotions(live: ShopwareConnector) -> Promotions:
    assert live.promotions is not None
    return live.promotions
