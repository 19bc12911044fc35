"""The queue: each entity's newest version is handled, and a bad row hides no good one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col
from toyshop import Style, World
from toyshop.selling import edit, place

from bridge.db import Database
from bridge.inbox.entities import EntityKey, lock, try_lock
from bridge.inbox.handling import Arrived, HandleResult, Outcome, handle_queue
from bridge.inbox.models import InboxRow
from bridge.inbox.review import retry
from bridge.inbox.storing import Fetched, store
from bridge.inbox.verdicts import PAUSES
from bridge.kit.errors import BridgeError
from bridge.workspaces.models import Workspace

from .conftest import Desk


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Fifty-one orders wait, and no customer."""
    return filled(desk)


@pytest.fixture
def shared(postgresql_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Desk:
    """The same where several can be in the database at once; on SQLite a transaction that
    writes is alone."""
    world = World(open_database(postgresql_url), tmp_path / "home")
    world.open(Style.NUMBERED)
    return filled(Desk(world))


def filled(desk: Desk) -> Desk:
    for _ in range(51):
        place(desk.shop)
    desk.shop.customers.clear()
    desk.poll()
    return desk


def order_ids(desk: Desk) -> list[str]:
    return [one.record.id for one in desk.handled]


def fails_for(order_id: str, error: Exception) -> Callable[[Arrived], None]:
    def fails(arrived: Arrived) -> None:
        if arrived.record.id == order_id:
            raise error

    return fails


def versions(desk: Desk, *states: str, minutes: int = 1) -> str:
    """An order that was fetched in each of these states, the last one last."""
    order = place(desk.shop, state=states[0])
    desk.poll()
    for state in states[1:]:
        desk.later(minutes=minutes)
        edit(desk.shop, order, state=state)
        desk.poll()
    return order


# -- in good weather -------------------------------------------------------------------------


def test_everything_is_handled_once_in_the_order_it_came(full: Desk) -> None:
    assert full.handle() == HandleResult(handled=51)
    assert order_ids(full) == [row.entity_id for row in full.rows()]
    assert {row.state for row in full.rows()} == {"handled"}
    assert full.handle() == HandleResult()


def test_only_the_newest_version_is_handled(desk: Desk) -> None:
    order = versions(desk, "new", "paid", "complete")
    assert desk.handle() == HandleResult(handled=2, stale=2)
    assert desk.last()["Order", order].state == "complete"
    assert [row.state for row in desk.rows()] == ["stale", "stale", "handled"]


def test_an_older_version_that_comes_in_late_changes_nothing(desk: Desk) -> None:
    order = versions(desk, "new")
    late = desk.shop.orders[order]
    desk.later(minutes=1)
    edit(desk.shop, order, state="paid")
    desk.poll()
    desk.handle()
    fetched = desk.rows()[0].fetched_at + timedelta(seconds=1)
    older = Fetched(replace(late, state="pending"), late.changed_at, fetched)
    with desk.database.writing() as session:
        assert store(session, desk.workspace_id, desk.installation_id, [older]) == 1
    assert desk.handle() == HandleResult(stale=1)
    assert desk.last()["Order", order].state == "paid"


def test_a_handler_may_find_it_stale(full: Desk) -> None:
    def stale(session: Session, arrived: Arrived, now: object) -> Outcome:
        return Outcome.STALE

    database, clock = full.database, full.world.clock
    result = handle_queue(database, full.workspace_id, {"order": stale}, clock)
    assert result == HandleResult(stale=51)


def test_rows_without_a_handler_and_of_other_workspaces_stay(full: Desk) -> None:
    database, clock = full.database, full.world.clock
    assert handle_queue(database, full.workspace_id, {}, clock) == HandleResult()
    with database.writing() as session:
        other = Workspace(key="other", created_at=clock())
        session.add(other)
        session.flush()
        assert other.id is not None
        other_id = other.id
    assert handle_queue(database, other_id, {"order": full.handler}, clock) == HandleResult()
    assert full.handle().handled == 51


def test_a_limit_is_kept(full: Desk) -> None:
    assert full.handle(limit=7).handled == 7
    assert full.handle(batch=5).handled == 44


# -- bad rows --------------------------------------------------------------------------------


def test_a_bad_row_is_set_aside_with_its_reason_and_the_others_go_on(full: Desk) -> None:
    bad = full.rows()[20].entity_id
    full.fails = fails_for(bad, BridgeError("There is no rate from USD to EUR on 1 January."))
    assert full.handle() == HandleResult(handled=50, failed=1)
    (row,) = full.rows(state="failed")
    assert row.entity_id == bad
    assert row.error == "There is no rate from USD to EUR on 1 January."
    assert (row.attempts, row.not_before is not None) == (1, True)


def test_what_a_bad_row_did_is_undone_and_what_good_ones_did_is_kept(
    full: Desk, logged: list[Any]
) -> None:
    bad = full.rows()[3].entity_id

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        session.add(Workspace(key=f"of-{arrived.record.id}", created_at=arrived.fetched_at))
        session.flush()
        if arrived.record.id == bad:
            raise RuntimeError("a defect")
        return Outcome.HANDLED

    handle_queue(full.database, full.workspace_id, {"order": handler}, full.world.clock)
    made = {row.key for row in full.all_of(Workspace)} - {"acme"}
    assert made == {f"of-{row.entity_id}" for row in full.rows()} - {f"of-{bad}"}
    (row,) = full.rows(state="failed")
    assert row.error.startswith("Internal error: RuntimeError: a defect.")
    assert [(entry["entity"], str(entry["exc_info"])) for entry in logged] == [(bad, "a defect")]


@pytest.mark.parametrize(
    "statement", ["SELECT no_such_column", "INSERT INTO pulls (id) VALUES (1)"]
)
def test_what_the_database_refuses_is_a_bad_row_too(full: Desk, statement: str) -> None:
    bad = full.rows()[3].entity_id

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        if arrived.record.id == bad:
            session.execute(text(statement))
        return Outcome.HANDLED

    result = handle_queue(full.database, full.workspace_id, {"order": handler}, full.world.clock)
    assert result == HandleResult(handled=50, failed=1)


def test_content_that_cannot_be_read_is_a_bad_row(full: Desk) -> None:
    with full.database.writing() as session:
        session.execute(
            update(InboxRow).where(col(InboxRow.id) == full.rows()[0].id).values(content="{}")
        )
    assert full.handle() == HandleResult(handled=50, failed=1)


def test_a_bad_row_is_tried_again_after_growing_pauses(full: Desk) -> None:
    bad = full.rows()[0].entity_id
    full.fails = fails_for(bad, BridgeError("No rate."))
    full.handle()
    for pause in PAUSES:
        assert full.handle() == HandleResult()
        full.later(seconds=pause.total_seconds() + 1)
        assert full.handle() == HandleResult(failed=1)
    assert full.rows(state="failed")[0].attempts == 1 + len(PAUSES)
    full.fails = lambda arrived: None
    full.later(days=2)
    assert full.handle() == HandleResult(handled=1)
    assert {row.error for row in full.rows()} == {""}


def test_a_bad_row_is_tried_again_at_once_when_somebody_says_so(full: Desk) -> None:
    bad = full.rows()[0]
    full.fails = fails_for(bad.entity_id, BridgeError("No rate."))
    full.handle()
    full.fails = lambda arrived: None
    with full.database.writing() as session:
        assert retry(session, full.workspace_id + 1) == 0
        assert retry(session, full.workspace_id, [row.id or 0 for row in full.rows()]) == 1
        assert retry(session, full.workspace_id) == 0
    assert full.handle() == HandleResult(handled=1)


def test_a_newer_version_takes_the_place_of_a_bad_one(desk: Desk) -> None:
    order = versions(desk, "new")
    desk.fails = fails_for(order, BridgeError("No rate."))
    desk.handle()
    desk.fails = lambda arrived: None
    desk.later(minutes=1)
    edit(desk.shop, order, state="paid")
    desk.poll()
    assert desk.handle() == HandleResult(handled=1, stale=1)
    desk.later(days=2)
    assert desk.handle() == HandleResult()
    assert desk.last()["Order", order].state == "paid"


# -- several at once -------------------------------------------------------------------------


def test_several_workers_handle_every_row_once(full: Desk) -> None:
    for _ in range(100):
        place(full.shop)
    full.poll()
    seen: list[str] = []
    guard = threading.Lock()

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        with guard:
            seen.append(arrived.record.id)
        return Outcome.HANDLED

    def work(_: int) -> HandleResult:
        return handle_queue(
            full.database, full.workspace_id, {"order": handler}, full.world.clock, batch=10
        )

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert sum(result.handled for result in results) == 151
    assert sorted(seen) == sorted(full.shop.orders)


def test_an_entity_that_another_holds_is_left_to_it(shared: Desk) -> None:
    held = [row.entity_id for row in shared.rows()[:3]]
    keys = [EntityKey(shared.installation_id, "order", id_) for id_ in held]
    with shared.database.writing() as session:
        lock(session, keys)
        assert shared.handle(batch=5) == HandleResult(handled=48)
    assert shared.handle(batch=5) == HandleResult(handled=3)


def test_nobody_stores_or_handles_an_entity_while_it_is_handled(shared: Desk) -> None:
    free: list[set[EntityKey]] = []

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        with shared.database.writing() as other:
            key = EntityKey(arrived.installation_id, "order", arrived.record.id)
            free.append(try_lock(other, [key]))
        return Outcome.HANDLED

    handle_queue(
        shared.database, shared.workspace_id, {"order": handler}, shared.world.clock, limit=3
    )
    assert free == [set()] * 3


def test_a_lost_race_begins_the_batch_anew(shared: Desk) -> None:
    """Two handlers insert the same row: one waits, loses, and finds it there the next time."""
    calls = 0

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise_unique(session)
        return Outcome.HANDLED

    pauses: list[float] = []
    result = handle_queue(
        shared.database,
        shared.workspace_id,
        {"order": handler},
        shared.world.clock,
        pause=pauses.append,
    )
    assert result == HandleResult(handled=51)
    assert len(pauses) == 1
    assert calls == 51 + 5


def test_a_race_that_is_lost_again_and_again_is_a_bad_row(full: Desk) -> None:
    bad = full.rows()[3].entity_id

    def handler(session: Session, arrived: Arrived, now: object) -> Outcome:
        if arrived.record.id == bad:
            raise_unique(session)
        return Outcome.HANDLED

    result = handle_queue(
        full.database,
        full.workspace_id,
        {"order": handler},
        full.world.clock,
        pause=lambda seconds: None,
    )
    assert result == HandleResult(handled=50, failed=1)


def raise_unique(session: Session) -> None:
    """What an insert does whose row somebody else has inserted meanwhile."""
    session.execute(
        text("INSERT INTO workspaces (key, created_at) SELECT key, created_at FROM workspaces")
    )


def test_a_database_that_is_gone_is_raised(full: Desk) -> None:
    def gone(session: Session, arrived: Arrived, now: object) -> Outcome:
        raise DBAPIError("SELECT 1", {}, OSError("gone"), connection_invalidated=True)

    with pytest.raises(DBAPIError):
        handle_queue(full.database, full.workspace_id, {"order": gone}, full.world.clock)
    assert {row.state for row in full.rows()} == {"queued"}
