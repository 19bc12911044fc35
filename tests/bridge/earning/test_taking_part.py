"""Points for who took part in the programme at that time, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from ledger_world import START, LedgerWorld, changed, line, order, refund

from bridge.earning.activities import Done, handle_activity
from bridge.earning.occasions_due import give_for_occasions
from bridge.members.joining import leave, take_in
from bridge.members.models import Member

BASE = {"base": {"per_amount": {"points": 1, "each": 1}}}
RULES = {"rules": {**BASE, "review": {"review": 5}}}
HOUR = timedelta(hours=1)


def said(ledger: LedgerWorld, member: int, word: Callable[..., object]) -> None:
    with ledger.database.writing() as session:
        word(session, ledger.workspace, member, "test", ledger.now)


def pending(ledger: LedgerWorld, member: int) -> int:
    return ledger.balance(member)[1]


def test_only_who_was_invited_earns_and_only_from_then_on(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(RULES, joining={"invited": True})
    ada = ledger.member((0, "c1"))
    before, between, after = (
        order(str(n), line("a", 10**n, 10), placed=START + n * HOUR) for n in (1, 3, 5)
    )
    ledger.now = START + 2 * HOUR
    said(ledger, ada, take_in)
    ledger.now = START + 4 * HOUR
    said(ledger, ada, leave)
    # Told late and out of order: what counts is when he bought.
    ledger.now = START + 9 * HOUR
    ledger.arrive(after)
    ledger.arrive(before, between)
    assert pending(ledger, ada) == 1000
    ledger.arrive(changed(between, 9, refunds=(refund("r", ("a", 4, 400)),)))
    assert pending(ledger, ada) == 600
    assert ledger.worth("1") == {} == ledger.worth("5")
    check_book()


def test_who_left_earns_nothing_from_then_on_where_everybody_takes_part(
    ledger: LedgerWorld,
) -> None:
    ledger.programme(RULES)
    ada = ledger.member((0, "c1"))
    ledger.arrive(order("1", line("a", 10)))
    ledger.now += HOUR
    said(ledger, ada, leave)
    ledger.arrive(order("2", line("a", 20), placed=START + 2 * HOUR))
    assert pending(ledger, ada) == 10


def test_activities_count_by_when_they_were_done(ledger: LedgerWorld) -> None:
    ledger.programme(RULES, joining={"invited": True})
    ada = ledger.member((0, "c1"))
    ledger.now += 2 * HOUR
    said(ledger, ada, take_in)
    for hours in (1, 3):
        at = START + hours * HOUR
        done = Done(ledger.shops[0], str(hours), "review", at, True, at, at, "c1")
        with ledger.database.writing() as session:
            handle_activity(session, ledger.workspace, done, at)
    assert ledger.balance(ada)[0] == 5


def test_occasions_come_for_who_takes_part_and_joining_is_when_he_came_in(
    ledger: LedgerWorld,
) -> None:
    rules = {"hello": {"sign_up": 7}, "cake": {"birthday": 100}}
    ledger.programme({"rules": rules}, joining={"invited": True})
    ada, bob = ledger.member((0, "ada")), ledger.member((0, "bob"))
    with ledger.database.writing() as session:
        for one in (ada, bob):
            session.get_one(Member, one).birthday = date(1990, 3, 5)
    ledger.now += timedelta(days=2)
    said(ledger, ada, take_in)
    ledger.now += timedelta(days=4)
    said(ledger, bob, take_in)  # the day after his birthday
    for _ in range(2):
        give_for_occasions(ledger.database, ledger.workspace, lambda: ledger.now)
    assert (ledger.balance(ada)[0], ledger.balance(bob)[0]) == (107, 7)


@pytest.mark.parametrize("history", [False, True])
def test_a_membership_told_late_or_given_back_is_right_at_once(
    ledger: LedgerWorld, history: bool, check_book: Callable[[], None]
) -> None:
    first = {"first": {"first_order": 1000}} if history else {}
    ledger.programme(
        {"rules": {**BASE, **first}}, joining={"product": {"sku": "CLUB", "months": 1}}
    )
    ada = ledger.member((0, "c1"), (1, "k1"))
    bought = order("club", line("m", 20, sku="CLUB"), customer="k1", placed=START + HOUR)
    ledger.arrive(order("0", line("a", 1), placed=START))
    ledger.arrive(order("1", line("a", 100), placed=START + 2 * HOUR))
    ledger.later(days=1)
    assert pending(ledger, ada) == 0
    ledger.arrive(bought, shop=1)
    ledger.later(minutes=1)
    assert ledger.worth("1") == {("a", "base"): 100}
    assert ledger.worth("club") == {("m", "base"): 20}
    gone = replace(changed(bought, 90), cancelled_at=START + 3 * HOUR)
    ledger.arrive(gone, shop=1)
    assert ledger.worth("1") == {}
    check_book()


def test_conditions_count_as_they_were_when_he_bought(ledger: LedgerWorld) -> None:
    ledger.programme(RULES, joining={"when": {"tier": "top"}}, tiers={"top": {"name": "Top"}})
    ada = ledger.member((0, "c1"))
    ledger.arrive(order("1", line("a", 5)))
    with ledger.database.writing() as session:
        session.get_one(Member, ada).tier = "top"
    bought = order("2", line("a", 100, 10))
    ledger.arrive(bought)
    with ledger.database.writing() as session:
        session.get_one(Member, ada).tier = ""
    ledger.arrive(changed(bought, 5, refunds=(refund("r", ("a", 4, 40)),)))
    assert pending(ledger, ada) == 60
