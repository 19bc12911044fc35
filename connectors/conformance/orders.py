"""Whole orders: who bought what, under which ids."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.base import Connector, ProductKind
from connectors.conformance.base import given
from connectors.conformance.records import wrong_fields
from connectors.conformance.sharing import THREADS, at_once
from connectors.conformance.shop import Ability, Shop, needs
from connectors.conformance.shopping import GUEST, SalesSuite, Shopping
from connectors.errors import ConnectorError
from connectors.sales import LineKind, Order
from connectors.sandbox.shopper import Sale

AT_ONCE = 100
"""Orders that the bridge asks for in one go."""


@needs(Ability.ORDERS)
class OrderTests(SalesSuite):
    def test_orders_are_records_of_the_right_types(self, shopping: Shopping) -> None:
        """To the last field, also of a refund's line."""
        orders = [shopping.told(sale) for sale in (shopping.lived(), shopping.buy(1, guest=True))]
        assert [wrong for each in orders for wrong in wrong_fields(each, Order)] == []
        assert all(order.number and order.state for order in orders)

    def test_an_order_is_of_a_store_and_in_a_currency_of_the_shop(
        self, connector: Connector, shopping: Shopping
    ) -> None:
        """A store's rules and the rate of its currency are looked up by these."""
        order, info = shopping.told(shopping.buy()), connector.shop()
        assert order.store_id in {store.id for store in info.stores}
        assert order.currency in {currency.code for currency in info.currencies}

    # -- which orders -----------------------------------------------------------------------

    def test_orders_are_told_by_their_ids(self, shopping: Shopping) -> None:
        """Each as it was sold, whatever the order it is asked for in, and once."""
        sales = shopping.bought(3)
        ids = [sale.order_id for sale in sales]
        told = _by_id(shopping.feed.orders(ids))
        assert {id_: order.number for id_, order in told.items()} == {
            sale.order_id: sale.number for sale in sales
        }
        assert _by_id(shopping.feed.orders([*reversed(ids), ids[0]])) == told

    def test_one_that_is_not_there_is_left_out(self, shop: Shop, shopping: Shopping) -> None:
        """It was deleted between the walk and the question: the others are told all the same."""
        sale = shopping.buy()
        told = shopping.feed.orders([shop.unknown_order_id, sale.order_id])
        assert [order.id for order in told] == [sale.order_id]
        assert shopping.feed.orders([shop.unknown_order_id]) == []

    def test_asking_for_none_tells_none(self, shopping: Shopping) -> None:
        """Never all of them."""
        shopping.buy()
        assert list(shopping.feed.orders([])) == []
        assert list(shopping.feed.orders_by_number([])) == []

    def test_a_hundred_are_told_at_once(self, shopping: Shopping) -> None:
        """And of more all, or the call is refused: never a hundred of them without a word."""
        ids = [sale.order_id for sale in shopping.bought(AT_ONCE + 1)]
        assert _by_id(shopping.feed.orders(ids[:AT_ONCE])).keys() == set(ids[:AT_ONCE])
        try:
            told = shopping.feed.orders(ids)
        except (ValueError, ConnectorError):
            return
        assert _by_id(told).keys() == set(ids)

    def test_an_order_is_found_by_its_number(self, shopping: Shopping) -> None:
        """A gap in the numbers is asked for; a number that was never used is no error."""
        sales = shopping.bought(2)
        told = shopping.feed.orders_by_number([*(sale.number for sale in sales), "no-such-number"])
        assert _by_id(told) == {sale.order_id: shopping.told(sale) for sale in sales}

    def test_threads_read_orders_as_one_does(self, shopping: Shopping) -> None:
        """The engine fetches the orders of several walks at once."""
        ids = [sale.order_id for sale in (shopping.lived(), *shopping.bought(3))]
        alone = _by_id(shopping.feed.orders(ids))
        seen = at_once(lambda number: _by_id(shopping.feed.orders(ids)))
        assert seen == [alone] * THREADS

    # -- who bought -------------------------------------------------------------------------

    def test_the_buyer_is_the_customer(self, connector: Connector, shopping: Shopping) -> None:
        """By the id that customers are walked with: his member gets the points."""
        customers = {customer.email: customer for customer in connector.customers()}
        for email in shopping.till.buyers()[:3]:
            order, customer = shopping.told(shopping.buy(email=email)), customers[email]
            assert (order.customer_id, order.email) == (customer.id, email)
            assert not order.is_guest
            assert order.group_id in {"", customer.group_id}

    def test_a_guest_is_nobodys_customer(self, shopping: Shopping) -> None:
        """His address alone says who he is."""
        order = shopping.told(shopping.buy(email=GUEST, guest=True))
        assert (order.customer_id, order.email, order.is_guest) == ("", GUEST, True)

    def test_a_guest_with_a_customers_address_is_a_guest(self, shopping: Shopping) -> None:
        """Anybody can write anybody's address: whether it counts is not for the connector."""
        email = shopping.till.buyers()[0]
        order = shopping.told(shopping.buy(email=email, guest=True))
        assert (order.customer_id, order.email, order.is_guest) == ("", email, True)

    # -- what was bought --------------------------------------------------------------------

    def test_lines_are_what_was_sold(self, connector: Connector, shopping: Shopping) -> None:
        """With the product's id in the catalogue: rules go by its categories."""
        sale = shopping.buy(3, 2)
        _assert_sold(connector, shopping.told(sale), sale)

    @needs(Ability.VARIANTS)
    def test_a_variant_is_one_line(
        self, shop: Shop, connector: Connector, shopping: Shopping
    ) -> None:
        """Shops keep a parent beside it, or a child below it: five pieces are five, not ten."""
        variants = {known.sku for known in shop.of_kind(ProductKind.VARIANT)}
        sku = next(sku for sku in shopping.till.skus() if sku in variants)
        sale = shopping.till.order(shopping.till.buyers()[0], {sku: 5}, guest=False)
        order = shopping.told(sale)
        _assert_sold(connector, order, sale)
        assert [(line.sku, line.quantity) for line in order.lines] == [(sku, Decimal(5))]

    @needs(Ability.DRAFTS)
    def test_an_order_is_told_without_its_draft(self, shop: Shop, shopping: Shopping) -> None:
        """What somebody is about to change is not changed yet."""
        sale = shopping.buy(2, 1)
        before = shopping.told(sale)
        shopping.later()
        given(shop.draft, Ability.DRAFTS)(sale.order_id, {sale.lines[0].line_id: 7})
        assert shopping.told(sale) == before
        assert shopping.feed.orders_by_number([sale.number]) == [before]


def _by_id(orders: Sequence[Order]) -> dict[str, Order]:
    ids = [order.id for order in orders]
    assert len(ids) == len(set(ids)), f"orders that are told twice: {sorted(ids)}"
    return {order.id: order for order in orders}


def _assert_sold(connector: Connector, order: Order, sale: Sale) -> None:
    product_ids = {product.sku: product.id for product in connector.products()}
    assert {(line.id, line.sku, line.quantity) for line in order.lines} == {
        (sold.line_id, sold.sku, sold.quantity) for sold in sale.lines
    }
    assert len(order.lines) == len(sale.lines)
    for line in order.lines:
        assert line.kind is LineKind.PRODUCT
        assert line.product_id == product_ids[line.sku]
        assert line.name
        assert not line.is_gift
