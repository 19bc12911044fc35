"""One person is forgotten over all stores, and the books stay right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from eve import ADMIN, EMAIL, NORTH, WORDS, Eve
from ledger_world import START
from sound_book import assert_sound

from bridge.audit.service import Subject, record
from bridge.inbox.signals import store_signal
from bridge.members import companies
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.joining import take_in
from bridge.members.merging import merge
from bridge.members.models import Member
from bridge.members.standing import ErasedMember
from bridge.models import metadata
from bridge.privacy import erasing, naming, scrubbing
from bridge.privacy.models import ErasureState
from bridge.privacy.person import AlreadyErased
from bridge.privacy.register import HELD, NAMING, OTHERS, Then
from connectors.sales import Activity, ActivityKind, Entity, Signal

FIRM = "Crescent & Söhne"


def test_nothing_tells_who_she_was_and_the_books_are_right(eve: Eve) -> None:
    assert {one.split(": ")[1] for one in eve.told()} == set(WORDS), "she is known at first"
    assert eve.findings() == []
    before = eve.account(eve.bo)
    erasure = eve.is_erased()
    assert erasure.state == ErasureState.FINISHING, "the shop still shows her points"
    left = {one.split(": ")[0] for one in eve.told()}
    assert left == {"shown_balances.customer_id"}
    eve.shops_are_told()
    eve.time_passes()
    assert eve.told() == []
    mine = eve.account(eve.eve)
    assert (mine.available, mine.pending, mine.debt) == (0, 0, 0)
    assert eve.account(eve.bo) == before
    assert_sound(eve.database, eve.workspace)
    assert eve.findings() == []
    with pytest.raises(AlreadyErased):
        eve.is_erased()


def test_what_the_shop_goes_on_telling_keeps_the_books_right_and_her_unknown(eve: Eve) -> None:
    eve.buys("105", 20)
    erasure = eve.is_erased()
    assert erasure.counts["vouchers"] == 2
    eve.now += timedelta(days=1)
    eve.gives_back("100", 100, at=START)  # earned, spent in part, written off: nothing is owed
    eve.registers(0, NORTH, EMAIL)  # the shop has not erased her: a pull lists her
    told = Signal("e1", "customer.written", eve.now, Entity.CUSTOMER, (NORTH,))
    with eve.database.writing() as session:
        assert store_signal(session, eve.workspace, eve.shops[0], told, eve.now)
    eve.comes(Activity("rev-1", ActivityKind.REVIEW, START, True, customer_id=NORTH))
    eve.shops_are_told()
    eve.withdrawn_vouchers_are_proven()
    eve.time_passes()
    assert eve.told() == []
    mine = eve.account(eve.eve)
    assert (mine.available, mine.pending, mine.reserved, mine.debt) == (0, 0, 0, 0)
    assert_sound(eve.database, eve.workspace)
    assert eve.findings() == []
    assert eve.time_passes() == 0


def test_who_orders_again_begins_anew(one_eve: Eve) -> None:
    one_eve.is_erased()
    one_eve.now += timedelta(days=1)
    one_eve.registers(0, NORTH, EMAIL)
    assert not one_eve.rows("SELECT 1 FROM member_customers WHERE customer_id = :c", c=NORTH)
    one_eve.buys("200", 70)
    one_eve.registers(0, NORTH, EMAIL)
    fresh = one_eve.member_of(EMAIL)
    assert fresh != one_eve.eve
    assert one_eve.account(fresh).pending == 70
    one_eve.now += timedelta(days=1)
    one_eve.gives_back("100", 100, at=START)
    one_eve.comes(Activity("rev-9", ActivityKind.REVIEW, START, True, customer_id=NORTH))
    assert one_eve.findings() == []
    one_eve.time_passes()
    assert one_eve.account(fresh).pending == 70, "what was before is not hers anew"
    [old] = one_eve.rows(
        "SELECT member_id, customer_id, content FROM orders WHERE order_id = '100'"
    )
    assert (old.member_id, old.customer_id) == (one_eve.eve, "")
    assert NORTH not in old.content
    one_eve.comes(Activity("rev-10", ActivityKind.REVIEW, one_eve.now, True, customer_id=NORTH))
    assert one_eve.account(fresh).pending + one_eve.account(fresh).available == 120
    erasing.erase(one_eve.database, one_eve.workspace, fresh, ADMIN, lambda: one_eve.now)
    one_eve.shops_are_told()
    one_eve.time_passes()
    one_eve.registers(0, NORTH, EMAIL)
    assert one_eve.told() == []
    assert one_eve.findings() == []


def test_what_was_interrupted_is_gone_on_with(
    one_eve: Eve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step the power fails in: what was done stays done, the engine does the rest."""

    def fails(*_told: object) -> None:
        raise KeyboardInterrupt

    for module, step in (
        (scrubbing, "scrub_orders"),
        (scrubbing, "scrub_work"),
        (naming, "scrub_referrals"),
        (naming, "tell_shops"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, step, fails)
            with pytest.raises(KeyboardInterrupt):
                one_eve.is_erased()
    assert len(one_eve.rows("SELECT 1 FROM erasures WHERE workspace_id = :w")) == 1
    one_eve.time_passes()
    one_eve.shops_are_told()
    one_eve.time_passes()
    assert one_eve.told() == []
    assert one_eve.findings() == []
    taken = one_eve.rows("SELECT sum(points) AS p FROM entries WHERE effect = 'write_off'")[0].p
    assert taken == one_eve.had, "once"


def test_a_request_waits_for_a_person(one_eve: Eve) -> None:
    with one_eve.database.writing() as session:
        asked = erasing.ask(session, one_eve.workspace, one_eve.eve, "member", one_eve.now)
        again = erasing.ask(session, one_eve.workspace, one_eve.eve, "member", one_eve.now)
    assert asked.id == again.id
    assert EMAIL in {one.split(": ")[1] for one in one_eve.told()}
    with one_eve.database.writing() as session:
        erasing.refuse(
            session, one_eve.workspace, asked.id or 0, ADMIN, "an open invoice", one_eve.now
        )
    with one_eve.database.writing() as session, pytest.raises(erasing.NothingAsked):
        erasing.refuse(session, one_eve.workspace, asked.id or 0, ADMIN, "twice", one_eve.now)
    assert one_eve.is_erased().id != asked.id


def test_a_shop_that_cannot_be_told_does_not_hold_her_for_ever(one_eve: Eve) -> None:
    one_eve.is_erased()
    one_eve.now += timedelta(days=24)
    one_eve.time_passes()
    assert one_eve.told() != []
    one_eve.now += timedelta(days=1)
    one_eve.time_passes()
    assert one_eve.told() == []


def test_every_table_that_may_know_somebody_says_what_becomes_of_it() -> None:
    classified = {held.table.__tablename__ for held in HELD} | {one.__tablename__ for one in OTHERS}
    asked = {table.name for table in metadata.sorted_tables if NAMING & set(table.columns.keys())}
    assert asked - classified == set(), "add them to bridge/privacy/register.py"
    for held in HELD:
        columns = {*held.table.model_fields}
        assert set(held.clears) | (held.hides & NAMING) <= columns, held.table.__tablename__
        assert (held.then is Then.CLEAR) == bool(held.clears)


def test_nobody_is_joined_with_a_pseudonym_nor_gives_it_anything(one_eve: Eve) -> None:
    one_eve.is_erased()
    attempts = (
        lambda s, eve, bo: merge(s, one_eve.workspace, bo, eve, "x", one_eve.now),
        lambda s, eve, bo: merge(s, one_eve.workspace, eve, bo, "x", one_eve.now),
        lambda s, eve, bo: adjust(
            s, one_eve.workspace, one_eve.eve, Adjustment("n", 5, "x", "y"), one_eve.now
        ),
        lambda s, eve, bo: take_in(s, one_eve.workspace, one_eve.eve, "x", one_eve.now),
    )
    for attempt in attempts:
        with one_eve.database.writing() as session, pytest.raises(ErasedMember):
            both = (session.get_one(Member, one) for one in (one_eve.eve, one_eve.bo))
            attempt(session, *both)


def test_a_company_of_one_loses_its_name_and_keeps_its_points(one_eve: Eve) -> None:
    with one_eve.database.writing() as session:
        alone = companies.make(session, one_eve.workspace, FIRM, "DE899887766", one_eve.now)
        eve = session.get_one(Member, one_eve.eve)
        companies.add(session, alone, eve, "x", one_eve.now)
        companies.hold_points(session, alone, "x", one_eve.now)
        held = alone.id
        subject = Subject("company", str(held), FIRM)
        record(session, one_eve.workspace, ADMIN, "company.made", subject, one_eve.now)
    one_eve.buys("400", 50)
    names = (*WORDS, FIRM, "DE899887766")
    assert {one.split(": ")[0] for one in one_eve.told((FIRM,))} == {
        "companies.name",
        "orders.circumstances",
        "audit_entries.subject",
    }
    erasure = one_eve.is_erased()
    one_eve.shops_are_told()
    one_eve.time_passes()
    assert one_eve.told(names) == []
    assert erasure.counts["points"] == 0, "they are the company's"
    [left] = one_eve.rows(
        "SELECT available FROM accounts WHERE holder = 'company' AND holder_id = :c", c=held
    )
    assert left.available > 0
    assert one_eve.findings() == []
    assert_sound(one_eve.database, one_eve.workspace)
