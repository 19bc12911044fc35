"""Codes on orders: found there, worth their face, and used up."""

from __future__ import annotations

from decimal import Decimal

from connectors.conformance.offers import CENT, CODES, FACE, Offers, OfferSuite, Shoppers, off
from connectors.conformance.shop import Ability, PromotionDesk, needs
from connectors.conformance.shopping import GUEST, charged, sum_of, total
from connectors.rewards import Promotions
from connectors.sales import NOTHING, Money
from connectors.sandbox.shopper import Sale

CODE, OTHER, _ = CODES


@needs(Ability.PROMOTIONS)
class UsedCodeTests(OfferSuite):
    def test_an_order_tells_its_code_and_what_it_took_off(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        """So the voucher is found to be used, by the shop's own figure."""
        offers.make(offers.vouchers(), CODE, OTHER)
        sale = shoppers.buy(CODE)
        assert shoppers.shown(off(sale.lines)) == FACE
        order = shoppers.shopping.told(sale)
        (used,) = order.codes
        assert used.code == CODE
        assert _apart(used.discount, off(sale.lines)) <= CENT
        assert total([line.discount for line in order.lines]) == used.discount
        assert sum_of(order) == charged(sale)

    def test_an_order_tells_no_code_that_took_off_nothing(
        self, offers: Offers, shoppers: Shoppers
    ) -> None:
        """A code that was tried in vain was not used: its points are still reserved."""
        threshold = shoppers.threshold(shoppers.shown(shoppers.goods()) * 2)
        offers.make(offers.vouchers(threshold=threshold), CODE)
        sale = shoppers.buy(CODE)
        assert off(sale.lines) == Money()
        assert shoppers.shopping.told(sale).codes == ()
        assert shoppers.shopping.told(shoppers.buy()).codes == ()

    def test_a_code_works_once(
        self, offers: Offers, promotions: Promotions, desk: PromotionDesk, shoppers: Shoppers
    ) -> None:
        """At once, where the shop keeps used codes; else as soon as its queue has counted."""
        offers.make(offers.vouchers(), CODE, OTHER)
        shoppers.buy(CODE)
        if not promotions.keeps_used_codes:
            desk.count_uses()
        again = shoppers.buy(CODE)
        assert off(again.lines) == Money()
        assert shoppers.shopping.told(again).codes == ()
        assert shoppers.saves(OTHER) == FACE

    def test_a_used_code_works_for_nobody_else(
        self, offers: Offers, promotions: Promotions, desk: PromotionDesk, shoppers: Shoppers
    ) -> None:
        offers.make(offers.vouchers(), CODE)
        shoppers.buy(CODE)
        if not promotions.keeps_used_codes:
            desk.count_uses()
        assert shoppers.saves(CODE, email=GUEST, guest=True) == NOTHING

    def test_looking_at_a_basket_uses_no_code(
        self, offers: Offers, promotions: Promotions, shoppers: Shoppers
    ) -> None:
        """Only an order does."""
        offers.make(offers.vouchers(), CODE)
        assert [shoppers.saves(CODE) for _ in range(3)] == [FACE] * 3
        assert not promotions.codes([CODE])[CODE].is_used

    def test_money_is_given_back_as_it_was_paid(self, offers: Offers, shoppers: Shoppers) -> None:
        """A refund of everything gives back what was charged, not what the goods would cost."""
        offers.make(offers.vouchers(), CODE)
        sale, shopping = shoppers.buy(CODE), shoppers.shopping
        shopping.till.pay(sale.order_id)
        shopping.later()
        pieces = {place: int(line.quantity) for place, line in enumerate(sale.lines)}
        shopping.give_back(sale, pieces)
        order = shopping.told(sale)
        given_back = total([line.amount for refund in order.refunds for line in refund.lines])
        assert given_back == sum_of(order) - order.shipping
        assert _paid(sale) == given_back


def _apart(one: Money, other: Money) -> Decimal:
    return max(abs(one.net - other.net), abs(one.gross - other.gross))


def _paid(sale: Sale) -> Money:
    return total(
        [
            Money(line.net - line.discount_net, line.gross - line.discount_gross)
            for line in sale.lines
        ]
    )
