"""What the module in a Magento shop sends is told from what somebody else made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.magento.webhooks import MagentoWebhooks, signed_headers
from connectors.sales import Entity
from connectors.webhooks import Forged, Stale, Unreadable

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OURS = "secret"
verify = MagentoWebhooks().verify


def message(**changes: object) -> bytes:
    found = {"id": "e1", "event": "sales_order_save_after", "entity": "order", "ids": ["17", 18]}
    return json.dumps({**found, **changes}).encode()


def headers(
    body: bytes, secret: str = OURS, at: datetime = NOW, event_id: str = "e1"
) -> dict[str, str]:
    made = signed_headers(secret, event_id, body, at)
    return {name.lower(): value for name, value in made.items()}


def test_a_signed_message_says_which_orders() -> None:
    signal = verify(["new", OURS], headers(message()), message(), NOW)
    assert (signal.event_id, signal.event) == ("e1", "sales_order_save_after")
    assert (signal.entity, signal.ids, signal.sent_at) == (Entity.ORDER, ("17", "18"), NOW)


def test_an_entity_nobody_follows_is_taken_and_says_nothing() -> None:
    body = message(entity="shipment")
    assert verify([OURS], headers(body), body, NOW).entity is None


@pytest.mark.parametrize("place", range(0, len(message()), 7))
def test_one_byte_changed_is_forged(place: int) -> None:
    body = message()
    changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    with pytest.raises(Forged):
        verify([OURS], headers(body), changed, NOW)


@pytest.mark.parametrize(
    "header", ["", "v1=", "t=1", "t=1,v1=ab", "nonsense", "t=1,t=2,v1=ab", "t=ü,v1=ü"]
)
def test_no_good_signature_is_forged(header: str) -> None:
    with pytest.raises(Forged):
        verify([OURS], {"x-loyalty-bridge-signature": header}, message(), NOW)


def test_the_time_is_signed_too() -> None:
    made = headers(message(), at=NOW - timedelta(hours=1))
    with pytest.raises(Stale):
        verify([OURS], made, message(), NOW)
    seconds = str(int((NOW - timedelta(hours=1)).timestamp()))
    moved = made["x-loyalty-bridge-signature"].replace(seconds, str(int(NOW.timestamp())))
    with pytest.raises(Forged):
        verify([OURS], {**made, "x-loyalty-bridge-signature": moved}, message(), NOW)


def test_the_event_cannot_be_renamed_to_pass_for_a_new_one() -> None:
    made = {**headers(message()), "x-loyalty-bridge-event-id": "e2"}
    with pytest.raises(Unreadable):
        verify([OURS], made, message(), NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", message(id=""), message(event=None)])
def test_signed_nonsense_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        verify([OURS], headers(body), body, NOW)
