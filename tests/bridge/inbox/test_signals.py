"""Signals: stored once, fetched together, never the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from toyshop import Raises, When
from toyshop.selling import edit, place

from bridge.inbox.models import InboxRow, StoredSignal
from bridge.inbox.retention import forget
from bridge.inbox.signals import FetchResult, fetch_signalled, store_signal
from connectors.errors import ConnectorError, Forbidden, NotFound, Unreachable
from connectors.sales import Entity, Signal

from .conftest import Desk


def hear(desk: Desk, event_id: str, *ids: str, entity: Entity | None = Entity.ORDER) -> bool:
    now = desk.world.clock()
    signal = Signal(event_id, "order.changed", now, entity, ids)
    with desk.database.writing() as session:
        return store_signal(session, desk.workspace_id, desk.installation_id, signal, now)


def fetch(desk: Desk) -> FetchResult:
    return fetch_signalled(
        desk.database,
        desk.workspace_id,
        desk.installation_id,
        desk.connector,
        desk.world.clock,
    )


def states(desk: Desk) -> dict[str, str]:
    return {row.event_id: row.state for row in desk.all_of(StoredSignal)}


def test_an_event_is_stored_once_however_often_it_is_sent(desk: Desk) -> None:
    order = place(desk.shop)
    assert [hear(desk, "e1", order) for _ in range(3)] == [True, False, False]
    assert hear(desk, "e2", order)
    assert states(desk) == {"e1": "new", "e2": "new"}


@pytest.mark.parametrize("entity", [None, Entity.ACTIVITY])
def test_what_names_nothing_to_fetch_is_kept_and_ignored(desk: Desk, entity: Entity | None) -> None:
    assert hear(desk, "e1", "17", entity=entity)
    assert hear(desk, "e2", entity=Entity.ORDER)
    assert fetch(desk) == FetchResult(0, 0, 0)
    assert set(states(desk).values()) == {"ignored"}


def test_many_signals_on_one_order_make_one_fetch(desk: Desk) -> None:
    order, other = place(desk.shop), place(desk.shop)
    customer = desk.shop.customer_named("mia@example.com").id
    for number in range(10):
        hear(desk, f"e{number}", order)
    hear(desk, "both", order, other)
    hear(desk, "customer", customer, entity=Entity.CUSTOMER)
    assert fetch(desk) == FetchResult(signals=12, fetched=3, stored=3)
    assert desk.shop.count("orders", "customer") == 2
    assert set(states(desk).values()) == {"fetched"}
    assert desk.handle().handled == 3
    assert fetch(desk) == FetchResult(0, 0, 0)


def test_what_comes_while_it_is_fetched_is_fetched_too(desk: Desk) -> None:
    order = place(desk.shop, state="new")
    hear(desk, "e1", order)

    def meanwhile() -> None:
        edit(desk.shop, order, state="paid")
        hear(desk, "e2", order)

    desk.shop.events["orders"] = [When(after=meanwhile)]
    assert fetch(desk).signals == 2
    desk.handle()
    assert desk.last()["Order", order].state == "paid"


@pytest.mark.parametrize("error", [Unreachable("Nobody answers"), Forbidden("Not allowed")])
def test_a_shop_that_cannot_be_asked_lets_them_wait(desk: Desk, error: ConnectorError) -> None:
    hear(desk, "e1", place(desk.shop))
    desk.shop.events["orders"] = [Raises(error)]
    assert fetch(desk).error == str(error)
    assert states(desk) == {"e1": "new"}
    assert fetch(desk).stored == 1


def test_one_that_is_gone_or_cannot_be_told_holds_up_no_other(desk: Desk) -> None:
    customer = desk.shop.customer_named("mia@example.com").id
    hear(desk, "e1", "9999")
    hear(desk, "e2", "8888", entity=Entity.CUSTOMER)
    hear(desk, "e3", customer, entity=Entity.CUSTOMER)
    assert fetch(desk) == FetchResult(signals=3, fetched=1, stored=1)


def test_an_order_the_shop_refuses_is_kept_in_sight(desk: Desk) -> None:
    order = place(desk.shop)
    hear(desk, "e1", order)
    desk.shop.events["orders"] = [Raises(NotFound("No such entity"))]
    assert fetch(desk).error == ""
    assert [row.state for row in desk.rows()] == ["unread"]


def test_the_poll_brings_nothing_new_after_a_signal(desk: Desk) -> None:
    hear(desk, "e1", place(desk.shop))
    fetch(desk)
    assert desk.handle().handled == 1
    desk.shop.customers.clear()
    assert desk.poll().stored == 0


def test_what_was_handled_long_ago_is_forgotten_but_for_the_newest(desk: Desk) -> None:
    order = place(desk.shop, state="new")
    desk.poll()
    desk.handle()
    hear(desk, "e1", order)
    desk.later(days=1)
    edit(desk.shop, order, state="paid")
    desk.poll()
    desk.handle()
    desk.later(days=1)
    hear(desk, "e2", order)
    before = desk.world.clock() - timedelta(hours=1)
    with desk.database.writing() as session:
        assert forget(session, desk.workspace_id + 1, before) == 0
        assert forget(session, desk.workspace_id, before) == 2
    with desk.database.reading() as session:
        contents = session.execute(
            select(col(InboxRow.content)).where(col(InboxRow.resource) == "order")
        ).scalars()
        assert ['"paid"' in content for content in contents] == [True]
    assert states(desk) == {"e2": "new"}
    # What it knew is enough to tell old from new.
    desk.later(hours=1)
    assert desk.poll(since=before - timedelta(days=3)).stored == 0
