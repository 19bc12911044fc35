"""What becomes of a run when the shop refuses, fails, or is not alone."""

from __future__ import annotations

from typing import Any

import pytest
from toyshop import Lost, Raises, Style, ToyShop, When, World, programme

from bridge.outbox.delivering import FAILURES_BEFORE_STOP, LONGEST_PAUSE
from bridge.outbox.judging import MOST_ATTEMPTS, Verdict
from bridge.outbox.review import retry
from connectors.errors import (
    AnswerLost,
    ConnectorError,
    Forbidden,
    NotAShop,
    Rejected,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)

TEN = [f"P{n}" for n in range(10)]


def many(world: World, count: int = 10) -> dict[str, Any]:
    """A programme with one price for each of so many products."""
    for n in range(count):
        world.shop.stock(f"P{n}")
    prices = {f"P{n}": [{"from": 1, "price": "9.00"}] for n in range(count)}
    return programme(price_lists={"list": {"groups": ["gold"], "prices": prices}})


def ready(world: World, raw: dict[str, Any]) -> None:
    world.load(raw)
    world.pull()


def priced(shop: ToyShop, skus: list[str]) -> set[str]:
    return {sku for sku in skus if shop.ladder(sku, "Gold") == {1: "9.00"}}


def the_only_write(shop: ToyShop) -> int:
    return shop.count("write_tier_prices")


# -- refused rows -----------------------------------------------------------------------------


def test_refused_rows_do_not_hold_up_good_ones(world: World) -> None:
    ready(world, many(world))
    world.shop.refused[world.shop.product_id("P3")] = Rejected("P3 is not for sale")
    result = world.apply()
    assert priced(world.shop, TEN) == set(TEN) - {"P3"}
    (dead,) = world.deliveries(state="dead")
    assert dead.label.startswith("P3")
    assert "P3 is not for sale" in dead.error
    assert result.outcomes["shop1"].counts[Verdict.DEAD] == 1
    assert the_only_write(world.shop) == 1


def test_a_call_that_is_refused_as_a_whole_is_halved_down_to_the_bad_row(world: World) -> None:
    world.shop.refuses_whole_calls = True
    ready(world, many(world))
    world.shop.refused[world.shop.product_id("P3")] = Rejected("P3 is not for sale")
    world.apply()
    assert priced(world.shop, TEN) == set(TEN) - {"P3"}
    (dead,) = world.deliveries(state="dead")
    assert dead.label.startswith("P3")
    assert the_only_write(world.shop) <= 9


def test_halving_does_not_overwrite_who_was_quicker(numbered: World) -> None:
    """Between a refused call and its halves somebody may change a row."""
    shop = numbered.shop
    shop.refuses_whole_calls = True
    ready(numbered, many(numbered))
    shop.refused["P3"] = Rejected("P3 is not for sale")

    def act() -> None:
        shop.write("P9", shop.group_named("Gold").id, 1, "5.55")

    shop.events["write_tier_prices"] = [When(before=act)]
    numbered.apply()
    assert shop.ladder("P9", "Gold") == {1: "5.55"}
    (conflict,) = numbered.deliveries(state="conflict")
    assert conflict.label.startswith("P9")


def test_part_of_a_failed_call_was_done_and_is_recognised(world: World) -> None:
    """A connector that sends two calls and has the second refused."""
    ready(world, many(world))
    shop = world.shop
    some = set(map(shop.product_id, TEN[:4]))

    def act() -> None:
        for row in shop.calls[-1].rows:
            if row.key.product_id in some:
                native = "" if shop.style is Style.NUMBERED else f"row-of-{row.key.product_id}"
                shop.prices[row.key, native] = row.value
        raise Rejected("The second half was refused")

    shop.events["write_tier_prices"] = [When(before=act)]
    world.apply()
    assert priced(shop, TEN) == set(TEN)
    assert world.states(kind="price") == {"done": 10}
    assert len(shop.prices) == 10, "no row is there twice"


def test_a_row_that_a_person_mended_goes_through_on_retry(world: World) -> None:
    ready(world, many(world, 2))
    world.shop.refused[world.shop.product_id("P1")] = Rejected("Not yet")
    world.apply()
    (dead,) = world.deliveries(state="dead")
    world.shop.refused.clear()
    with world.app.database.writing() as session:
        assert retry(session, world.app.workspace_id, [dead.id or 0]) == 1
    world.apply()
    assert priced(world.shop, ["P0", "P1"]) == {"P0", "P1"}
    assert world.states() == {"done": len(world.deliveries())}


def test_a_new_run_takes_the_place_of_old_dead_letters(world: World) -> None:
    ready(world, many(world, 2))
    world.shop.refused[world.shop.product_id("P1")] = Rejected("Not yet")
    world.apply()
    world.apply()
    assert len(world.deliveries(state="dead")) == 1
    assert len(world.deliveries(state="cancelled")) == 1


def test_what_the_shop_refused_is_not_ours_when_somebody_else_types_it(world: World) -> None:
    ready(world, many(world, 2))
    world.shop.refused[world.shop.product_id("P1")] = Rejected("No")
    world.apply()
    world.shop.write("P1", world.shop.audience_of("Gold"), 1, "9.00")
    world.pull()
    world.load(programme(price_lists={}))
    world.apply()
    assert world.shop.ladder("P1", "Gold") == {1: "9.00"}


