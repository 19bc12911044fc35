"""Gifts in open baskets, from poll to poll."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from toyshop import Lost, Raises, When, World
from toyshop.baskets import begin_checkout, comes_to, fill, order, put, take_out
from toyshop.promoting import change_by_hand

from bridge.gifts.memory import forget_gifts
from bridge.gifts.working import GiftsDone
from connectors.errors import AnswerLost, Forbidden, Rejected, ShopFault, Unreachable


def test_it_appears_and_disappears_with_the_baskets_value(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 4}, guest=True)
    assert gifts.poll().added == 0
    put(gifts.shop, basket, "A")
    assert gifts.poll().added == 1
    assert gifts.inside(basket) == {"A": 5, "C": 1}
    assert str(comes_to(gifts.shop, basket).discount.net) == "10.00"  # it is free
    assert gifts.poll() == GiftsDone(looked_at=1)  # nothing to do a second time
    take_out(gifts.shop, basket, gifts.line(basket, "A"))
    put(gifts.shop, basket, "A", 4)  # 40, and 50 with the gift
    assert gifts.poll().removed == 1
    assert gifts.inside(basket) == {"A": 4}
    put(gifts.shop, basket, "B")
    assert gifts.poll().added == 1
    order(gifts.shop, basket)
    gifts.wait(hours=1)
    assert gifts.poll().ordered == 1
    assert gifts.state(basket) == "ordered"


def test_what_the_shopper_bought_himself_is_left_alone(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5, "C": 1})
    gifts.poll()
    take_out(gifts.shop, basket, gifts.line(basket, "A"))
    gifts.poll()
    assert gifts.inside(basket) == {"C": 1}
    assert gifts.shop.count("add_to_cart", "remove_from_cart") == 0


def test_one_he_took_out_does_not_come_back(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    gifts.poll()
    take_out(gifts.shop, basket, gifts.line(basket, "C"))
    assert gifts.poll().declined == 1
    put(gifts.shop, basket, "A")
    gifts.poll()
    assert gifts.inside(basket) == {"A": 6}
    assert gifts.state(basket) == "declined"


def test_one_he_took_more_of_is_his(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    gifts.poll()
    put(gifts.shop, basket, "C", 2)
    gifts.poll()
    take_out(gifts.shop, basket, gifts.line(basket, "A"))
    gifts.poll()
    assert gifts.inside(basket) == {"C": 3}


def test_a_basket_in_checkout_is_not_touched(gifts: Any) -> None:
    gifts.apply()
    early, late = fill(gifts.shop, {"A": 5}), fill(gifts.shop, {"A": 5})
    begin_checkout(gifts.shop, early)
    gifts.poll()
    assert gifts.inside(early) == {"A": 5}
    begin_checkout(gifts.shop, late)
    gifts.apply({})
    gifts.poll()
    assert gifts.inside(late) == {"A": 5, "C": 1}


def test_a_checkout_that_began_a_moment_ago_counts(gifts: Any) -> None:
    """What the walk told of a basket is old by the time its turn comes."""
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    gifts.shop.events["cart"] = [When(before=lambda: begin_checkout(gifts.shop, basket))]
    gifts.poll()
    assert gifts.inside(basket) == {"A": 5}


def test_sold_out_is_not_offered_and_tried_again_later(gifts: Any) -> None:
    gifts.apply()
    gifts.shop.in_stock["C"] = 0
    basket = fill(gifts.shop, {"A": 5})
    done = gifts.poll()
    assert (done.added, done.problems) == (0, [])
    gifts.poll()
    assert gifts.shop.count("add_to_cart") == 1
    assert "not available" in gifts.remembered()[basket, "mug"].error
    gifts.shop.in_stock["C"] = 5
    gifts.wait(minutes=16)
    assert gifts.poll().added == 1
    assert gifts.inside(basket) == {"A": 5, "C": 1}


def test_two_rules_each_give_theirs(gifts: Any) -> None:
    two = {"mug": {"basket": "50", "sku": "C"}, "cup": {"basket": "70", "sku": "B", "quantity": 2}}
    gifts.apply(two)
    basket = fill(gifts.shop, {"A": 7})
    assert gifts.poll().added == 2
    assert gifts.inside(basket) == {"A": 7, "C": 1, "B": 2}
    take_out(gifts.shop, basket, gifts.line(basket, "A"))
    put(gifts.shop, basket, "A", 6)
    gifts.poll()
    assert gifts.inside(basket) == {"A": 6, "C": 1}


def test_groups_guests_and_stores(gifts: Any) -> None:
    gifts.apply({"mug": {"basket": "50", "sku": "C", "when": {"group": "Wholesale"}}})
    gifts.shop.register("pro@example.com", "2")
    mia, pro, guest = (
        fill(gifts.shop, {"A": 5}, "mia@example.com"),
        fill(gifts.shop, {"A": 5}, "pro@example.com"),
        fill(gifts.shop, {"A": 5}, "who@example.com", guest=True),
    )
    gifts.poll()
    assert [gifts.inside(one).get("C", 0) for one in (mia, pro, guest)] == [0, 1, 0]


# --- only what the shop makes free -------------------------------------------------------------


def test_nothing_is_given_that_the_shop_would_charge_for(gifts: Any) -> None:
    gifts.world.load({"programme": "Acme", "currency": "EUR", "gifts": {}})
    gifts.world.pull()
    gifts.world.load(
        {"programme": "A", "currency": "EUR", "gifts": {"mug": {"basket": "50", "sku": "C"}}}
    )
    basket = fill(gifts.shop, {"A": 9})
    assert gifts.poll().looked_at == 0  # planned, not applied
    gifts.world.apply()
    gifts.poll()
    assert gifts.inside(basket) == {"A": 9, "C": 1}
    change_by_hand(gifts.shop, "gift:mug:s1", is_active=False)
    gifts.poll()
    assert gifts.inside(basket) == {"A": 9}


def test_the_shops_promotion_counts_and_not_the_programme_that_nobody_applied(gifts: Any) -> None:
    gifts.apply()
    gifts.world.load(
        {"programme": "A", "currency": "EUR", "gifts": {"mug": {"basket": "20", "sku": "C"}}}
    )
    cheap, dear = fill(gifts.shop, {"A": 3}), fill(gifts.shop, {"A": 5})
    gifts.poll()
    assert (gifts.inside(cheap), gifts.inside(dear)) == ({"A": 3}, {"A": 5, "C": 1})
    gifts.world.apply()
    put(gifts.shop, cheap, "B")
    gifts.poll()
    assert gifts.inside(cheap) == {"A": 3, "B": 1, "C": 1}
    gifts.world.undo(2)
    gifts.poll()
    put(gifts.shop, cheap, "B", 2)
    gifts.poll()
    assert gifts.inside(cheap) == {"A": 3, "B": 3, "C": 1}  # from 50 on again


def test_a_rule_that_ends_takes_its_gifts_out_of_quiet_baskets(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    gifts.poll()
    gifts.wait(hours=3)
    gifts.apply({})
    gifts.poll()
    assert gifts.inside(basket) == {"A": 5}


# --- trouble -----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["add_to_cart", "remove_from_cart"])
def test_a_lost_answer_does_nothing_twice(gifts: Any, call: str) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    if call == "remove_from_cart":
        gifts.poll()
        take_out(gifts.shop, basket, gifts.line(basket, "A"))
    gifts.shop.events[call] = [Lost(AnswerLost("cut"))]
    assert gifts.poll().problems
    gifts.poll()
    gifts.wait(minutes=2)
    gifts.poll()
    assert gifts.inside(basket).get("C", 0) == (1 if call == "add_to_cart" else 0)
    assert gifts.state(basket) == ("added" if call == "add_to_cart" else "removed")
    assert gifts.shop.count(call) == 1


def test_one_that_never_arrived_is_sent_again_when_nothing_can_be_on_its_way(gifts: Any) -> None:
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    gifts.shop.events["add_to_cart"] = [Raises(ShopFault("500"))]
    gifts.poll()
    gifts.poll()
    assert gifts.shop.count("add_to_cart") == 1
    gifts.wait(minutes=2)
    assert gifts.poll().added == 1
    assert gifts.inside(basket) == {"A": 5, "C": 1}


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        ("add_to_cart", "before"),
        ("add_to_cart", "after"),
        ("remove_from_cart", "before"),
        ("remove_from_cart", "after"),
        ("cart_totals", "after"),
        ("cart", "after"),
    ],
)
def test_a_worker_that_dies_leaves_a_basket_that_the_next_one_understands(
    gifts: Any, call: str, moment: str
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})
    if call == "remove_from_cart":
        gifts.poll()
        take_out(gifts.shop, basket, gifts.line(basket, "A"))
    gifts.shop.events[call] = [When(**{moment: die})]
    with pytest.raises(Killed):
        gifts.poll()
    gifts.wait(minutes=2)
    gifts.poll()
    wanted = 0 if call == "remove_from_cart" else 1
    assert gifts.inside(basket).get("C", 0) == wanted
    gifts.wait(hours=1)
    gifts.poll()
    assert gifts.inside(basket).get("C", 0) == wanted
    assert gifts.state(basket) == ("added" if wanted else "removed")


def test_a_shop_that_takes_it_and_does_not_hold_it_is_not_asked_for_ever(gifts: Any) -> None:
    gifts.apply()
    fill(gifts.shop, {"A": 5})
    gifts.shop.always["add_to_cart"] = Raises(Rejected("no"))
    for _ in range(20):
        gifts.wait(days=3)
        gifts.poll()
    assert gifts.shop.count("add_to_cart") <= 8


def test_one_bad_basket_does_not_hold_up_the_others(gifts: Any) -> None:
    gifts.apply()
    fill(gifts.shop, {"A": 5})
    good = fill(gifts.shop, {"A": 5})
    gifts.shop.events["cart_totals"] = [Raises(ShopFault("500"))]
    assert len(gifts.poll().problems) == 1
    assert gifts.inside(good) == {"A": 5, "C": 1}


def test_a_shop_that_is_down_is_left_and_nothing_is_passed_over(gifts: Any) -> None:
    gifts.apply()
    baskets = [fill(gifts.shop, {"A": 5}) for _ in range(5)]
    gifts.shop.always["cart"] = Raises(Unreachable("down"))
    assert len(gifts.poll().problems) == 1
    gifts.shop.always.clear()
    gifts.wait(hours=2)
    assert gifts.poll().added == 5
    assert all(gifts.inside(one) == {"A": 5, "C": 1} for one in baskets)


def test_what_a_person_must_mend_is_raised_and_the_next_poll_is_free_to_go(gifts: Any) -> None:
    gifts.apply()
    fill(gifts.shop, {"A": 5})
    gifts.shop.events["cart"] = [Raises(Forbidden("no carts"))]
    with pytest.raises(Forbidden):
        gifts.poll()
    assert gifts.poll().added == 1


def test_a_poll_has_a_limit_and_the_next_goes_on(gifts: Any) -> None:
    gifts.apply()
    baskets = [fill(gifts.shop, {"A": 5}) for _ in range(5)]
    done = gifts.poll(most=2)
    assert (done.added, done.has_more) == (2, True)
    gifts.poll(most=2)
    done = gifts.poll(most=2)
    assert not done.has_more or gifts.poll(most=9).has_more is False
    assert all(gifts.inside(one) == {"A": 5, "C": 1} for one in baskets)


def test_an_idle_shop_is_asked_for_news_and_no_more(gifts: Any) -> None:
    gifts.apply()
    fill(gifts.shop, {"A": 1})
    fill(gifts.shop, {"A": 5})
    gifts.poll()
    gifts.wait(minutes=5)
    gifts.poll()
    before = len(gifts.shop.calls)
    gifts.poll()
    names = [call.name for call in gifts.shop.calls[before:]]
    assert names == ["read_promotions", "changed_carts"]


def test_two_workers_at_once_give_one(gifts: Any) -> None:
    gifts.apply()
    baskets = [fill(gifts.shop, {"A": 5}) for _ in range(6)]
    results: list[GiftsDone] = []
    threads = [threading.Thread(target=lambda: results.append(gifts.poll())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert sum(one.added for one in results) == 6
    assert gifts.shop.count("add_to_cart") == 6
    assert all(gifts.inside(one) == {"A": 5, "C": 1} for one in baskets)


def test_a_worker_whose_lease_was_taken_sends_nothing_more(gifts: Any) -> None:
    """It slept over its lease; meanwhile another one did the work."""
    gifts.apply()
    basket = fill(gifts.shop, {"A": 5})

    def sleeps() -> None:
        gifts.shop.events["cart_totals"] = []
        gifts.wait(minutes=5)
        assert gifts.poll(owner="nowhere/other").added == 1

    gifts.shop.events["cart_totals"] = [When(after=sleeps)]
    assert gifts.poll(lease=timedelta(seconds=30)).is_busy
    assert gifts.shop.count("add_to_cart") == 1
    assert gifts.inside(basket) == {"A": 5, "C": 1}


def test_where_baskets_cannot_be_changed_nothing_is_done(gifts_of: Any, ruled: World) -> None:
    gifts = gifts_of(ruled)
    gifts.apply()
    fill(gifts.shop, {"A": 5})
    before = len(gifts.shop.calls)
    assert gifts.poll() == GiftsDone()
    assert len(gifts.shop.calls) == before


def test_old_ones_are_forgotten_and_open_ones_kept(gifts: Any) -> None:
    gifts.apply()
    kept, gone = fill(gifts.shop, {"A": 5}), fill(gifts.shop, {"A": 5})
    gifts.poll()
    take_out(gifts.shop, gone, gifts.line(gone, "C"))
    gifts.poll()
    gifts.wait(days=90)
    app = gifts.world.app
    with app.database.writing() as session:
        assert forget_gifts(session, app.workspace_id, app.now() - timedelta(days=30)) == 1
    assert [basket for basket, _ in gifts.remembered()] == [kept]
