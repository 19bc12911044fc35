"""Polls: nothing is skipped, and nothing is fetched for nothing, whatever the shop does."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from toyshop import Lost, Raises, When
from toyshop.selling import do, edit, give_back, place, shop_now, tell

from bridge.inbox import polling
from bridge.inbox.models import Cursor, SeenChange
from bridge.inbox.polling import OVERLAP
from connectors.errors import (
    AnswerLost,
    ConnectorError,
    Forbidden,
    Rejected,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)
from connectors.sales import Activity, ActivityKind, Change, Order

from .conftest import Desk


def fetches(desk: Desk) -> list[set[str]]:
    """The orders of each call that fetched some."""
    return [set(call.rows) for call in desk.shop.calls if call.name == "orders"]


def in_step(desk: Desk) -> bool:
    """Whether all that the shop has was handled, as it is there now."""
    desk.handle()
    told = {key[1]: one for key, one in desk.last().items() if key[0] == "Order"}
    return {id_: _said(order) for id_, order in told.items()} == {
        id_: _said(order) for id_, order in desk.shop.orders.items()
    }


def _said(order: Order) -> tuple[Any, ...]:
    return order.number, order.state, order.refunds


# -- the usual way ---------------------------------------------------------------------------


def test_what_was_bought_refunded_registered_and_reviewed_comes_in_once(desk: Desk) -> None:
    order = place(desk.shop)
    give_back(desk.shop, place(desk.shop))
    review = Activity("r1", ActivityKind.REVIEW, desk.world.clock(), is_valid=True)
    do(desk.shop, review)

    result = desk.poll()

    assert result.told == {"customers": 1, "orders": 2, "refunds": 1, "activities": 1}
    assert (result.fetched, result.stored, result.error) == (2, 4, "")
    assert fetches(desk) == [set(desk.shop.orders)]
    assert desk.handle().handled == 4
    assert desk.last()["Order", order] == desk.shop.orders[order]
    assert desk.last()["Activity", "r1"] == review
    assert in_step(desk)


def test_orders_of_before_the_store_was_connected_come_when_somebody_asks(desk: Desk) -> None:
    long_ago = desk.world.clock() - timedelta(days=90)
    old = place(desk.shop, placed_at=long_ago, changed_at=long_ago)
    assert desk.poll().fetched == 0
    place(desk.shop)
    assert desk.poll().fetched == 1
    reached = desk.cursor().mark_at
    assert desk.poll(since=long_ago - timedelta(days=1)).fetched >= 1
    assert [row.entity_id for row in desk.rows()][-1] == old
    assert desk.cursor().mark_at >= reached


def test_all_customers_come_with_the_first_poll_then_those_that_changed(desk: Desk) -> None:
    desk.later(days=1)
    assert desk.poll().told["customers"] == 1  # registered before the store was connected
    desk.later(hours=1)
    assert desk.poll().told["customers"] == 0
    desk.shop.register("leo@example.com")
    assert desk.poll().stored == 1


def test_what_did_not_change_is_neither_stored_nor_handled_again(desk: Desk) -> None:
    order = place(desk.shop)
    desk.poll()
    desk.handle()
    desk.later(minutes=1)
    edit(desk.shop, order)  # a new change time, and nothing else
    result = desk.poll()
    assert (result.fetched, result.stored) == (1, 0)
    assert desk.handle().total == 0
    assert len(desk.rows()) == 1


def test_what_becomes_as_it_was_before_is_handled_again(desk: Desk) -> None:
    order = place(desk.shop, state="new")
    for state in ("paid", "new"):
        desk.poll()
        desk.handle()
        desk.later(minutes=1)
        edit(desk.shop, order, state=state)
    desk.poll()
    desk.handle()
    assert desk.last()["Order", order].state == "new"
    assert [one.record.state for one in desk.handled if one.record.id == order] == [
        "new",
        "paid",
        "new",
    ]
    assert len(desk.rows()) == 2


# -- sparing calls ---------------------------------------------------------------------------


def test_an_order_that_several_walks_tell_of_is_fetched_once(desk: Desk) -> None:
    orders = [place(desk.shop) for _ in range(120)]
    for order in orders:
        tell(desk.shop, "refunds", f"r-{order}", entity_id=order)
    desk.poll()
    assert sum(map(len, fetches(desk))) <= 140  # of 240 changes


def test_history_is_fetched_once_however_far_apart_its_changes_are(desk: Desk) -> None:
    for hours in range(150):
        order = place(desk.shop)
        desk.later(hours=1)
        tell(desk.shop, "refunds", f"own-{hours}", entity_id=order)
        tell(desk.shop, "refunds", f"first-{hours}", entity_id=next(iter(desk.shop.orders)))
    desk.later(hours=1)
    desk.poll()
    fetched = [id_ for ids in fetches(desk) for id_ in ids]
    assert len(fetched) == len(set(fetched)) == 150


def test_what_an_overlap_tells_again_is_not_fetched_again(desk: Desk) -> None:
    desk.poll()
    place(desk.shop)
    desk.later(seconds=30)
    assert desk.poll().fetched == 1
    desk.later(seconds=30)
    again = desk.poll()
    assert (again.told["orders"], again.fetched) == (1, 0)
    desk.later(hours=1)
    assert desk.poll().fetched == 0
    assert desk.poll().told["orders"] == 0
    assert desk.all_of(SeenChange) == []


def test_a_second_change_within_the_same_second_is_found(desk: Desk) -> None:
    now = shop_now(desk.shop).replace(microsecond=0)
    order = place(desk.shop, state="new", changed_at=now)
    desk.poll()
    edit(desk.shop, order, state="paid", changed_at=now)
    desk.later(seconds=30)
    desk.poll()
    assert in_step(desk)
    assert desk.last()["Order", order].state == "paid"


def test_what_the_shop_commits_late_is_found(desk: Desk) -> None:
    order = place(desk.shop, state="new")
    began = shop_now(desk.shop)
    desk.later(minutes=3)
    desk.poll()
    late = place(desk.shop, changed_at=began)  # its transaction took three minutes
    edit(desk.shop, order, state="paid", quietly=True)
    tell(desk.shop, "refunds", "payment", entity_id=order, at=began)
    desk.poll()
    assert in_step(desk)
    assert ("Order", late) in desk.last()


# -- crashes ---------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ended here."""


