"""Vouchers, rewards and referrals: whatever somebody does to their rows is found and mended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sound_book import assert_sound

sys.path.insert(0, str(Path(__file__).parents[1] / "vouchers"))

from bought import HARMS, Bought, Harm, ready

from bridge.db import Database
from bridge.reconciling.purchase_rules import Said, claim_is, voucher_is, voucher_should
from bridge.vouchers.models import Voucher


@pytest.fixture
def shops(database: Database) -> Bought:
    return Bought(database)


def test_what_members_do_is_no_finding(shops: Bought, tmp_path: Path) -> None:
    for do in (shops.open_one, shops.used_one, shops.ended_one, shops.claimed, shops.referred):
        do()
    shops.claimed(is_provided=True)
    report = shops.reconcile(tmp_path, repair=True)
    assert (report.repaired, report.left, report.failures) == ([], [], {})


def test_everything_at_once_is_found_and_mended(shops: Bought, tmp_path: Path) -> None:
    """Each harm to things of its own; afterwards what can be as before is as before."""
    ready(shops)
    restorable = [harm for harm in HARMS if harm.restores]
    things = prepared(shops, restorable)
    before = shops.state()
    do_all(shops, restorable, things)
    told = {(one.check, one.cause) for one in shops.reconcile(tmp_path).left}
    for harm in restorable:
        assert any(harm.check == check and harm.cause in cause for check, cause in told), harm.name

    report = shops.reconcile(tmp_path, repair=True)

    assert (report.failures, report.left) == ({}, [])
    assert shops.state() == before
    assert_sound(shops.database, shops.workspace)


def test_what_cannot_be_as_before_ends_in_sound_books(shops: Bought, tmp_path: Path) -> None:
    lasting = [harm for harm in HARMS if not harm.restores]
    do_all(shops, lasting, prepared(shops, lasting))
    told = {one.check for one in shops.reconcile(tmp_path).left}
    assert {harm.check for harm in lasting} <= told
    report = shops.reconcile(tmp_path, repair=True)
    # What is to be taken out of a shop waits for a worker.
    assert (report.failures, {one.check for one in report.left}) == ({}, {"voucher-stuck"})
    assert report.is_clean
    assert_sound(shops.database, shops.workspace)


def prepared(shops: Bought, harms: list[Harm]) -> list[Any]:
    return [harm.prepare(shops) for harm in harms]


def do_all(shops: Bought, harms: list[Harm], things: list[Any]) -> None:
    for harm, thing in zip(harms, things, strict=True):
        harm.do(shops, thing)


def test_a_second_voucher_of_one_cause_is_withdrawn(
    postgresql_url: str, open_database: Callable[[str], Database], tmp_path: Path
) -> None:
    """SQLite has no way to drop a constraint."""
    shops = Bought(open_database(postgresql_url))
    first = shops.open_one()
    shops.sql("ALTER TABLE vouchers DROP CONSTRAINT one_cause_one_voucher")
    with shops.database.writing() as session:
        session.add(Voucher(**first.model_dump(exclude={"id", "code"}), code="LB-2"))
    report = shops.reconcile(tmp_path, repair=True)
    assert "voucher-doubled" in {one.check for one in report.repaired}
    assert {one.check for one in report.left} == {"guard-unique"}
    again = {one.code: one.state for one in shops.vouchers()}
    assert again == {first.code: "open", "LB-2": "ended"}, "it was never sent"


@pytest.mark.parametrize(
    ("state", "said", "facts", "is_"),
    [
        ("open", Said(500), "", "open"),
        ("open", Said(), "", "open"),  # its reserving is gone: it is posted anew
        ("open", Said(), "freed", "ended"),
        ("open", Said(500), "freed", "open"),  # handed over to it
        ("open", Said(paid=500), "paid", "used"),
        ("open", Said(500), "uses", "used"),
        ("ending", Said(500), "", "ending"),
        ("ended", Said(), "freed", "ended"),
        ("ended", Said(500), "", "ending"),  # the shop may still take its code
        ("used", Said(paid=500), "uses paid", "used"),
        ("used", Said(), "paid", "used"),  # its order was edited: used up, and paid back
        ("used", Said(500), "", "open"),
    ],
)
def test_what_a_voucher_is(state: str, said: Said, facts: str, is_: str) -> None:
    found = voucher_is(
        state,
        said,
        has_uses="uses" in facts,
        was_paid="paid" in facts.split(),
        was_freed="freed" in facts,
    )
    assert found == is_


def test_what_a_voucher_should_cost() -> None:
    should = {
        state: voucher_should(state, 500, 200) for state in ("open", "ending", "used", "ended")
    }
    assert should == {
        "open": Said(held=500),
        "ending": Said(held=500),
        "used": Said(paid=200),
        "ended": Said(),
    }


@pytest.mark.parametrize(
    ("state", "said", "freed", "is_"),
    [
        ("open", Said(100), False, "open"),
        ("fulfilled", Said(100), False, "open"),
        ("open", Said(paid=100), False, "fulfilled"),
        ("open", Said(), True, "cancelled"),
        ("open", Said(), False, "open"),
        ("cancelled", Said(100), False, "open"),
        ("cancelled", Said(), True, "cancelled"),
    ],
)
def test_what_a_claim_is(state: str, said: Said, freed: bool, is_: str) -> None:
    assert claim_is(state, said, 100, was_freed=freed) == is_
