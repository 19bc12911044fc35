"""Joining and leaving, in the database: words, merged members, memberships in orders."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))

from ledger_world import START, LedgerWorld, line, order

from bridge.db import Database
from bridge.members.joining import NotTakenIn, leave, take_in, takes_part, taking_part
from bridge.members.models import Member


@pytest.fixture
def ledger(database: Database) -> LedgerWorld:
    return LedgerWorld(database)


def takers(ledger: LedgerWorld, *members: int) -> set[int]:
    with ledger.database.reading() as session:
        return takes_part(session, ledger.workspace, members, ledger.now)


def test_everybody_takes_part_but_who_left(ledger: LedgerWorld) -> None:
    ada, bob = ledger.member((0, "ada")), ledger.member((0, "bob"))
    assert takers(ledger, ada, bob) == {ada, bob}
    with ledger.database.writing() as session:
        assert leave(session, ledger.workspace, bob, "test", ledger.now).is_new
        assert not leave(session, ledger.workspace, bob, "test", ledger.now).is_new
        assert not take_in(session, ledger.workspace, ada, "test", ledger.now).is_new
    assert takers(ledger, ada, bob) == {ada}
    with ledger.database.reading() as session:
        before = START - timedelta(minutes=1)
        assert takes_part(session, ledger.workspace, [bob], before) == {bob}
    ledger.now += timedelta(days=1)
    with ledger.database.writing() as session:
        assert take_in(session, ledger.workspace, bob, "test", ledger.now).is_new
        assert taking_part(session, ledger.workspace, [bob], ledger.now) == {bob: ledger.now}


def test_who_is_invited_is_in_and_whom_he_is_merged_into(ledger: LedgerWorld) -> None:
    ledger.programme({}, joining={"invited": True})
    ada, twin = ledger.member((0, "ada")), ledger.member((1, "twin"))
    with ledger.database.writing() as session:
        take_in(session, ledger.workspace, twin, "test", ledger.now)
    assert takers(ledger, ada, twin) == {twin}
    with ledger.database.writing() as session:
        session.get_one(Member, twin).merged_into = ada
    assert takers(ledger, ada, twin) == {ada}


def test_where_nobody_is_invited_nobody_is_taken_in_by_hand(ledger: LedgerWorld) -> None:
    ledger.programme({}, joining={"when": {"tier": "top"}}, tiers={"top": {"name": "Top"}})
    ada = ledger.member((0, "ada"))
    with pytest.raises(NotTakenIn, match="invited: yes"), ledger.database.writing() as session:
        take_in(session, ledger.workspace, ada, "test", ledger.now)
    with ledger.database.writing() as session:
        session.get_one(Member, ada).tier = "top"
    assert takers(ledger, ada) == {ada}


def test_a_membership_bought_anywhere_counts_while_its_order_stands(ledger: LedgerWorld) -> None:
    ledger.programme({}, joining={"product": {"sku": 'Club "50%_"', "months": 1}})
    ada, bob = ledger.member((1, "ada")), ledger.member((0, "bob"))
    bought = line("a", 20, sku='club "50%_"')
    ledger.arrive(order("1", bought, customer="ada"), shop=1)
    ledger.arrive(order("2", line("a", 20, sku="Club 50"), customer="bob"))
    assert takers(ledger, ada, bob) == {ada}
    ledger.now += timedelta(days=40)
    assert takers(ledger, ada) == set()
    ledger.now -= timedelta(days=39)
    later = START + timedelta(hours=1)
    ledger.arrive(order("1", bought, customer="ada", changed_at=later, cancelled_at=later), shop=1)
    assert takers(ledger, ada) == set()
