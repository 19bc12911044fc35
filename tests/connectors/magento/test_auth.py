"""The three ways in, and what a shop says when they are closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.base import Connection
from connectors.errors import Forbidden, Unauthorized
from connectors.magento import PLATFORM
from connectors.magento.auth import OAuthSignature
from connectors.magento.connector import MagentoConnector
from connectors.sales import Mark

VECTORS = json.loads(
    (Path(__file__).parents[2] / "contracts" / "magento-2.4.4" / "oauth1.json").read_text("utf-8")
)
ACCEPTED = [vector for vector in VECTORS["vectors"] if vector["status"] != 401]
REFUSED = [vector for vector in VECTORS["vectors"] if vector["status"] == 401]
SECRETS = ("integration-token", "Gr8-password", *VECTORS["keys"].values())


def parts(header: str) -> dict[str, str]:
    text = header.removeprefix("b'").removesuffix("'").removeprefix("OAuth ")
    return dict(part.replace('"', "").split("=", 1) for part in text.split(", "))


def signed(vector: dict[str, Any]) -> dict[str, str]:
    theirs = parts(vector["authorization"])
    signer = OAuthSignature(
        VECTORS["keys"], nonce=theirs["oauth_nonce"], timestamp=theirs["oauth_timestamp"]
    )
    body = json.dumps(vector["body"]) if vector.get("body") else None
    request = requests.Request(
        vector["method"],
        vector["url"],
        data=body,
        headers={"Content-Type": "application/json"} if body else {},
        auth=signer,
    )
    header = request.prepare().headers["Authorization"]
    assert isinstance(header, str)
    assert header.startswith("OAuth ")
    return parts(header)


@pytest.mark.parametrize("vector", ACCEPTED, ids=lambda vector: vector["url"][21:60])
def test_our_signature_is_the_one_the_shop_accepted(vector: dict[str, Any]) -> None:
    assert signed(vector) == parts(vector["authorization"])


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["url"][21:60])
def test_our_signature_is_not_the_one_the_shop_refused(vector: dict[str, Any]) -> None:
    theirs = parts(vector["authorization"])
    assert signed(vector)["oauth_signature"] != theirs["oauth_signature"]


def test_every_call_is_signed_anew(
    shop: Any, groups: None, connect_with: Callable[..., MagentoConnector]
) -> None:
    connector = connect_with(credentials=VECTORS["keys"])
    connector.groups()
    connector.groups()
    headers = [parts(call.request.headers["Authorization"]) for call in shop.mock.calls]
    assert len({header["oauth_nonce"] for header in headers}) == 2
    assert {header["oauth_signature_method"] for header in headers} == {"HMAC-SHA256"}


def test_no_space_is_sent_as_a_plus(
    shop: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    """Some 2.4 versions check a signature with ``rawurldecode``, to which a ``+`` is a plus
    (magento2 Framework/Oauth/Helper/Request.php): each walk by change time would be refused."""
    shop.answers("GET", "orders", {"items": None, "total_count": 0})
    feed = connect_with(credentials=VECTORS["keys"]).feed
    assert feed is not None
    assert list(feed.changes("orders", Mark(datetime(2026, 11, 22, 14, 59, 51, tzinfo=UTC)))) == []
    [call] = shop.mock.calls
    query = call.request.url.partition("?")[2]
    assert "=2026-11-22%2014%3A59%3A51&" in query
    assert "+" not in query


def test_an_integration_token_is_sent_as_it_is(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    magento.groups()
    assert shop.mock.calls[0].request.headers["Authorization"] == "Bearer integration-token"


@pytest.mark.parametrize(
    ("status", "said", "parameters"),
    [
        (400, "The token length is invalid. Check the length and try again.", None),
        (400, '"%fieldName" is required. Enter and try again.', {"fieldName": "oauth_token"}),
        (401, "Consumer key is not the correct length", None),
        (401, "Incorrect timestamp value in the oauth_timestamp parameter", None),
    ],
)
def test_keys_that_are_badly_copied_are_refused_credentials(
    shop: Any,
    connect_with: Callable[..., MagentoConnector],
    status: int,
    said: str,
    parameters: Any,
) -> None:
    """magento2 Framework/Oauth/Oauth.php: a fault of form is a 400, one of keys a 401."""
    body = {"message": said} | ({"parameters": parameters} if parameters else {})
    shop.answers("GET", "customerGroups/search", body, status=status)
    keys = dict.fromkeys(
        ("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "cut short"
    )
    with pytest.raises(Unauthorized) as caught:
        connect_with(credentials=keys).groups()
    assert ("clock" in str(caught.value)) is ("timestamp" in said)


ADMIN = {"username": "admin", "password": "Gr8-password"}


def test_an_admin_token_is_fetched_once(
    shop: Any, groups: None, connect_with: Callable[..., MagentoConnector]
) -> None:
    shop.answers("POST", "integration/admin/token", "token-1")
    connector = connect_with(credentials=ADMIN)
    connector.groups()
    connector.groups()
    assert shop.paths == [
        "POST integration/admin/token",
        "GET customerGroups/search",
        "GET customerGroups/search",
    ]
    assert shop.requests("integration/admin/token") == [ADMIN]
    assert shop.mock.calls[2].request.headers["Authorization"] == "Bearer token-1"


def test_a_wrong_password_is_tried_once(
    shop: Any, connect_with: Callable[..., MagentoConnector], recorded: Any
) -> None:
    """Magento locks the user for 30 minutes after 6 failures."""
    shop.replays(recorded("auth", 1))
    connector = connect_with(credentials=ADMIN)
    for _ in range(10):
        with pytest.raises(Unauthorized, match="sign-in was incorrect"):
            connector.groups()
    assert connector.http.calls == 1


@pytest.mark.parametrize(
    "said",
    [
        "Please use the 2fa provider-specific endpoints to obtain a token.",
        "You are required to configure personal Two-Factor Authorization in order to login. "
        "Please check your email.",
        "Please ask an administrator with sufficient access to configure 2FA first",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_two_factor_sign_in_is_explained_and_tried_once(
    shop: Any, connect_with: Callable[..., MagentoConnector], said: str, status: int
) -> None:
    """security-package, TwoFactorAuth/Model/AdminAccessTokenService.php; each try may send the
    admin an e-mail."""
    body = {"message": said} | ({"user_id": 1, "active_providers": []} if status == 200 else {})
    shop.answers("POST", "integration/admin/token", body, status=status)
    connector = connect_with(credentials=ADMIN)
    for _ in range(3):
        with pytest.raises(Unauthorized) as caught:
            connector.groups()
    assert said in str(caught.value)
    assert "create an integration" in str(caught.value)
    assert connector.http.calls == 1


def test_an_admin_token_that_ended_is_renewed_once(
    shop: Any, recorded: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    """The shop says the same of an ended token as of a missing privilege (auth.json #2)."""
    shop.answers("POST", "integration/admin/token", "token-1", "token-2")
    shop.replays(recorded("customer_groups", 0))
    shop.replays(recorded("auth", 3))
    shop.replays(recorded("customer_groups", 0))
    connector = connect_with(credentials=ADMIN)
    connector.groups()
    now = connector.http.auth._clock()  # type: ignore[attr-defined]
    connector.http.auth._clock = lambda: now + 3600  # type: ignore[attr-defined]
    assert len(connector.groups()) == 4
    assert shop.paths.count("POST integration/admin/token") == 2


def test_a_missing_privilege_does_not_fetch_token_after_token(
    shop: Any, recorded: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    shop.answers("POST", "integration/admin/token", "token-1")
    shop.replays(recorded("auth", 2))
    shop.replays(recorded("store", 1))
    connector = connect_with(credentials=ADMIN)
    for _ in range(5):
        with pytest.raises(Forbidden):
            connector.groups()
    assert shop.paths.count("POST integration/admin/token") == 1


def test_refused_here_and_elsewhere_means_the_credentials(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    """A wrong token gets the answer of a missing privilege (recorded: auth.json #3)."""
    shop.replays(recorded("auth", 3))
    shop.answers("GET", "store/websites", recorded("auth", 3)["response"]["body"], status=401)
    with pytest.raises(Unauthorized):
        magento.groups()
    assert magento.http.calls == 2


def test_credentials_that_were_taken_once_are_not_doubted(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("customer_groups", 0))
    shop.answers("GET", "categories", recorded("auth", 2)["response"]["body"], status=401)
    magento.groups()
    with pytest.raises(Forbidden):
        magento.categories()
    assert magento.http.calls == 2


def test_a_missing_privilege_is_named(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.replays(recorded("auth", 2))
    shop.replays(recorded("store", 1))
    with pytest.raises(Forbidden) as caught:
        magento.groups()
    assert caught.value.privileges == ("Magento_Customer::group",)
    assert "Magento_Customer::group" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "access_token_secret; or access_token; or username"),
        ({"access_token": ""}, "access_token_secret; or access_token; or username"),
        ({"username": "admin"}, "lack password"),
        ({"consumer_key": "a", "access_token": "b"}, "lack consumer_secret, access_token_secret"),
    ],
)
def test_missing_credentials_are_named(given: dict[str, str], missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        PLATFORM.connect(Connection("https://shop.test", given, {}, "a/b"))


def test_credentials_show_nowhere(
    shop: Any, recorded: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    for credentials in ({"access_token": SECRETS[0]}, ADMIN, VECTORS["keys"]):
        connector = connect_with(credentials=credentials)
        shown = repr(connector) + repr(connector.http) + repr(connector.http.auth)
        assert not [secret for secret in SECRETS if secret in shown]


def test_a_shop_that_quotes_a_secret_is_masked(shop: Any, magento: MagentoConnector) -> None:
    body = {"message": "Token %1 is bad", "parameters": ["integration-token"]}
    shop.answers("GET", "customerGroups/search", body, status=400)
    with pytest.raises(Exception, match=r"Token \*\*\* is bad") as caught:
        magento.groups()
    assert "integration-token" not in repr(caught.value)
