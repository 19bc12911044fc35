"""Thousands of orders are judged again by one look at the past: the same as one look each."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledger_world import START, LedgerWorld, changed, line, order, refund

from bridge.earning.activities import Done, handle_activity
from bridge.earning.batch import members, versions
from bridge.earning.course import Course
from bridge.earning.past import past_of
from connectors.sales import Order

RULES: dict[str, Any] = {
    "ripen": {"after": "paid", "days": 0},
    "caps": {"day": 70, "member": 900},
    "rules": {
        "base": {"per_amount": {"points": 1, "each": 1}},
        "review": {"review": 5},
        "second": {"nth_order": {"every": 2, "points": 10}},
        "steps": {"spend_steps": [{"at": 100, "points": 20}, {"at": 300, "points": 30}]},
        "pieces": {"item_steps": [{"at": 10, "points": 15}]},
    },
}


def _orders(chance: random.Random, many: int) -> list[tuple[int, Order]]:
    found = []
    for number in range(many):
        shop = chance.randrange(2)
        # Some at the very same time.
        placed = START + timedelta(hours=6 * chance.randrange(20))
        bought = order(
            str(number),
            line("a", chance.randint(5, 60), chance.randint(1, 4)),
            customer="ck"[shop] + "1",
            placed=placed,
        )
        found.append((shop, bought))
    return found


def test_the_past_along_the_way_is_the_past_of_each(ledger: LedgerWorld) -> None:
    ledger.programme(RULES)
    member = ledger.member((0, "c1"), (1, "k1"))
    chance = random.Random(3)
    told = _orders(chance, 25)
    for shop, one in told:
        ledger.arrive(one, shop=shop)
    for number in range(8):
        at = START + timedelta(hours=6 * chance.randrange(20))
        done = Done(ledger.shops[0], str(number), "review", at, True, at, at, "c1")
        with ledger.database.writing() as session:
            handle_activity(session, ledger.workspace, done, START)
    ledger.later(days=2)
    told.sort(key=lambda one: (one[1].placed_at, ledger.shops[one[0]], one[1].id))
    zone = ZoneInfo("Europe/Berlin")
    with ledger.database.writing() as session:
        settings = versions(session, ledger.workspace).known[0].programme.points
        assert settings is not None
        buyer = members(session, ledger.workspace, [member])[member]
        for start in (0, 7, 20):
            keys = [(one.placed_at, ledger.shops[shop], one.id) for shop, one in told[start:]]
            course = Course(session, ledger.workspace, member, keys[0])
            for key, (_, one) in zip(keys, told[start:], strict=True):
                assert course.past(key, settings, "EUR", zone) == past_of(
                    session, ledger.workspace, buyer, key[1], one, settings, "EUR", zone
                )


def test_late_and_changed_orders_come_to_what_they_would_in_their_order(
    database: Any, check_book: Callable[[], None], ledger: LedgerWorld
) -> None:
    chance = random.Random(5)
    told = _orders(chance, 24)
    last = [
        (shop, changed(one, 1, refunds=(refund("r", ("a", 1, 3)),)) if number % 3 else one)
        for number, (shop, one) in enumerate(told)
    ]
    calm = LedgerWorld(database)
    for world in (ledger, calm):
        world.programme(RULES)
        world.member((0, "c1"), (1, "k1"))
    chance.shuffle(told)
    for shop, one in told:
        ledger.arrive(one, shop=shop)
        if chance.random() < 0.3:
            ledger.later(days=1)
    for shop, one in sorted(last, key=lambda _: chance.random()):
        ledger.arrive(one, shop=shop)
    for shop, one in sorted(last, key=lambda one: (one[1].placed_at, one[0], one[1].id)):
        calm.arrive(one, shop=shop)
    for world in (ledger, calm):
        world.later(days=9)
    check_book()
    assert {one.id: ledger.worth(one.id) for _, one in last} == {
        one.id: calm.worth(one.id) for _, one in last
    }
