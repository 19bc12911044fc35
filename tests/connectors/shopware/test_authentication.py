"""Client credentials: how many tokens are asked for, and when nothing is asked any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.errors import NotAShop, Unauthorized
from connectors.shopware.client import ShopwareClient

from .conftest import URL, FakeShop, Recordings

VERSION = "/api/_info/version"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_token_serves_all_threads(shop: FakeShop, client: ShopwareClient) -> None:
    shop.add("GET", VERSION, 200, {"version": "6.6.7.1"})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.get(VERSION), range(8)))
    assert shop.tokens == 1
    assert {h["Authorization"] for h in shop.headers(VERSION)} == {"Bearer token-1"}


def test_a_token_is_renewed_thirty_seconds_before_its_end(shop: FakeShop) -> None:
    clock = Clock()
    client = ShopwareClient(URL, "SWIAID", "very-secret", clock=clock)
    shop.add("GET", VERSION, 200, {"version": "6.6.7.1"})
    client.get(VERSION)
    clock.now += 569
    client.get(VERSION)
    assert shop.tokens == 1
    clock.now += 2
    client.get(VERSION)
    assert shop.tokens == 2


def test_a_token_that_the_shop_dropped_is_fetched_anew_once(
    shop: FakeShop, client: ShopwareClient, recorded: Recordings
) -> None:
    refusal = recorded.body("oauth", 5)
    answers = [(200, {"version": "1"}), (401, refusal), (200, {"version": "1"})]
    shop.on("GET", VERSION, lambda _: answers.pop(0))
    client.get(VERSION)
    assert client.get(VERSION) == {"version": "1"}
    assert shop.tokens == 2


def test_a_fresh_token_that_is_refused_stops_the_connector(
    shop: FakeShop, client: ShopwareClient, recorded: Recordings
) -> None:
    shop.add("GET", VERSION, 401, recorded.body("oauth", 5))
    for _ in range(3):
        with pytest.raises(Unauthorized):
            client.get(VERSION)
    assert shop.tokens == 1
    assert len(shop.headers(VERSION)) == 1


def test_refused_credentials_are_sent_once_and_never_again(
    shop: FakeShop, recorded: Recordings
) -> None:
    shop.mock.reset()
    shop.answer(recorded("oauth", 1))
    clock = Clock()
    client = ShopwareClient(URL, "SWIAID", "very-secret", clock=clock)
    for _ in range(3):
        with pytest.raises(Unauthorized, match="access key id and secret") as caught:
            client.get(VERSION)
        assert "very-secret" not in str(caught.value)
        clock.now += 86_400
    assert len(shop.mock.calls) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "<html>Not found</html>"),
        (200, "<!doctype html><title>A page</title>"),
        (404, '{"message": "no such route"}'),
        (200, '{"hello": "world"}'),
    ],
)
def test_what_is_no_shopware_is_said_so(
    shop: FakeShop, client: ShopwareClient, status: int, body: str
) -> None:
    shop.mock.reset()
    shop.add("POST", "/api/oauth/token", status, body)
    with pytest.raises(NotAShop) as caught:
        client.get(VERSION)
    assert "\n" not in str(caught.value)
