"""The bridge's book and the oracle's agree to the point: line by line, and person by person, at
several moments on the way."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from oracle.books import books
from oracle.words import Promise, Purchase
from shopping.lives import BEGIN, OVER, purchases
from shopping.merchant import Merchant, news_of
from shopping.promises import PROMISES
from sound_book import assert_sound

from bridge.db import Database

ORDERS = {"by-line": 400, "by-order": 300, "by-history": 300}
"""A thousand on SQLite; a fifth of them on PostgreSQL."""
LOOKS = 6
END = BEGIN + OVER + timedelta(days=60)
CHUNK = 20


@pytest.mark.parametrize("kind", PROMISES)
def test_random_orders_come_to_what_the_oracle_says(kind: str, database: Database) -> None:
    orders = ORDERS[kind] if database.is_sqlite else ORDERS[kind] // 5
    made = purchases(seed=len(kind), orders=orders)
    merchant, wrong = play(database, PROMISES[kind], made, seed=orders)
    assert wrong == []
    assert len(merchant.worth()) > orders
    assert_sound(database, merchant.workspace)


@pytest.mark.parametrize("kind", PROMISES)
def test_told_three_times_in_any_order_it_comes_to_the_same(kind: str, database: Database) -> None:
    made = purchases(seed=3, orders=ORDERS[kind] // (3 if database.is_sqlite else 15))
    merchant, wrong = play(database, PROMISES[kind], made, seed=7, times=3)
    assert wrong == []
    assert_sound(database, merchant.workspace)


@pytest.mark.parametrize("kind", PROMISES)
def test_what_is_told_again_later_leaves_no_trace(kind: str, database: Database) -> None:
    """Sums per account, source line and effect, entry by entry as posted: what was taken back
    and given again would show. Repetitions come by the inbox, and past it."""
    made = purchases(seed=11, orders=50 if database.is_sqlite else 25)
    once, thrice = (Merchant(database, PROMISES[kind], made) for _ in range(2))
    chance, news, taken = random.Random(5), news_of(made), 0
    for start in range(0, len(news), CHUNK):
        some, told = news[start : start + CHUNK], news[: start + CHUNK]
        now = some[-1].at + timedelta(minutes=1)
        for merchant in (once, thrice):
            merchant.hear(some, now)
            merchant.tell(some, now)
        thrice.hear(chance.choices(told, k=CHUNK), now)
        taken += thrice.hear_past_the_inbox(chance.choices(told, k=CHUNK), now)
        for merchant in (once, thrice):
            merchant.look_at_the_clock(now)
    assert taken == 0
    assert by_name(once) == by_name(thrice)
    assert once.worth()


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", PROMISES)
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_more_random_orders(kind: str, seed: int, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    made = purchases(seed=seed, orders=1000)
    merchant, wrong = play(database, PROMISES[kind], made, seed=seed, times=1 + seed % 3)
    assert wrong == []
    assert_sound(database, merchant.workspace)
    database.close()


def test_the_oracle_would_notice(sqlite_url: str) -> None:
    """One rule that gives a point more, and nothing agrees any more."""
    database = Database(sqlite_url)
    made = purchases(seed=1, orders=30)
    promised = PROMISES["by-order"]
    dearer = tuple(
        replace(rule, points=rule.points + 1) if rule.key == "once" else rule
        for rule in promised.rules
    )
    _, wrong = play(database, replace(promised, rules=dearer), made, seed=1, judged_by=promised)
    assert any("once" in one for one in wrong)
    assert not any("base" in one for one in wrong)
    database.close()


# --- playing -------------------------------------------------------------------------------


def play(
    database: Database,
    promise: Promise,
    made: Sequence[Purchase],
    seed: int,
    times: int = 1,
    judged_by: Promise | None = None,
) -> tuple[Merchant, list[str]]:
    """Lets the merchant hear everything, ``times`` times, in a random order between two looks at
    the books; and where he and the oracle disagreed."""
    merchant = Merchant(database, promise, made)
    news, wrong = news_of(made), []
    for number, at in enumerate(moments(seed)):
        due = [one for one in news if one.at <= at]
        news = news[len(due) :]
        again = due * times
        random.Random(seed + number).shuffle(again)
        merchant.hear(again, at)
        merchant.tell(due, at)
        merchant.look_at_the_clock(at)
        wrong += disagreements(merchant, judged_by or promise, made, at)
    return merchant, wrong + merchant.failures()


def moments(seed: int) -> list[datetime]:
    chance = random.Random(seed)
    inner = sorted(BEGIN + (END - BEGIN) * chance.random() for _ in range(LOOKS - 1))
    return [*inner, END]


def disagreements(
    merchant: Merchant, promise: Promise, made: Sequence[Purchase], at: datetime
) -> list[str]:
    expected = books(promise, made, at)
    worth, balances = merchant.worth(), merchant.balances(at)
    wrong = [
        f"{at:%Y-%m-%d} {key}: {worth.get(key, 0)} in the book, {expected.worth.get(key, 0)} due"
        for key in sorted({*worth, *expected.worth})
        if worth.get(key, 0) != expected.worth.get(key, 0)
    ]
    for person, due in expected.balances.items():
        if balances[person] != (due.available, due.waiting):
            wrong.append(f"{at:%Y-%m-%d} {person}: {balances[person]} instead of {due}")
    return wrong


def by_name(merchant: Merchant) -> Counter[tuple[object, ...]]:
    """The sums of the book with people and shops by name, so that two merchants compare."""
    people, shops = merchant.names()
    return Counter(
        {
            (people[account], shops.get(shop, ""), kind, *rest): points
            for (account, shop, kind, *rest), points in merchant.sums().items()
            if kind != "lot"
        }
    ) + Counter({("expired",): merchant.expired()})
