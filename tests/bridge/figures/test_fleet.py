"""Many workspaces at a glance: what each one's own overview says, in order of need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bridge.approvals.models import WaitingChange
from bridge.db import Database
from bridge.figures.fleet import fleet
from bridge.figures.fleet_rules import Standing
from bridge.figures.health_rules import Level
from bridge.figures.overview import overview
from bridge.inbox.models import Cursor, InboxRow, InboxState
from bridge.installations.models import AppRegistration, AppState
from bridge.plans.models import KeptPlan, PlanState
from bridge.users.models import User

from .conftest import BEGIN, Merchant

NOW = BEGIN + timedelta(days=2)


def looked(database: Database, *merchants: Merchant) -> list[Standing]:
    with database.reading() as session:
        return fleet(session, {one.workspace_id: f"w{one.workspace_id}" for one in merchants}, NOW)


def is_read(merchant: Merchant, hours: int = 0) -> None:
    """Both shops, so long ago."""
    when = NOW - timedelta(hours=hours)
    with merchant.database.writing() as session:
        for shop in merchant.shops:
            session.add(
                Cursor(
                    installation_id=shop,
                    resource="orders",
                    workspace_id=merchant.workspace_id,
                    polled_at=when,
                    complete_through=when,
                )
            )


def test_each_line_says_what_its_own_overview_says(
    new_merchant: Callable[[str], Merchant], database: Database
) -> None:
    busy, calm, late = (new_merchant(key) for key in ("busy", "calm", "late"))
    for one, hours in ((busy, 0), (calm, 0), (late, 2)):
        is_read(one, hours)
    busy.is_given(busy.member("ada"), NOW, 2_550)
    with database.writing() as session:
        ada = User(email="ada@acme.example", name="Ada", created_at=BEGIN)
        session.add(ada)
        session.flush()
        here = {"workspace_id": busy.workspace_id}
        for number, state in enumerate((InboxState.FAILED, InboxState.UNREAD, InboxState.STALE)):
            session.add(
                InboxRow(
                    **here,
                    installation_id=busy.shops[0],
                    resource="order",
                    entity_id=str(number),
                    content_hash=str(number),
                    content="",
                    changed_at=NOW,
                    fetched_at=NOW,
                    state=state.value,
                )
            )
        session.add(
            AppRegistration(
                **here,
                installation_id=busy.shops[1],
                token="t",
                base_url="https://bridge.example",
                state=AppState.INACTIVE.value,
                changed_at=BEGIN,
                created_at=BEGIN,
            )
        )
        session.add(
            WaitingChange(
                workspace_id=calm.workspace_id,
                action="points.adjust",
                subject_kind="member",
                subject_id="1",
                subject="Ada",
                arguments={},
                limit="1",
                asked_by=ada.id or 0,
                asked_at=NOW,
            )
        )
        for state, total in ((PlanState.READY, 70), (PlanState.READY, 7), (PlanState.MAKING, 700)):
            session.add(
                KeptPlan(
                    workspace_id=calm.workspace_id,
                    state=state.value,
                    summary={"total": total},
                    made_at=NOW,
                    made_by="Ada",
                )
            )
    first, second, third = looked(database, calm, late, busy)
    assert [one.workspace_id for one in (first, second, third)] == [
        busy.workspace_id,
        calm.workspace_id,
        late.workspace_id,
    ]
    assert (first.level, first.failed, first.webhooks_off) == (Level.ERROR, 2, 1)
    assert first.in_trouble == ("north", "south")
    assert (second.level, second.approvals, second.planned) == (Level.WARNING, 1, 7)
    assert (third.level, third.lag_seconds) == (Level.WARNING, 7_200)
    for one, merchant in ((first, busy), (second, calm), (third, late)):
        own = overview(database, merchant.workspace_id, NOW)
        assert (one.points, one.value) == (own.outstanding.points, own.outstanding.value)
        assert (one.name, one.currency) == (own.name, own.currency)
        assert one.stores == len(own.shops)
        assert one.polled_at == min(shop.polled_at for shop in own.shops if shop.polled_at)
        assert one.failed == sum(shop.counts.inbox_failed for shop in own.shops)
        assert one.in_trouble == tuple(
            shop.store for shop in own.shops if shop.level is not Level.OK
        )


def test_two_hundred_workspaces_take_as_many_queries_as_one(
    new_merchant: Callable[[str], Merchant], database: Database
) -> None:
    merchants = [new_merchant(f"w{number}") for number in range(4)]
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    looked(database, *merchants)  # programmes are read once in a process
    event.listen(database.engine, "before_cursor_execute", note)
    looked(database, merchants[0])
    of_one = len(said)
    said.clear()
    looked(database, *merchants)
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(said) == of_one > 0


def test_no_table_is_gone_through_whole(
    sqlite_url: str, open_database: Callable[[str], Database]
) -> None:
    """On SQLite, which else takes the order of an index on all rows to group a few."""
    database = open_database(sqlite_url)
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(_connection: object, _cursor: object, said: str, told: Any, *_rest: object) -> None:
        asked.append((said, told))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        fleet(session, {number: str(number) for number in range(1, 201)}, NOW)
        event.remove(database.engine, "before_cursor_execute", note)
        connection = session.connection()
        steps = [
            row[3]
            for said, told in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", told)
        ]
    assert any("ix_inbox_state" in step for step in steps)
    large = ("inbox", "deliveries", "vouchers", "accounts", "shown_balances", "programme_versions")
    assert not [step for step in steps for one in large if step.startswith(f"SCAN {one}")]
