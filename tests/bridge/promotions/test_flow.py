"""Gifts and automatic discounts, from the programme to the shop and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlmodel import col
from toyshop import Lost, Raises, World, programme
from toyshop.promoting import change_by_hand, delete_by_hand, promote

from bridge.outbox.models import Binding
from bridge.plans import service
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.promotions.models import ShopPromotion
from connectors.errors import AnswerLost, Rejected
from connectors.rewards import Promotion, PromotionKind, Threshold

MUG = {"basket": "50.00", "sku": "C"}
GOLD = {"gold": {"name": "Gold", "base": "General"}}


def gifts(**found: Any) -> dict[str, Any]:
    return programme(gifts=found)


def nothing_else(**parts: Any) -> dict[str, Any]:
    """A programme without groups and prices."""
    return {"programme": "Acme", "currency": "EUR", **parts}


def held(world: World) -> dict[str, Promotion]:
    """What the shop holds of ours, by key."""
    return {one.key: one.promotion for one in world.shop.promotions.values() if one.mark}


def writes(world: World) -> int:
    return world.shop.count("write_promotion", "remove_promotion")


def test_a_gift_rule_becomes_a_promotion_once(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    (found,) = held(world).values()
    assert found.kind is PromotionKind.GIFT
    assert found.product_ids == (world.shop.product_id("C"),)
    assert found.threshold == Threshold(Decimal("50.00"))
    before = writes(world)
    world.apply()
    world.pull()
    assert world.plan().total == 0
    world.apply()
    assert writes(world) == before


def test_a_rule_that_changes_or_goes_is_followed(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    world.load(nothing_else(gifts={"mug": {**MUG, "basket": "60.00"}}))
    world.apply()
    (found,) = held(world).values()
    assert found.threshold == Threshold(Decimal("60.00"))
    world.load(nothing_else())
    world.apply()
    assert held(world) == {}
    assert world.bindings("promotion") == {}


def test_undo_goes_back_step_by_step(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    first = held(world)
    world.load(nothing_else(gifts={"mug": {**MUG, "basket": "60.00"}}))
    world.apply()
    world.load(nothing_else())
    world.apply()
    world.undo(3)
    (found,) = held(world).values()
    assert found.threshold == Threshold(Decimal("60.00"))
    world.undo(2)
    assert held(world) == first
    world.undo(1)
    assert held(world) == {}


def test_changed_by_hand_is_shown_and_a_person_decides(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    (key,) = held(world)
    change_by_hand(world.shop, key, label="Best mug ever")
    world.pull()
    (said,) = world.said(RemarkKind.CONFLICT)
    assert "Someone changed it in the shop." in said
    world.apply()
    assert held(world)[key].label == "Best mug ever"
    assert world.resolve(Choice.SHOP) == 1
    assert world.plan().total == 0 and not world.said(RemarkKind.CONFLICT)
    change_by_hand(world.shop, key, label="Mug")
    world.pull()
    assert world.resolve(Choice.PROGRAMME) == 1
    world.apply()
    assert held(world)[key].label == "Product C"


def test_left_to_the_shop_it_stays_though_it_carries_our_mark(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    (key,) = held(world)
    change_by_hand(world.shop, key, label="Best mug ever")
    world.load(nothing_else())
    world.pull()
    assert world.resolve(Choice.SHOP) == 1
    world.pull()
    world.apply()
    assert held(world)[key].label == "Best mug ever"
    delete_by_hand(world.shop, next(iter(world.shop.promotions)))
    world.pull()
    world.apply()
    assert world.bindings("promotion") == {}


def test_what_vanished_is_made_again_and_what_others_made_is_left(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    wanted = held(world)
    ((native_id, ours),) = world.shop.promotions.items()
    promote(world.shop, ours.promotion)
    delete_by_hand(world.shop, native_id)
    world.pull()
    world.apply()
    assert held(world) == wanted
    world.load(nothing_else())
    world.apply()
    assert len(world.shop.promotions) == 1  # a person's, which says the same


def test_restored_from_an_old_backup_its_own_are_taken_up_again(world: World) -> None:
    """One the programme still wants, one it wants otherwise, one it does not know."""
    rules = {"mug": MUG, "cup": {**MUG, "sku": "B"}, "hat": {**MUG, "sku": "A"}}
    world.set_up(nothing_else(gifts=rules))
    with world.app.database.writing() as session:
        session.execute(delete(Binding).where(col(Binding.kind) == "promotion"))
        session.execute(delete(ShopPromotion))
    before = writes(world)
    world.load(nothing_else(gifts={"mug": MUG, "cup": {**MUG, "sku": "B", "quantity": 2}}))
    world.pull()
    world.apply()
    assert writes(world) == before + 2
    assert sorted(key.split(":")[1] for key in held(world)) == ["cup", "mug"]
    assert {one.most_pieces for one in held(world).values()} == {1, 2}


def test_vouchers_promotions_are_not_the_plans(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG}))
    (ours,) = world.shop.promotions.values()
    pool = promote(world.shop, ours.promotion)
    world.shop.promotions[pool].mark = ours.mark
    world.shop.promotions[pool].key = "codes:points:1"
    world.load(nothing_else())
    world.pull()
    world.apply()
    assert list(held(world)) == ["codes:points:1"]


def test_a_group_that_is_made_in_the_same_run_is_named_by_its_id(world: World) -> None:
    raw = nothing_else(groups=GOLD, gifts={"mug": {**MUG, "when": {"group": "gold"}}})
    world.set_up(raw)
    (found,) = held(world).values()
    gold = world.shop.group_named("Gold")
    assert found.group_ids == (gold.id,)
    assert found.audience_ids == (world.shop.audience_of("Gold"),)
    before = writes(world)
    world.pull()
    assert world.apply().written.run is None
    assert writes(world) == before
    world.load(nothing_else())
    world.apply()
    assert held(world) == {}
    assert "Gold" not in {group.name for group in world.shop.groups.values()}
    world.undo(2)
    assert "dead" not in world.states()
    (again,) = held(world).values()
    assert again.group_ids == (world.shop.group_named("Gold").id,)
    world.load(raw)
    world.pull()
    assert world.plan().total == 0 and not world.said(RemarkKind.CONFLICT)


def test_its_audience_goes_after_it_and_not_before(ruled: World) -> None:
    raw = nothing_else(
        groups={"big": {"name": "Wholesale", "existing": True}},
        gifts={"mug": {**MUG, "when": {"group": "Wholesale"}}},
    )
    ruled.set_up(raw)
    assert len(ruled.shop.audiences) == 1
    (key,) = held(ruled)
    change_by_hand(ruled.shop, key, label="Mine")
    ruled.load(nothing_else(groups=raw["groups"]))
    ruled.pull()
    ruled.apply()
    assert len(ruled.shop.audiences) == 1  # the promotion is in dispute and hangs on it
    ruled.resolve(Choice.PROGRAMME)
    ruled.apply()
    assert (held(ruled), ruled.shop.audiences) == ({}, {})


def test_what_cannot_be_said_is_a_problem_and_the_rest_goes_on(world: World) -> None:
    world.set_up(nothing_else(gifts={"mug": MUG, "cup": {**MUG, "sku": "B"}}))
    before = held(world)
    raw = {
        "mug": {**MUG, "sku": "NOPE"},
        "cup": {**MUG, "sku": "B", "quantity": 2},
        "hat": {**MUG, "when": {"segment": "fans"}},
        "far": {**MUG, "stores": "shop1/moon"},
    }
    segments = {"fans": {"emails": ["mia@example.com"]}}
    world.load(nothing_else(gifts=raw, segments=segments))
    said = sorted(world.said(RemarkKind.PROBLEM))
    assert [line.split(" ")[0] for line in said] == ["gifts.far:", "gifts.hat", "gifts.mug"]
    assert 'no store "shop1/moon". The stores are: main' in said[0]
    assert "segments cannot be a condition here" in said[1]
    assert 'nothing with the SKU "NOPE"' in said[2]
    world.apply()
    assert held(world)["gift:mug:s1"] == before["gift:mug:s1"]
    assert held(world)["gift:cup:s1"].most_pieces == 2


def test_a_lost_answer_makes_no_second_one(world: World) -> None:
    world.load(nothing_else(gifts={"mug": MUG}))
    world.pull()
    world.shop.events["write_promotion"] = [Lost(AnswerLost("cut"))]
    world.apply()
    assert len(held(world)) == 1
    assert world.states() == {"done": 1}


def test_one_that_is_refused_does_not_hold_up_the_others(world: World) -> None:
    world.load(nothing_else(gifts={"cup": {**MUG, "sku": "B"}, "mug": MUG}))
    world.pull()
    world.shop.events["write_promotion"] = [Raises(Rejected("No"))]
    world.apply()
    assert world.states() == {"dead": 1, "done": 1}
    world.apply()
    assert len(held(world)) == 2


def test_what_has_ended_is_taken_away_without_anything_else(world: World) -> None:
    week = {"instant": True, "from": "2026-01-01", "until": "2026-01-07", "give": {"percent": 10}}
    world.set_up(nothing_else(campaigns={"sale": week}, gifts={"mug": MUG}))
    assert sorted(held(world)) == ["auto:sale:s1", "gift:mug:s1"]
    world.load(nothing_else(campaigns={"sale": week}, gifts={"mug": {**MUG, "quantity": 3}}))
    shops = service.chosen(world.app, ())
    assert service.end_promotions(world.app, shops).written.run is None
    world.clock.pause(8 * 86_400)
    assert service.end_promotions(world.app, shops).written.deliveries == 1
    service.deliver(world.app, shops, pause=world.clock.pause)
    assert [(key, one.most_pieces) for key, one in held(world).items()] == [("gift:mug:s1", 1)]
