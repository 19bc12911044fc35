"""What an order comes to, net and gross, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from connectors.conformance.base import given
from connectors.conformance.shop import Ability, Shop, needs
from connectors.conformance.shopping import (
    GUEST,
    SalesSuite,
    Shopping,
    charged,
    paid_for,
    price_of,
    sum_of,
    total,
)
from connectors.sales import NO_MONEY, NOTHING, Money, Order
from connectors.sandbox.shopper import Sale

CENT = Decimal("0.01")
"""Where a shop does not tell how a discount is shared out to lines, a cent may lie with another
line than at the till. The order as a whole is exact."""
ODD_PERCENT = 7


@needs(Ability.ORDERS)
class OrderMoneyTests(SalesSuite):
    @pytest.fixture
    def sales(self, shopping: Shopping) -> list[Sale]:
        """Of several customers, who may see prices with tax or without, and of a guest."""
        emails = shopping.till.buyers()[:4]
        pieces = ((2, 1), (1,), (1, 2), (3,))
        found = [
            shopping.buy(*one, email=email) for one, email in zip(pieces, emails, strict=False)
        ]
        return [*found, shopping.buy(2, 1, email=GUEST, guest=True)]

    def test_lines_cost_what_was_rung_up(self, shopping: Shopping, sales: list[Sale]) -> None:
        """The whole line, net and gross: which of them earns is the merchant's choice."""
        for sale in sales:
            order = shopping.told(sale)
            assert {line.id: line.price for line in order.lines} == {
                sold.line_id: price_of(sold) for sold in sale.lines
            }
            assert total([line.discount for line in order.lines]) == NO_MONEY

    def test_shipping_costs_what_was_rung_up(self, shopping: Shopping, sales: list[Sale]) -> None:
        """It is apart from the goods: by default it earns nothing."""
        for sale in sales:
            order = shopping.told(sale)
            assert order.shipping == Money(sale.shipping_net, sale.shipping_gross)
            assert order.shipping_discount == NO_MONEY

    def test_it_all_adds_up_to_what_was_charged(
        self, shopping: Shopping, sales: list[Sale]
    ) -> None:
        """Lines less discounts, and shipping less its discount."""
        for sale in sales:
            assert sum_of(shopping.told(sale)) == charged(sale)

    def test_tax_is_told_where_it_is_due(self, shopping: Shopping, sales: list[Sale]) -> None:
        """Net is not gross; and never more than it."""
        orders = [shopping.told(sale) for sale in sales]
        lines = [line for order in orders for line in order.lines]
        assert all(NOTHING < line.price.net <= line.price.gross for line in lines)
        taxed = {sold.line_id for sale in sales for sold in sale.lines if sold.net < sold.gross}
        assert {line.id for line in lines if line.price.net < line.price.gross} == taxed


@needs(Ability.ORDERS, Ability.DISCOUNTS)
class DiscountTests(SalesSuite):
    @pytest.fixture
    def lowered(self, shop: Shop, shopping: Shopping) -> list[Sale]:
        """Orders with something taken off, such that cents are left to be shared out."""
        given(shop.discount, Ability.DISCOUNTS)(ODD_PERCENT)
        emails = shopping.till.buyers()[:2]
        sales = [shopping.buy(*each, email=emails[0]) for each in ((3, 1), (1,))]
        sales.append(shopping.buy(7, 3, email=emails[-1]))
        for sale in sales:
            assert all(line.discount_gross > NOTHING for line in sale.lines), (
                "nothing was taken off"
            )
        return sales

    def test_what_was_taken_off_is_told(self, shopping: Shopping, lowered: list[Sale]) -> None:
        """The order adds up to what was charged, net and gross: points are for money paid."""
        for sale in lowered:
            order = shopping.told(sale)
            assert sum_of(order) == charged(sale)
            taken = total([line.discount for line in order.lines]).gross
            rung_up = sum((sold.discount_gross for sold in sale.lines), NOTHING)
            assert abs(taken - rung_up) <= CENT

    def test_discounts_are_told_of_the_lines_they_lower(
        self, shopping: Shopping, lowered: list[Sale]
    ) -> None:
        """One line may earn double and another nothing. A discount is no line itself."""
        for sale in lowered:
            order = shopping.told(sale)
            assert len(order.lines) == len(sale.lines)
            assert _furthest(order, sale) <= CENT

    def test_no_more_is_taken_off_than_there_is(
        self, shopping: Shopping, lowered: list[Sale]
    ) -> None:
        """A line never earns less than nothing."""
        for line in (line for sale in lowered for line in shopping.told(sale).lines):
            assert NOTHING <= line.discount.net <= line.price.net
            assert NOTHING < line.discount.gross <= line.price.gross
            assert not line.is_gift

    @pytest.mark.parametrize("pieces", [{0: 1}, {0: 3, 1: 1}], ids=["some", "all"])
    def test_what_is_given_back_is_what_was_paid(
        self, shopping: Shopping, lowered: list[Sale], pieces: dict[int, int]
    ) -> None:
        """Not what it would have cost without the discount."""
        sale = lowered[0]
        shopping.till.pay(sale.order_id)
        shopping.later()
        back = shopping.give_back(sale, pieces)
        (refund,) = shopping.told(sale).refunds
        amounts = {line.line_id: line.amount for line in refund.lines}
        assert amounts.keys() == {sold.line_id for sold in back.lines}
        apart = [amounts[sold.line_id] - paid_for(sold) for sold in back.lines]
        assert _largest(apart) <= CENT
        assert total(list(amounts.values())) == total([paid_for(sold) for sold in back.lines])


def _furthest(order: Order, sale: Sale) -> Decimal:
    """How far what a line was paid with is from the till's figure."""
    sold = {line.line_id: paid_for(line) for line in sale.lines}
    return _largest([line.price - line.discount - sold[line.id] for line in order.lines])


def _largest(amounts: Sequence[Money]) -> Decimal:
    return max(abs(side) for amount in amounts for side in (amount.net, amount.gross))
