"""Sending against a real receiver: signed, repeated, given up, never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from receiver import Receiver
from referral_world import KEY
from subscriber_world import ADA, SubscriberWorld

from bridge.audit.service import entries
from bridge.engine.once import work_once
from bridge.installations.rotating import encrypt_under_newest_of
from bridge.kit.encryption import KeyRing, generate_key
from bridge.subscribers import messages, rules, sending
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import Disabled, MessageState
from bridge.subscribers.sending import send_messages
from bridge.subscribers.service import enable, named, need_somebody, remove, rotate, secrets_of
from bridge.subscribers.trying import try_out
from bridge.subscribers.walking import find_events

POINTS = [EventType.POINTS_POSTED]


@pytest.fixture
def ada(world: SubscriberWorld) -> int:
    return world.member("ada@example.com")


def states(world: SubscriberWorld, name: str = "") -> list[str]:
    return [one.state for one in world.messages(name)]


def test_a_message_is_signed_and_sent_once(anywhere: SubscriberWorld, receiver: Receiver) -> None:
    world = anywhere
    made = world.subscribe(receiver.url, types=POINTS)
    world.give(world.member("ada@example.com"))
    assert (world.work().sent, world.work(minutes=1).sent) == (1, 0)
    (got,) = receiver.got
    assert got.is_signed_with(made.secret)
    assert got.headers["webhook-timestamp"] == str(int((world.now.timestamp()) - 60))
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.path == "/hook?token=of-its-own"
    (message,) = world.messages()
    assert (message.state, message.status, message.webhook_id) == ("delivered", 204, got.id)
    assert made.secret not in made.row.secret


def test_addresses_are_told_only_where_they_are_asked_for(
    world: SubscriberWorld, ada: int, receivers: Callable[[], Receiver]
) -> None:
    without, with_ = receivers(), receivers()
    world.subscribe(without.url, "erp", POINTS)
    world.subscribe(with_.url, "letters", POINTS, with_email=True)
    world.give(ada)
    world.work()
    assert "email" not in without.got[0].json["data"]["member"]
    assert with_.got[0].json["data"]["member"]["email"] == "ada@example.com"
    assert "ada@" not in str([one.data for one in world.messages()])


def test_what_is_not_taken_comes_again_with_the_same_id_until_it_is(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    receiver.status, receiver.text = 500, "<b>our\0 database</b>\n is down"
    for pause in (timedelta(0), *rules.SCHEDULE[:3]):
        world.work(seconds=pause.total_seconds() * 1.1)
    receiver.status = 200
    (message,) = world.messages()
    assert (message.attempts, message.state) == (4, "waiting")
    assert message.error == "It answered 500: <b>our database</b> is down"
    assert world.subscriber().failing_since is not None
    world.work(hours=3)
    assert len(receiver.ids) == 5
    assert len(set(receiver.ids)) == 1
    times = [int(one.headers["webhook-timestamp"]) for one in receiver.got]
    assert times == sorted(set(times))
    assert states(world) == ["delivered"]
    assert world.subscriber().failing_since is None


def test_after_three_days_it_has_failed_and_can_be_sent_once_more(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    receiver.status = 404
    for pause in (timedelta(0), *rules.SCHEDULE):
        world.work(seconds=pause.total_seconds() * 1.1)
    assert (states(world), len(receiver.got)) == (["failed"], rules.MOST_ATTEMPTS)
    world.work(days=1)
    assert len(receiver.got) == rules.MOST_ATTEMPTS
    receiver.status = 200
    with world.database.writing() as session:
        assert messages.failed(session, world.workspace) == 1
        assert messages.resend(session, world.workspace, world.now) == 1
    assert (world.work().sent, states(world)) == (1, ["delivered"])
    assert len(set(receiver.ids)) == 1


def test_redirects_are_not_followed(
    world: SubscriberWorld, ada: int, receivers: Callable[[], Receiver]
) -> None:
    receiver, elsewhere = receivers(), receivers()
    receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    world.work()
    assert (len(receiver.got), elsewhere.got) == (1, [])
    assert world.messages()[0].status == 307


def test_gone_switches_it_off_and_nothing_more_is_sent(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    receiver.status = 410
    world.work()
    world.give(ada)
    world.work(days=1)
    assert len(receiver.got) == 1
    assert world.subscriber().disabled == Disabled.GONE.value
    with world.database.reading() as session:
        assert [one.name for one in need_somebody(session, world.workspace, world.now)] == ["erp"]
        told = [one.action for one in entries(session, world.workspace, kind="subscriber")]
    assert told == ["subscriber.disabled", "subscriber.added"]
    receiver.status = 200
    with world.database.writing() as session:
        enable(session, named(session, world.workspace, "erp"), ADA, world.now)
    world.work()
    assert states(world) == ["delivered", "delivered"]


def test_who_takes_nothing_for_five_days_is_switched_off(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    receiver.status = 500
    for _ in range(11):
        world.give(ada)
        world.work(hours=11)
    assert world.subscriber().disabled == ""
    world.work(hours=11)
    assert world.subscriber().disabled == Disabled.FAILING.value
    assert "waiting" in states(world)


def test_it_is_left_alone_for_as_long_as_it_asks(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    for _ in range(30):
        world.give(ada)
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
    world.work()
    first = len(receiver.got)
    assert first < 2 * sending.SIDE_BY_SIDE  # those that were under way
    assert {one.attempts for one in world.messages()} == {0, 1}
    world.give(ada)
    world.work(minutes=59)
    assert len(receiver.got) == first
    receiver.status, receiver.headers = 204, {}
    world.work(minutes=2)
    assert set(states(world)) == {"delivered"}


def test_who_fails_is_tried_with_one_message_at_a_time(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    receiver.status = 503
    world.work()
    for _ in range(9):
        world.give(ada)
    world.work(minutes=10)
    assert len(receiver.got) == 2
    receiver.status = 200
    world.work(hours=1)
    assert set(states(world)) == {"delivered"}


def test_a_slow_one_does_not_hold_up_the_others(
    world: SubscriberWorld, ada: int, receivers: Callable[[], Receiver]
) -> None:
    slow, fast = receivers(), receivers()
    all_there = threading.Event()
    slow.before_answer = lambda: all_there.wait(10)
    fast.before_answer = lambda: len(fast.got) == 25 and all_there.set()
    world.subscribe(slow.url, "slow", POINTS)
    world.subscribe(fast.url, "fast", POINTS)
    for _ in range(25):
        world.give(ada)
    assert world.work().sent == 50
    assert all_there.is_set()


def test_nobody_listens(world: SubscriberWorld, ada: int, receiver: Receiver) -> None:
    world.subscribe(receiver.url, types=POINTS)
    receiver.close()
    world.give(ada)
    done = world.work()
    assert (done.sent, list(done.problems)) == (
        0,
        ["erp: No connection: nothing listens there, or the name is not known"],
    )
    assert world.subscriber().not_before is not None


def test_killed_between_sending_and_marking_it_is_sent_again_with_the_same_id(
    anywhere: SubscriberWorld, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = anywhere
    world.subscribe(receiver.url, types=POINTS)
    world.give(world.member("ada@example.com"))
    with monkeypatch.context() as killing:
        killing.setattr(sending, "settle", lambda *_: (0, ""))
        world.work()
        # Another worker takes it only once the lease is over.
        assert send_messages(world.app, "another").sent == 0
    world.pass_(seconds=sending.LEASE.total_seconds() + 1)
    assert send_messages(world.app, "another").sent == 1
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert states(world) == ["delivered"]


def test_two_workers_at_once_send_each_message_once(
    anywhere: SubscriberWorld, receiver: Receiver
) -> None:
    world = anywhere
    world.subscribe(receiver.url, types=POINTS)
    ada = world.member("ada@example.com")
    for _ in range(40):
        world.give(ada)
    find_events(world.app)
    workers = [
        threading.Thread(target=send_messages, args=(world.app, f"worker {number}"))
        for number in range(3)
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(receiver.ids) == len(set(receiver.ids)) == 40


def test_a_secret_is_replaced_without_a_gap(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    old = world.subscribe(receiver.url, types=POINTS).secret
    with world.database.writing() as session:
        row = named(session, world.workspace, "erp")
        new = rotate(session, row, world.app.keyring, ADA, world.now)
    for hours in (23, 2):
        world.give(ada)
        world.work(hours=hours)
    both, later = receiver.got
    assert both.is_signed_with(old)
    assert both.is_signed_with(new)
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    assert not later.is_signed_with(old)
    assert later.is_signed_with(new)


def test_private_addresses_are_called_only_where_that_is_allowed(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS, is_public_only=True)
    world.give(ada)
    assert list(world.work().problems) == [
        "erp: The address is not public, and only public ones are called"
    ]
    assert receiver.got == []
    world.app.settings = world.app.settings.model_copy(update={"allow_private_stores": True})
    assert world.work(hours=1).sent == 1


def test_trying_shows_what_it_answers_and_is_not_repeated(
    world: SubscriberWorld, receiver: Receiver
) -> None:
    made = world.subscribe(receiver.url)
    receiver.status, receiver.text = 400, "no such hook"
    assert made.row.id is not None
    reply = try_out(world.app, made.row.id, ADA)
    assert (reply.status, reply.text) == (400, "no such hook")
    world.work(days=1)
    (got,) = receiver.got
    assert (got.json["type"], got.is_signed_with(made.secret)) == ("test", True)
    assert states(world) == [MessageState.FAILED.value]
    assert world.subscriber().failing_since is None


def test_who_is_removed_while_he_is_written_to_leaves_nothing(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)

    def leave() -> None:
        with world.database.writing() as session:
            remove(session, named(session, world.workspace, "erp"), ADA, world.now)

    receiver.before_answer = leave
    world.work()
    assert (len(receiver.got), world.messages()) == (1, [])


def test_rotating_keys_takes_its_secrets_along(world: SubscriberWorld) -> None:
    """Both that hold; what signs messages stays the same."""
    secret = world.subscribe("https://erp.example").secret
    with world.database.writing() as session:
        row = named(session, world.workspace, "erp")
        new = rotate(session, row, world.app.keyring, ADA, world.now)
    newest = generate_key()
    encrypt_under_newest_of(world.database, [newest, KEY])
    assert secrets_of(world.subscriber(), KeyRing([newest]), world.now) == [new, secret]


def test_the_bridge_at_work_tells_by_itself(
    world: SubscriberWorld, ada: int, receiver: Receiver
) -> None:
    world.subscribe(receiver.url, types=POINTS)
    world.give(ada)
    done = work_once(world.app)
    assert (done.counts["events"], done.counts["webhooks sent"]) == (1, 1)
    assert len(receiver.got) == 1
