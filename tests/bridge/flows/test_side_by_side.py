"""Stores, merchants and processes that share a database never see each other's rows."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel
from toyshop import Raises, Style, When, World, programme

import bridge.models  # noqa: F401 - every table
from bridge.outbox.leases import claim, next_stage
from bridge.outbox.workers import Worker
from bridge.plans import service
from bridge.plans.resolving import Choice
from connectors.errors import AnswerLost, Unauthorized

MEMBERS = {"gold": {"name": "Gold", "base": "General", "members": {"emails": "mia@example.com"}}}


def at(price: str) -> dict[str, Any]:
    entry = {"groups": ["gold"], "prices": {"A": [{"from": 1, "price": price}]}}
    return programme(groups=MEMBERS, price_lists={"list": entry})


# -- merchants ------------------------------------------------------------------------------


@pytest.fixture(params=list(Style))
def two(request: pytest.FixtureRequest, worlds: Callable[..., World]) -> tuple[World, World]:
    """Two merchants whose stores, products and programmes have the same names."""
    return worlds(request.param, workspace="one"), worlds(request.param, workspace="two")


def test_two_merchants_keep_apart(two: tuple[World, World]) -> None:
    one, other = two
    one.set_up(at("9.00"))
    untouched = other.shop.dump()
    assert other.shop.calls == []
    other.set_up(at("7.00"))
    assert one.shop.ladder("A", "Gold") == {1: "9.00"}
    assert other.shop.ladder("A", "Gold") == {1: "7.00"}
    assert [one.apply().written.run, other.apply().written.run] == [None, None]
    other.undo(1)
    assert other.shop.dump() == untouched
    assert one.shop.ladder("A", "Gold") == {1: "9.00"}
    assert len(one.bindings("price")) == 1
    assert not other.bindings("price")


def test_another_merchants_queue_is_not_emptied(two: tuple[World, World]) -> None:
    one, other = two
    one.load(at("9.00"))
    one.pull()
    one.shop.always["create_group"] = Raises(Unauthorized("Wrong token"))
    one.apply()
    one.shop.always.clear()
    other.set_up(at("7.00"))
    assert one.states()["queued"]
    assert not one.shop.prices


def test_two_merchants_on_one_shop_do_not_touch_each_others_rows(
    worlds: Callable[..., World],
) -> None:
    """An agency that connected one shop twice by mistake."""
    one, other = worlds(Style.NUMBERED, workspace="one"), worlds(workspace="two")
    address, shop = next(iter(one.addresses.items()))
    other.addresses[address] = shop
    other.connect("shop1", Style.NUMBERED, address, {"key": "x"})
    trade = {"trade": {"name": "Wholesale", "existing": True}}

    def wanting(price: str) -> dict[str, Any]:
        entry = {"groups": ["trade"], "prices": {"A": [{"from": 1, "price": price}]}}
        return programme(groups=trade, price_lists={"list": entry})

    one.set_up(wanting("9.00"))
    other.load(wanting("7.00"))
    other.pull()
    other.apply()
    assert shop.ladder("A", "Wholesale") == {1: "9.00"}
    other.load(programme(groups={}, price_lists={}))
    other.apply()
    assert shop.ladder("A", "Wholesale") == {1: "9.00"}


def test_two_stores_keep_apart(world: World) -> None:
    first = world.shop
    second = world.open(world.shop.style, "shop2")
    second.refused[second.product_id("A")] = AnswerLost("x")
    second.refused.clear()
    world.load(at("9.00"))
    world.pull()
    second.always["write_tier_prices"] = Raises(Unauthorized("Wrong token"))
    result = world.apply()
    assert first.ladder("A", "Gold") == {1: "9.00"}
    assert not result.outcomes["shop1"].stopped
    assert "Wrong token" in result.outcomes["shop2"].stopped
    first.write("A", first.audience_of("Gold"), 1, "5.55")
    second.always.clear()
    world.apply()
    assert second.ladder("A", "Gold") == {1: "9.00"}
    assert first.ladder("A", "Gold") == {1: "5.55"}


# -- every statement ------------------------------------------------------------------------

TABLES = [
    name for name, table in SQLModel.metadata.tables.items() if "workspace_id" in table.columns
]


def touched(statement: str) -> list[str]:
    return [name for name in TABLES if re.search(rf"\b{name}\b", statement)]


def is_bound(statement: str) -> bool:
    """Whether an insert gives the workspace, and everything else asks for it."""
    if statement.startswith("INSERT"):
        columns = statement.partition("(")[2].partition(")")[0]
        return "workspace_id" in columns
    _, _, condition = statement.partition("WHERE")
    return re.search(r"workspace_id = ", condition) is not None


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    found: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(" ".join(statement.split()))

    engine = world.app.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    yield found
    event.remove(engine, "before_cursor_execute", listen)


def test_every_statement_is_bound_to_a_workspace(world: World, statements: list[str]) -> None:
    statements.clear()
    world.pull()
    world.load(at("9.00"))
    world.plan()
    world.shop.events["write_tier_prices"] = [Raises(AnswerLost("Cut off"))]
    world.apply()
    world.shop.write("A", world.shop.audience_of("Gold"), 1, "5.55")
    world.pull()
    world.resolve(Choice.PROGRAMME)
    world.load(at("8.00"))
    world.apply()
    world.undo(2)
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    world.pull()
    del world.shop.products[world.shop.product_id("B")]
    world.pull()
    service.pending(world.app)

    checked = [statement for statement in statements if touched(statement)]
    assert len(checked) > 100
    assert {name for statement in checked for name in touched(statement)} >= {
        "bindings",
        "deliveries",
        "installations",
        "pulls",
        "runs",
        "shop_customers",
        "shop_prices",
        "shop_products",
    }
    assert [statement for statement in checked if not is_bound(statement)] == []


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        ("SELECT runs.workspace_id FROM runs WHERE runs.id = ?", False),
        ("SELECT runs.id FROM runs WHERE runs.workspace_id = ?", True),
        ("INSERT INTO runs (number) VALUES (?) RETURNING workspace_id", False),
        ("INSERT INTO runs (workspace_id, number) VALUES (?, ?)", True),
        ("UPDATE runs SET workspace_id = ? WHERE runs.id = ?", False),
        ("DELETE FROM runs", False),
    ],
)
def test_the_check_itself_tells_one_from_the_other(statement: str, bound: bool) -> None:
    assert touched(statement) == ["runs"]
    assert is_bound(statement) is bound


# -- processes ------------------------------------------------------------------------------


def test_a_store_that_another_process_delivers_to_is_left_to_it(world: World) -> None:
    """Its rows are neither sent twice nor planned anew."""
    app = world.app
    world.load(at("9.00"))
    world.pull()
    world.shop.always["groups"] = Raises(Unauthorized("Wrong token"))
    world.apply()
    world.shop.always.clear()
    other = Worker(app.settings.home)
    installation = world.installations()["shop1"]
    with app.database.writing() as session:
        stage = next_stage(session, app.workspace_id, installation.id or 0)
        assert stage is not None
        lease = app.settings.lease_seconds
        taken = claim(
            session, stage, other.id, world.clock(), lease=_seconds(lease), size=(100, 100)
        )
    assert taken
    before = world.shop.count("create_group")
    result = world.apply()
    assert "Another process is delivering" in result.outcomes["shop1"].stopped
    assert result.written.run is None
    assert world.shop.count("create_group") == before
    other.close()
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00"}


def _seconds(count: int) -> Any:
    from datetime import timedelta

    return timedelta(seconds=count)


def test_two_applies_at_once_make_one_run(world: World) -> None:
    world.load(at("9.00"))
    world.pull()
    start = threading.Barrier(2)
    results: list[service.ApplyResult] = []

    def work() -> None:
        start.wait()
        results.append(world.apply())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    assert sorted(result.written.run or 0 for result in results) in ([0, 1], [1, 1])
    assert len({one.run_id for one in world.deliveries()}) == 1
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00"}
    assert world.shop.count("create_group") == 1
    assert world.states() == {"done": len(world.deliveries())}


def test_a_shop_pulled_while_it_is_written_to_is_not_written_to_again(world: World) -> None:
    """The pull saw an old row; what is there is read once more before anything is sent."""
    world.set_up(at("9.00"))
    world.load(at("8.00"))
    world.shop.events["write_tier_prices"] = [When(before=lambda: world.pull())]
    world.apply()
    sent = world.shop.count("write_tier_prices")
    world.pull()
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "8.00"}
    assert world.shop.count("write_tier_prices") == sent
