"""A plan's parts as a run in the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from toyshop import Style, World

from bridge.kit.errors import BridgeError
from bridge.outbox.models import RunKind
from bridge.outbox.snapshots import Snapshot
from bridge.plans import runs
from bridge.plans.parts import Agreement, Change, Stage
from bridge.plans.runs import (
    PER_STATEMENT,
    RunWriter,
    counts,
    finish_runs,
    open_installations,
    run_numbered,
)

BASE = Snapshot("9", "9", None, owned=True, native_id="", source="list")


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    return worlds(Style.NUMBERED)


def change(world: World, key: str, **fields: object) -> Change:
    installation = world.installations()["shop1"].id
    assert installation is not None
    made = Change(
        installation_id=installation,
        installation="shop1",
        stage=Stage.WRITE_PRICES,
        kind="price",
        key=key,
        batch=key,
        label=key,
        before=None,
        after="9",
        native_id="",
        source="list",
        base=None,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def agreement(world: World, key: str, snapshot: Snapshot | None) -> Agreement:
    installation = world.installations()["shop1"].id
    assert installation is not None
    return Agreement(installation, "shop1", "price", key, key, snapshot)


def write(world: World, *parts: Change | Agreement, kind: RunKind = RunKind.APPLY) -> runs.Written:
    with world.app.database.writing() as session:
        writer = RunWriter(session, world.app.workspace_id, world.clock(), kind)
        for part in parts:
            if isinstance(part, Change):
                writer.change(part)
            else:
                writer.agree(part)
        return writer.finish()


def set_state(world: World, key: str, state: str) -> None:
    from sqlalchemy import update
    from sqlmodel import col

    from bridge.outbox.models import Delivery

    with world.app.database.writing() as session:
        session.execute(update(Delivery).where(col(Delivery.key) == key).values(state=state))


def finish(world: World) -> None:
    with world.app.database.writing() as session:
        finish_runs(session, world.app.workspace_id, world.clock())


def test_changes_become_queued_deliveries(world: World) -> None:
    written = write(world, change(world, "A", base=BASE), change(world, "B"))
    assert (written.run, written.deliveries) == (1, 2)
    first, second = world.deliveries()
    assert (first.state, first.base, second.base) == ("queued", BASE.to_text(), None)


def test_agreements_alone_make_no_run(world: World) -> None:
    written = write(world, agreement(world, "A", BASE))
    assert (written.run, written.agreements) == (None, 1)
    assert world.bindings("price") == {"A": BASE}
    write(world, agreement(world, "A", None))
    assert world.bindings("price") == {}


def test_a_large_plan_is_stored_whole(world: World) -> None:
    one = change(world, "x")
    agreed = agreement(world, "y", BASE)
    many = PER_STATEMENT * 2 + 1
    written = write(
        world,
        *(replace(one, key=f"K{n}") for n in range(many)),
        *(replace(agreed, key=f"B{n}", batch=f"B{n}") for n in range(many)),
    )
    assert (written.deliveries, written.agreements) == (many, many)
    assert len(world.deliveries()) == many
    assert len(world.bindings("price")) == many


def test_runs_are_numbered_for_each_merchant(worlds: Callable[..., World], world: World) -> None:
    other = worlds(Style.NUMBERED, workspace="other")
    assert [write(world, change(world, key)).run for key in "AB"] == [1, 2]
    assert write(other, change(other, "A")).run == 1


def test_a_run_ends_when_nothing_of_it_is_open(world: World) -> None:
    write(world, change(world, "A"), change(world, "B"))
    set_state(world, "A", "done")

    def finished() -> bool:
        with world.app.database.reading() as session:
            return run_numbered(session, world.app.workspace_id, 1).finished_at is not None

    finish(world)
    assert not finished()
    set_state(world, "B", "dead")
    finish(world)
    assert finished()


@pytest.mark.parametrize(
    ("state", "later"),
    [
        ("dead", "cancelled"),
        ("conflict", "cancelled"),
        ("done", "done"),
        ("cancelled", "cancelled"),
        ("queued", "queued"),
    ],
)
def test_a_newer_decision_takes_the_place_of_an_open_question(
    world: World, state: str, later: str
) -> None:
    write(world, change(world, "A"), change(world, "B"))
    set_state(world, "A", state)
    set_state(world, "B", state)
    write(world, change(world, "A"))
    assert [one.state for one in world.deliveries()] == [later, state, "queued"]


@pytest.mark.parametrize("state", ["dead", "conflict"])
def test_what_was_agreed_is_no_longer_a_question(world: World, state: str) -> None:
    write(world, change(world, "A"), change(world, "B"))
    set_state(world, "A", state)
    set_state(world, "B", state)
    write(world, agreement(world, "A", BASE))
    assert [one.state for one in world.deliveries()] == ["cancelled", state]


def test_another_merchants_questions_stay(worlds: Callable[..., World], world: World) -> None:
    other = worlds(Style.NUMBERED, workspace="other")
    write(other, change(other, "A"))
    set_state(other, "A", "dead")
    write(world, change(world, "A"))
    write(world, agreement(world, "A", BASE))
    assert [one.state for one in other.deliveries()] == ["dead"]


def test_what_is_open_is_counted_by_store_and_state(world: World) -> None:
    write(world, change(world, "A"), change(world, "B"), change(world, "C"))
    set_state(world, "A", "done")
    set_state(world, "B", "leased")
    installation = world.installations()["shop1"].id
    with world.app.database.reading() as session:
        assert open_installations(session, world.app.workspace_id) == {installation: 2}
        (by_state,) = counts(session, world.app.workspace_id).values()
    assert by_state == {"done": 1, "leased": 1, "queued": 1}


def test_a_number_that_no_run_has_is_said(world: World) -> None:
    with (
        world.app.database.reading() as session,
        pytest.raises(BridgeError, match="no run 3"),
    ):
        run_numbered(session, world.app.workspace_id, 3)
