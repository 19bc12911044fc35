"""Who is let in, and what stands in a shop's way."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

from connectors.magento.sandbox import SANDBOX
from connectors.magento.sandbox.auth import ADMIN_PASSWORDS


def ask(shop: Any, path: str = "customerGroups/1", **more: Any) -> requests.Response:
    return requests.get(f"{shop.url}/rest/all/V1/{path}", timeout=10, **more)


def sign_in(shop: Any, password: str) -> requests.Response:
    return requests.post(
        f"{shop.url}/rest/all/V1/integration/admin/token",
        json={"username": "admin", "password": password},
        timeout=10,
    )


def signed(**changes: str) -> OAuth1:
    keys = {**SANDBOX.credentials, **changes}
    return OAuth1(
        keys["consumer_key"],
        keys["consumer_secret"],
        keys["access_token"],
        keys["access_token_secret"],
        signature_method="HMAC-SHA256",
    )


def test_all_three_ways_in(shop: Any) -> None:
    admin = sign_in(shop, ADMIN_PASSWORDS[0]).json()
    for token in (admin, SANDBOX.credentials["access_token"]):
        assert ask(shop, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    path = "customerGroups/search?searchCriteria[pageSize]=1&fields=items[code]&x=a%2Bb c"
    assert ask(shop, path, auth=signed()).json() == {"items": [{"code": "NOT LOGGED IN"}]}


@pytest.mark.parametrize(
    ("part", "value", "status", "text"),
    [
        ("consumer_secret", "wrong", 401, "The signature is invalid. Verify and try again."),
        ("access_token_secret", "wrong", 401, "The signature is invalid. Verify and try again."),
        ("consumer_key", "wrong", 401, "Consumer key is not the correct length"),
        ("consumer_key", "x" * 32, 401, "A consumer having the specified key does not exist"),
        ("access_token", "x" * 32, 401, "Specified token does not exist"),
        (
            "access_token",
            "wrong",
            400,
            "The token length is invalid. Check the length and try again.",
        ),
    ],
)
def test_what_is_wrong_with_a_signature_is_told(
    shop: Any, part: str, value: str, status: int, text: str
) -> None:
    """magento2: Framework/Oauth/Oauth.php, Integration/Model/Oauth/Token/Provider.php."""
    refused = ask(shop, auth=signed(**{part: value}))
    assert (refused.status_code, refused.json()["message"]) == (status, text)


@pytest.mark.parametrize(("space", "status"), [("%20", 200), ("+", 401)])
def test_a_plus_is_signed_as_a_plus(shop: Any, space: str, status: int) -> None:
    """magento2 Framework/Oauth/Helper/Request.php, ``rawurldecode`` in some 2.4 versions."""
    url = f"{shop.url}/rest/all/V1/customerGroups/1?x=a{space}b"
    assert requests.get(url, auth=signed(), timeout=10).status_code == status


def header_without(shop: Any, *left_out: str, **changed: str) -> str:
    """A header as the client signs it, some parameters taken out or overwritten."""
    url = f"{shop.url}/rest/all/V1/customerGroups/1"
    header = requests.Request("GET", url, auth=signed()).prepare().headers["Authorization"]
    text = header.decode() if isinstance(header, bytes) else header
    pairs = [part.split("=", 1) for part in text.removeprefix("OAuth ").split(", ")]
    kept = {name: value.strip('"') for name, value in pairs if name not in left_out}
    return "OAuth " + ", ".join(f'{name}="{value}"' for name, value in {**kept, **changed}.items())


def test_one_missing_parameter_of_a_signature_is_named(shop: Any) -> None:
    refused = ask(shop, headers={"Authorization": header_without(shop, "oauth_nonce")})
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "message": '"%fieldName" is required. Enter and try again.',
            "parameters": {"fieldName": "oauth_nonce"},
        },
    )


def test_a_signature_without_parameters_is_none_at_all(shop: Any) -> None:
    refused = ask(shop, headers={"Authorization": "OAuth x"})
    assert (refused.status_code, refused.json()["parameters"]) == (
        401,
        {"resources": "Magento_Customer::group"},
    )


def test_missing_parameters_of_a_signature_are_all_named(shop: Any) -> None:
    refused = ask(shop, headers={"Authorization": 'OAuth oauth_version="1.0"'})
    assert refused.status_code == 400
    assert [error["parameters"]["fieldName"] for error in refused.json()["errors"]] == [
        "oauth_consumer_key",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_nonce",
        "oauth_timestamp",
        "oauth_token",
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("oauth_version", "2.0", 'The "%1" Oauth version isn\'t supported.'),
        ("oauth_signature_method", "PLAINTEXT", "Signature method %1 is not supported"),
    ],
)
def test_a_form_the_shop_does_not_speak(shop: Any, name: str, value: str, text: str) -> None:
    refused = ask(shop, headers={"Authorization": header_without(shop, **{name: value})})
    assert (refused.status_code, refused.json()) == (400, {"message": text, "parameters": [value]})


def test_a_nonce_counts_once_when_the_shop_is_strict(shop: Any) -> None:
    shop.faults.set(shop={"nonce_once": True})
    request = requests.Request("GET", f"{shop.url}/rest/all/V1/customerGroups/1", auth=signed())
    prepared = request.prepare()
    with requests.Session() as session:
        assert session.send(prepared, timeout=10).status_code == 200
        assert session.send(prepared, timeout=10).status_code == 401


def test_an_integrations_token_needs_the_switch_but_its_signature_does_not(shop: Any) -> None:
    shop.faults.set(shop={"integration_as_bearer": False})
    bearer = {"Authorization": f"Bearer {SANDBOX.credentials['access_token']}"}
    refused = ask(shop, headers=bearer)
    assert (refused.status_code, refused.json()["parameters"]) == (
        401,
        {"resources": "Magento_Customer::group"},
    )
    assert ask(shop, auth=signed()).status_code == 200


def test_a_missing_privilege_is_named(client: Any, shop: Any) -> None:
    shop.faults.set(shop={"missing_privileges": ["Magento_Customer::manage"]})
    refused = client("PUT", "customers/1", {"customer": {"group_id": 2}})
    assert (refused.status_code, refused.json()["parameters"]) == (
        401,
        {"resources": "Magento_Customer::manage"},
    )
    assert client("GET", "customers/1").status_code == 200


def test_access_is_checked_before_the_body(shop: Any) -> None:
    answer = requests.post(f"{shop.url}/rest/all/V1/customerGroups", data="{not", timeout=10)
    assert answer.status_code == 401


def test_six_wrong_passwords_lock_the_account(shop: Any) -> None:
    for _ in range(6):
        assert sign_in(shop, "wrong").status_code == 401
    assert sign_in(shop, ADMIN_PASSWORDS[0]).status_code == 401


def test_missing_sign_in_fields_are_named(shop: Any) -> None:
    url = f"{shop.url}/rest/all/V1/integration/admin/token"
    one = requests.post(url, json={"username": "admin"}, timeout=10).json()
    assert one["parameters"] == {"fieldName": "password"}
    both = requests.post(url, json={}, timeout=10).json()
    assert [error["parameters"]["fieldName"] for error in both["errors"]] == [
        "username",
        "password",
    ]


def test_a_shopper_sees_himself_and_nothing_of_the_shops(shop: Any) -> None:
    token = requests.post(
        f"{shop.url}/rest/all/V1/integration/customer/token",
        json={"username": SANDBOX.shoppers[0], "password": "Sandbox-Shopper-1"},
        timeout=10,
    ).json()
    own = {"Authorization": f"Bearer {token}"}
    assert ask(shop, "customers/me", headers=own).json()["email"] == SANDBOX.shoppers[0]
    assert ask(shop, "customers/1", headers=own).status_code == 401


@pytest.mark.parametrize(
    ("switches", "path", "status"),
    [
        ({"maintenance": True}, "/rest/all/V1/modules", 503),
        ({"html": True}, "/rest/all/V1/modules", 200),
        ({}, "/shop/rest/all/V1/modules", 404),
        ({}, "/", 200),
    ],
)
def test_what_is_no_rest_service_answers_in_html(
    shop: Any, switches: dict[str, bool], path: str, status: int
) -> None:
    shop.faults.set(shop=switches)
    answer = requests.get(f"{shop.url}{path}", timeout=10)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/rest/all/V2/modules", 404),
        ("PATCH", "/rest/all/V1/modules", 400),
        ("GET", "/rest/all/V1/customerGroups/1/2/3", 404),
        ("GET", "/rest/V1/store/websites", 200),
        ("GET", "/rest/default/V1/store/websites", 200),
        ("GET", "/rest/french/V1/store/websites", 400),
        ("POST", "/rest/all/async/V1/products/tier-prices", 400),
    ],
)
def test_routes(client: Any, shop: Any, method: str, path: str, status: int) -> None:
    assert client.session.request(method, f"{shop.url}{path}", timeout=10).status_code == status


def test_addresses_of_the_shop_are_those_it_was_called_by(client: Any, shop: Any) -> None:
    (config,) = client.get("store/storeConfigs")
    assert config["base_url"] == f"{shop.url}/"


def test_the_version_is_told_without_signing_in(shop: Any) -> None:
    assert requests.get(f"{shop.url}/magento_version", timeout=10).text == "Magento/2.4 (Community)"
