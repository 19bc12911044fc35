"""What a buyer has after each step of an order's life, against tables computed by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from ledger_world import (
    START,
    LedgerWorld,
    changed,
    line,
    money,
    order,
    refund,
    versions_of,
)

from bridge.earning.handling import MissingRate
from connectors.sales import Refund

ONE_A_EURO = {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}}
AT_ONCE = {"ripen": {"after": "paid", "days": 0}}


@pytest.fixture
def buyer(ledger: LedgerWorld) -> int:
    ledger.programme(ONE_A_EURO)
    return ledger.member((0, "c1"), (1, "k1"))


def test_an_orders_life_to_the_point(ledger: LedgerWorld, buyer: int) -> None:
    bought = order("1", line("a", "100.90", 4), line("b", 50), paid_at=None, completed_at=None)
    ledger.arrive(bought)
    assert ledger.balance(buyer) == (0, 150, 0)

    edited = changed(bought, 1, lines=(line("a", "75.60", 3), line("b", 50)))
    ledger.arrive(edited)
    assert ledger.balance(buyer) == (0, 125, 0)

    done = changed(edited, 2, paid_at=START, completed_at=START + timedelta(minutes=2))
    ledger.arrive(done)
    ledger.later(days=13)
    assert ledger.balance(buyer) == (0, 125, 0)
    ledger.later(days=2)
    assert ledger.balance(buyer) == (125, 0, 0)

    one_back = changed(done, 3, refunds=(refund("r1", ("a", 1, "25.20")),))
    ledger.arrive(one_back)
    assert ledger.balance(buyer) == (100, 0, 0)

    more_back = changed(one_back, 4, refunds=(*one_back.refunds, refund("r2", ("a", 2, "50.40"))))
    ledger.arrive(more_back)
    assert ledger.balance(buyer) == (50, 0, 0)
    assert ledger.worth("1") == {("b", "base"): 50}

    ledger.arrive(changed(more_back, 5, refunds=(Refund("all", START, is_whole=True),)))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {}


def test_both_shops_fill_one_account(ledger: LedgerWorld, buyer: int) -> None:
    ledger.arrive(order("1", line("a", 30)))
    ledger.arrive(order("1", line("a", 12), customer="k1"), shop=1)
    assert ledger.balance(buyer) == (0, 42, 0)


def test_a_cancelled_order_earns_nothing(ledger: LedgerWorld, buyer: int) -> None:
    bought = order("1", line("a", 30), paid_at=None, completed_at=None)
    ledger.arrive(bought)
    ledger.arrive(changed(bought, 1, cancelled_at=START))
    assert ledger.balance(buyer) == (0, 0, 0)


def test_told_three_times_in_any_order(
    ledger: LedgerWorld, buyer: int, check_book: Callable[[], None]
) -> None:
    """The sums per account, source line and effect of what stays are those of one telling."""
    shuffled = random.Random(7)
    lives = []
    for number in range(8):
        bought = order(str(number), line("a", 100 + number, 3), line("b", 40))
        lives.append(
            versions_of(
                bought,
                [
                    {"lines": (line("a", 70 + number, 2), line("b", 40))},
                    {"refunds": (refund("r1", ("a", 1, 35)),)},
                    {"refunds": (refund("r1", ("a", 1, 35)), refund("r2", ("b", 1, 40)))},
                ],
            )
        )
    told = [one for life in lives for one in life] * 3
    shuffled.shuffle(told)
    for start in range(0, len(told), 5):
        some = told[start : start + 5]
        newest = {one.id: one for one in sorted(some, key=lambda one: one.changed_at)}
        ledger.arrive(*newest.values())
    ledger.later(days=20)
    check_book()
    for number, life in enumerate(lives):
        assert ledger.worth(str(number)) == {("a", "base"): (70 + number) // 2}, life
    assert ledger.balance(buyer) == (sum((70 + n) // 2 for n in range(8)), 0, 0)


def test_what_was_spent_is_owed_when_it_is_returned(
    ledger: LedgerWorld, buyer: int, check_book: Callable[[], None]
) -> None:
    from bridge.points.book import Book, Cause
    from bridge.points.models import Holder
    from bridge.points.spending import spend

    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=20)
    with ledger.database.writing() as session:
        book = Book(session, ledger.workspace, ledger.now)
        key = (Holder.MEMBER, buyer)
        spend(book, book.open([key])[key], 80, Cause("spending", "1", ledger.now))
        book.write()
    ledger.arrive(changed(bought, 1, refunds=(Refund("all", ledger.now, is_whole=True),)))
    assert ledger.balance(buyer) == (0, 0, 80)
    ledger.arrive(order("2", line("a", 100), placed=ledger.now))
    ledger.later(days=20)
    assert ledger.balance(buyer) == (20, 0, 0)
    check_book()


def test_a_refund_of_unknown_amount_holds_the_points(
    ledger: LedgerWorld, buyer: int, check_book: Callable[[], None]
) -> None:
    bought = order("1", line("a", 100))
    ledger.arrive(bought)
    ledger.later(days=20)
    unknown = Refund("t1", ledger.now, unnamed=None)
    held = changed(bought, 1, refunds=(unknown,))
    ledger.arrive(held)
    assert ledger.balance(buyer) == (0, 0, 0)
    ledger.arrive(replace(held, state="looked at", changed_at=START + timedelta(minutes=2)))
    assert ledger.balance(buyer) == (0, 0, 0)
    check_book()
    named = replace(unknown, unnamed=money(30))
    ledger.arrive(changed(held, 3, refunds=(named,)))
    assert ledger.balance(buyer) == (70, 0, 0)
    ledger.arrive(changed(held, 4, refunds=(named, replace(unknown, id="t2"))))
    assert ledger.balance(buyer) == (0, 0, 0)
    check_book()
    ledger.arrive(changed(held, 5, refunds=(named,)))
    assert ledger.balance(buyer) == (70, 0, 0)
    check_book()


def test_a_missing_rate_is_a_failed_order_and_no_guess(ledger: LedgerWorld, buyer: int) -> None:
    swiss = replace(order("1", line("a", 100)), currency="CHF")
    results = ledger.arrive(swiss, order("2", line("a", 10)))
    assert isinstance(results[0], MissingRate)
    assert "CHF" in str(results[0]) and "rates" in str(results[0])
    assert results[1] is True
    assert ledger.balance(buyer) == (0, 10, 0)


def test_amounts_are_turned_into_the_programmes_currency(ledger: LedgerWorld) -> None:
    ledger.programme(ONE_A_EURO, rates=[{"currency": "CHF", "from": "2026-01-01", "rate": "1.05"}])
    buyer = ledger.member((0, "c1"))
    ledger.arrive(replace(order("1", line("a", 100)), currency="CHF"))
    assert ledger.balance(buyer) == (0, 105, 0)


def test_the_version_in_force_when_it_was_placed_counts(ledger: LedgerWorld, buyer: int) -> None:
    before = ledger.now
    ledger.now += timedelta(days=1)
    ledger.programme({"rules": {"base": {"per_amount": {"points": 5, "each": 1}}}})
    ledger.arrive(
        order("1", line("a", 10), placed=before), order("2", line("a", 10), placed=ledger.now)
    )
    assert ledger.worth("1") == {("a", "base"): 10}
    assert ledger.worth("2") == {("a", "base"): 50}


def test_an_order_before_the_programme_earns_nothing(ledger: LedgerWorld, buyer: int) -> None:
    ledger.arrive(order("1", line("a", 10), placed=START - timedelta(days=1)))
    assert ledger.balance(buyer) == (0, 0, 0)


def test_guests_are_ignored_or_collected(ledger: LedgerWorld) -> None:
    guest = replace(order("1", line("a", 10)), customer_id="", is_guest=True)
    ledger.programme(ONE_A_EURO)
    assert ledger.arrive(guest) == [True]
    assert ledger.worth("1") == {}
    ledger.now += timedelta(days=1)
    ledger.programme({**ONE_A_EURO, "guests": "collect"})
    ledger.arrive(replace(guest, id="2", placed_at=ledger.now, changed_at=ledger.now))
    assert ledger.worth("2") == {("a", "base"): 10}


# -- the buyer's past -----------------------------------------------------------------------

SECOND = {
    **AT_ONCE,
    "rules": {
        "base": {"per_amount": {"points": 1, "each": 1}},
        "second": {"nth_order": {"n": 2, "points": 100}},
    },
}


def test_the_second_order_is_the_second_wherever_it_was_placed(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(SECOND)
    buyer = ledger.member((0, "c1"), (1, "k1"))
    ledger.arrive(order("b", line("x", 10), placed=START + timedelta(hours=2)))
    ledger.later(hours=3)
    assert ledger.balance(buyer) == (10, 0, 0)
    # Late news from the other shop: it was placed before.
    ledger.arrive(
        order("a", line("x", 10), customer="k1", placed=START + timedelta(hours=1)), shop=1
    )
    ledger.later(hours=1)
    assert ledger.worth("b") == {("x", "base"): 10, ("x", "second"): 100}
    assert ledger.balance(buyer) == (120, 0, 0)
    # And it is the first again when that one is cancelled.
    ledger.arrive(
        order(
            "a",
            line("x", 10),
            customer="k1",
            placed=START + timedelta(hours=1),
            cancelled_at=ledger.now,
            changed_at=ledger.now,
        ),
        shop=1,
    )
    assert ledger.worth("b") == {("x", "base"): 10}
    assert ledger.balance(buyer) == (10, 0, 0)
    check_book()


def test_what_depends_on_the_past_waits_for_every_store(ledger: LedgerWorld) -> None:
    from bridge.earning.clockwork import pass_time

    ledger.programme(SECOND)
    buyer = ledger.member((0, "c1"))
    ledger.arrive(order("a", line("x", 10)))
    ledger.now += timedelta(hours=1)
    pass_time(ledger.database, ledger.workspace, lambda: ledger.now, known_through=START)
    assert ledger.balance(buyer) == (0, 10, 0)
    pass_time(ledger.database, ledger.workspace, lambda: ledger.now, known_through=ledger.now)
    assert ledger.balance(buyer) == (10, 0, 0)


def test_caps_of_a_day_and_ever(ledger: LedgerWorld, check_book: Callable[[], None]) -> None:
    ledger.programme(
        {**SECOND, "rules": {"base": SECOND["rules"]["base"]}, "caps": {"day": 50, "member": 80}}
    )
    buyer = ledger.member((0, "c1"))
    orders = [
        order(str(number), line("x", 30), placed=START + timedelta(hours=number * 10))
        for number in range(4)
    ]
    ledger.arrive(*reversed(orders))
    ledger.later(days=3)
    assert [sum(ledger.worth(one.id).values()) for one in orders] == [30, 20, 30, 0]
    ledger.arrive(changed(orders[0], 9000, cancelled_at=ledger.now))
    assert [sum(ledger.worth(one.id).values()) for one in orders] == [0, 30, 30, 20]
    assert ledger.balance(buyer) == (80, 0, 0)
    check_book()


def test_points_expire_at_the_end_of_their_day(ledger: LedgerWorld) -> None:
    ledger.programme({**ONE_A_EURO, **AT_ONCE, "expire": {"days": 10}})
    buyer = ledger.member((0, "c1"))
    ledger.arrive(order("1", line("a", 10)))
    ledger.later(days=1)
    assert ledger.balance(buyer) == (10, 0, 0)
    ledger.later(days=11)
    assert ledger.balance(buyer) == (0, 0, 0)
    ledger.arrive(changed(order("1", line("a", 10)), 1, cancelled_at=ledger.now))
    assert ledger.balance(buyer) == (0, 0, 0)
    assert ledger.worth("1") == {}


def test_what_is_taken_back_names_what_earned_it(ledger: LedgerWorld, buyer: int) -> None:
    bought = order("1", line("a", 100, 2), line("b", 30))
    ledger.arrive(bought)
    ledger.arrive(changed(bought, 1, refunds=(refund("r1", ("a", 1, 50)),)))
    entries = {
        (row[0], row[1]): (row[2], row[3])
        for row in ledger.rows(
            "SELECT effect, source_line, id, reverses_id FROM entries WHERE workspace_id = :w"
        )
    }
    assert entries["take_back_pending", "a"][1] == entries["earn", "a"][0]
    assert entries["earn", "b"][1] is None
