"""Every message a live shop sent is told from one that was changed, and says what it is about."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sales import Entity
from connectors.shopware.webhooks import ShopwareWebhooks
from connectors.webhooks import Forged, Stale, Unreadable, signature

RECORDED = json.loads(
    (Path(__file__).parents[2] / "contracts/shopware-6.6.7.1/app_system.json").read_text()
)
SECRET = json.loads(RECORDED["exchanges"][0]["answered"]["body"])["secret"]
HOOKS = {
    number: exchange["received"]
    for number, exchange in enumerate(RECORDED["exchanges"])
    if "/hook/" in exchange["received"]["target"]
}
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OURS = "secret"
each_hook = pytest.mark.parametrize("number", HOOKS)
verify = ShopwareWebhooks().verify


def sent_at(received: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(json.loads(received["body"])["timestamp"], UTC)


def message(**changes: object) -> bytes:
    found: dict[str, object] = {
        "data": {"payload": [], "event": "order.written"},
        "source": {"url": "http://shop", "eventId": "e1", "shopId": "s", "appVersion": "1.0.0"},
        "timestamp": int(NOW.timestamp()),
    }
    return json.dumps({**found, **changes}).encode()


def signed(body: bytes, secret: str = OURS) -> dict[str, str]:
    return {"shopware-shop-signature": signature(secret, body)}


@each_hook
def test_recorded_messages_check(number: int) -> None:
    received = HOOKS[number]
    raw = json.loads(received["body"])
    signal = verify([SECRET], received["headers"], received["body"].encode(), sent_at(received))
    assert (signal.event_id, signal.event) == (raw["source"]["eventId"], raw["data"]["event"])
    assert signal.sent_at == sent_at(received)


@each_hook
def test_recorded_messages_with_one_byte_changed_do_not(number: int) -> None:
    received = HOOKS[number]
    body = received["body"].encode()
    for place in {0, 1, 17, len(body) // 2, len(body) - 1}:
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(Forged):
            verify([SECRET], received["headers"], changed, sent_at(received))
    with pytest.raises(Forged):
        verify([SECRET[:-1] + "x"], received["headers"], body, sent_at(received))


@pytest.mark.parametrize(
    ("number", "entity", "ids"),
    [
        (2, None, ()),
        (3, Entity.CUSTOMER, ("a00f13813ff43cb96fa35b000e85bdb8",)),
        (5, Entity.CUSTOMER, ("01a203a1498770c19ed4d473961db7d9",)),
        (9, Entity.ORDER, ("01a203a14aab73138deb7cf6b73bbedc",)),
        (10, Entity.ORDER, ("01a203a14aab73138deb7cf6b73bbedc",)),
        (13, Entity.ORDER, ("01a203a14aab73138deb7cf6b73bbedc",)),
        (19, None, ()),
        (25, None, ()),
    ],
)
def test_what_recorded_messages_are_about(
    number: int, entity: Entity | None, ids: tuple[str, ...]
) -> None:
    received = HOOKS[number]
    signal = verify([SECRET], received["headers"], received["body"].encode(), sent_at(received))
    assert (signal.entity, signal.ids) == (entity, ids)


def test_a_repetition_has_the_same_event_and_another_time() -> None:
    tries = [
        verify([SECRET], HOOKS[number]["headers"], HOOKS[number]["body"].encode(), at)
        for number in (15, 16, 17, 18)
        for at in [sent_at(HOOKS[number])]
    ]
    assert len({signal.event_id for signal in tries}) == 1
    assert len({signal.sent_at for signal in tries}) == 4


def test_several_secrets_hold_at_once_and_an_empty_one_never() -> None:
    body = message()
    assert verify(["new", "old"], signed(body, "old"), body, NOW).event_id == "e1"
    assert verify(["new", "old"], signed(body, "new"), body, NOW).event_id == "e1"
    for secrets in ([], [""], ["", "new"]):
        with pytest.raises(Forged):
            verify(secrets, signed(body, ""), body, NOW)


@pytest.mark.parametrize("given", [None, "", "no signature", "ü", "0" * 64])
def test_no_signature_is_forged(given: str | None) -> None:
    headers = {} if given is None else {"shopware-shop-signature": given}
    with pytest.raises(Forged):
        verify([OURS], headers, message(), NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=1)])
def test_too_old_or_too_far_ahead_is_stale(away: timedelta) -> None:
    body = message(timestamp=int((NOW + away).timestamp()))
    with pytest.raises(Stale):
        verify([OURS], signed(body), body, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        message(timestamp="soon"),
        message(timestamp=True),
        message(timestamp=10**18),
        message(timestamp=None),
        message(source={}),
        message(source={"eventId": "a\u0000b"}),
        message(source={"eventId": "e" * 300}),
        message(data=[]),
        message(data={"event": 7}),
    ],
    ids=range(14),
)
def test_signed_nonsense_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        verify([OURS], signed(body), body, NOW)


@pytest.mark.parametrize(
    "payload",
    [None, "x", {"order": None}, {"order": {"id": 7}}, [None], [{"entity": "order"}], {"x": {}}],
)
def test_a_payload_of_another_form_is_about_nothing_we_follow(payload: object) -> None:
    body = message(data={"payload": payload, "event": "order.written"})
    signal = verify([OURS], signed(body), body, NOW)
    assert (signal.entity, signal.ids) == (None, ())


def test_a_write_of_many_rows_names_each_once() -> None:
    rows = [{"entity": "order", "primaryKey": digit * 32} for digit in ("a", "b", "a")]
    rows.append({"entity": "order_line_item", "primaryKey": "c" * 32})
    body = message(data={"payload": rows, "event": "order.written"})
    assert verify([OURS], signed(body), body, NOW).ids == ("a" * 32, "b" * 32)
