"""Points in the basket: held before the shop hears of them, and an order costs what it took off."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from basket_world import BasketWorld
from ledger_world import changed, money
from sound_book import assert_sound

from bridge.db import Database
from bridge.points.book import NotEnoughPoints
from bridge.vouchers.baskets import LASTS, points_in
from bridge.vouchers.charging import WHOLE, GivingBack, Use, basket_points_kept
from bridge.vouchers.ending import CannotEnd
from bridge.vouchers.models import VoucherState
from bridge.vouchers.rules import NotRedeemable
from connectors.sales import Refund

OPEN, USED, ENDING, ENDED = VoucherState
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What another database adds nothing to."""
HALF = Use(returned_millionths=WHOLE // 2, taken_minor=500)


@pytest.fixture
def shops(database: Database) -> BasketWorld:
    return BasketWorld(database)


@pytest.fixture
def check(shops: BasketWorld) -> Callable[[], None]:
    return lambda: assert_sound(shops.database, shops.workspace)


# -- what orders cost -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "uses", "cost"),
    [
        ("nobody used it", [], 0),
        ("all of it", [Use(taken_minor=500)], 1000),
        ("a part", [Use(taken_minor=123)], 246),
        ("a cent more than it is worth", [Use(taken_minor=501)], 1000),
        ("nothing was taken off", [Use(taken_minor=0)], 0),
        ("two orders took it off", [Use(taken_minor=500), Use(taken_minor=300)], 1600),
        ("one of two was cancelled", [Use(True, taken_minor=500), Use(taken_minor=300)], 600),
        ("half of the goods came back", [HALF], 500),
    ],
)
def test_each_order_costs_what_it_took_off(what: str, uses: list[Use], cost: int) -> None:
    assert basket_points_kept(1000, 500, uses, GivingBack()) == cost, what


def test_whole_points_are_rounded_up() -> None:
    assert basket_points_kept(3, 1000, [Use(taken_minor=334)], GivingBack()) == 2
    assert basket_points_kept(3, 1000, [Use(taken_minor=1)], GivingBack()) == 1


# -- held, used, given back -----------------------------------------------------------------------


