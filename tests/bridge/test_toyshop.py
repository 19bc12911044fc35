"""The toy shop's promotions and baskets do what the core's tests take for granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from toyshop import Lost, Style, ToyShop
from toyshop.baskets import ToyCarts, buy, comes_to, count_uses, enter, fill, order, put
from toyshop.promoting import ToyPromotions, change_by_hand, promote, said
from toyshop.shop import OPENED

from connectors.errors import AlreadyExists, AnswerLost, Rejected, Unsafe
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.sales import Mark, Money, UsedCode

TEN = Discount(amount=Decimal(10))
VOUCHERS = Promotion("pool-1", PromotionKind.CODES, "Pool", "Voucher", "s1", "EUR", TEN)
GIFT = Promotion(
    "gift",
    PromotionKind.GIFT,
    "Gift",
    "For you",
    "s1",
    "EUR",
    Discount(percent=Decimal(100)),
    threshold=Threshold(Decimal(50)),
    product_ids=("C",),
    most_pieces=1,
)


@pytest.fixture
def shop() -> ToyShop:
    """As Magento; with A for 10.00, B for 30.00, C for 5.00, and tax of 19 %."""
    shop = ToyShop(Style.NUMBERED, tax=Decimal(19))
    for sku, price in (("A", "10.00"), ("B", "30.00"), ("C", "5.00")):
        shop.stock(sku, price)
    shop.register("mia@example.com", "1")
    shop.register("tim@example.com", "2")
    return shop


@pytest.fixture
def promotions(shop: ToyShop) -> ToyPromotions:
    return ToyPromotions(shop, "acme/toy")


@pytest.fixture
def vouchers(promotions: ToyPromotions) -> ToyPromotions:
    promotions.write("pool-1", promotions.compile(VOUCHERS))
    promotions.add_codes("pool-1", ["ONE", "TWO"])
    return promotions


def test_a_native_text_says_the_promotion_again(promotions: ToyPromotions) -> None:
    for promotion in (VOUCHERS, GIFT, replace(GIFT, starts_at=OPENED, group_ids=("1", "2"))):
        assert said(promotions.compile(promotion), promotion.key) == promotion


def test_a_code_takes_off_its_face_on_the_side_the_buyer_sees(
    shop: ToyShop, vouchers: ToyPromotions
) -> None:
    """Mia's group sees net prices, Tim's gross ones."""
    for email, off in (
        ("mia@example.com", Money(Decimal("10.00"), Decimal("11.90"))),
        ("tim@example.com", Money(Decimal("8.40"), Decimal("10.00"))),
    ):
        found = comes_to(shop, fill(shop, {"B": 1}, email, codes=["one"]))
        assert found.discount == off
        assert found.by_code == {"one": off}


def test_an_order_lists_its_codes_and_a_used_one_is_used(
    shop: ToyShop, vouchers: ToyPromotions
) -> None:
    first = shop.orders[buy(shop, {"B": 1}, codes=["ONE"])]
    assert first.codes == (UsedCode("ONE", Money(Decimal(10), Decimal("11.90"))),)
    assert first.charged == Money(Decimal("20.00"), Decimal("23.80"))
    assert vouchers.codes(["ONE"])["ONE"].order_id == first.id
    assert shop.orders[buy(shop, {"B": 1}, codes=["ONE"])].codes == ()


def test_a_shop_that_counts_late_takes_a_code_twice(shop: ToyShop, vouchers: ToyPromotions) -> None:
    shop.counts_late = True
    for _ in range(2):
        assert shop.orders[buy(shop, {"B": 1}, codes=["ONE"])].codes
    assert not vouchers.codes(["ONE"])["ONE"].is_used
    count_uses(shop)
    assert vouchers.codes(["ONE"])["ONE"].is_used
    assert not enter(shop, fill(shop, {"B": 1}), "ONE")


def test_a_gift_is_free_above_its_threshold_and_once(
    shop: ToyShop, promotions: ToyPromotions
) -> None:
    promotions.write("gift", promotions.compile(GIFT))
    found = shop.orders[buy(shop, {"B": 2, "C": 1})]
    assert [line.is_gift for line in found.lines] == [False, True]
    two = comes_to(shop, fill(shop, {"B": 2, "C": 2}))
    assert two.discount.net == 5
    assert comes_to(shop, fill(shop, {"B": 1, "C": 1})).discount.net == 0


def test_who_it_is_not_for_gets_nothing(shop: ToyShop, promotions: ToyPromotions) -> None:
    for change in (
        {"group_ids": ("2",)},
        {"starts_at": OPENED + timedelta(days=1)},
        {"ends_at": OPENED},
        {"needs_product_ids": ("A",)},
        {"product_ids": ("A",)},
        {"is_active": False},
        {"threshold": Threshold(Decimal("30.01"))},
    ):
        promotions.write("pool-1", promotions.compile(replace(VOUCHERS, **change)))
        promotions.add_codes("pool-1", ["ONE"])
        assert not enter(shop, fill(shop, {"B": 1}), "ONE")


def test_what_others_made_is_left_alone(shop: ToyShop, vouchers: ToyPromotions) -> None:
    promote(shop, VOUCHERS, "THEIRS")
    assert isinstance(vouchers.add_codes("pool-1", ["THEIRS", "MORE"])["THEIRS"], AlreadyExists)
    assert isinstance(vouchers.remove_codes(["THEIRS"])["THEIRS"], Unsafe)
    assert [one.key for one in vouchers.all()] == ["pool-1"]
    assert {one.code for one in vouchers.codes_of("pool-1")} == {"ONE", "TWO", "MORE"}


def test_drift_shows_and_writing_mends_it(shop: ToyShop, vouchers: ToyPromotions) -> None:
    change_by_hand(shop, "pool-1", is_active=False)
    assert vouchers.read(["pool-1"])["pool-1"].native != vouchers.compile(VOUCHERS)
    vouchers.write("pool-1", vouchers.compile(VOUCHERS))
    assert vouchers.read(["pool-1"])["pool-1"].native == vouchers.compile(VOUCHERS)
    assert set(vouchers.codes(["ONE", "TWO"])) == {"ONE", "TWO"}


def test_a_lost_answer_was_done_and_can_be_repeated(shop: ToyShop, vouchers: ToyPromotions) -> None:
    shop.events["add_codes"].append(Lost(AnswerLost("Nobody answered")))
    with pytest.raises(AnswerLost):
        vouchers.add_codes("pool-1", ["THREE"])
    assert vouchers.add_codes("pool-1", ["THREE"]) == {}
    assert len(list(vouchers.codes_of("pool-1"))) == 3


def test_baskets_are_read_and_changed(shop: ToyShop) -> None:
    carts, since = ToyCarts(shop), Mark(OPENED - timedelta(days=1))
    id_ = fill(shop, {"B": 2})
    item = carts.add(id_, "s1", "C", 1)
    (cart,) = carts.changed(since)
    assert [(one.sku, one.quantity) for one in cart.items] == [("B", 2), ("C", 1)]
    assert carts.totals(id_, "s1").goods.net == 65
    carts.remove(id_, "s1", item.id)
    carts.remove(id_, "s1", item.id)
    shop.in_stock["C"] = 0
    with pytest.raises(Rejected):
        put(shop, id_, "C")
    order(shop, id_)
    assert list(carts.changed(since)) == []
