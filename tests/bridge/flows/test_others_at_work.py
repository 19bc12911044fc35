"""The bridge is not alone in the shop: what others change while it works stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlmodel import col
from toyshop import Instead, Lost, Raises, When, World, programme

from bridge.outbox.models import Delivery
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from connectors.errors import AnswerLost, Throttled, Unauthorized


def wanting(first: str, policy: str = "ask", **more: Any) -> dict[str, Any]:
    """A programme whose first price is this."""
    tiers = [{"from": 1, "price": first}, {"from": 10, "price": "6.00"}]
    entry = {"groups": ["gold"], "prices": {"A": tiers}, "policy": policy, **more}
    return programme(price_lists={"list": entry})


def test_a_price_typed_between_plan_and_delivery_stays(world: World) -> None:
    world.set_up(wanting("9.00"))
    world.load(wanting("8.50"))
    world.shop.write("A", world.shop.audience_of("Gold"), 1, "5.55")
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "5.55", 10: "6.00"}
    (conflict,) = world.deliveries(state="conflict")
    assert conflict.error == "Someone else changed it meanwhile."
    assert len(world.said(RemarkKind.CONFLICT)) == 1


def test_a_price_removed_between_plan_and_delivery_is_not_brought_back(world: World) -> None:
    world.set_up(wanting("9.00"))
    world.load(wanting("8.50"))
    world.shop.erase("A", world.shop.audience_of("Gold"), 1)
    world.apply()
    assert world.shop.ladder("A", "Gold") == {10: "6.00"}
    (conflict,) = world.deliveries(state="conflict")
    assert conflict.error == "It is no longer in the shop."


def test_a_price_typed_right_after_ours_is_seen_and_stays(world: World) -> None:
    world.set_up(wanting("9.00"))
    world.load(wanting("8.50"))
    audience = world.shop.audience_of("Gold")
    typed = When(after=lambda: world.shop.write("A", audience, 1, "5.55"))
    world.shop.events["write_tier_prices"] = [typed]
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "5.55", 10: "6.00"}
    assert world.states()["conflict"] == 1
    (said,) = world.said(RemarkKind.CONFLICT)
    assert "Someone changed it in the shop." in said
    world.resolve(Choice.PROGRAMME)
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "8.50", 10: "6.00"}


def test_a_row_someone_made_where_ours_should_go_stays_his(world: World) -> None:
    world.set_up(wanting("9.00"))
    world.load(programme(price_lists={"list": {**more_for_b()}}))
    audience = world.shop.audience_of("Gold")
    world.shop.write("B", audience, 1, "4.44")
    world.apply()
    assert world.shop.ladder("B", "Gold") == {1: "4.44"}
    assert world.states()["conflict"] == 1
    (foreign,) = world.said(RemarkKind.FOREIGN)
    assert foreign.startswith("B, Gold, from 1: Another price")


def more_for_b() -> dict[str, Any]:
    tiers = [{"from": 1, "price": "9.00"}, {"from": 10, "price": "6.00"}]
    return {"groups": ["gold"], "prices": {"A": tiers, "B": [{"from": 1, "price": "9.00"}]}}


def test_the_same_price_made_by_someone_else_is_his(world: World) -> None:
    """It is neither taken over nor, later, removed."""
    world.set_up(wanting("9.00"))
    world.load(programme(price_lists={"list": {**more_for_b()}}))
    world.shop.write("B", world.shop.audience_of("Gold"), 1, "9.00")
    world.apply()
    world.load(wanting("9.00"))
    world.pull()
    world.apply()
    assert world.shop.ladder("B", "Gold") == {1: "9.00"}


def test_a_price_typed_before_its_removal_stays(world: World) -> None:
    world.set_up(wanting("9.00"))
    world.load(programme(price_lists={}))
    world.shop.write("A", world.shop.audience_of("Gold"), 1, "5.55")
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "5.55"}
    assert world.deliveries(state="conflict", kind="price")[0].label.startswith("A")


def test_what_the_shop_took_without_keeping_it_is_tried_again(world: World) -> None:
    world.load(wanting("9.00"))
    world.pull()
    world.shop.events["write_tier_prices"] = [Instead(lambda: None)]
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "6.00"}
    assert world.clock.waits


def test_a_lost_answer_is_recognised_as_ours(world: World) -> None:
    world.load(wanting("9.00"))
    world.pull()
    for name in ("create_group", "create_audience", "write_tier_prices"):
        world.shop.events[name] = [Lost(AnswerLost("Cut off"))]
    world.apply()
    assert world.states() == {"done": len(world.deliveries())}
    assert world.shop.count("create_group") == 1
    assert world.shop.count("write_tier_prices") == 1
    assert all(one.owned and one.original is None for one in world.bindings("price").values())


def test_a_lost_answer_and_then_another_hand_is_a_conflict(world: World) -> None:
    """Ours may have been there in between: nobody can tell, so a person decides."""
    world.set_up(wanting("9.00"))
    world.load(wanting("8.50"))
    audience = world.shop.audience_of("Gold")

    def act() -> None:
        world.shop.write("A", audience, 1, "5.55")
        raise AnswerLost("Cut off")

    world.shop.events["write_tier_prices"] = [When(after=act)]
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "5.55", 10: "6.00"}
    assert world.states()["conflict"] == 1


def test_a_group_of_the_wanted_name_made_by_someone_else_is_not_ours(world: World) -> None:
    """In the moment between reading and writing."""
    world.load(programme(price_lists={}))
    world.pull()
    taken = When(before=lambda: world.shop.add_group("Gold"))
    world.shop.events["create_group"] = [taken]
    world.apply()
    (conflict,) = world.deliveries(kind="group")
    assert (conflict.state, conflict.intended_at) == ("conflict", None)
    world.pull()
    (said,) = world.said(RemarkKind.PROBLEM)
    assert "the bridge did not make" in said
    assert not world.bindings("group")
    world.load(programme(groups={}, price_lists={}))
    world.apply()
    assert world.shop.group_named("Gold")


def test_a_group_made_between_plan_and_delivery_is_not_ours(world: World) -> None:
    world.load(programme(price_lists={}))
    world.pull()
    world.shop.add_group("Gold")
    world.apply()
    (conflict,) = world.deliveries(kind="group")
    assert conflict.state == "conflict"
    assert not world.bindings("group")


def test_a_group_that_was_made_although_the_shop_said_no_is_ours(world: World) -> None:
    """A lost answer, and at the second try "it is there already"."""
    world.load(programme(price_lists={}))
    world.pull()
    shop = world.shop
    shop.events["create_group"] = [Lost(Throttled("Later"))]
    shop.events["groups"] = [None, Lost(Throttled("Later"))]
    world.apply()
    assert world.states() == {"done": 1}
    assert [one.owned for one in world.bindings("group").values()] == [True]


def test_rows_on_our_keys_with_other_ids_are_not_ours_to_remove(ruled: World) -> None:
    """A shop may hold two rows of one key (Shopware: two ids)."""
    ruled.set_up(wanting("9.00"))
    shop = ruled.shop
    audience = shop.audience_of("Gold")
    shop.write("A", audience, 1, "9.00", native_id="by-hand")
    ruled.load(programme(price_lists={}))
    ruled.pull()
    ruled.apply()
    rows = [native for (key, native), _ in shop.prices.items()]
    assert rows == ["by-hand"]


def test_a_row_of_ours_that_was_made_anew_by_hand_is_not_ours_to_remove(ruled: World) -> None:
    ruled.set_up(wanting("9.00"))
    shop = ruled.shop
    audience = shop.audience_of("Gold")
    shop.erase("A", audience, 1)
    value = shop.prices[next(iter(shop.prices))]
    shop.write("A", audience, 1, "9.00", native_id="by-hand")
    key = next(key for key, native in shop.prices if native == "by-hand")
    shop.prices[key, "by-hand"] = type(value)(amounts=shop.prices[key, "by-hand"].amounts, until=9)
    ruled.load(programme(price_lists={}))
    ruled.pull()
    ruled.apply()
    assert [native for _, native in shop.prices] == ["by-hand"]


# -- a run that was given up ----------------------------------------------------------------


def given_up(world: World) -> None:
    """The answer to a write was lost, nothing could be read any more, and in the end it was
    given up: the shop holds what nobody here knows of."""
    world.shop.events["write_tier_prices"] = [Lost(AnswerLost("Cut off"))]
    world.shop.events["tier_prices"] = [None, Raises(Unauthorized("Wrong token"))]
    world.apply()
    with world.app.database.writing() as session:
        session.execute(
            update(Delivery)
            .where(
                col(Delivery.workspace_id) == world.app.workspace_id,
                col(Delivery.state) == "queued",
            )
            .values(state="dead")
        )
    world.pull()


def test_what_a_given_up_run_wrote_is_ours_all_the_same(world: World) -> None:
    world.load(wanting("9.00"))
    world.pull()
    given_up(world)
    assert world.shop.ladder("A", "Gold") == {1: "9.00", 10: "6.00"}
    plan = world.plan()
    assert (plan.total, plan.agreements, plan.of(RemarkKind.FOREIGN)) == (0, 2, [])
    world.apply()
    assert set(world.states()) == {"done", "cancelled"}
    world.load(programme(price_lists={}))
    world.apply()
    assert not world.shop.prices


def test_it_is_ours_even_if_the_programme_wants_something_else_by_now(world: World) -> None:
    world.load(wanting("9.00"))
    world.pull()
    given_up(world)
    world.load(wanting("8.50"))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "8.50", 10: "6.00"}
    given_up_again = wanting("8.00")
    world.load(given_up_again)
    given_up(world)
    world.load(programme(price_lists={}))
    world.apply()
    assert not world.shop.prices


def test_a_given_up_take_over_still_gives_back_what_was_there(numbered: World) -> None:
    shop = numbered.shop
    shop.write("A", "2", 1, "5.55")
    before = shop.dump()
    entry = {"groups": ["trade"], "prices": {"A": [{"from": 1, "price": "9.00"}]}}
    groups = {"trade": {"name": "Wholesale", "existing": True}}
    lists = {"list": {**entry, "take_over": True}}
    numbered.load(programme(groups=groups, price_lists=lists))
    numbered.pull()
    given_up(numbered)
    assert shop.ladder("A", "Wholesale") == {1: "9.00"}
    numbered.load(programme(groups={}, price_lists={}))
    numbered.apply()
    assert shop.dump() == before


def test_what_was_removed_since_is_not_claimed_when_someone_makes_it_again(world: World) -> None:
    world.load(wanting("9.00"))
    world.pull()
    given_up(world)
    audience = world.shop.audience_of("Gold")
    world.apply()
    world.load(programme(price_lists={"list": {"groups": ["gold"], "prices": {"B": [B_TIER]}}}))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {}
    world.shop.write("A", audience, 1, "9.00")
    world.pull()
    world.load(wanting("9.00"))
    world.apply()
    world.load(programme(price_lists={}))
    world.apply()
    assert world.shop.ladder("A", "Gold") == {1: "9.00"}


B_TIER = {"from": 1, "price": "9.00"}
