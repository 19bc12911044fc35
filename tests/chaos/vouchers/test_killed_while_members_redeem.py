"""Two hundred members redeem at the same moment, in both shops, which answer one call in ten
wrongly, while every process is killed again and again. Then they buy, twice with one code where a
shop lets them, cancel, give back; vouchers are withdrawn and exchanged in the moment they are used.

In the end the points that are held are those of the vouchers in the shops, and what was given
away is what was booked.
"""

from __future__ import annotations

import random
from collections import Counter as Count
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sound_book import assert_sound
from trial.command import Process
from vouchers.counter import POINTS, STORES, Counter

from bridge.vouchers.models import Voucher

SEED = 7
Counters = Callable[..., Counter]


@dataclass(frozen=True)
class Plan:
    members: int
    redeemers: int
    kills: int
    """While they redeem."""
    rounds: int
    """Of buying, with as many kills each as there are workers."""
    workers: int


def test_a_few_members(counters: Counters) -> None:
    plan = Plan(members=10, redeemers=2, kills=2, rounds=1, workers=1)
    play(counters(plan.members), plan)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_members(
    database: str, counters: Counters, request: pytest.FixtureRequest
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgresql_url")
    plan = Plan(members=200, redeemers=4, kills=24, rounds=8, workers=3)
    play(counters(plan.members, url), plan)


def play(counter: Counter, plan: Plan) -> None:
    assert len(counter.emails) == plan.members
    chance = random.Random(SEED)
    stores = list(STORES.values())
    wishes = [
        {"email": email, "points": POINTS, "store": stores[place % 2], "id": f"wish-{email}"}
        for place, email in enumerate(counter.emails)
    ]
    counter.misbehave(SEED)
    all_redeem(counter, plan, wishes, chance)
    counter.behave()
    assert counter.work_until_quiet() == []
    assert_shops_hold_what_points_are_held_for(counter, plan)

    vouchers = counter.vouchers()
    chance.shuffle(vouchers)
    counter.misbehave(SEED + 1)
    for number in range(plan.rounds):
        workers = [counter.work() for _ in range(plan.workers)]
        for voucher in vouchers[number :: plan.rounds]:
            something_happens(counter, voucher, chance)
        for worker in workers:
            worker.ends_within(chance.uniform(0, 1.5))
            assert_was_killed_or_ended(worker)
    counter.behave()
    assert counter.work_until_quiet() == []
    assert_what_was_given_is_what_was_booked(counter, plan)


# -- redeeming ------------------------------------------------------------------------------


def all_redeem(
    counter: Counter, plan: Plan, wishes: list[dict[str, Any]], chance: random.Random
) -> None:
    """Each wish is told by two processes; whoever is killed is begun again."""
    shares = [wishes[at :: plan.redeemers] for at in range(plan.redeemers)]
    errands = [
        lambda at=at: counter.redeemer(shares[at] + shares[at - 1]) for at in range(plan.redeemers)
    ]
    errands.append(counter.work)
    running = [begin() for begin in errands]
    killed = 0
    for target in sorted(chance.random() for _ in range(plan.kills)):
        enough = int(2 * plan.members * target)
        victim = chance.randrange(len(errands))
        running[victim].wait_until(lambda enough=enough: progress(counter) >= enough)
        running[victim].ends_within(chance.uniform(0, 0.05))
        killed += assert_was_killed_or_ended(running[victim])
        running[victim] = errands[victim]()
    for process in running[:-1]:
        ran = process.ended()
        assert ran.code == 0, ran.err
    running[-1].ended()
    assert killed >= plan.kills // 2, "processes were at work when they were killed"


def progress(counter: Counter) -> int:
    """Vouchers that there are, and codes that were seen in a shop."""
    return counter.number(
        "SELECT count(*) + coalesce(sum(CASE WHEN is_there THEN 1 ELSE 0 END), 0) FROM vouchers"
    )


def assert_was_killed_or_ended(process: Process) -> bool:
    """Whether it was killed."""
    ran = process.kill()
    assert ran.was_killed or ran.code in (0, 1), ran.err
    assert "Traceback" not in ran.err, ran.err
    return ran.was_killed


def assert_shops_hold_what_points_are_held_for(counter: Counter, plan: Plan) -> None:
    vouchers = counter.vouchers()
    assert len(vouchers) == plan.members
    assert {(one.state, one.points, one.is_there) for one in vouchers} == {("open", POINTS, True)}
    assert counter.booked() == {one.id: (POINTS, 0) for one in vouchers}
    assert counter.number("SELECT sum(reserved) FROM accounts") == plan.members * POINTS
    assert counter.number("SELECT sum(available) FROM accounts") == 0
    assert counter.in_shops() == codes_by_shop(counter, vouchers)
    assert_books_are_sound(counter)


def codes_by_shop(counter: Counter, vouchers: list[Voucher]) -> dict[str, list[str]]:
    names = counter.shop_names()
    found: dict[str, list[str]] = {name: [] for name in STORES}
    for one in vouchers:
        found[names[one.installation_id]].append(one.code)
    return {name: sorted(codes) for name, codes in found.items()}


def assert_books_are_sound(counter: Counter) -> None:
    assert_sound(counter.app.database, counter.app.workspace_id)
    assert [(one.check, one.where, one.what) for one in counter.found()] == []


# -- using ----------------------------------------------------------------------------------


def something_happens(counter: Counter, voucher: Voucher, chance: random.Random) -> None:
    what = chance.random()
    if what < 0.15:
        counter.withdraws(voucher)
    elif what < 0.25:
        counter.exchanges(voucher)
    if what > 0.9 or 0.08 < what < 0.2:
        return
    bought = counter.buys(voucher, chance)
    if bought is None:
        return
    if chance.random() < 0.2:
        counter.buys(voucher, chance, guest=True)
    undone = chance.random()
    if undone < 0.2:
        counter.cancels(bought)
    elif undone < 0.5:
        counter.gives_back(bought, chance.randint(1, 4))


def assert_what_was_given_is_what_was_booked(counter: Counter, plan: Plan) -> None:
    vouchers = {one.code: one for one in counter.vouchers()}
    booked = counter.booked()
    for code, one in vouchers.items():
        orders = counter.bought.get(code, [])
        kept = max((each.kept for each in orders), default=Decimal(0))
        spent = one.points - int((one.points * (1 - kept)).quantize(Decimal(1), ROUND_HALF_UP))
        assert one.state == "used" if orders else one.state in ("open", "ended"), code
        held = one.points if one.state == "open" else 0
        assert booked[one.id or 0] == (held, spent), (code, one.state, orders)
    spent = sum(paid for _, paid in booked.values())
    held = sum(held for held, _ in booked.values())
    assert counter.number("SELECT sum(reserved) FROM accounts") == held
    left = plan.members * POINTS - held - spent
    owed = counter.number("SELECT sum(debt) FROM accounts")
    assert counter.number("SELECT sum(available) FROM accounts") - owed == left
    living = [one for one in vouchers.values() if one.state == "open"]
    assert counter.in_shops() == codes_by_shop(counter, living)
    print(dict(Count(one.state for one in vouchers.values())), spent)  # noqa: T201
    assert_books_are_sound(counter)
