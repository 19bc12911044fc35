"""What a shop shows is what the book says: told once, told late, told in spite of everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ledger_world import LedgerWorld, line, order
from sqlalchemy import select
from sqlmodel import col

from bridge.balances.models import ShownBalance
from bridge.balances.pushing import Pusher
from bridge.balances.queue import DEAD_AFTER, retry
from connectors.errors import AnswerLost, ConnectorError, Rejected, Throttled
from connectors.sales import Balance

POINTS = {
    "rules": {"base": {"per_amount": {"points": 1, "each": 1}}},
    "ripen": {"after": "paid", "days": 0},
    "expire": {"days": 30},
}


class ShowingShop:
    """A shop that holds balances, and can be told to misbehave."""

    def __init__(self, *customers: str) -> None:
        self.held: dict[str, Balance | None] = dict.fromkeys(customers)
        self.calls: list[list[str]] = []
        self.prepared = 0
        self.before_answer: Callable[[], None] = lambda: None
        self.refuses: dict[str, ConnectorError] = {}

    def prepare(self) -> None:
        self.prepared += 1

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        return {one: self.held[one] for one in customer_ids if one in self.held}

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        self.calls.append(sorted(balances))
        for customer, balance in balances.items():
            if customer in self.held and customer not in self.refuses:
                self.held[customer] = balance
        self.before_answer()
        return {one: error for one, error in self.refuses.items() if one in balances}

    def remove(self) -> None:
        self.held = dict.fromkeys(self.held)


class Scene:
    def __init__(self, ledger: LedgerWorld) -> None:
        self.ledger = ledger
        ledger.programme(POINTS)
        self.shop = ShowingShop("c1", "c2")
        self.member = ledger.member((0, "c1"), (1, "k1"))
        self.other = ledger.member((0, "c2"))
        self.pusher = self.new_pusher("one")

    def new_pusher(self, owner: str) -> Pusher:
        return Pusher(
            self.ledger.database,
            self.ledger.workspace,
            lambda: self.ledger.now,
            owner,
            timedelta(minutes=5),
            jitter=lambda low, high: high,
        )

    def push(self, pusher: Pusher | None = None) -> Any:
        one = pusher or self.pusher
        connector: Any = SimpleNamespace(balances=self.shop)
        silent: Any = SimpleNamespace(balances=None)
        one.enqueue({self.ledger.shops[0]: connector, self.ledger.shops[1]: silent})
        return one.push(self.ledger.shops[0], connector)

    def buys(self, id_: str, amount: int, customer: str = "c1") -> None:
        self.ledger.arrive(order(id_, line("a", amount), customer=customer))
        self.ledger.later(minutes=1)

    def row(self, customer: str = "c1") -> ShownBalance:
        with self.ledger.database.reading() as session:
            return session.scalars(
                select(ShownBalance).where(
                    col(ShownBalance.workspace_id) == self.ledger.workspace,
                    col(ShownBalance.customer_id) == customer,
                )
            ).one()


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
