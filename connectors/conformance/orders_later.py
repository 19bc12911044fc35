"""What happens to an order after it was placed, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.conformance.base import given
from connectors.conformance.shop import Ability, Shop, needs
from connectors.conformance.shopping import (
    BEGAN,
    SalesSuite,
    Shopping,
    charged,
    given_back,
    paid_for,
    price_of,
    sum_of,
    total,
)
from connectors.sales import Money
from connectors.sandbox.shopper import Sale


@needs(Ability.ORDERS)
class LaterTests(SalesSuite):
    """Points ripen so many days after payment or completion, and expire at the end of a month:
    every time is the shop's, to the second, and none that of the reading."""

    def test_a_new_order_is_neither_paid_nor_done(self, shopping: Shopping) -> None:
        """It has only been placed."""
        order = shopping.told(shopping.buy())
        assert (order.placed_at, order.changed_at) == (BEGAN, BEGAN)
        assert (order.paid_at, order.completed_at, order.cancelled_at) == (None, None, None)
        assert order.refunds == ()

    def test_when_it_was_paid(self, shopping: Shopping) -> None:
        """What is paid is not done yet, and was placed when it was placed."""
        sale = shopping.buy()
        at = shopping.later()
        shopping.till.pay(sale.order_id)
        shopping.later()
        order = shopping.told(sale)
        assert (order.placed_at, order.paid_at, order.completed_at) == (BEGAN, at, None)
        assert order.cancelled_at is None

    def test_when_it_was_completed(self, shopping: Shopping) -> None:
        """After payment, with the parcel; what comes later does not move it."""
        sale = shopping.buy()
        paid_at = shopping.later()
        shopping.till.pay(sale.order_id)
        at = shopping.later()
        shopping.till.send(sale.order_id)
        shopping.later()
        shopping.give_back(sale, {0: 1})
        order = shopping.told(sale)
        assert (order.placed_at, order.paid_at, order.completed_at) == (BEGAN, paid_at, at)

    def test_when_it_was_cancelled(self, shopping: Shopping) -> None:
        """Nothing is pending any more."""
        sale = shopping.buy()
        at = shopping.later()
        shopping.till.cancel(sale.order_id)
        shopping.later()
        order = shopping.told(sale)
        assert (order.placed_at, order.cancelled_at) == (BEGAN, at)
        assert (order.paid_at, order.completed_at) == (None, None)

    def test_every_step_makes_it_newer(self, shopping: Shopping) -> None:
        """Of two states of an order the newer one holds, in whatever order they arrive."""
        sale = shopping.buy()
        for step in (
            lambda: shopping.till.pay(sale.order_id),
            lambda: shopping.till.send(sale.order_id),
            lambda: shopping.give_back(sale, {0: 1}),
            lambda: shopping.give_back(sale, {0: 1, 1: 1}),
        ):
            at = shopping.later()
            step()
            assert shopping.told(sale).changed_at == at

    def test_reading_changes_nothing(self, shopping: Shopping) -> None:
        """What is read twice is equal, or every poll would find news."""
        sale = shopping.lived()
        before = shopping.told(sale)
        shopping.till.set_clock(None)
        assert shopping.told(sale) == before
        assert before.changed_at < datetime(2025, 1, 1, tzinfo=UTC)

    @needs(Ability.EDITS)
    @pytest.mark.parametrize("quantity", [1, 6])
    def test_an_edited_order_is_told_as_it_is_now(
        self, shop: Shop, shopping: Shopping, quantity: int
    ) -> None:
        """Fewer pieces or more. Where an edit makes another order of it, the first is cancelled:
        both together would earn twice."""
        sale = shopping.buy(3, 1)
        at = shopping.later()
        edited = given(shop.edit, Ability.EDITS)(sale.order_id, {sale.lines[0].line_id: quantity})
        order = shopping.told(edited)
        assert {line.id: (line.quantity, line.price) for line in order.lines} == {
            sold.line_id: (sold.quantity, price_of(sold)) for sold in edited.lines
        }
        assert quantity in {line.quantity for line in order.lines}
        assert sum_of(order) == charged(edited)
        assert order.changed_at == at
        if edited.order_id != sale.order_id:
            assert shopping.told(sale).cancelled_at == at


