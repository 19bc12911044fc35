"""The webhooks that the page on writing a connector shows."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cornershop import PLATFORM

from connectors.sales import Entity, Signal
from connectors.webhooks import (
    Forged,
    Refused,
    SharedSecret,
    Stale,
    Unreadable,
    Webhooks,
    signature,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a-secret-of-one-shop"
MESSAGE = {"id": "e-1", "event": "order.placed", "at": int(NOW.timestamp()), "order": "o1"}


@pytest.fixture
def webhooks() -> Webhooks:
    assert isinstance(PLATFORM.webhooks, SharedSecret)
    assert PLATFORM.registration is None
    return PLATFORM.webhooks


def told(webhooks: Webhooks, body: bytes, signed: str, now: datetime = NOW) -> Signal:
    return webhooks.verify(["the-former-one", SECRET], {"x-corner-signature": signed}, body, now)


def test_a_signed_message_is_a_signal(webhooks: Webhooks) -> None:
    body = json.dumps(MESSAGE).encode()
    signal = told(webhooks, body, signature(SECRET, body))
    assert signal == Signal("e-1", "order.placed", NOW, Entity.ORDER, ("o1",))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"at": int((NOW - timedelta(hours=1)).timestamp())}, Stale),
        ({"at": "yesterday"}, Unreadable),
        ({"id": ""}, Unreadable),
        ({"order": 7}, Unreadable),
    ],
)
def test_a_message_that_is_not_as_agreed_is_refused(
    webhooks: Webhooks, change: dict[str, object], refusal: type[Refused]
) -> None:
    body = json.dumps({**MESSAGE, **change}).encode()
    with pytest.raises(refusal):
        told(webhooks, body, signature(SECRET, body))


@pytest.mark.parametrize("signed", ["", signature("another", b"{"), signature(SECRET, b"{}")])
def test_nothing_is_read_before_the_signature_is_good(webhooks: Webhooks, signed: str) -> None:
    """What is no JSON is forged all the same."""
    with pytest.raises(Forged):
        told(webhooks, b"{", signed)


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
def test_the_example_signs_as_the_shop_does(webhooks: Webhooks) -> None:
    """With a curl that only says what it was given."""
    assert isinstance(webhooks, SharedSecret)
    script = "curl() { printf '%s\\n' \"$@\"; }\n" + webhooks.example
    said = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "SECRET": SECRET, "ADDRESS": "there"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    header, body = said[said.index("-H") + 1], said[said.index("-d") + 1]
    name, _, signed = header.partition(": ")
    assert (name,) == webhooks.headers
    signal = told(webhooks, body.encode(), signed, datetime.now(UTC))
    assert signal.ids == ("o1",)
