"""What subscribers are told of: everything from their beginning on, each once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from receiver import Receiver
from sqlalchemy import event
from sqlmodel import select
from subscriber_world import ADA, SubscriberWorld

from bridge.audit.service import Actor
from bridge.members.models import Member
from bridge.points.book import Book, Cause
from bridge.points.models import Account, Holder, Place
from bridge.privacy import erasing
from bridge.subscribers import walking
from bridge.subscribers.event_types import EventType
from bridge.subscribers.messages import KEPT, forget
from bridge.subscribers.models import Disabled
from bridge.subscribers.service import disable, enable, named
from bridge.tiers.service import give_by_hand, review
from bridge.workspaces.service import ensure_workspace, workspace_id

NOWHERE = "http://127.0.0.1:9/hook"


def told(world: SubscriberWorld, name: str = "erp") -> list[str]:
    walking.find_events(world.app)
    return [one.event for one in world.messages(name)]


def data(world: SubscriberWorld, kind: EventType) -> Any:
    walking.find_events(world.app)
    (one,) = [message for message in world.messages() if message.type == kind.value]
    return one.data


def test_where_nobody_subscribed_one_question_is_asked(world: SubscriberWorld) -> None:
    world.give(world.member("ada@example.com"))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = world.database.engine
    event.listen(engine, "before_cursor_execute", note)
    assert walking.find_events(world.app) == 0
    event.remove(engine, "before_cursor_execute", note)
    assert [one for one in asked if "FROM" in one and "FROM subscribers" not in one] == []
    assert len(asked) <= 2  # SQLite tells of the beginning, too


def test_it_begins_with_the_moment_of_subscribing(world: SubscriberWorld) -> None:
    old = world.member("old@example.com")
    world.give(old)
    world.pass_(seconds=1)
    world.subscribe(NOWHERE)
    world.give(old)
    new = world.member("new@example.com")
    assert told(world) == [f"member/{new}", "points/2"]


def test_an_entry_tells_whose_it_is_and_the_balance_after_it(anywhere: SubscriberWorld) -> None:
    world = anywhere
    ada, ben = world.member("ada@example.com"), world.member("ben@example.com")
    world.subscribe(NOWHERE, types=[EventType.POINTS_POSTED])
    for points in (100, 20):
        world.give(ada, points)
        world.give(ben, 1)
    world.spend(ada, 30)
    walking.find_events(world.app)
    rows = [one.data for one in world.messages() if one.member_id == ada]
    assert [(one["movement"], one["points"], one["change"]) for one in rows] == [
        ("earned", 100, 100),
        ("earned", 20, 20),
        ("redeemed", 30, -30),
    ]
    assert [one["balance"]["available"] for one in rows] == [100, 120, 90]
    first = rows[0]
    assert first["member"] == {
        "id": ada,
        "customers": [{"installation": "north", "customer": world.customer_id(ada)}],
    }
    assert (first["holder"], first["source"], first["rule"]) == ("member", "activity", "review")


def test_debt_and_held_points_are_told_too(world: SubscriberWorld) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[EventType.POINTS_POSTED])
    world.give(ada, 50)
    with world.database.writing() as session:
        book = Book(session, world.workspace, world.now)
        account = book.open([(Holder.MEMBER, ada)])[(Holder.MEMBER, ada)]
        (lot,) = book.lots(account)
        cause = Cause("order", "7", world.now, installation_id=world.shops["north"])
        book.post(account, lot, Place.AVAILABLE, Place.RESERVED, 20, "reserve", cause)
        book.post(account, None, Place.DEBT, Place.ISSUED, 5, "take_back_as_debt", cause)
        book.write()
    walking.find_events(world.app)
    last = world.messages()[-1].data
    assert last["balance"] == {"available": 30, "pending": 0, "reserved": 20, "debt": 5}
    with world.database.reading() as session:
        now = session.exec(select(Account)).one()
    assert (now.available, now.reserved, now.debt) == (30, 20, 5)
    assert (last["movement"], last["change"], last["installation"]) == ("reversed", 0, "north")


def test_a_change_of_tier_is_kept_and_told(world: SubscriberWorld) -> None:
    world.programme(tiers={"silver": {"name": "Silver", "reach": [{"spend": 100}]}})
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[EventType.TIER_CHANGED])
    with world.database.writing() as session:
        give_by_hand(session, world.workspace, ada, "silver", None)
    for _ in range(2):
        review(world.database, world.workspace, lambda: world.now)
    found = data(world, EventType.TIER_CHANGED)
    assert (found["member"]["id"], found["before"], found["after"]) == (ada, None, "silver")


def test_a_voucher_is_told_when_it_can_be_used_and_when_it_was(world: SubscriberWorld) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[kind for kind in EventType if kind.value[:7] == "voucher"])
    voucher = world.voucher(ada)
    assert told(world) == []
    world.ready(voucher)
    issued = data(world, EventType.VOUCHER_ISSUED)
    assert (issued["voucher"], issued["amount"], issued["percent"]) == (voucher, "5.00", None)
    assert (issued["installation"], issued["store_id"]) == ("north", "1")
    world.use(voucher)
    assert told(world) == [f"voucher/{voucher}/issued", f"voucher/{voucher}/used"]


def test_who_was_merged_is_told_with_who_he_is_now(world: SubscriberWorld) -> None:
    ada, twin = world.member("ada@example.com"), world.member("a@example.com")
    world.pass_(seconds=1)
    world.subscribe(NOWHERE)
    with world.database.writing() as session:
        row = session.get(Member, twin)
        assert row is not None
        row.merged_into, row.merged_at, row.merged_by = ada, world.now, "ada"
        session.add(row)
    found = data(world, EventType.MEMBER_MERGED)
    assert (found["member_id"], found["member"]["id"]) == (twin, ada)


def test_of_who_was_erased_only_the_number_is_told(anywhere: SubscriberWorld) -> None:
    world = anywhere
    ada, ben = world.member("ada@example.com"), world.member("ben@example.com")
    world.give(ada, 30)
    world.pass_(seconds=1)
    world.subscribe(NOWHERE)
    with world.database.writing() as session:
        for one in (ada, ben):
            erasing.ask(session, world.workspace, one, "member", world.now)
    assert told(world) == [], "asked for, it is not done"
    erasing.erase(world.database, world.workspace, ada, Actor("Ann"), lambda: world.now)
    with world.database.writing() as session:
        waits = erasing.open_of(session, world.workspace, ben)
        assert waits is not None
        erasing.refuse(session, world.workspace, waits.id or 0, Actor("Ann"), "", world.now)
    assert f"member/{ben}/erased" not in told(world)
    assert data(world, EventType.MEMBER_ERASED) == {"member_id": ada}
    sent = json.dumps([one.data for one in world.messages()])
    assert world.messages("erp") and "ada@example.com" not in sent and '"customer":' not in sent


def test_only_the_types_that_were_chosen_are_told(world: SubscriberWorld) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[EventType.CLAIM_CANCELLED])
    cancelled, fulfilled = world.claim(ada), world.claim(ada)
    world.decide(cancelled, "cancelled")
    world.decide(fulfilled, "fulfilled")
    assert told(world) == [f"claim/{cancelled}/cancelled"]


def test_another_workspace_hears_nothing(anywhere: SubscriberWorld) -> None:
    world = anywhere
    world.subscribe(NOWHERE)
    with world.database.writing() as session:
        ensure_workspace(session, "bolt", world.now)
        bolt = workspace_id(session, "bolt")
        session.add(Member(workspace_id=bolt, joined_at=world.now))
    assert walking.find_events(world.app.at(bolt, "bolt")) == 0
    ada = world.member("ada@example.com")
    assert told(world) == [f"member/{ada}"]


def test_what_becomes_visible_late_is_still_told(world: SubscriberWorld) -> None:
    """A transaction that began before a look and ended after it; by time and by number."""
    ada = world.member("ada@example.com")
    world.pass_(minutes=30)
    world.subscribe(NOWHERE, types=[EventType.POINTS_POSTED])
    for _ in range(4):
        world.pass_(minutes=8)
        world.give(ada)
        assert walking.find_events(world.app) >= 1
    world.give(ada, at=world.now - timedelta(minutes=7))
    assert len(told(world)) == 5


def test_who_was_off_is_told_afterwards_and_nothing_twice(world: SubscriberWorld) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[EventType.POINTS_POSTED])
    world.give(ada)
    assert told(world) == ["points/1"]
    switch(world, on=False)
    world.pass_(days=20)
    world.give(ada)
    assert told(world) == ["points/1"]
    world.pass_(days=20)
    with world.database.writing() as session:
        assert forget(session, world.workspace, world.now) == 1
    switch(world, on=True)
    assert told(world) == ["points/2"]
    switch(world, on=False)
    world.pass_(days=1)
    world.give(ada)
    world.pass_(seconds=1)
    switch(world, on=True, skip=True)
    world.pass_(seconds=1)
    world.give(ada)
    assert told(world) == ["points/4"]


def test_messages_go_after_a_month_but_none_that_could_be_found_again(
    world: SubscriberWorld,
) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(NOWHERE, types=[EventType.POINTS_POSTED])
    world.give(ada)
    told(world)
    world.pass_(days=60)  # the bridge did not run
    with world.database.writing() as session:
        assert forget(session, world.workspace, world.now) == 0
    assert told(world) == ["points/1"]
    world.pass_(minutes=11)
    told(world)
    with world.database.writing() as session:
        assert forget(session, world.workspace, world.now) == 1
    assert told(world) == []
    assert timedelta(days=31) <= KEPT


def switch(world: SubscriberWorld, *, on: bool, skip: bool = False) -> None:
    with world.database.writing() as session:
        row = named(session, world.workspace, "erp")
        if on:
            enable(session, row, ADA, world.now, skip=skip)
        else:
            disable(session, row, ADA, world.now, Disabled.BY_HAND)


CAUSES = st.lists(
    st.sampled_from(["give", "late", "tier", "voucher", "member", "claim", "look", "wait", "long"]),
    max_size=20,
)


@given(causes=CAUSES, page=st.integers(1, 4))
@settings(
    max_examples=12,
    phases=[Phase.generate],  # making an example smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_the_order_of_causes_each_is_told_once(
    world: SubscriberWorld, causes: list[str], page: int
) -> None:
    """Two subscribers; what is expected is counted by hand. Looks come between, or do not."""
    ada = someone(world)
    names = [f"{ada}-{one}" for one in "ab"]
    world.pass_(hours=1)
    for name in names:
        world.subscribe(NOWHERE, name)
    world.pass_(minutes=10)
    walking_page, walking.PAGE = walking.PAGE, page
    expected = 0
    try:
        for cause in causes:
            expected += happens(world, cause, ada)
        walking.find_events(world.app)
        walking.find_events(world.app)
    finally:
        walking.PAGE = walking_page
    for name in names:
        events = [one.event for one in world.messages(name)]
        assert len(events) == len(set(events)) == expected
    with world.database.writing() as session:
        for name in names:
            row = named(session, world.workspace, name)
            disable(session, row, ADA, world.now, Disabled.BY_HAND)


def someone(world: SubscriberWorld) -> int:
    world.people += 1
    return world.member(f"{world.people}@example.com")


def happens(world: SubscriberWorld, cause: str, member: int) -> int:
    """How many events it is."""
    match cause:
        case "give":
            world.give(member)
        case "late":
            world.give(member, at=world.now - timedelta(minutes=9, seconds=30))
        case "tier":
            world.change_tier(member)
        case "voucher":
            voucher = world.voucher(member)
            world.ready(voucher)
            world.end(voucher)
            return 2
        case "member":
            someone(world)
        case "claim":
            world.decide(world.claim(member), "fulfilled")
            return 3  # it was given points to pay it with
        case "look":
            walking.find_events(world.app)
            return 0
        case "wait":
            world.pass_(seconds=50)
            return 0
        case _:
            world.pass_(minutes=11)
            return 0
    return 1


def test_what_is_sent_is_what_was_found(world: SubscriberWorld, receiver: Receiver) -> None:
    ada = world.member("ada@example.com")
    world.subscribe(receiver.url, types=[EventType.POINTS_POSTED])
    world.give(ada)
    world.work()
    (got,) = receiver.got
    (message,) = world.messages()
    assert got.json == {
        "type": "points.posted",
        "timestamp": "2026-03-02T09:00:00Z",
        "version": 1,
        "data": message.data,
    }


def test_a_defect_with_one_table_does_not_hold_up_the_others(
    world: SubscriberWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.subscribe(NOWHERE)
    ada = world.member("ada@example.com")
    world.give(ada)
    broken = replace(walking.SOURCES[0], events=lambda *_: 1 // 0)
    with monkeypatch.context() as defect:
        defect.setattr(walking, "SOURCES", (broken, *walking.SOURCES[1:]))
        with pytest.raises(ZeroDivisionError):
            walking.find_events(world.app)
    assert [one.event for one in world.messages()] == ["points/1"]
    assert sorted(told(world)) == [f"member/{ada}", "points/1"]