@needs(Ability.ORDERS)
class RefundTests(SalesSuite):
    """A refund takes back what its lines and quantities earned, neither more nor less."""

    @pytest.fixture
    def paid(self, shopping: Shopping) -> Sale:
        """Three pieces and two, paid and sent."""
        sale = shopping.buy(3, 2)
        shopping.till.pay(sale.order_id)
        shopping.till.send(sale.order_id)
        shopping.later()
        return sale

    def test_what_was_given_back_is_told(self, shopping: Shopping, paid: Sale) -> None:
        """Which pieces, for how much, and when."""
        back = shopping.give_back(paid, {0: 1, 1: 2})
        at = shopping.now
        shopping.later()
        (refund,) = shopping.told(paid).refunds
        assert refund.id
        assert refund.at == at
        assert {line.line_id: (line.quantity, line.amount) for line in refund.lines} == {
            sold.line_id: (sold.quantity, paid_for(sold)) for sold in back.lines
        }
        assert given_back(refund) == charged(back)

    def test_the_order_stays_as_it_was_sold(self, shopping: Shopping, paid: Sale) -> None:
        """What came back is in the refund: taken off the lines too, it would count twice."""
        before = shopping.told(paid)
        shopping.give_back(paid, {0: 2})
        order = shopping.told(paid)
        assert order.lines == before.lines
        assert (order.paid_at, order.placed_at) == (before.paid_at, before.placed_at)
        assert order.cancelled_at is None

    def test_refunds_keep_their_ids_and_their_order(self, shopping: Shopping, paid: Sale) -> None:
        """One that was taken back already is known again when the next one comes."""
        backs = [shopping.give_back(paid, {0: 1})]
        (first,) = shopping.told(paid).refunds
        shopping.later()
        backs.append(shopping.give_back(paid, {0: 1, 1: 1}))
        shopping.later()
        backs.append(shopping.give_back(paid, {1: 1}))
        refunds = shopping.told(paid).refunds
        assert refunds[0] == first
        assert len({refund.id for refund in refunds}) == 3
        assert [refund.at for refund in refunds] == [back.at for back in backs]
        assert [given_back(refund) for refund in refunds] == [charged(back) for back in backs]

    def test_all_of_it_bit_by_bit_is_what_was_paid(self, shopping: Shopping, paid: Sale) -> None:
        """Cents that were rounded away in one bit come with another, and no piece comes back
        more than once."""
        for pieces in ({0: 1}, {0: 1, 1: 1}):
            shopping.give_back(paid, pieces)
            shopping.later()
        shopping.give_back(paid, {0: 1, 1: 1}, shipping=True)
        order = shopping.told(paid)
        assert total([given_back(refund) for refund in order.refunds]) == charged(paid)
        back: dict[str, int] = {}
        for line in (line for refund in order.refunds for line in refund.lines):
            back[line.line_id] = back.get(line.line_id, 0) + int(line.quantity)
        assert back == {sold.line_id: sold.quantity for sold in paid.lines}

    def test_shipping_is_given_back_apart(self, shopping: Shopping, paid: Sale) -> None:
        """As it is charged apart."""
        back = shopping.give_back(paid, {0: 1}, shipping=True)
        (refund,) = shopping.told(paid).refunds
        assert refund.shipping == Money(back.shipping_net, back.shipping_gross)

    def test_an_order_without_refunds_has_none(self, shopping: Shopping, paid: Sale) -> None:
        """Those of the order beside it are not its own."""
        other = shopping.buy(3, 2)
        shopping.till.pay(other.order_id)
        shopping.give_back(other, {0: 3, 1: 2})
        orders = shopping.feed.orders([paid.order_id, other.order_id])
        assert {order.id: len(order.refunds) for order in orders} == {
            paid.order_id: 0,
            other.order_id: 1,
        }