def kills(call: int) -> Callable[..., Any]:
    """Wraps a function; its call of this number ends the process."""
    count = 0

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == call:
                raise Killed
            return function(*args, **options)

        return wrapped

    return wrap


@pytest.mark.parametrize(
    ("where", "call"),
    [("put", 1), ("put", 2), ("put", 4), ("put", 7), ("advance", 1), ("advance", 4), ("fetch", 3)],
)
def test_a_poll_that_dies_anywhere_skips_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str, call: int
) -> None:
    desk.shop.register("leo@example.com")
    monkeypatch.setattr(polling, "STEPS", 60)
    for _ in range(250):
        place(desk.shop)
        desk.later(minutes=1)
    owner = polling.Cursors if where == "advance" else polling.Intake
    with monkeypatch.context() as patch:
        patch.setattr(owner, where, kills(call)(getattr(owner, where)))
        with suppress(Killed):
            desk.poll()
    stored = {row.entity_id for row in desk.rows()}
    for cursor in desk.all_of(Cursor):
        if cursor.resource == "orders" and cursor.mark_at is not None:
            covered = {
                one.id for one in desk.shop.orders.values() if one.changed_at <= cursor.mark_at
            }
            assert covered <= stored
    desk.poll()
    assert in_step(desk)
    assert len(desk.rows()) == 250
    assert len(desk.rows("customer")) == 2


# -- order -----------------------------------------------------------------------------------


def test_a_walk_that_tells_in_any_order_loses_nothing_when_it_breaks_off(desk: Desk) -> None:
    chance = random.Random(7)

    def shuffled(changes: list[Change]) -> list[Change]:
        chance.shuffle(changes)
        return changes

    for _ in range(300):
        place(desk.shop)
        desk.later(minutes=1)
    desk.shop.arranged = shuffled
    desk.shop.events["changes orders"] = [None] * 20 + [Raises(ShopFault("Out of memory"))]
    assert "Out of memory" in desk.poll().error
    desk.shop.events.clear()
    desk.poll(at_once=True)
    assert in_step(desk)
    assert len(desk.rows()) == 300


def test_an_order_that_changes_while_it_is_fetched_is_seen_in_its_last_state(desk: Desk) -> None:
    order = place(desk.shop, state="new")
    desk.shop.events["orders"] = [
        When(before=lambda: None, after=lambda: edit(desk.shop, order, state="paid"))
    ]
    desk.poll()
    desk.poll()
    assert in_step(desk)
    assert desk.last()["Order", order].state == "paid"