def test_points_are_held_before_the_shop_hears_of_them_and_spent_by_what_was_taken_off(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.ask(member, 500)
    assert (shops.standing(member), shops.shop.calls) == ((500, 500, 0), [])
    assert shops.look(member).is_there is False
    shops.bring()
    held = shops.shop.fields["c1"]
    assert held is not None
    assert (held.worth, held.currency, held.store_id) == (Decimal(5), "EUR", "1")
    assert held.until == (shops.now + LASTS).replace(microsecond=0)
    assert shops.look(member) == replace(shops.look(member), points=500, is_there=True)
    bought = shops.order("1", goods="3.01")
    shops.sells(bought)
    assert shops.standing(member) == (699, 0, 0), "the rest came back at once"
    shops.bring()
    assert shops.shop.fields["c1"] is None
    shops.sells(changed(bought, 1), changed(bought, 2))
    assert shops.standing(member) == (699, 0, 0)
    shops.sells(changed(bought, 3, cancelled_at=bought.placed_at))
    assert shops.standing(member)[0] == 1000
    check()


@on_sqlite
def test_a_return_gives_its_share_back(shops: BasketWorld, check: Callable[[], None]) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    bought = shops.order("1", goods="20")
    quarter = Refund("r", bought.placed_at, unnamed=money("3.75"))
    shops.sells(bought)
    shops.sells(changed(bought, 1, refunds=(quarter,)))
    assert shops.standing(member)[0] == 500 + 125
    shops.sells(changed(bought, 2, refunds=(replace(quarter, is_whole=True),)))
    assert shops.standing(member)[0] == 1000
    check()


def test_what_nobody_used_is_free_once_no_order_can_have_taken_it(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    shops.later(minutes=61)
    assert shops.takes() == ("", 0), "the script's own clock ends it"
    shops.expire()
    assert shops.proven() == 0, "it stands in the shop"
    shops.bring()
    assert shops.polled(shops.now) == 0, "the poll has not passed the removal"
    assert shops.standing(member) == (500, 500, 0)
    assert shops.proven() == 1
    assert shops.standing(member) == (1000, 0, 0)
    check()


@on_sqlite
def test_taken_back_before_the_shop_heard_of_it_is_free_at_once(shops: BasketWorld) -> None:
    member = shops.begin(1000)
    shops.ask(member, 500)
    shops.ask(member, 0)
    assert shops.standing(member) == (1000, 0, 0)
    assert shops.bring().added == 0
    assert shops.shop.calls == []


@on_sqlite
def test_an_order_of_the_last_second_is_charged(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    last = shops.order("1")
    shops.ask(member, 0)
    shops.bring()
    shops.sells(last)
    assert shops.proven() == 0
    assert shops.standing(member) == (500, 0, 0)
    check()


@on_sqlite
def test_an_order_that_comes_after_the_end_is_charged_to_debt_and_told(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(500)
    shops.put_in(member, 500)
    late = shops.order("1")
    assert shops.ended(member) == (500, 0, 0)
    shops.redeem(member, 400)
    shops.sells(late)
    assert shops.standing(member) == (0, 400, 400)
    assert ["after it had ended" in odd.text for odd in shops.odd] == [True]
    check()


def test_two_orders_that_both_took_it_off_are_both_charged_and_told(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    """A second basket is filled before the shop's event of the first came in. Debts of baskets
    are never forgiven: it would be money for nothing."""
    member = shops.begin(700)
    shops.programme(
        {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}, "debt": "forgive"},
        redemption={"rate": {"points": 100, "amount": 1}, "step": 1},
    )
    shops.put_in(member, 500)
    one, other = shops.order("1"), shops.order("2", goods="4")
    shops.sells(one)
    shops.sells(other)
    assert shops.standing(member) == (0, 0, 200)
    assert "Each of them is charged." in shops.odd[-1].text
    shops.sells(changed(other, 1, cancelled_at=other.placed_at))
    assert shops.standing(member) == (200, 0, 0)
    shops.bring()
    assert shops.takes() == ("", 0)
    check()


# -- he thinks again ------------------------------------------------------------------------------


def test_more_is_held_at_once_and_less_only_when_it_is_proven(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    first = shops.takes()
    shops.ask(member, 800)
    assert shops.standing(member) == (200, 800, 0)
    shops.bring()
    assert shops.takes() == (first[0], 8), "the same key: one order, whatever it took off"
    shops.put_in(member, 300)
    assert (shops.takes()[1], shops.standing(member)) == (3, (200, 800, 0))
    assert shops.look(member).points == 300
    shops.sells(shops.order("1"))
    assert shops.standing(member) == (700, 0, 0)
    check()


@on_sqlite
def test_taken_back_and_put_in_again_it_is_the_same(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(500)
    shops.put_in(member, 500)
    key, _ = shops.takes()
    shops.put_in(member, 0)
    assert shops.takes() == ("", 0)
    shops.put_in(member, 400)
    assert shops.takes() == (key, 4)
    assert shops.proven() == 0
    assert shops.ended(member) == (500, 0, 0)
    check()


@on_sqlite
def test_another_currency_rounds_and_a_change_stays_a_change(shops: BasketWorld) -> None:
    """No number of points is worth whole cents there."""
    shops.programme(
        {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}},
        redemption={"rate": {"points": 100, "amount": 1}, "step": 1},
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.85"}],
    )
    member = shops.shopper(800)
    for points, face in ((500, 588), (300, 352), (800, 941), (100, 117), (700, 823)):
        shops.ask(member, points, store="south/us")
        held = shops.only()
        assert (held.basket_minor, points_in(held)) == (face, points)
    assert shops.standing(member) == (0, 800, 0)


@on_sqlite
def test_the_next_basket_has_a_key_of_its_own(shops: BasketWorld) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    first = shops.order("1")
    shops.sells(first)
    shops.put_in(member, 300)
    second = shops.order("2")
    assert {used.code for used in first.codes} != {used.code for used in second.codes}
    shops.sells(second)
    assert shops.standing(member) == (200, 0, 0)
    assert shops.odd == []


def test_the_same_request_again_changes_nothing(shops: BasketWorld) -> None:
    member = shops.begin(1000)
    assert shops.ask(member, 500, request="token") is True
    shops.bring()
    shops.sells(shops.order("1"))
    assert shops.ask(member, 500, request="token") is False
    assert shops.standing(member) == (500, 0, 0)


@pytest.mark.parametrize("points", [1, 50, 150, 12_000])
@on_sqlite
def test_the_programme_says_what_can_be_paid_with(shops: BasketWorld, points: int) -> None:
    member = shops.begin(10_000, minimum=1, maximum=90)
    with pytest.raises(NotRedeemable):
        shops.ask(member, points)
    assert shops.standing(member) == (10_000, 0, 0)


@on_sqlite
def test_a_share_of_the_order_is_all_that_points_pay(shops: BasketWorld) -> None:
    member = shops.begin(10_000, of_order=30)
    shops.put_in(member, 5_000)
    shops.sells(shops.order("1", goods="40"))
    assert shops.standing(member) == (8_800, 0, 0)


@on_sqlite
def test_more_than_he_has_changes_nothing(shops: BasketWorld) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    with pytest.raises(NotEnoughPoints) as refused:
        shops.ask(member, 1100)
    assert refused.value.available == 1000, "what is in the basket is his"
    assert (shops.standing(member), shops.takes()[1]) == ((500, 500, 0), 5)


@on_sqlite
def test_it_is_no_voucher_for_others(shops: BasketWorld) -> None:
    """Neither typed as a code nor on another customer's order; not exchanged either."""
    member = shops.begin(1000)
    shops.put_in(member, 500)
    his = shops.order("1")
    typed = replace(his, codes=tuple(replace(one, shown=None) for one in his.codes))
    shops.sells(typed)
    shops.sells(replace(his, id="2", customer_id="another"))
    assert (shops.state(shops.only()), shops.standing(member)) == (OPEN, (500, 500, 0))
    with pytest.raises(CannotEnd, match="held for a basket"):
        shops.exchange(shops.only(), "south/us")
    shops.sells(replace(changed(his, 1), customer_id=""))
    assert shops.standing(member) == (500, 0, 0), "he was deleted in the shop"


# -- two at once ----------------------------------------------------------------------------------


def test_however_many_ask_at_once_no_point_is_held_twice(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.shop.fields["c2"] = None
    gate = threading.Barrier(6)
    failed: list[Exception] = []

    def ask(number: int) -> None:
        gate.wait()
        try:
            if number < 4:
                shops.ask(member, 600, "c1" if number % 2 else "c2", f"tab{number}")
            else:
                shops.redeem(member, 600)
        except NotEnoughPoints as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shops.standing(member) == (400, 600, 0)
    assert sum(one.points for one in shops.vouchers()) == 600
    assert failed
    check()


def test_wishes_deliveries_and_orders_at_once_leave_a_sound_book(
    shops: BasketWorld, check: Callable[[], None]
) -> None:
    member = shops.begin(1000)
    shops.shopper(0, "c2")
    sold: list[tuple[str, Decimal]] = []
    failed: list[BaseException] = []

    def live(number: int) -> None:
        dice = random.Random(number)
        try:
            for turn in range(8):
                with contextlib.suppress(NotEnoughPoints):
                    shops.ask(member, dice.choice([0, 100, 300, 600]), request=f"{number}-{turn}")
                shops.bring()
                if dice.random() < 0.4:
                    bought = shops.order(f"{number}-{turn}", goods=dice.choice(["2", "90"]))
                    sold.extend((one.code.upper(), one.shown or Decimal(0)) for one in bought.codes)
                    shops.sells(bought)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    shops.later(minutes=10)
    available, reserved, debt = shops.ended(member)
    spent = sum(int(taken * 100) for _, taken in sold)
    assert sold
    assert (available - debt, reserved) == (1000 - spent, 0)
    check()


# -- crashes --------------------------------------------------------------------------------------


@on_sqlite
def test_a_worker_may_die_anywhere(shops: BasketWorld, check: Callable[[], None]) -> None:
    member = shops.begin(1000)
    boundary = 1
    while True:
        shops.ask(member, 500)
        died = shops.bring_and_die(boundary)
        key, off = shops.takes()
        assert off in (0, 5)
        shops.later(minutes=6)
        shops.bring()
        assert shops.takes()[1] == 5
        assert key in ("", shops.takes()[0])
        shops.ask(member, 0)
        shops.bring_and_die(boundary)
        assert shops.standing(member) == (500, 500, 0)
        shops.later(minutes=6)
        shops.bring()
        assert shops.takes() == ("", 0)
        shops.later(minutes=6)
        shops.proven()
        assert shops.standing(member) == (1000, 0, 0)
        if not died:
            break
        boundary += 1
    assert boundary > 8
    check()


@on_sqlite
def test_what_a_dead_worker_had_sent_and_came_in_late_is_taken_away_again(
    shops: BasketWorld,
) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    late = shops.shop.fields["c1"]
    shops.put_in(member, 0)
    shops.shop.fields["c1"] = late
    assert shops.proven() == 0
    shops.bring()
    assert shops.takes() == ("", 0)
    assert shops.proven() == 1


@on_sqlite
def test_a_shop_that_is_out_is_asked_later_and_one_without_the_app_is_told_nothing(
    shops: BasketWorld,
) -> None:
    member = shops.begin(1000)
    shops.ask(member, 500)
    shops.shop.is_out = True
    assert shops.bring().shop_is_out
    shops.shop.is_out, shops.shop.takes_points = False, False
    shops.later(minutes=1)
    assert "takes no points" in shops.bring().problems[0]
    assert shops.takes() == ("", 0)
    shops.shop.takes_points = True
    shops.later(minutes=1)
    shops.bring()
    assert shops.takes()[1] == 5
    shops.shop.takes_points = False
    shops.put_in(member, 0)
    assert shops.takes() == ("", 0), "taken away without the app, too"


@on_sqlite
def test_a_customer_who_is_gone_holds_nothing_up(shops: BasketWorld) -> None:
    member = shops.begin(1000)
    shops.put_in(member, 500)
    del shops.shop.fields["c1"]
    shops.ask(member, 0)
    shops.bring()
    assert shops.proven() == 1
    assert shops.standing(member) == (1000, 0, 0)
