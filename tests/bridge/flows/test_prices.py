"""Tier prices: what the programme changes, what the shop changes, and who decides."""

from __future__ import annotations

from typing import Any

import pytest
from toyshop import ToyShop, World, programme

from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.plans.summary import Operation

NINE = {"from": 1, "price": "9.00"}
EIGHT = {"from": 10, "price": "8.00"}


def listed(prices: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A programme with one price list, for gold."""
    entry = {"groups": ["gold"], "prices": prices or {"A": [NINE, EIGHT]}, **more}
    return programme(price_lists={"list": entry})


def at(price: str, **more: Any) -> dict[str, Any]:
    return listed({"A": [{"from": 1, "price": price}, EIGHT]}, **more)


def counted(world: World) -> dict[str, int]:
    found = world.plan().counts
    return {operation.value: found["shop1", "price", operation] for operation in Operation}


def typed(shop: ToyShop, price: str, quantity: int = 1, sku: str = "A") -> None:
    shop.write(sku, shop.audience_of("Gold"), quantity, price)


# -- the programme changes ------------------------------------------------------------------


def test_prices_are_added_changed_and_removed(world: World) -> None:
    world.set_up(listed({"A": [NINE, EIGHT], "B": [NINE]}))
    world.load(listed({"A": [NINE, {"from": 10, "price": "7.00"}, {"from": 50, "price": "6.00"}]}))
    plan = counted(world)
    assert (plan["add"], plan["remove"]) == (1, 1)
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "7.00", 50: "6.00"}
    assert world.shop.ladder("B", "Gold") == {}
    assert world.plan().total == 0
    world.pull()
    assert world.plan().total == 0


def test_only_the_rows_of_a_product_whose_price_changed_are_sent(ruled: World) -> None:
    """Where percentages are computed."""
    ruled.set_up(listed({"A": [{"from": 1, "percent": 10}], "B": [{"from": 1, "percent": 10}]}))
    ruled.shop.reprice("A", "20.00")
    ruled.pull()
    assert [change.label for change in ruled.plan().changes] == ["A, Gold, from 1"]
    ruled.apply()
    assert ruled.shop.ladder("A", "Gold") == {1: "18.00"}


def test_money_says_what_a_piece_costs_before_and_after(world: World) -> None:
    world.load(listed({"A": [{"from": 1, "percent": 20}]}))
    world.pull()
    (money,) = world.plan().money.values()
    assert (money.before, money.after, money.lower) == (10, 8, 1)


def test_variants_inherit_the_prices_written_for_their_parent(world: World) -> None:
    shop = world.shop
    shop.stock("P")
    shop.stock("P-1", parent="P")
    shop.stock("P-2", parent="P")
    world.set_up(listed({"P": [NINE]}))
    assert shop.ladder("P-1", "Gold") == shop.ladder("P-2", "Gold") == {1: "9.00"}
    assert shop.ladder("P", "Gold") == {}


def test_variants_whose_parent_was_not_read_keep_their_prices(world: World) -> None:
    shop = world.shop
    shop.stock("P")
    for sku in ("P-1", "P-2"):
        shop.stock(sku, parent="P")
    world.set_up(listed({"P-1": [NINE], "P-2": [EIGHT]}))
    del shop.products[shop.product_id("P")]
    world.pull()
    assert world.plan().total == 0


# -- the shop changes -----------------------------------------------------------------------

EVENTS = ["changed", "removed"]


def happen(shop: ToyShop, event: str) -> None:
    if event == "changed":
        typed(shop, "5.55")
    else:
        shop.erase("A", shop.audience_of("Gold"), 1)


def left_by(event: str) -> dict[int, str]:
    return {1: "5.55", 10: "8.00"} if event == "changed" else {10: "8.00"}


@pytest.mark.parametrize("event", EVENTS)
def test_ask_leaves_it_to_a_person(world: World, event: str) -> None:
    world.set_up(at("9.00"))
    happen(world.shop, event)
    world.pull()
    (said,) = world.said(RemarkKind.CONFLICT)
    assert said.startswith("A, Gold, from 1: Someone ")
    sent = len(world.shop.writes())
    world.apply()
    assert len(world.shop.writes()) == sent
    assert world.shop.ladder("A", "Gold") == left_by(event)


@pytest.mark.parametrize("event", EVENTS)
def test_restore_puts_the_programmes_price_back(world: World, event: str) -> None:
    world.set_up(at("9.00", policy="restore"))
    happen(world.shop, event)
    world.pull()
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    assert world.plan().total == 0


@pytest.mark.parametrize("event", EVENTS)
def test_adopt_keeps_the_shops_price_until_the_programme_changes(world: World, event: str) -> None:
    world.set_up(at("9.00", policy="adopt"))
    happen(world.shop, event)
    world.pull()
    assert (world.plan().total, world.plan().agreements) == (0, 1)
    world.apply()
    assert world.shop.ladder("A", "Gold") == left_by(event)
    assert world.plan().agreements == 0
    world.load(at("8.50", policy="adopt"))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "8.50", 10: "8.00"}


@pytest.mark.parametrize("policy", ["ask", "restore", "adopt"])
def test_when_both_changed_it_a_person_decides_whatever_the_policy(
    world: World, policy: str
) -> None:
    world.set_up(at("9.00", policy=policy))
    typed(world.shop, "5.55")
    world.pull()
    world.load(at("8.50", policy=policy))
    assert len(world.said(RemarkKind.CONFLICT)) == 1
    world.apply()
    assert world.shop.ladder("A", "Gold")[1] == "5.55"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("choice", list(Choice))
def test_a_decision_holds(world: World, choice: Choice, event: str) -> None:
    world.set_up(at("9.00"))
    happen(world.shop, event)
    world.pull()
    assert world.resolve(choice, matching="a, gold") == 1
    world.apply()
    if choice is Choice.PROGRAMME:
        assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "8.00"}
    else:
        assert world.shop.ladder("A", "Gold") == left_by(event)
    world.pull()
    assert (world.plan().total, world.said(RemarkKind.CONFLICT)) == (0, [])


def test_only_the_conflict_that_is_meant_is_decided(world: World) -> None:
    world.set_up(listed({"A": [NINE], "B": [NINE]}))
    typed(world.shop, "5.55")
    typed(world.shop, "5.55", sku="B")
    world.pull()
    assert world.resolve(Choice.PROGRAMME, matching="B, Gold") == 1
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "5.55"}
    assert world.shop.ladder("B", "Gold") == {1: "9.00"}


@pytest.mark.parametrize("choice", list(Choice))
def test_a_removal_that_someone_was_quicker_at_can_be_decided(world: World, choice: Choice) -> None:
    world.set_up(listed({"A": [NINE], "B": [NINE]}))
    typed(world.shop, "5.55", sku="B")
    world.pull()
    world.load(listed({"A": [NINE]}))
    assert len(world.said(RemarkKind.CONFLICT)) == 1
    world.resolve(choice)
    world.apply()
    left = {} if choice is Choice.PROGRAMME else {1: "5.55"}
    assert world.shop.ladder("B", "Gold") == left
    world.pull()
    assert world.said(RemarkKind.CONFLICT) == []


def test_a_decision_closes_the_question_a_delivery_left(world: World) -> None:
    world.set_up(at("9.00"))
    world.load(at("8.50"))
    typed(world.shop, "5.55")
    world.apply()
    assert world.states()["conflict"] == 1
    world.resolve(Choice.SHOP)
    assert "conflict" not in world.states()


# -- rows of others -------------------------------------------------------------------------


def wholesale(**more: Any) -> dict[str, Any]:
    """Prices for a group that the shop had before, with prices of its own."""
    groups = {"trade": {"name": "Wholesale", "existing": True}}
    entry = {"groups": ["trade"], "prices": {"A": [NINE, EIGHT]}, **more}
    return programme(groups=groups, price_lists={"list": entry})


def test_hand_made_rows_are_listed_and_left_alone(numbered: World) -> None:
    shop = numbered.shop
    for quantity, price in ((1, "5.55"), (10, "8.00"), (50, "4.44")):
        shop.write("A", "2", quantity, price)
    before = shop.dump()
    numbered.load(wholesale())
    numbered.pull()
    said = numbered.said(RemarkKind.FOREIGN)
    assert said == [
        "A, Wholesale, from 1: Another price is there that is not ours.",
        "A, Wholesale, from 10: It is there already and not ours.",
    ]
    assert numbered.plan().foreign == {"shop1": 3}
    numbered.apply()
    assert shop.dump() == before
    numbered.load(programme(groups={}, price_lists={}))
    numbered.apply()
    assert shop.dump() == before


def test_rows_that_are_handed_over_go_back_to_what_they_were(numbered: World) -> None:
    shop = numbered.shop
    for quantity, price in ((1, "5.55"), (10, "8.00"), (50, "4.44")):
        shop.write("A", "2", quantity, price)
    before = shop.dump()
    numbered.load(wholesale(take_over=True))
    numbered.pull()
    assert numbered.said(RemarkKind.FOREIGN) == []
    numbered.apply()
    assert shop.ladder("A", "Wholesale") == {1: "9.00", 10: "8.00", 50: "4.44"}
    assert numbered.plan().agreements == 0
    numbered.load(programme(groups={}, price_lists={}))
    numbered.apply()
    assert shop.dump() == before
    assert not numbered.bindings("price")


def test_undoing_a_take_over_gives_the_row_back(numbered: World) -> None:
    shop = numbered.shop
    shop.write("A", "2", 1, "5.55")
    before = shop.dump()
    numbered.load(wholesale(take_over=True))
    numbered.pull()
    numbered.apply()
    numbered.undo(1)
    assert shop.dump() == before
    assert not numbered.bindings("price")


# -- what cannot be said --------------------------------------------------------------------


def test_a_ladder_that_cannot_be_said_leaves_the_shops_rows(world: World) -> None:
    world.set_up(listed({"A": [NINE, EIGHT], "B": [NINE]}))
    world.load(listed({"A": [NINE], "B": [EIGHT]}, currency="CHF"))
    assert any("has no CHF" in said for said in world.said(RemarkKind.PROBLEM))
    assert world.plan().total == 0


def test_a_row_that_moved_to_a_list_with_a_problem_stays_too(world: World) -> None:
    """The row is bound to the list that wrote it; the one that wants it now cannot say it."""
    world.set_up(at("9.00"))
    other = {"groups": ["gold"], "prices": {"A": [NINE]}, "currency": "CHF"}
    world.load(programme(price_lists={"other": other}))
    assert any("has no CHF" in said for said in world.said(RemarkKind.PROBLEM))
    assert world.plan().total == 0


def test_a_held_product_stays_and_the_others_change(world: World) -> None:
    world.set_up(listed({"A": [NINE], "B": [NINE]}))
    world.load(listed({"B": [EIGHT]}, hold=["A"]))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00"}
    assert world.shop.ladder("B", "Gold") == {10: "8.00"}


def test_what_is_held_for_one_variant_is_held_for_its_family(world: World) -> None:
    shop = world.shop
    shop.stock("P")
    for sku in ("P-1", "P-2"):
        shop.stock(sku, parent="P")
    world.set_up(listed({"P-1": [NINE], "P-2": [NINE]}))
    world.load(listed({"P-2": [EIGHT]}, hold=["P-1"]))
    assert world.plan().total == 0
    world.load(listed({"A": [NINE]}, hold=["P-1"]))
    assert counted(world) == {"add": 1, "change": 0, "remove": 0}


def test_a_list_for_a_store_that_is_not_there_takes_no_prices_away(world: World) -> None:
    world.set_up(at("9.00"))
    world.load(at("9.00", stores=["shop-one"]))
    assert world.plan().total == 0


def test_a_list_for_another_store_takes_its_prices_along(world: World) -> None:
    world.open(world.shop.style, "other")
    shop = next(iter(world.addresses.values()))
    world.set_up(at("9.00", stores=["shop1"]))
    assert shop.ladder("A", "Gold")
    world.load(at("9.00", stores=["other"]))
    world.apply()
    assert not shop.prices
    assert list(world.addresses.values())[1].ladder("A", "Gold")


def test_an_unknown_sku_is_said_and_the_rest_goes_on(world: World) -> None:
    world.load(listed({"A": [NINE], "AA": [NINE]}))
    world.pull()
    assert any('no product "AA"' in said for said in world.said(RemarkKind.PROBLEM))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00"}
