"""Orders come in from both shops, which answer one call in ten wrongly, and the bridge's process
is killed again and again: in the end the books are those of a bridge that nobody disturbed.

The undisturbed bridge works first in each round, so that it is known how far the other has come
when it is killed: it had begun, and was not done.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from points.ending import Progress, unlike
from points.merchant import Bridge, Shops
from sound_book import assert_sound

from bridge.db import Database

SEED = 3
LATEST = 0.8
"""Of the round's work: a process that is nearly done may be done before the signal reaches it."""
Bridges = Callable[..., tuple[Bridge, Bridge]]


@dataclass(frozen=True)
class Plan:
    orders: int
    rounds: int
    kills: int


@dataclass(frozen=True)
class Killed:
    calls: int
    """That the process had made."""
    share: float
    """Of the round's work that was committed, by this process and those before it."""
    was_killed: bool

    @property
    def is_mid_work(self) -> bool:
        return self.was_killed and self.calls > 0 and self.share < 1


def test_three_kills(shops: Shops, bridges: Bridges) -> None:
    killed = play(shops, *bridges(None), Plan(orders=60, rounds=1, kills=3))
    assert len(killed) == 3
    assert all(one.is_mid_work for one in killed), killed


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fifty_kills_while_a_thousand_orders_come_in(
    database: str, shops: Shops, bridges: Bridges, request: pytest.FixtureRequest
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgresql_url")
    killed = play(shops, *bridges(url), Plan(orders=1000, rounds=10, kills=50))
    proven = sum(one.is_mid_work for one in killed)
    print(f"{database}: {len(killed)} kills, {proven} of them proven mid-work")  # noqa: T201
    assert len(killed) == 50
    assert proven >= 45, killed


def play(shops: Shops, calm: Bridge, other: Bridge, plan: Plan) -> list[Killed]:
    killed: list[Killed] = []
    chance = random.Random(SEED)
    for number in range(plan.rounds):
        shops.behave()
        shops.shop(SEED + number, plan.orders // plan.rounds)
        since, before = calm.ledger.progress(), shops.calls
        calm.work()
        calls = shops.calls - before
        assert calm.work_until_quiet(shops.changed_at) == []
        whole = calm.ledger.progress()
        shops.misbehave(SEED + number)
        share = (plan.kills - len(killed)) // (plan.rounds - number)
        targets = sorted(LATEST * chance.random() for _ in range(share))
        for target in targets:
            by_calls = chance.random() < 0.4
            delay = chance.uniform(0, 0.1)
            enough = max(1, int(target * calls / 3)) if by_calls else None
            killed.append(kill(shops, other, (since, whole), target, enough, delay))
        shops.behave()
        assert other.work_until_quiet(shops.changed_at) == []
        assert unlike(other.ledger.books(), calm.ledger.books()) == []
    _assert_whole(other, plan)
    return killed


def kill(
    shops: Shops,
    bridge: Bridge,
    way: tuple[Progress, Progress],
    target: float,
    calls: int | None,
    delay: float,
) -> Killed:
    """When the process has made so many calls, or has come so far; and a moment later."""
    since, whole = way
    earlier = shops.calls
    process = bridge.start()

    def is_due() -> bool:
        made = shops.calls - earlier
        if calls is not None:
            return made >= calls
        return made > 0 and bridge.ledger.progress().share_of(whole, since) >= target

    process.wait_until(is_due)
    process.ends_within(delay)
    ran = process.kill()
    share = bridge.ledger.progress().share_of(whole, since)
    return Killed(shops.calls - earlier, share, ran.was_killed)


def _assert_whole(bridge: Bridge, plan: Plan) -> None:
    books = bridge.ledger.books()
    assert len(books["orders"]) == plan.orders
    assert sum(row[-1] for row in books["sums"] if row[-2] == "earn") > plan.orders
    database = Database(bridge.ledger.engine.url.render_as_string(hide_password=False))
    assert_sound(database, 1)
    database.close()
