"""A token is fetched when needed, renewed once, and never asked for in a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import responses

from connectors.errors import Throttled, Unauthorized
from connectors.http import NO_AUTH, HttpClient, Token, TokenAuth

URL = "https://shop.test/shop"
Build = Callable[..., HttpClient]
Shop = responses.RequestsMock


@pytest.fixture
def issued() -> list[str]:
    return []


@pytest.fixture
def auth(issued: list[str], time: Any) -> TokenAuth:
    def fetch() -> Token:
        issued.append(f"token-{len(issued)}")
        return Token(issued[-1], lifetime=600)

    return TokenAuth(fetch, early=30, pause=1800, clock=time.clock)


def sent(shop: Shop) -> list[str]:
    return [str(call.request.headers["Authorization"]) for call in shop.calls]


def test_one_token_serves_until_shortly_before_its_end(
    shop: Shop, client_of: Build, auth: TokenAuth, time: Any
) -> None:
    shop.get(f"{URL}/a", json=1)
    client = client_of(auth=auth)
    client.get("a")
    time.now += 569
    client.get("a")
    time.now += 2
    client.get("a")
    assert sent(shop) == ["Bearer token-0", "Bearer token-0", "Bearer token-1"]


def test_a_token_that_ended_early_is_renewed_once(
    shop: Shop, client_of: Build, auth: TokenAuth
) -> None:
    shop.get(f"{URL}/a", json=1)
    shop.get(f"{URL}/a", status=401, json={})
    shop.get(f"{URL}/a", json=2)
    client = client_of(auth=auth)
    client.get("a")
    assert client.get("a") == 2
    assert sent(shop) == ["Bearer token-0", "Bearer token-0", "Bearer token-1"]


def test_a_shop_that_refuses_fresh_tokens_is_left_alone(
    shop: Shop, client_of: Build, auth: TokenAuth, issued: list[str], time: Any
) -> None:
    shop.get(f"{URL}/a", status=401, json={})
    client = client_of(auth=auth)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            client.get("a")
    assert issued == ["token-0"]
    assert client.calls == 1
    time.now += 1801
    with pytest.raises(Unauthorized):
        client.get("a")
    assert client.calls == 2


def test_refused_credentials_are_not_tried_again(shop: Shop, client_of: Build, time: Any) -> None:
    tries: list[int] = []

    def fetch() -> Token:
        tries.append(1)
        raise Unauthorized("wrong password")

    client = client_of(auth=TokenAuth(fetch, clock=time.clock))
    for _ in range(5):
        with pytest.raises(Unauthorized, match="wrong password"):
            client.get("a")
    assert tries == [1]
    assert client.calls == 0


def test_tries_for_a_token_are_not_multiplied_by_those_of_the_call(
    shop: Shop, client_of: Build, time: Any
) -> None:
    """A limiter of logins counts each of them: five tries are five, not twenty-five."""
    shop.post(f"{URL}/token", status=429, json={})

    def fetch() -> Token:
        client.request("POST", "token", json={}, repeatable=True, reading=True, auth=NO_AUTH)
        raise AssertionError("no token is given out here")

    client = client_of(auth=TokenAuth(fetch, clock=time.clock))
    with pytest.raises(Throttled):
        client.get("a")
    assert len(shop.calls) == client.policy.attempts
