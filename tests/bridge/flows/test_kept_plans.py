"""A plan that is kept to be looked at says what the plan of the command line says, and what is
sent after somebody approved it is just that."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlmodel import col, select
from toyshop import Style, World, programme

from bridge.plans.keeping import keep_plan, keep_undo, kept_plan, moved_by_currency, newest_plan
from bridge.plans.models import KeptPlan, PlanRow
from bridge.plans.service import PlanChanged, store_plan, store_undo

OTHERS = {"list": {"groups": ["gold"], "prices": {"B": [{"from": 5, "price": "7.00"}]}}}


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    world = worlds(Style.NUMBERED)
    world.load(programme())
    world.pull()
    return world


def kept(world: World, plan_id: int) -> tuple[KeptPlan, list[PlanRow]]:
    with world.app.database.reading() as session:
        rows = session.exec(
            select(PlanRow).where(col(PlanRow.plan_id) == plan_id).order_by(col(PlanRow.position))
        )
        return kept_plan(session, world.app.workspace_id, plan_id), list(rows)


def test_it_says_what_the_plan_of_the_command_line_says(world: World) -> None:
    summary = world.plan()
    plan, rows = kept(world, keep_plan(world.app, (), "Mia"))
    assert [
        (row.kind, row.label, row.before, row.after) for row in rows if row.what == "change"
    ] == [(change.kind, change.label, change.before, change.after) for change in summary.changes]
    assert plan.summary["total"] == summary.total == len(summary.changes)
    (money,) = summary.money.values()
    assert moved_by_currency(plan.summary) == {"EUR": money.moved}
    assert money.moved == money.before - money.after > Decimal(0)
    assert (plan.state, plan.made_by) == ("ready", "Mia")


def test_what_was_approved_is_done(world: World) -> None:
    plan, _ = kept(world, keep_plan(world.app, (), "Mia"))
    result = store_plan(world.app, list(world.installations().values()), approved=plan.digest)
    assert result.written.deliveries == plan.summary["total"]


def test_what_was_not_approved_is_not_done(world: World) -> None:
    plan, _ = kept(world, keep_plan(world.app, (), "Mia"))
    world.load(programme(price_lists=OTHERS))
    with pytest.raises(PlanChanged):
        store_plan(world.app, list(world.installations().values()), approved=plan.digest)
    assert world.deliveries() == []


def test_a_member_who_moves_meanwhile_does_not_outdate_a_plan(world: World) -> None:
    groups = {"gold": {"name": "Gold", "base": "General", "members": {"emails": ["x@example.com"]}}}
    world.set_up(programme(groups=groups))
    world.load(programme(groups=groups, price_lists=OTHERS))
    plan, _ = kept(world, keep_plan(world.app, (), "Mia"))
    world.shop.register("x@example.com")
    world.pull()
    result = store_plan(world.app, list(world.installations().values()), approved=plan.digest)
    assert result.written.deliveries == plan.summary["total"] + 1


def test_taking_back_has_a_plan_with_its_money(world: World) -> None:
    there, _ = kept(world, keep_plan(world.app, (), "Mia"))
    world.apply()
    back, rows = kept(world, keep_undo(world.app, 1, "Mia"))
    assert back.undoes == 1
    assert back.summary["total"] == there.summary["total"] == len(rows)
    assert moved_by_currency(back.summary) == moved_by_currency(there.summary)
    prices = [row for row in rows if row.kind == "price"]
    assert prices and all(row.operation == "remove" for row in prices)
    result = store_undo(world.app, 1, pause=world.clock.pause, approved=back.digest)
    assert result.written.deliveries == len(rows)
    with pytest.raises(PlanChanged):
        store_undo(world.app, 1, pause=world.clock.pause, approved="1-0")


def test_only_the_newest_is_kept(world: World) -> None:
    first, second = (keep_plan(world.app, (), "Mia") for _ in range(2))
    with world.app.database.reading() as session:
        newest = newest_plan(session, world.app.workspace_id)
        assert newest is not None and newest.id == second
        assert set(session.exec(select(PlanRow.plan_id))) == {second}
    assert first != second
