"""Vouchers for the next purchase: given after an order, taken back when it is undone."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from campaign_world import CampaignWorld
from ledger_world import line, money, order, refund
from voucher_world import paid_with

from bridge.vouchers.models import Ending, VoucherKind, VoucherState

OPEN, ENDED = VoucherState.OPEN.value, VoucherState.ENDED.value


def next_rule(shops: CampaignWorld, **rule: object) -> None:
    shops.programme({}, next_purchase={"again": {"give": {"amount": 5}, **rule}})


def test_an_order_over_the_amount_brings_one_voucher_once(shops: CampaignWorld) -> None:
    next_rule(shops, order=50, valid={"days": 30})
    ada = shops.registered("ada")
    small, big = (
        order("1", line("a", 49), customer="ada"),
        order("2", line("a", 50), customer="ada"),
    )
    shops.arrive(small, big, order("3", line("a", 50), customer="guest", is_guest=True))
    assert shops.due(minutes=1).vouchers == 1
    assert shops.due(minutes=1).vouchers == 0
    (voucher,) = shops.vouchers()
    assert voucher.source_id == f"{shops.shops[0]}/2"
    assert (voucher.member_id, voucher.kind) == (ada, VoucherKind.NEXT_PURCHASE)
    assert voucher.points == 0


def test_it_waits_for_completion_and_the_return_period(shops: CampaignWorld) -> None:
    next_rule(shops, after_days=14)
    shops.registered("ada")
    open_ = order("1", line("a", 50), customer="ada", completed_at=None)
    shops.arrive(open_)
    assert shops.due(days=20).vouchers == 0
    done = shops.now
    shops.arrive(order("1", line("a", 50), customer="ada", completed_at=done, changed_at=done))
    assert shops.due(days=14).vouchers == 0
    assert shops.due(days=1).vouchers == 1


def test_what_a_voucher_paid_does_not_bring_the_next_one(shops: CampaignWorld) -> None:
    next_rule(shops, order=50)
    shops.registered("ada")
    shops.arrive(order("1", line("a", 54, discount=money(5)), customer="ada"))
    assert shops.due(minutes=1).vouchers == 0


def test_an_order_undone_takes_an_unused_voucher_back(shops: CampaignWorld) -> None:
    next_rule(shops, order=50)
    shops.registered("ada")
    one = order("1", line("a", 60), customer="ada")
    shops.arrive(one)
    shops.due(minutes=1)
    shops.now += timedelta(minutes=5)
    shops.arrive(
        order(
            "1",
            line("a", 60),
            customer="ada",
            changed_at=shops.now,
            refunds=(refund("r", ("a", 0, 20), at=shops.now),),
        )
    )
    assert shops.due(minutes=1).ended == 1
    (voucher,) = shops.vouchers()
    assert (voucher.ending, voucher.is_wanted) == (Ending.CAUSE_GONE.value, False)
    assert "Order 1" in voucher.why
    assert shops.due(minutes=1).ended == 0


def test_an_order_that_stands_again_brings_another(shops: CampaignWorld) -> None:
    next_rule(shops)
    shops.registered("ada")
    stands = order("1", line("a", 60), customer="ada")
    shops.arrive(stands)
    shops.due(minutes=1)
    later = stands.placed_at + timedelta(minutes=5)
    shops.arrive(order("1", line("a", 60), customer="ada", changed_at=later, cancelled_at=later))
    assert shops.due(minutes=10).ended == 1
    shops.set_state(shops.vouchers()[0], ENDED)
    later += timedelta(minutes=5)
    shops.arrive(order("1", line("a", 60), customer="ada", changed_at=later))
    assert shops.due(minutes=1).vouchers == 1
    first, second = shops.vouchers()
    assert first.code != second.code
    assert second.state == OPEN


def test_a_used_voucher_stays_what_it_is(shops: CampaignWorld) -> None:
    next_rule(shops)
    shops.registered("ada")
    shops.arrive(order("1", line("a", 60), customer="ada"))
    shops.due(minutes=1)
    shops.set_state(shops.vouchers()[0], VoucherState.USED.value)
    later = shops.now
    shops.arrive(order("1", line("a", 60), customer="ada", changed_at=later, cancelled_at=later))
    done = shops.due(minutes=1)
    assert (done.vouchers, done.ended) == (0, 0)


@pytest.mark.parametrize("first_cancelled", ["1", "2"])
def test_what_was_issued_anew_goes_with_the_order_that_brought_it(
    shops: CampaignWorld, first_cancelled: str
) -> None:
    next_rule(shops, order=50)
    shops.registered("ada")
    brings = order("1", line("a", 60), customer="ada")
    shops.sells(brings)
    shops.due(minutes=1)
    shops.deliver()
    (given,) = shops.vouchers()
    uses = paid_with(given, "2", worth=20, took="5", customer="ada", placed=shops.now)
    shops.sells(uses)
    shops.passing()
    both = [brings, uses] if first_cancelled == "1" else [uses, brings]
    for one in both:
        shops.now += timedelta(minutes=1)
        shops.sells(replace(one, cancelled_at=shops.now, changed_at=shops.now))
        shops.due(minutes=1)
        shops.passing()
    shops.deliver()
    for _ in range(3):
        shops.due(minutes=1)
        shops.passing()
    assert [one for one in shops.vouchers() if one.state == OPEN] == []
    assert len(shops.vouchers()) == 2


def test_cashback_is_a_share_in_the_stores_currency(shops: CampaignWorld) -> None:
    shops.programme(
        {},
        prices_are="gross",
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.9"}],
        next_purchase={"back": {"give": {"share": 3, "maximum": 10}}},
    )
    shops.registered("ada")
    shops.registered("joe", shop=1)
    shops.arrive(order("1", line("a", 100, price=money(100, 119)), customer="ada"))
    dollars = order("2", line("a", 100, price=money(100, 119)), customer="joe")
    shops.arrive(dollars, shop=1)
    shops.arrive(order("3", line("a", 0, price=money("0.1", "0.1")), customer="ada"))
    done = shops.due(minutes=1)
    assert (done.vouchers, done.problems) == (2, ())
    told = {(one.kind, one.currency, one.amount_minor) for one in shops.vouchers()}
    # Gross: 3 % of 119 EUR; the order in the American store was told in EUR.
    assert told == {("cashback", "EUR", 357), ("cashback", "USD", 396)}


def test_shuffled_and_repeated_news_end_the_same(shops: CampaignWorld) -> None:
    next_rule(shops, order=50)
    shops.registered("ada")
    first = order("1", line("a", 60), customer="ada", completed_at=None)
    steps = [
        first,
        order("1", line("a", 60), customer="ada", changed_at=first.placed_at + timedelta(hours=1)),
        order(
            "1",
            line("a", 70),
            customer="ada",
            changed_at=first.placed_at + timedelta(hours=2),
        ),
    ]
    dice = random.Random(4)
    for _ in range(6):
        shops.arrive(dice.choice(steps))
        shops.due(minutes=1)
    shops.arrive(steps[-1])
    shops.due(minutes=1)
    assert [(one.amount_minor, one.state) for one in shops.vouchers()] == [(500, OPEN)]
