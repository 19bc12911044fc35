"""No secret reaches a log, an error or a repr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from structlog.testing import capture_logs

from connectors.errors import ConnectorError, Rejected
from connectors.http import Answer, HttpClient, Redactor, Token, TokenAuth, redact

URL = "https://shop.test/shop"
SECRET = "Kq7-very.secret/value"
Build = Callable[..., HttpClient]


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f'{{"access_token": "{SECRET}", "expires_in": 600}}',
        f"{{'client_secret': '{SECRET}'}}",
        f"client_id=abc&client_secret={SECRET}&grant_type=x",
        f'password="{SECRET}"',
        f"https://admin:{SECRET.replace('/', '')}@shop.test/x",
        f'OAuth oauth_nonce="1", oauth_token="{SECRET}", oauth_signature="{SECRET}"',
    ],
)
def test_secrets_are_known_by_their_names(text: str) -> None:
    masked = redact(text)
    assert "very.secret" not in masked
    assert "***" in masked


def test_known_secrets_are_masked_anywhere() -> None:
    assert Redactor([SECRET]).text(f"no name at all {SECRET}!") == "no name at all ***!"
    assert SECRET not in repr(Redactor([SECRET]))


def test_structures_are_masked_and_the_rest_is_kept() -> None:
    value = {"sku": "A-1", "headers": {"Authorization": "x"}, "rows": [{"password": "y", "n": 1}]}
    assert redact(value) == {
        "sku": "A-1",
        "headers": {"Authorization": "***"},
        "rows": [{"password": "***", "n": 1}],
    }


def test_words_that_are_no_secrets_stay() -> None:
    text = "No such entity with Customer Group = Gold. Row ID: SKU = 24-MB01, Quantity: 5."
    assert redact(text) == text


def test_an_error_of_the_shop_is_masked(shop: responses.RequestsMock, client_of: Build) -> None:
    def quoting(answer: Answer) -> ConnectorError:
        return Rejected(f"Invalid token {SECRET}", where=answer.where)

    shop.get(f"{URL}/a", status=400, json={"message": "x"})
    with pytest.raises(Rejected) as caught:
        client_of(secrets=[SECRET], classify=quoting).get("a")
    assert SECRET not in str(caught.value) + repr(caught.value)


def test_an_error_names_no_query_and_no_host(
    shop: responses.RequestsMock, client_of: Build
) -> None:
    shop.get(f"{URL}/customers", body=requests.ConnectionError(f"{URL}/customers?email=a@b.c"))
    with pytest.raises(ConnectorError) as caught:
        client_of().get("customers", {"email": "a@b.c"})
    assert caught.value.where == "GET /customers"
    assert "a@b.c" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_log_has_the_call_and_no_secret(
    shop: responses.RequestsMock, client_of: Build, time: Any
) -> None:
    shop.post(f"{URL}/a", json=1)
    auth = TokenAuth(lambda: Token(SECRET, 600), clock=time.clock)
    with capture_logs() as lines:
        client_of(auth=auth, secrets=[SECRET]).request(
            "POST", "a", json={"password": SECRET}, params={"email": "a@b.c"}
        )
    assert [(one["method"], one["path"], one["outcome"]) for one in lines] == [("POST", "/a", 200)]
    assert SECRET not in repr(lines)
    assert "a@b.c" not in repr(lines)


def test_objects_show_no_secret(client_of: Build) -> None:
    auth = TokenAuth(lambda: Token(SECRET, 600))
    shown = repr(client_of(auth=auth, secrets=[SECRET])) + repr(auth) + repr(Token(SECRET, 1))
    assert SECRET not in shown
