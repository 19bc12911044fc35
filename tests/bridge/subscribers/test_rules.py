"""Signatures, schedule, and what answers mean: against the specification's own examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

from bridge.points.models import Place
from bridge.subscribers import signing
from bridge.subscribers.event_types import Movement
from bridge.subscribers.movement_rules import movement
from bridge.subscribers.rules import (
    MOST_ATTEMPTS,
    WELL,
    Health,
    Reply,
    Verdict,
    after_failure,
    is_given_up,
    pause_after,
    verdict,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_signature_is_that_of_the_reference_libraries() -> None:
    """The vector that the libraries of Standard Webhooks are tested with."""
    given = signing.headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert given == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_and_ids_are_as_the_specification_wants_them() -> None:
    one, other = signing.new_secret(), signing.new_secret()
    assert one != other
    assert one.startswith("whsec_")
    assert len(signing.signature(one, "msg_1", 1, b"")) == len("v1,") + 44
    assert "." not in signing.new_id()


def test_the_schedule_is_the_recommended_one() -> None:
    pauses = [pause_after(attempt, 0.0) for attempt in range(1, MOST_ATTEMPTS)]
    since = [str(one) for one in accumulate(pauses)]
    assert since == [
        "0:00:05",
        "0:05:05",
        "0:35:05",
        "2:35:05",
        "7:35:05",
        "17:35:05",
        "1 day, 7:35:05",
        "2 days, 3:35:05",
        "3 days, 3:35:05",
    ]
    assert pause_after(1, 0.0) < pause_after(1, 0.5) < pause_after(1, 1.0) < timedelta(seconds=6)


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        (Reply(200), Verdict.TAKEN),
        (Reply(204), Verdict.TAKEN),
        (Reply(299), Verdict.TAKEN),
        (Reply(302), Verdict.REFUSED),
        (Reply(404), Verdict.REFUSED),
        (Reply(500), Verdict.REFUSED),
        (Reply(500, retry_after=3.0), Verdict.BUSY),
        (Reply(410), Verdict.GONE),
        (Reply(429), Verdict.BUSY),
        (Reply(502), Verdict.BUSY),
        (Reply(503), Verdict.BUSY),
        (Reply(504), Verdict.BUSY),
        (Reply(None, "No answer in time"), Verdict.BUSY),
    ],
)
def test_what_an_answer_means(reply: Reply, means: Verdict) -> None:
    assert verdict(reply) is means


def test_who_cannot_be_reached_is_left_alone_for_longer_and_longer() -> None:
    health, pauses = WELL, []
    for _ in range(7):
        health = after_failure(health, Verdict.BUSY, None, NOW)
        assert health.not_before is not None
        pauses.append((health.not_before - NOW).total_seconds())
    assert pauses == [5, 30, 60, 300, 900, 1800, 1800]
    assert after_failure(health, Verdict.BUSY, 7200.0, NOW).not_before == NOW + timedelta(hours=2)
    assert after_failure(health, Verdict.BUSY, 1e9, NOW).not_before == NOW + timedelta(days=1)
    assert after_failure(health, Verdict.REFUSED, None, NOW).not_before is None


def test_who_takes_nothing_for_five_days_is_given_up() -> None:
    health, gone = WELL, []
    for hour in range(0, 5 * 24 + 1, 12):
        now = NOW + timedelta(hours=hour)
        health = after_failure(health, Verdict.REFUSED, None, now)
        gone.append(is_given_up(health, now))
    assert gone == [*[False] * 10, True]


def test_one_failure_long_ago_says_nothing_of_now() -> None:
    once = after_failure(WELL, Verdict.REFUSED, None, NOW)
    later = NOW + timedelta(days=9)
    again = after_failure(once, Verdict.REFUSED, None, later)
    assert again == Health(later, later)
    assert not is_given_up(again, later)


@pytest.mark.parametrize(
    ("debit", "credit", "effect", "word"),
    [
        ("issued", "pending", "earn", Movement.EARNED),
        ("pending", "issued", "take_back_pending", Movement.REVERSED),
        ("expired", "issued", "take_back_expired", Movement.REVERSED),
        ("debt", "issued", "take_back_as_debt", Movement.REVERSED),
        ("pending", "available", "ripen", Movement.RIPENED),
        ("available", "expired", "expire", Movement.EXPIRED),
        ("available", "reserved", "reserve", Movement.RESERVED),
        ("reserved", "available", "release", Movement.RELEASED),
        ("reserved", "redeemed", "capture", Movement.REDEEMED),
        ("adjusted", "redeemed", "spend_forgiven", Movement.REDEEMED),
        ("redeemed", "available", "restore", Movement.RESTORED),
        ("adjusted", "available", "adjust", Movement.ADJUSTED),
        ("adjusted", "available", "import", Movement.IMPORTED),
        ("available", "debt", "settle_debt", Movement.SETTLED),
        ("available", "moved", "move_out", Movement.MOVED),
    ],
)
def test_entries_in_a_word(debit: str, credit: str, effect: str, word: Movement) -> None:
    assert movement(Place(debit), Place(credit), effect) is word
