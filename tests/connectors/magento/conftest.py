"""A connector that talks to recorded answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

from connectors.base import Connection
from connectors.magento.connector import MagentoConnector, connect

RECORDINGS = Path(__file__).parents[2] / "contracts" / "magento-2.4.4"
URL = "https://shop.test"


@pytest.fixture(scope="session")
def recorded() -> Callable[[str, int], dict[str, Any]]:
    """``recorded("tier_prices", 7)`` is that exchange."""
    loaded: dict[str, Any] = {}

    def exchange(scenario: str, number: int) -> dict[str, Any]:
        if scenario not in loaded:
            loaded[scenario] = json.loads((RECORDINGS / f"{scenario}.json").read_text("utf-8"))
        found: dict[str, Any] = copy.deepcopy(loaded[scenario]["exchanges"][number])
        return found

    return exchange


class Shop:
    """A shop with answers to give; each is given in turn, the last one for ever."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def answers(self, method: str, path: str, *bodies: Any, status: int = 200) -> None:
        for body in bodies:
            self.mock.add(method, f"{URL}/rest/all/V1/{path}", json=body, status=status)

    def replays(self, exchange: dict[str, Any]) -> None:
        request, response = exchange["request"], exchange["response"]
        url = URL + request["path"]
        self.mock.add(request["method"], url, json=response["body"], status=response["status"])

    def requests(self, path: str, method: str = "") -> list[Any]:
        """What was sent to that path, as parsed JSON (or the query's parameters)."""
        found = [
            call.request
            for call in self.mock.calls
            if call.request.url.partition("?")[0] == f"{URL}/rest/all/V1/{path}"
            and call.request.method == (method or call.request.method)
        ]
        return [json.loads(one.body) if one.body else dict(one.params) for one in found]

    @property
    def paths(self) -> list[str]:
        return [
            f"{call.request.method} "
            + call.request.url.partition("?")[0].removeprefix(f"{URL}/rest/all/V1/")
            for call in self.mock.calls
        ]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Shop(mock)


@pytest.fixture
def groups(shop: Shop, recorded: Callable[[str, int], dict[str, Any]]) -> None:
    shop.replays(recorded("customer_groups", 0))


@pytest.fixture
def websites(shop: Shop, recorded: Callable[[str, int], dict[str, Any]]) -> None:
    shop.replays(recorded("store", 1))
    shop.replays(recorded("store", 4))
    shop.replays(recorded("customer_groups", 18))
    shop.mock.get(f"{URL}/magento_version", body="Magento/2.4 (Community)")


def built(credentials: dict[str, str] | None = None, **settings: str) -> MagentoConnector:
    connector = connect(
        Connection(
            url=URL,
            credentials=credentials or {"access_token": "integration-token"},
            settings=settings,
            mark="acme/shop",
        )
    )
    connector.http._sleep = lambda seconds: None
    return connector


@pytest.fixture
def connect_with() -> Callable[..., MagentoConnector]:
    return built


@pytest.fixture
def magento() -> Iterator[MagentoConnector]:
    connector = built()
    yield connector
    connector.close()
