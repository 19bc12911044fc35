"""Points that a flow in a shop gives: once for each run, within the limit, and never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from ledger_world import START, LedgerWorld

from bridge.audit.service import Actor
from bridge.earning.awards import award_handler
from bridge.inbox.handling import HandleResult, handle_queue
from bridge.inbox.models import InboxState
from bridge.inbox.review import drop, listed, retry
from bridge.inbox.storing import Fetched, store
from bridge.members.models import ShopCustomer
from bridge.preferences.sections import Limits
from bridge.preferences.service import set_preferences
from connectors.shop_pages import Award

BASE = {"base": {"per_amount": {"points": 1, "each": 1}}}
PROGRAMME = {"rules": BASE, "expire": {"days": 30}}


@dataclass
class Flows:
    """What the flows of the first shop send."""

    ledger: LedgerWorld

    def send(self, run: str = "run-1", points: str = "500", customer: str = "c1") -> int:
        award = Award(run, self.ledger.now, customer, points, "Welcome")
        told = Fetched(award, self.ledger.now, self.ledger.now)
        with self.ledger.database.writing() as session:
            return store(session, self.ledger.workspace, self.ledger.shops[0], [told])

    def handle(self) -> HandleResult:
        ledger, handlers = self.ledger, {"award": award_handler}
        return handle_queue(ledger.database, ledger.workspace, handlers, lambda: ledger.now)

    def failed(self) -> list[Any]:
        with self.ledger.database.reading() as session:
            return listed(session, self.ledger.workspace, [InboxState.FAILED.value])

    def limit(self, points: int | None) -> None:
        wanted, by = Limits(award_points=points), Actor("test")
        with self.ledger.database.writing() as session:
            set_preferences(session, self.ledger.workspace, wanted, by, self.ledger.now)

    def entries(self) -> list[Any]:
        return self.ledger.rows(
            "SELECT points, source_kind, why FROM entries WHERE workspace_id = :w ORDER BY id"
        )


@pytest.fixture
def flows(ledger: LedgerWorld) -> Flows:
    ledger.programme(PROGRAMME)
    return Flows(ledger)


def test_a_run_is_booked_once_however_often_it_is_told(
    flows: Flows, check_book: Callable[[], None]
) -> None:
    member = flows.ledger.member((0, "c1"))
    assert (flows.send(), flows.handle().handled) == (1, 1)
    flows.ledger.now += timedelta(minutes=3)  # the shop's queue tries again, with a later time
    assert (flows.send(), flows.handle().total) == (0, 0)
    assert flows.ledger.balance(member) == (500, 0, 0)
    ((points, kind, why),) = flows.entries()
    assert (points, kind) == (500, "adjustment")
    assert json.loads(why) == {"reason": "Welcome", "by": "flow in north"}
    flows.send("run-2")  # the same again by another run is another award
    flows.handle()
    assert flows.ledger.balance(member) == (1000, 0, 0)
    check_book()
    flows.ledger.later(days=31)
    assert flows.ledger.balance(member) == (0, 0, 0)


def test_a_run_told_otherwise_the_second_time_is_seen(flows: Flows) -> None:
    member = flows.ledger.member((0, "c1"))
    flows.send()
    flows.handle()
    flows.ledger.now += timedelta(minutes=1)
    flows.send(points="900")
    assert flows.handle().failed == 1
    assert flows.ledger.balance(member) == (500, 0, 0)


def test_what_is_no_number_of_points_waits_for_a_person(flows: Flows) -> None:
    member = flows.ledger.member((0, "c1"))
    wrong = ["0", "-5", "1.5", "1,000", "many", "", "\N{ARABIC-INDIC DIGIT THREE}", "9" * 11]
    for run, points in enumerate(wrong):
        flows.send(f"run-{run}", points)
    assert flows.handle().failed == len(wrong)
    assert all("whole number" in row.error for row in flows.failed())
    assert flows.ledger.balance(member) == (0, 0, 0)


def test_a_million_by_mistake_is_refused_until_somebody_means_it(flows: Flows) -> None:
    ledger, member = flows.ledger, flows.ledger.member((0, "c1"))
    flows.send(points="1000000")
    flows.send("run-2", points="10000")
    result = flows.handle()
    assert (result.handled, result.failed) == (1, 1)
    assert ledger.balance(member) == (10_000, 0, 0)
    (row,) = flows.failed()
    assert "10,000" in row.error
    flows.limit(1_000_000)
    with ledger.database.writing() as session:
        assert retry(session, ledger.workspace, [row.id]) == 1
    flows.handle()
    assert ledger.balance(member) == (1_010_000, 0, 0)


def test_what_is_dropped_stays_away(flows: Flows) -> None:
    ledger, member = flows.ledger, flows.ledger.member((0, "c1"))
    flows.send(points="1000000")
    flows.handle()
    (row,) = flows.failed()
    with ledger.database.writing() as session:
        assert drop(session, ledger.workspace, [row.id], ledger.now) == 1
        assert drop(session, ledger.workspace, [row.id], ledger.now) == 0
    flows.limit(None)
    ledger.now += timedelta(days=2)
    flows.send(points="1000000")
    assert flows.handle().total == 0
    assert ledger.balance(member) == (0, 0, 0)


def test_who_is_not_known_yet_gets_them_once_he_is(flows: Flows) -> None:
    """A flow that welcomes new customers is faster than the news of them."""
    flows.send()
    assert flows.handle().failed == 1
    member = flows.ledger.member((0, "c1"))
    flows.ledger.now += timedelta(minutes=2)
    assert flows.handle().handled == 1
    assert flows.ledger.balance(member) == (500, 0, 0)


def test_guests_and_who_takes_no_part_get_nothing(flows: Flows) -> None:
    ledger = flows.ledger
    guest = {"email": "g@example.com", "group_id": "1", "store_id": "1"}
    with ledger.database.writing() as session:
        session.add(
            ShopCustomer(
                installation_id=ledger.shops[0],
                customer_id="guest",
                workspace_id=ledger.workspace,
                is_guest=True,
                is_active=True,
                is_confirmed=True,
                created_at=START,
                updated_at=START,
                pull=0,
                **guest,
            )
        )
    ledger.programme(PROGRAMME, joining={"invited": True})
    member = ledger.member((0, "c1"))
    flows.send(customer="guest")
    flows.send("run-2", customer="c1")
    assert flows.handle().handled == 2
    assert flows.entries() == []
    assert ledger.balance(member) == (0, 0, 0)