# -- a shop in trouble ------------------------------------------------------------------------

TRANSIENT = [
    Unreachable("No connection"),
    Throttled("Too many", retry_after=7.0),
    ShopFault("Something broke"),
    AnswerLost("Cut off"),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("lost", [False, True])
def test_passing_trouble_is_waited_for(world: World, error: ConnectorError, lost: bool) -> None:
    ready(world, many(world))
    event = Lost(error) if lost else Raises(error)
    for name in ("write_tier_prices", "create_group", "create_audience", "tier_prices"):
        world.shop.events[name] = [event, event]
    result = world.apply()
    assert not result.outcomes["shop1"].stopped
    assert priced(world.shop, TEN) == set(TEN)
    assert world.states() == {"done": len(world.deliveries())}
    assert len(world.shop.prices) == 10
    assert world.clock.waits


def test_a_shop_is_left_alone_as_long_as_it_asks(world: World) -> None:
    ready(world, many(world))
    world.shop.events["write_tier_prices"] = [Raises(Throttled("Too many", retry_after=7.0))]
    world.apply()
    assert max(world.clock.waits) >= 7


@pytest.mark.parametrize("name", ["write_tier_prices", "tier_prices"])
def test_a_shop_that_stays_broken_is_left_with_its_queue(world: World, name: str) -> None:
    ready(world, many(world))
    world.shop.always[name] = Raises(ShopFault("Something broke"))
    outcome = world.apply().outcomes["shop1"]
    assert "Something broke" in outcome.stopped
    pulled = 1 if name == "tier_prices" else 0
    assert world.shop.count(name) == FAILURES_BEFORE_STOP + pulled
    assert world.states(kind="price") == {"queued": 10}
    assert outcome.left == 10
    assert max(world.clock.waits) <= LONGEST_PAUSE

    world.shop.always.clear()
    world.apply()
    assert priced(world.shop, TEN) == set(TEN)
    assert world.states() == {"done": len(world.deliveries())}


@pytest.mark.parametrize("name", ["create_group", "move_customer"])
def test_things_that_go_one_by_one_stop_as_well(numbered: World, name: str) -> None:
    members = {"emails": "mia@example.com"}
    groups = {"gold": {"name": "Gold", "base": "General", "members": members}}
    ready(numbered, programme(groups=groups))
    numbered.shop.always[name] = Raises(Unreachable("No connection"))
    outcome = numbered.apply().outcomes["shop1"]
    assert "No connection" in outcome.stopped
    assert "dead" not in numbered.states()
    assert outcome.left == numbered.states()["queued"] > 0
    numbered.shop.always.clear()
    numbered.apply()
    assert numbered.shop.group_of("mia@example.com") == "Gold"


def test_one_customer_the_shop_chokes_on_does_not_hold_up_the_others(world: World) -> None:
    shop = world.shop
    bad = shop.register("bad@example.com")
    members = {"emails": ["mia@example.com", "bad@example.com"]}
    groups = {"gold": {"name": "Gold", "base": "General", "members": members}}
    ready(world, programme(groups=groups, price_lists={}))
    asked: list[str] = []

    def mood(name: str) -> Any:
        if name == "move_customer" and shop.calls[-1].rows[0] == bad:
            asked.append(name)
            return Raises(ShopFault("Something broke"))
        return None

    shop.mood = mood
    world.apply()
    assert shop.group_of("mia@example.com") == "Gold"
    assert len(asked) == MOST_ATTEMPTS
    (dead,) = world.deliveries(state="dead")
    assert dead.label.startswith("bad@example.com")
    assert "Something broke" in dead.error


PERSON_MUST_ACT = [
    ("create_group", Forbidden("Lacks it")),
    ("groups", NotAShop("A web page")),
    ("tier_prices", Unauthorized("Wrong token")),
    ("write_tier_prices", Unauthorized("Wrong token")),
    ("write_tier_prices", Forbidden("Lacks it")),
    ("move_customer", Forbidden("Lacks it")),
    ("customer", Unauthorized("Wrong token")),
]


@pytest.mark.parametrize(("name", "error"), PERSON_MUST_ACT)
def test_what_a_person_must_mend_stops_at_once(
    numbered: World, name: str, error: ConnectorError
) -> None:
    members = {"emails": "mia@example.com"}
    groups = {"gold": {"name": "Gold", "base": "General", "members": members}}
    ready(numbered, programme(groups=groups))
    before = numbered.shop.count(name)
    numbered.shop.always[name] = Raises(error)
    outcome = numbered.apply().outcomes["shop1"]
    assert error.message in outcome.stopped
    assert numbered.shop.count(name) == before + 1
    assert "dead" not in numbered.states()
    assert outcome.left == numbered.states()["queued"] > 0


def test_a_stopped_store_is_not_planned_for_until_its_queue_is_empty(world: World) -> None:
    ready(world, many(world))
    world.shop.always["write_tier_prices"] = Raises(Unauthorized("Wrong token"))
    first = world.apply()
    second = world.apply()
    assert (first.written.run, second.written.run) == (1, None)
    assert "Wrong token" in second.outcomes["shop1"].stopped