# -- clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "is_told"),
    [(-90, True), (-3, True), (0, True), (90, True), (-3, False), (0, False), (90, False)],
)
def test_a_shop_whose_clock_differs_loses_nothing(desk: Desk, minutes: int, is_told: bool) -> None:
    offset = timedelta(minutes=minutes)

    def now() -> Any:
        return desk.world.clock() + offset

    desk.shop.clock_offset = offset if is_told else None
    for _ in range(6):
        place(desk.shop, placed_at=now(), changed_at=now())
        desk.later(minutes=2)
        desk.poll()
    reached = desk.cursor().mark_at
    assert reached <= now()
    complete = desk.cursor().complete_through
    assert complete <= now() - OVERLAP
    if is_told:
        assert complete >= now() - OVERLAP - timedelta(minutes=1)
    assert in_step(desk)


def test_a_change_in_the_future_does_not_carry_the_cursor_there(desk: Desk) -> None:
    future = shop_now(desk.shop) + timedelta(days=400)
    odd = place(desk.shop, state="new", changed_at=future)
    desk.poll()
    assert desk.cursor().mark_at <= desk.world.clock()
    desk.later(minutes=10)
    order = place(desk.shop)
    edit(desk.shop, odd, state="paid", changed_at=shop_now(desk.shop))
    desk.poll()
    assert in_step(desk)
    assert ("Order", order) in desk.last()
    assert desk.last()["Order", odd].state == "paid"


def test_a_shop_clock_that_is_set_back_hides_nothing(desk: Desk) -> None:
    desk.shop.clock_offset = timedelta(hours=2)
    order = place(desk.shop, state="new")
    desk.poll()
    assert in_step(desk)
    desk.shop.clock_offset = timedelta(0)
    desk.later(hours=1, minutes=1)
    edit(desk.shop, order, state="paid")
    place(desk.shop)
    desk.poll()
    assert in_step(desk)


def test_the_shop_is_asked_for_its_time_now_and_then(desk: Desk) -> None:
    for _ in range(10):
        desk.poll()
        desk.later(minutes=5)
    assert desk.shop.count("shop") == 1
    desk.later(minutes=30)
    desk.poll()
    assert desk.shop.count("shop") == 2


# -- trouble ---------------------------------------------------------------------------------


def test_a_resource_that_fails_stops_no_other(desk: Desk) -> None:
    order = place(desk.shop)
    give_back(desk.shop, order)
    desk.shop.always["changes refunds"] = Raises(Forbidden("Not allowed to read refunds"))
    result = desk.poll()
    assert set(result.errors) == {"refunds"}
    assert desk.rows()[0].entity_id == order
    failed = desk.cursor("refunds")
    assert "Not allowed" in failed.error
    assert (failed.failures, failed.complete_through) == (1, None)
    assert desk.cursor("orders").complete_through is not None
    desk.shop.always.clear()
    assert "refunds" not in desk.poll().told  # it pauses
    desk.later(minutes=31)
    assert desk.poll().told["refunds"] == 1
    assert desk.cursor("refunds").error == ""
    assert desk.cursor("refunds").failures == 0


@pytest.mark.parametrize(
    "error", [Unauthorized("Wrong token"), Unreachable("Nobody answers"), Throttled("Too many")]
)
def test_what_concerns_the_whole_shop_ends_the_poll(desk: Desk, error: ConnectorError) -> None:
    place(desk.shop)
    desk.shop.events["customers"] = [Raises(error)]
    result = desk.poll()
    assert set(result.errors) == {"customers", "orders", "refunds", "activities"}
    assert desk.shop.count("changes orders", "orders") == 0
    desk.poll(at_once=True)
    assert in_step(desk)


def test_pauses_grow_while_a_shop_is_down(desk: Desk) -> None:
    desk.shop.always["changes orders"] = Raises(ShopFault("Down"))
    walked = [minute for minute in range(20) if _walked(desk)]
    assert walked[:2] == [0, 1]
    assert 3 <= len(walked) <= 6
    assert walked[-1] - walked[-2] > walked[2] - walked[1]


def _walked(desk: Desk) -> bool:
    """Whether the poll of this minute walked the orders."""
    told = desk.poll().told
    desk.later(minutes=1)
    return "orders" in told


