"""Taking runs back."""

from __future__ import annotations

from typing import Any

import pytest
from toyshop import Raises, Style, World, programme

from bridge.kit.errors import BridgeError
from bridge.plans.parts import RemarkKind
from connectors.errors import Forbidden, Rejected, Unauthorized, Unreachable

MEMBERS = {"gold": {"name": "Gold", "base": "General", "members": {"emails": "mia@example.com"}}}


def at(price: str, sku: str = "A", **more: Any) -> dict[str, Any]:
    tiers = [{"from": 1, "price": price}, {"from": 10, "price": "6.00"}]
    entry = {"groups": ["gold"], "prices": {sku: tiers}, **more}
    return programme(groups=MEMBERS, price_lists={"list": entry})


def test_an_undo_takes_everything_back_in_order(world: World) -> None:
    before = world.shop.dump()
    world.set_up(at("9.00"))
    sent = len(world.shop.writes())
    world.undo(1)
    assert world.shop.dump() == before
    assert not any(world.bindings(kind) for kind in ("group", "audience", "price", "customer"))
    order = ["move_customer", "remove_tier_prices", "delete_audience", "delete_group"]
    if world.shop.style is Style.NUMBERED:
        order.remove("delete_audience")
    assert [call.name for call in world.shop.writes()[sent:]] == order
    world.pull()
    assert world.said(RemarkKind.CONFLICT) == []


def test_after_an_undo_the_programme_can_be_applied_again(world: World) -> None:
    world.set_up(at("9.00"))
    full = world.shop.ladder("A", "Gold")
    world.undo(1)
    world.apply()
    assert world.shop.ladder("A", "Gold") == full
    assert world.states() == {"done": len(world.deliveries())}


def test_an_undo_can_be_undone(world: World) -> None:
    world.set_up(at("9.00"))
    world.load(at("8.50"))
    world.apply()
    full = world.shop.dump()
    bound = world.bindings("price")
    world.undo(2)
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "6.00"}
    world.undo(3)
    assert world.shop.dump() == full
    assert world.bindings("price") == bound
    world.pull()
    assert world.plan().total == 0


def test_an_undo_of_everything_can_be_undone(world: World) -> None:
    world.set_up(at("9.00"))
    world.undo(1)
    world.undo(2)
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "6.00"}
    assert world.shop.group_of("mia@example.com") == "Gold"
    world.pull()
    plan = world.plan()
    assert (plan.total, plan.of(RemarkKind.CONFLICT), plan.of(RemarkKind.FOREIGN)) == (0, [], [])


def test_only_the_last_change_of_a_thing_can_be_taken_back(world: World) -> None:
    world.set_up(at("9.00"))
    world.load(at("8.50"))
    world.apply()
    result = world.undo(1)
    said = {remark.label: remark.message for remark in result.remarks}
    assert said["A, Gold, from 1"] == "Run 2 changed it later; undo that first."
    assert said["Gold"] == "It stays: what a later run made hangs on it."
    assert world.shop.ladder("A", "Gold") == {1: "8.50"}


def test_runs_can_be_taken_back_one_after_the_other(world: World) -> None:
    before = world.shop.dump()
    world.set_up(at("9.00"))
    world.load(at("8.50"))
    world.apply()
    world.undo(2)
    world.undo(1)
    assert world.shop.dump() == before
    assert world.states() == {"done": len(world.deliveries())}


def test_what_someone_changed_since_becomes_a_conflict_and_stays(world: World) -> None:
    world.set_up(at("9.00"))
    world.shop.write("A", world.shop.audience_of("Gold"), 1, "5.55")
    world.undo(1)
    assert world.shop.ladder("A", "Gold") == {1: "5.55"}
    assert [one.kind for one in world.deliveries(state="conflict")] == ["price"]


def test_a_customer_whom_someone_moved_since_stays(world: World) -> None:
    world.set_up(at("9.00"))
    world.shop.move("mia@example.com", "2")
    world.undo(1)
    assert world.shop.group_of("mia@example.com") == "Wholesale"
    assert [one.kind for one in world.deliveries(state="conflict")] == ["customer"]


def test_undoing_a_removal_brings_rows_and_memory_back(world: World) -> None:
    world.set_up(at("9.00"))
    full, bound = world.shop.dump(), world.bindings("price")
    world.load(programme(groups=MEMBERS, price_lists={}))
    world.apply()
    world.undo(2)
    assert world.shop.dump()["prices"] == full["prices"]
    assert world.bindings("price") == bound


def test_twice_the_same_undo_does_nothing(world: World) -> None:
    world.set_up(at("9.00"))
    world.undo(1)
    sent = len(world.shop.writes())
    result = world.undo(1)
    assert result.written.run is None
    assert len(world.shop.writes()) == sent


def test_what_was_not_sent_yet_is_called_off(world: World) -> None:
    before = world.shop.dump()
    world.load(at("9.00"))
    world.pull()
    world.shop.always["create_group"] = Raises(Unauthorized("Wrong token"))
    world.apply()
    world.shop.always.clear()
    world.undo(1)
    assert world.shop.dump()["prices"] == {}
    assert world.shop.dump()["groups"] == before["groups"]
    assert "queued" not in world.states()


def test_nothing_is_taken_back_while_the_shop_cannot_be_asked(world: World) -> None:
    world.set_up(at("9.00"))
    world.load(at("8.50"))
    world.shop.always["write_tier_prices"] = Raises(Forbidden("Lacks it"))
    world.apply()
    result = world.undo(1)
    assert "Lacks it" in result.outcomes["shop1"].stopped
    assert result.written.run is None


def test_another_stores_trouble_does_not_stand_in_the_way(world: World) -> None:
    second = world.open(world.shop.style, "shop2")
    first = next(iter(world.addresses.values()))
    world.load(at("9.00", stores=["shop1"]))
    world.pull()
    world.apply("shop1")
    second.always["groups"] = Raises(Unreachable("No connection"))
    world.load(at("9.00"))
    world.apply("shop2")
    assert world.states(state="queued")
    world.undo(1)
    assert not first.prices


def test_a_store_that_was_removed_is_left(world: World) -> None:
    from bridge.installations.removing import remove

    world.set_up(at("9.00"))
    sent = len(world.shop.writes())
    with world.app.database.writing() as session:
        remove(
            session,
            world.app.workspace_id,
            world.installations()["shop1"],
            keep_in_shop=True,
            now=world.clock(),
        )
    world.open(world.shop.style, "shop2")
    result = world.undo(1)
    assert {remark.message for remark in result.remarks} == {"Its store was removed."}
    assert result.written.run is None
    assert len(next(iter(world.addresses.values())).writes()) == sent


def test_refused_rows_have_nothing_to_take_back(world: World) -> None:
    world.load(at("9.00"))
    world.pull()
    world.shop.refused[world.shop.product_id("A")] = Rejected("No")
    world.apply()
    world.undo(1)
    assert world.shop.dump()["customers"].popitem()[1] == ("mia@example.com", "1")
    assert not world.shop.prices
    assert [group.name for group in world.shop.groups.values()] == ["General", "Wholesale"]


def test_a_run_that_is_not_there_is_said(world: World) -> None:
    with pytest.raises(BridgeError, match="no run 7"):
        world.undo(7)
