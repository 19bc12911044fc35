"""What promotions are worth in a shopper's basket, and on the order it becomes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.conformance.offers import CENT, CODES, FACE, Offers, OfferSuite, Shoppers, off
from connectors.conformance.shop import Ability, Shop, needs
from connectors.conformance.shopping import GUEST
from connectors.errors import Rejected
from connectors.rewards import Discount, Promotion, Promotions, Threshold
from connectors.sales import NOTHING, Money

CODE, OTHER, _ = CODES
TEN_PERCENT = Discount(percent=Decimal(10))


@needs(Ability.PROMOTIONS)
class BasketTests(OfferSuite):
    def test_a_code_is_worth_its_face(self, offers: Offers, shoppers: Shoppers) -> None:
        """In the prices that its buyer is shown, to the cent; without it nothing is off."""
        offers.make(offers.vouchers(), CODE)
        assert shoppers.saves() == NOTHING
        assert shoppers.saves(CODE) == FACE

    @pytest.mark.parametrize("face", ["0.01", "9.99", "33.33"])
    def test_odd_faces_are_exact(self, offers: Offers, shoppers: Shoppers, face: str) -> None:
        """They are shared out over lines; the cents left over are not lost."""
        offers.make(offers.vouchers(discount=Discount(amount=Decimal(face))), CODE)
        assert shoppers.saves(CODE) == Decimal(face)

    def test_a_percentage_is_of_the_goods(self, offers: Offers, shoppers: Shoppers) -> None:
        offers.make(offers.vouchers(discount=TEN_PERCENT), CODE)
        expected = shoppers.shown(shoppers.goods()) / 10
        assert abs(shoppers.saves(CODE) - expected) <= CENT

    def test_a_percentage_ends_at_its_maximum_or_is_refused(
        self, offers: Offers, promotions: Promotions, shoppers: Shoppers
    ) -> None:
        """Ten percent of a large order are a lot of money."""
        capped = Discount(percent=Decimal(50), maximum=Decimal("7.50"))
        if _is_said(promotions, offers.vouchers(discount=capped)):
            offers.make(offers.vouchers(discount=capped), CODE)
            assert shoppers.saves(CODE) == Decimal("7.50")
        else:
            offers.make(offers.vouchers(discount=Discount(percent=capped.percent)), CODE)
            assert shoppers.saves(CODE) > Decimal("7.50")

    def test_no_more_is_off_than_there_is(self, offers: Offers, shoppers: Shoppers) -> None:
        """The rest of a large voucher is gone; nobody is paid for shopping."""
        offers.make(offers.vouchers(discount=Discount(amount=Decimal(5000))), CODE)
        lines = shoppers.lines(CODE)
        assert off(lines) == shoppers.goods()
        assert all(line.discount_net <= line.net for line in lines)

    def test_an_unknown_code_is_worth_nothing(self, offers: Offers, shoppers: Shoppers) -> None:
        offers.make(offers.vouchers(), CODE)
        assert shoppers.saves(OTHER) == NOTHING

    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    @pytest.mark.parametrize("gross", [False, True], ids=["net", "gross"])
    def test_a_threshold_is_kept_exactly_or_refused(
        self,
        offers: Offers,
        promotions: Promotions,
        shoppers: Shoppers,
        *,
        gross: bool,
        after: bool,
    ) -> None:
        """A basket of just that value is enough, one cent more is too much asked for; on the side
        that the shop only works out from the other, a cent or two may lie between."""
        goods = shoppers.goods()
        reached = goods.gross if gross else goods.net
        slack = NOTHING if reached == shoppers.shown(goods) else 2 * CENT
        for amount, saved in ((reached - slack, FACE), (reached + slack + CENT, NOTHING)):
            wanted = offers.vouchers(threshold=Threshold(amount, gross, after))
            if _is_said(promotions, wanted):
                offers.make(wanted, CODE)
                assert shoppers.saves(CODE) == saved

    def test_thresholds_can_be_said_as_buyers_see_them(
        self, offers: Offers, promotions: Promotions, shoppers: Shoppers
    ) -> None:
        """At least in one way: before discounts, with tax where he is shown it."""
        assert _is_said(promotions, offers.vouchers(threshold=shoppers.threshold(Decimal(50))))

    def test_a_voucher_for_a_group_is_for_that_group(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        offers.make(offers.vouchers("his", **offers.for_his_group), CODE)
        offers.make(offers.vouchers("others", **offers.for_others), OTHER)
        assert shoppers.saves(CODE) == FACE
        assert shoppers.saves(OTHER) == NOTHING
        assert shoppers.saves(OTHER, email=GUEST, guest=True) == NOTHING

    def test_a_voucher_for_everyone_is_for_guests_too(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        """The friend who was referred has no account yet."""
        offers.make(offers.vouchers(), CODE)
        assert shoppers.saves(email=GUEST, guest=True) == NOTHING
        taken = off(shoppers.lines(CODE, email=GUEST, guest=True))
        assert FACE in (taken.net, taken.gross)

    @needs(Ability.OTHER_STORE)
    def test_a_voucher_of_the_other_store_is_worth_nothing_here(
        self, shop: Shop, offers: Offers, shoppers: Shoppers
    ) -> None:
        offers.make(offers.vouchers(store_id=shop.other_store_id), CODE)
        assert shoppers.saves(CODE) == NOTHING

    @pytest.mark.parametrize(
        ("begins", "ends", "saved"),
        [(-2, 2, FACE), (None, 2, FACE), (-2, None, FACE), (-4, -2, NOTHING), (2, 4, NOTHING)],
    )
    def test_a_voucher_holds_in_its_time(
        self,
        offers: Offers,
        shoppers: Shoppers,
        begins: int | None,
        ends: int | None,
        saved: Decimal,
    ) -> None:
        """In days from now: a shop may keep no more than the day."""
        now = shoppers.shopping.now
        starts_at, ends_at = (
            None if days is None else now + timedelta(days=days) for days in (begins, ends)
        )
        offers.make(offers.vouchers(starts_at=starts_at, ends_at=ends_at), CODE)
        assert shoppers.saves(CODE) == saved

    def test_a_voucher_that_rests_is_worth_nothing(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        for is_active, saved in ((True, FACE), (False, NOTHING), (True, FACE)):
            offers.make(offers.vouchers(is_active=is_active), CODE)
            assert shoppers.saves(CODE) == saved

    def test_a_changed_voucher_is_worth_what_it_says_now(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        for amount in (FACE, FACE + 5, FACE):
            offers.make(offers.vouchers(discount=Discount(amount=amount)), CODE)
            assert shoppers.saves(CODE) == amount

    def test_a_code_that_was_taken_away_is_worth_nothing(
        self, offers: Offers, promotions: Promotions, shoppers: Shoppers
    ) -> None:
        """That is how a voucher expires or is withdrawn."""
        offers.make(offers.vouchers(), CODE, OTHER)
        promotions.remove_codes([CODE])
        assert shoppers.saves(CODE) == NOTHING
        assert shoppers.saves(OTHER) == FACE
        promotions.remove(offers.vouchers().key)
        assert shoppers.saves(OTHER) == NOTHING

    @needs(Ability.FIRST_ORDERS)
    def test_a_voucher_for_first_orders_is_for_new_customers(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        """A shop may count an order when it is complete, and not before (Shopware)."""
        offers.make(offers.vouchers(first_order_only=True), CODE)
        assert shoppers.saves(CODE) == FACE
        till, first = shoppers.shopping.till, shoppers.buy()
        till.pay(first.order_id)
        till.send(first.order_id)
        assert shoppers.saves(CODE) == NOTHING

    def test_an_automatic_discount_needs_no_code(
        self, offers: Offers, promotions: Promotions, shoppers: Shoppers
    ) -> None:
        offers.make(offers.automatic())
        expected = shoppers.shown(shoppers.goods()) / 10
        assert abs(shoppers.saves() - expected) <= CENT
        promotions.remove(offers.automatic().key)
        assert shoppers.saves() == NOTHING

    def test_a_discount_for_two_together_needs_both(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        first, second = shoppers.wanted
        needed = tuple(sorted(offers.product(sku).id for sku in (first, second)))
        offers.make(offers.automatic(needs_product_ids=needed))
        assert shoppers.saves(wanted={first: 1, second: 1}) > NOTHING
        for one in (first, second):
            assert shoppers.saves(wanted={one: 3}) == NOTHING

    def test_a_discount_on_a_product_is_on_no_other(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        sku, _ = shoppers.wanted
        offers.make(
            offers.vouchers(discount=TEN_PERCENT, product_ids=(offers.product(sku).id,)), CODE
        )
        lines = {line.sku: line for line in shoppers.lines(CODE)}
        lowered = [each.sku for each in lines.values() if each.discount_net > NOTHING]
        assert lowered == [sku]
        assert abs(lines[sku].discount_net - lines[sku].net / 10) <= CENT


@needs(Ability.PROMOTIONS)
class GiftTests(OfferSuite):
    @pytest.fixture
    def goods(self, shoppers: Shoppers) -> tuple[str, str]:
        """What is bought, and the SKU that can be free, which costs less."""
        lines = shoppers.lines(wanted=dict.fromkeys(shoppers.shopping.skus[:3], 1))
        ranked = [line.sku for line in sorted(lines, key=lambda line: line.net)]
        return ranked[-1], ranked[0]

    @pytest.fixture
    def enough(self, offers: Offers, shoppers: Shoppers, goods: tuple[str, str]) -> dict[str, int]:
        """A basket that gets the gift, and has it in it."""
        bought, gift = goods
        threshold = shoppers.threshold(shoppers.shown(shoppers.goods(wanted={bought: 2})))
        offers.make(offers.gift(offers.product(gift), threshold=threshold))
        return {bought: 2, gift: 1}

    def test_a_gift_is_free_from_its_value_on(
        self, shoppers: Shoppers, goods: tuple[str, str], enough: dict[str, int]
    ) -> None:
        """Once it is in the basket; and nothing else is."""
        _, gift = goods
        lines = {line.sku: line for line in shoppers.lines(wanted=enough)}
        assert {sku for sku, line in lines.items() if line.discount_gross} == {gift}
        assert lines[gift].discount_net == lines[gift].net
        assert lines[gift].discount_gross == lines[gift].gross

    def test_a_gift_is_paid_below_its_value(
        self, shoppers: Shoppers, goods: tuple[str, str], enough: dict[str, int]
    ) -> None:
        bought, gift = goods
        assert shoppers.saves(wanted={bought: 1, gift: 1}) == NOTHING

    def test_so_many_pieces_are_free_and_no_more(
        self, shoppers: Shoppers, goods: tuple[str, str], enough: dict[str, int]
    ) -> None:
        """Who takes two pays one."""
        _, gift = goods
        (one,) = [line for line in shoppers.lines(wanted=enough) if line.sku == gift]
        lines = {line.sku: line for line in shoppers.lines(wanted={**enough, gift: 2})}
        assert abs(lines[gift].discount_net - one.net) <= CENT
        assert lines[gift].discount_net < lines[gift].net

    def test_a_gift_is_told_on_the_order(
        self, shoppers: Shoppers, goods: tuple[str, str], enough: dict[str, int]
    ) -> None:
        """It earns nothing, and counts in no volume."""
        bought, gift = goods
        order = shoppers.shopping.told(shoppers.buy(wanted=enough))
        assert {line.sku: line.is_gift for line in order.lines} == {bought: False, gift: True}
        given_away = next(line for line in order.lines if line.is_gift)
        assert given_away.discount == given_away.price != Money()

    def test_a_gift_that_was_paid_for_is_told_as_bought(
        self, shoppers: Shoppers, goods: tuple[str, str], enough: dict[str, int]
    ) -> None:
        """Below the value; and with more pieces than are free."""
        bought, gift = goods
        for wanted in ({bought: 1, gift: 1}, {**enough, gift: 2}):
            order = shoppers.shopping.told(shoppers.buy(wanted=wanted))
            assert [line.is_gift for line in order.lines] == [False] * len(wanted)

    def test_a_voucher_beside_a_gift_is_worth_its_face(
        self, offers: Offers, shoppers: Shoppers, enough: dict[str, int]
    ) -> None:
        """None of it is lost on what is free already."""
        free = shoppers.saves(wanted=enough)
        offers.make(offers.vouchers(), CODE)
        assert shoppers.saves(CODE, wanted=enough) == free + FACE


def _is_said(promotions: Promotions, promotion: Promotion) -> bool:
    try:
        promotions.compile(promotion)
    except Rejected:
        return False
    return True
