"""`gifts status`: how far each rule goes in each store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from toyshop import Style, World
from toyshop.baskets import fill, order, take_out
from toyshop.promoting import change_by_hand

from bridge.gifts.models import GiftState
from bridge.plans.gift_levels import GiftLevel, Level, gift_levels
from bridge.plans.parts import RemarkKind


def levels(world: World) -> dict[tuple[str, str], GiftLevel]:
    return {(one.rule, one.store): one for one in gift_levels(world.app)}


def programme(**gifts: Any) -> dict[str, Any]:
    return {"programme": "Acme", "currency": "EUR", "gifts": gifts}


MUG = {"basket": "50", "sku": "C"}


def test_each_shop_goes_as_far_as_it_can(worlds: Callable[..., World]) -> None:
    world = worlds(Style.NUMBERED, Style.RULED)
    world.load(programme(mug=MUG, odd={**MUG, "sku": "NOPE", "stores": "shop2"}))
    assert {one.level for one in levels(world).values()} == {Level.NONE}
    assert "loyalty-bridge pull shop1" in levels(world)["mug", "shop1"].why
    world.pull()
    found = levels(world)
    assert (found["mug", "shop1/main"].level, found["mug", "shop1/main"].why) == (Level.ADDED, "")
    assert found["mug", "shop1/main"].said == "added by the bridge"
    assert found["mug", "shop2/main"].level is Level.FREE
    assert "nobody change a shopper's basket" in found["mug", "shop2/main"].why
    assert found["odd", "shop2/main"].level is Level.NONE
    assert '"NOPE"' in found["odd", "shop2/main"].why
    assert ("odd", "shop1/main") not in found


def test_what_is_to_be_done_before_it_is_in_the_shop(numbered: World) -> None:
    def told() -> tuple[bool, str]:
        one = levels(numbered)["mug", "shop1/main"]
        return one.is_in_shop, one.to_do

    numbered.load(programme(mug=MUG))
    numbered.pull()
    assert told() == (False, "It is not in the shop yet: run `loyalty-bridge apply`.")
    numbered.apply()
    assert told() == (True, "")
    numbered.load(programme(mug={**MUG, "basket": "60"}))
    assert told()[1].startswith("The shop holds an earlier version")
    numbered.apply()
    change_by_hand(numbered.shop, "gift:mug:s1", label="Mine")
    numbered.pull()
    assert told()[1].startswith("It was changed in the shop")


def test_one_that_is_over_says_so(numbered: World) -> None:
    numbered.load(programme(mug={**MUG, "until": "2025-12-31"}))
    numbered.pull()
    assert levels(numbered)["mug", "shop1/main"].why == "Its last day is over."


def test_a_product_that_is_switched_off_is_named_and_given_once_it_is_on(numbered: World) -> None:
    product = numbered.shop.product_id("C")
    sold = numbered.shop.products[product]
    numbered.shop.products[product] = replace(sold, is_active=False)
    numbered.load(programme(mug=MUG))
    numbered.pull()
    numbered.apply()
    one = levels(numbered)["mug", "shop1/main"]
    assert (one.level, one.is_in_shop) == (Level.ADDED, True)
    assert one.why == '"C" is switched off in shop1: until it is on, nobody gets it.'
    assert [one.why in said for said in numbered.said(RemarkKind.NOTE)] == [True]
    numbered.shop.products[product] = sold
    numbered.pull()
    assert (levels(numbered)["mug", "shop1/main"].why, numbered.said(RemarkKind.NOTE)) == ("", [])


def test_open_gifts_are_counted(gifts: Any) -> None:
    gifts.apply()
    baskets = [fill(gifts.shop, {"A": 5}) for _ in range(4)]
    gifts.poll()
    order(gifts.shop, baskets[0])
    take_out(gifts.shop, baskets[1], gifts.line(baskets[1], "C"))
    gifts.wait(hours=1)
    gifts.poll()
    one = levels(gifts.world)["mug", "shop1/main"]
    assert one.open_gifts == 2
    assert one.baskets == {GiftState.ADDED: 2, GiftState.ORDERED: 1, GiftState.DECLINED: 1}