def test_one_order_that_cannot_be_told_hides_no_other(desk: Desk) -> None:
    orders = [place(desk.shop) for _ in range(30)]
    bad = orders[13]

    def mood(name: str) -> Any:
        call = desk.shop.calls[-1]
        if name == "orders" and bad in call.rows:
            return Raises(ShopFault("Call to a member function on null"))
        return None

    desk.shop.mood = mood
    desk.later(seconds=30)
    result = desk.poll()
    assert result.error == ""
    assert {row.entity_id for row in desk.rows(state="queued")} == set(orders) - {bad}
    (unread,) = desk.rows(state="unread")
    assert unread.entity_id == bad
    assert "member function" in unread.error
    desk.handle()
    desk.shop.mood = lambda name: None
    desk.poll()
    assert len(desk.rows(state="unread")) == 1  # not due yet
    desk.later(minutes=2)
    desk.poll()
    assert desk.rows(state="unread") == []
    assert in_step(desk)


def test_a_shop_that_tells_no_order_at_all_is_asked_for_all_of_them_later(desk: Desk) -> None:
    for _ in range(60):
        place(desk.shop)
    desk.shop.always["orders"] = Raises(ShopFault("Out of memory"))
    result = desk.poll()
    assert set(result.errors) == {"orders", "refunds", "activities"}
    assert desk.rows() == []
    assert desk.shop.count("orders") <= 15
    desk.shop.always.clear()
    desk.poll(at_once=True)
    assert in_step(desk)
    assert len(desk.rows()) == 60


def test_an_order_that_the_shop_refuses_alone_is_set_aside(desk: Desk) -> None:
    place(desk.shop)
    desk.shop.events["orders"] = [Raises(Rejected("No such entity"))]
    assert desk.poll().error == ""
    assert [row.state for row in desk.rows()] == ["unread"]


def test_an_answer_that_is_lost_is_asked_for_again(desk: Desk) -> None:
    place(desk.shop)
    desk.shop.events["orders"] = [Lost(AnswerLost("The line was cut"))]
    assert "cut" in desk.poll().error
    assert desk.rows() == []
    desk.poll(at_once=True)
    assert in_step(desk)


def test_an_order_that_is_gone_is_no_error(desk: Desk) -> None:
    order = place(desk.shop)
    del desk.shop.orders[order]
    result = desk.poll()
    assert (result.error, result.fetched, desk.rows()) == ("", 0, [])


# -- gaps in the order numbers ---------------------------------------------------------------


def test_an_order_that_no_walk_tells_of_is_found_by_its_number(desk: Desk) -> None:
    desk.poll()
    place(desk.shop, number="000000004")
    desk.poll()
    hidden = place(desk.shop, number="000000005")
    del desk.shop.told["orders", hidden]
    place(desk.shop, number="000000006")
    place(desk.shop, number="000000006-1")
    desk.poll()
    assert desk.shop.count("orders_by_number") == 0
    desk.later(minutes=3)
    desk.poll()
    assert in_step(desk)
    assert desk.shop.calls[-1].rows == ("000000005",)
    desk.later(days=3)
    desk.poll()
    assert desk.shop.count("orders_by_number") == 1


def test_a_number_that_was_never_given_is_asked_for_a_few_times(desk: Desk) -> None:
    place(desk.shop, number="10034")
    desk.poll()
    place(desk.shop, number="10036")
    for _ in range(8):
        desk.poll()
        desk.later(hours=25)
    assert desk.shop.count("orders_by_number") == 5


def test_a_number_that_comes_late_by_itself_is_not_asked_for(desk: Desk) -> None:
    place(desk.shop, number="10034")
    desk.poll()
    place(desk.shop, number="10036")
    desk.poll()
    place(desk.shop, number="10035")
    desk.poll()
    desk.later(hours=1)
    desk.poll()
    assert desk.shop.count("orders_by_number") == 0
    assert in_step(desk)


def test_a_jump_is_reported_once_and_not_filled(desk: Desk) -> None:
    place(desk.shop, number="10034")
    desk.poll()
    place(desk.shop, number="50000")
    place(desk.shop, number="50001")
    (remark,) = desk.poll().remarks
    assert remark == (
        "shop1: Order numbers jumped from 10034 to 50000: those between were not asked for."
    )
    desk.later(hours=1)
    assert desk.poll().remarks == ()
    assert desk.shop.count("orders_by_number") == 0


def test_orders_of_before_the_connection_begin_no_series(desk: Desk) -> None:
    long_ago = desk.world.clock() - timedelta(days=90)
    place(desk.shop, number="100", placed_at=long_ago)
    place(desk.shop, number="900")
    desk.poll()
    desk.later(hours=1)
    desk.poll()
    assert desk.shop.count("orders_by_number") == 0
