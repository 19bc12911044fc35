"""The handshake as a live shop did it, and what must not pass for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.shopware.app import APP_NAME, ShopwareRegistration
from connectors.webhooks import (
    Forged,
    Refused,
    ShopIdentity,
    Stage,
    Stale,
    TakeOver,
    Unreadable,
    signature,
)

RECORDED = json.loads(
    (Path(__file__).parents[2] / "contracts/shopware-6.6.7.1/app_system.json").read_text()
)
EXCHANGES = RECORDED["exchanges"]
APP_SECRET = RECORDED["app"]["secret"]
SECRET = json.loads(EXCHANGES[0]["answered"]["body"])["secret"]
SHOP = ShopIdentity("G2h3TXun0v08Fzdh", "http://127.0.0.1:8000")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
registration = ShopwareRegistration()


def query_of(exchange: dict[str, Any]) -> bytes:
    return urlsplit(exchange["received"]["target"]).query.encode()


def query(at: datetime = NOW, shop_url: str = "https://shop.example") -> bytes:
    return f"shop-id=S1&shop-url={shop_url}&timestamp={int(at.timestamp())}".encode()


def body(at: datetime = NOW, **changes: object) -> bytes:
    found = {
        "apiKey": "key",
        "secretKey": "api-secret",
        "timestamp": str(int(at.timestamp())),
        "shopUrl": "https://shop.example",
        "shopId": "S1",
    }
    return json.dumps({**found, **changes}).encode()


@pytest.mark.parametrize("number", [0, 22])
def test_recorded_requests_check_and_changed_ones_do_not(number: int) -> None:
    raw = query_of(EXCHANGES[number])
    headers = EXCHANGES[number]["received"]["headers"]
    at = datetime.fromtimestamp(int(parse_qs(raw.decode())["timestamp"][0]), UTC)
    assert registration.requested(APP_SECRET, "", headers, raw, at) == SHOP
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Forged):
            registration.requested(APP_SECRET, "", headers, changed, at)


def test_the_recorded_proof_is_ours_but_for_the_name() -> None:
    recorded = json.loads(EXCHANGES[0]["answered"]["body"])
    message = f"{SHOP.shop_id}{SHOP.shop_url}{RECORDED['app']['name']}".encode()
    assert recorded["proof"] == signature(APP_SECRET, message)
    ours = registration.answer(APP_SECRET, SHOP, "new", "https://bridge.example/confirm")
    assert ours == {
        "proof": signature(APP_SECRET, f"{SHOP.shop_id}{SHOP.shop_url}{APP_NAME}".encode()),
        "secret": "new",
        "confirmation_url": "https://bridge.example/confirm",
    }
    assert set(ours) == set(recorded)


@pytest.mark.parametrize("number", [1, 23])
def test_recorded_confirmations_check_and_changed_ones_do_not(number: int) -> None:
    received = EXCHANGES[number]["received"]
    raw = received["body"].encode()
    at = datetime.fromtimestamp(int(json.loads(raw)["timestamp"]), UTC)
    found = registration.confirmed(SECRET, "", received["headers"], raw, at)
    assert (found.shop, found.api_key) == (SHOP, json.loads(raw)["apiKey"])
    assert found.api_secret not in repr(found)
    for place in range(0, len(raw), 5):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Forged):
            registration.confirmed(SECRET, "", received["headers"], changed, at)


def test_a_registered_shop_signs_with_its_own_secret_too() -> None:
    app_only = {"shopware-app-signature": signature("app", query())}
    both = {**app_only, "shopware-shop-signature": signature("shop", query())}
    shop_only = {"shopware-shop-signature": signature("shop", query())}
    assert registration.requested("app", "shop", both, query(), NOW).shop_id == "S1"
    for headers, refusal in ((app_only, TakeOver), (shop_only, Forged)):
        with pytest.raises(refusal):
            registration.requested("app", "shop", headers, query(), NOW)
    with pytest.raises(TakeOver):
        registration.requested("app", "newer", both, query(), NOW)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (query(NOW - timedelta(minutes=6)), Stale),
        (query(NOW + timedelta(minutes=6)), Stale),
        (b"shop-id=S1&timestamp=%d" % NOW.timestamp(), Unreadable),
        (query() + b"&shop-url=https://evil.example", Unreadable),
        (query(shop_url=""), Unreadable),
        ("shop-id=ü".encode(), Unreadable),
        (b"&".join(b"a%d=b" % number for number in range(50)), Unreadable),
        (b"", Unreadable),
    ],
    ids=range(8),
)
def test_signed_requests_that_are_not_taken(raw: bytes, refusal: type[Refused]) -> None:
    headers = {"shopware-app-signature": signature("app", raw)}
    with pytest.raises(refusal):
        registration.requested("app", "", headers, raw, NOW)


def test_a_confirmation_needs_the_new_secret_and_a_right_old_one_where_it_is_given() -> None:
    new = {"shopware-shop-signature": signature("new", body())}
    previous = "shopware-shop-signature-previous"
    assert registration.confirmed("new", "old", new, body(), NOW).api_key == "key"
    both = {**new, previous: signature("old", body())}
    assert registration.confirmed("new", "old", both, body(), NOW).api_key == "key"
    with pytest.raises(TakeOver):
        registration.confirmed("new", "old", {**new, previous: "0" * 64}, body(), NOW)
    with pytest.raises(Forged):
        registration.confirmed(
            "new", "old", {"shopware-shop-signature": signature("old", body())}, body(), NOW
        )


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (body(NOW - timedelta(minutes=6)), Stale),
        (body(apiKey=""), Unreadable),
        (body(shopId=None), Unreadable),
        (b"no JSON", Unreadable),
    ],
)
def test_signed_confirmations_that_are_not_taken(raw: bytes, refusal: type[Refused]) -> None:
    headers = {"shopware-shop-signature": signature("new", raw)}
    with pytest.raises(refusal):
        registration.confirmed("new", "", headers, raw, NOW)


@pytest.mark.parametrize(
    ("number", "stage", "version"),
    [
        (2, Stage.ACTIVATED, "1.0.0"),
        (3, None, ""),
        (19, Stage.UPDATED, "1.0.1"),
        (20, Stage.DEACTIVATED, "1.0.1"),
        (21, Stage.DELETED, "1.0.1"),
    ],
)
def test_recorded_life_cycle(number: int, stage: Stage | None, version: str) -> None:
    found = registration.life_cycle(EXCHANGES[number]["received"]["body"].encode())
    if stage is None:
        assert found is None
    else:
        assert found is not None
        assert (found.stage, found.shop, found.app_version) == (stage, SHOP, version)
