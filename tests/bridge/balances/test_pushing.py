"""What a shop shows is what the book says: told once, told late, told in spite of everything."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from ledger_world import LedgerWorld, line, order
from pushing_scene import Scene

from bridge.balances.queue import DEAD_AFTER, retry
from connectors.errors import AnswerLost, Rejected, Throttled
from connectors.sales import Balance

STARTED = Balance(10, 0, expiring=10, expires_on="2026-03-31")


@pytest.fixture
def scene(ledger: LedgerWorld) -> Scene:
    return Scene(ledger)


def test_ten_orders_make_one_push(scene: Scene) -> None:
    for number in range(10):
        scene.buys(str(number), 10)
    assert scene.push().sent == 1
    assert scene.shop.calls == [["c1"]]
    assert scene.shop.prepared == 1
    shown = scene.shop.held["c1"]
    assert shown == Balance(100, 0, expiring=100, expires_on="2026-03-31")
    assert scene.push().sent == 0
    assert len(scene.shop.calls) == 1


def test_what_comes_out_the_same_is_not_sent_again(scene: Scene) -> None:
    scene.buys("1", 10)
    scene.push()
    bought = order("2", line("a", 5), paid_at=None, completed_at=None)
    scene.ledger.arrive(bought)
    scene.push()
    scene.ledger.arrive(order("3", line("a", 7), customer="c2"))
    scene.ledger.arrive(
        order("2", line("a", 5), cancelled_at=scene.ledger.now, changed_at=scene.ledger.now)
    )
    scene.ledger.arrive(
        order("2", line("a", 5), paid_at=None, changed_at=scene.ledger.now + timedelta(hours=1))
    )
    result = scene.push()
    assert (result.sent, result.unchanged) == (1, 1)


def test_a_lost_answer_is_told_again_later_and_harms_nothing(scene: Scene) -> None:
    scene.buys("1", 10)

    def cut() -> None:
        raise AnswerLost("cut")

    scene.shop.before_answer = cut
    result = scene.push()
    assert result.failed == 1 and "cut" in result.problems[scene.ledger.shops[0]]
    scene.shop.before_answer = lambda: None
    assert scene.push().sent == 0, "it waits a while"
    scene.ledger.now += timedelta(minutes=1)
    assert scene.push().sent == 1
    assert scene.row().attempts == 0


@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_lost_call_may_have_told_is_told_anew_though_the_points_came_back(
    scene: Scene, is_killed: bool
) -> None:
    """The shop had taken the call. Then the points were again as they had been before it."""
    scene.buys("1", 10)
    scene.push()
    scene.ledger.arrive(order("2", line("a", 5), paid_at=None, completed_at=None))

    def cut() -> None:
        raise KeyboardInterrupt if is_killed else AnswerLost("cut")

    scene.shop.before_answer = cut
    with pytest.raises(KeyboardInterrupt) if is_killed else nullcontext():
        scene.push()
    scene.shop.before_answer = lambda: None
    assert scene.shop.held["c1"] == replace(STARTED, pending=5)
    scene.ledger.later(minutes=10)
    scene.ledger.arrive(
        order("2", line("a", 5), cancelled_at=scene.ledger.now, changed_at=scene.ledger.now)
    )
    assert scene.push(scene.new_pusher("two")).sent == 1
    assert scene.shop.held["c1"] == STARTED


def test_a_shop_that_is_down_counts_against_nobody(scene: Scene) -> None:
    scene.buys("1", 10)
    scene.shop.before_answer = lambda: (_ for _ in ()).throw(Throttled("busy"))
    for _ in range(DEAD_AFTER + 2):
        scene.push()
        scene.ledger.now += timedelta(hours=2)
    assert not scene.row().is_dead


def test_a_customer_who_is_refused_ends_as_a_visible_dead_letter(scene: Scene) -> None:
    scene.buys("1", 10)
    scene.buys("2", 20, "c2")
    scene.shop.refuses = {"c1": Rejected("The e-mail is missing")}
    for _ in range(DEAD_AFTER):
        scene.push()
        scene.ledger.now += timedelta(hours=2)
    assert scene.shop.held["c2"] is not None, "the good one is not hidden"
    assert scene.row().is_dead and "The e-mail is missing" in scene.row().error
    calls = len(scene.shop.calls)
    scene.push()
    assert len(scene.shop.calls) == calls
    scene.shop.refuses = {}
    with scene.ledger.database.writing() as session:
        assert retry(session, scene.ledger.workspace) == 1
    assert scene.push().sent == 1


def test_a_deleted_customer_is_forgotten(scene: Scene) -> None:
    scene.buys("1", 10)
    del scene.shop.held["c1"]
    assert scene.push().gone == 1
    assert scene.push().gone == 0


def test_what_changes_while_it_is_sent_is_sent_afterwards(scene: Scene) -> None:
    scene.buys("1", 10)
    once = iter([True])

    def meanwhile() -> None:
        if next(once, False):
            scene.buys("2", 5)
            scene.pusher.enqueue(
                {scene.ledger.shops[0]: SimpleNamespace(balances=scene.shop)}  # type: ignore[dict-item]
            )

    scene.shop.before_answer = meanwhile
    scene.push()
    shown = scene.shop.held["c1"]
    assert shown is not None and shown.available == 15
    assert not scene.row().is_due


def test_one_worker_at_a_time_tells_a_customer(scene: Scene) -> None:
    """A slow push of an older value never overtakes a newer one."""
    scene.buys("1", 10)
    second = scene.new_pusher("two")
    seen: list[int] = []

    def meanwhile() -> None:
        if not seen:
            seen.append(0)
            scene.buys("2", 5)
            seen[0] = scene.push(second).sent

    scene.shop.before_answer = meanwhile
    worker = threading.Thread(target=scene.push)
    worker.start()
    worker.join()
    assert seen == [0], "the customer was held by the first"
    shown = scene.shop.held["c1"]
    assert shown is not None and shown.available == 15
