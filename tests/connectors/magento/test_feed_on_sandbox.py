"""The feed against a shop in which people really shop: what it tells is what the till did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.base import Connection, Severity
from connectors.magento import PLATFORM
from connectors.magento.connector import MagentoConnector
from connectors.magento.sandbox import SANDBOX
from connectors.sales import Change, Entity, Feed, Mark, Money, Order
from connectors.sandbox.server import RunningSandbox
from connectors.sandbox.shopper import Deed, Sale, SoldLine, shop_around

START = Mark(datetime(2020, 1, 1, tzinfo=UTC))
UNTOLD = Decimal("0.01")
"""Of a discounted row Magento tells no tax before the discount: a cent may lie with another row."""
SALES = ("orders", "invoices", "shipments", "creditmemos")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=40, customers=20) as running:
        yield running


@pytest.fixture(scope="module")
def deeds(sandbox: RunningSandbox) -> list[Deed]:
    return shop_around(sandbox, seed=7, orders=150, over=timedelta(days=3))


@pytest.fixture(scope="module")
def connector(sandbox: RunningSandbox) -> Iterator[MagentoConnector]:
    keys = SANDBOX.credentials
    made = PLATFORM.connect(Connection(sandbox.url, keys, SANDBOX.settings, "acme/shop"))
    assert isinstance(made, MagentoConnector)
    yield made
    made.close()


@pytest.fixture(scope="module")
def feed(connector: MagentoConnector, deeds: list[Deed]) -> Feed:
    assert connector.feed is not None
    return connector.feed


@pytest.fixture(scope="module")
def orders(feed: Feed, deeds: list[Deed]) -> dict[str, Order]:
    ids = [deed.sale.order_id for deed in deeds if deed.kind == "ordered"]
    pieces = (ids[start : start + 100] for start in range(0, len(ids), 100))
    return {order.id: order for piece in pieces for order in feed.orders(piece)}


def of(kind: str, deeds: Sequence[Deed]) -> list[Sale]:
    found = [deed.sale for deed in deeds if deed.kind == kind]
    assert found
    return found


def paid(line: SoldLine) -> Money:
    return Money(line.net - line.discount_net, line.gross - line.discount_gross)


# -- orders ---------------------------------------------------------------------------------


def test_every_order_is_told_to_the_cent(orders: dict[str, Order], deeds: list[Deed]) -> None:
    cancelled = {sale.order_id for sale in of("cancelled", deeds)}
    for sale in of("ordered", deeds):
        order = orders[sale.order_id]
        assert (order.number, order.customer_id) == (sale.number, sale.customer_id)
        assert (order.email, order.is_guest) == (sale.email, not sale.customer_id)
        assert (order.placed_at, order.currency, order.store_id) == (sale.at, "EUR", "1")
        if order.id in cancelled:
            continue
        assert order.shipping == Money(sale.shipping_net, sale.shipping_gross)
        assert len(order.lines) == len(sale.lines)
        for line, sold in zip(order.lines, sale.lines, strict=True):
            assert (line.id, line.sku, line.quantity) == (sold.line_id, sold.sku, sold.quantity)
            assert line.price.net == sold.net
            assert line.price - line.discount == paid(sold)
            assert abs(line.price.gross - sold.gross) <= UNTOLD
        assert sum(line.price.gross for line in order.lines) == sum(one.gross for one in sale.lines)
        goods = sum((line.price - line.discount for line in order.lines), Money())
        assert (goods + order.shipping - order.shipping_discount).gross == sale.total


def all_given_back(order: Order) -> bool:
    """Magento completes an order of which nothing is left to ship."""
    back = sum(line.quantity for refund in order.refunds for line in refund.lines)
    return back == sum(line.quantity for line in order.lines)


def test_when_an_order_was_paid_completed_cancelled(
    orders: dict[str, Order], deeds: list[Deed]
) -> None:
    paid = {deed.sale.order_id: deed.at for deed in deeds if deed.kind == "paid"}
    sent = {deed.sale.order_id: deed.at for deed in deeds if deed.kind == "sent"}
    cancelled = {deed.sale.order_id: deed.at for deed in deeds if deed.kind == "cancelled"}
    for order in orders.values():
        assert order.paid_at == paid.get(order.id)
        if order.id in sent:
            assert order.completed_at == sent[order.id]
        elif order.state == "complete":
            assert all_given_back(order)
        else:
            assert order.completed_at is None
        assert order.cancelled_at == cancelled.get(order.id)
    assert {order.state for order in orders.values()} >= {"new", "processing", "complete"}


def test_refunds_are_told_to_the_cent(orders: dict[str, Order], deeds: list[Deed]) -> None:
    told = {refund.id: refund for order in orders.values() for refund in order.refunds}
    sales = {sale.refund_id: sale for sale in of("refunded", deeds)}
    assert told.keys() == sales.keys()
    for id_, refund in told.items():
        sale = sales[id_]
        assert refund.at == sale.at
        assert refund.shipping == Money(sale.shipping_net, sale.shipping_gross)
        assert refund.unnamed == Money()
        lines = [(line.line_id, line.quantity, line.amount) for line in refund.lines]
        assert lines == [(one.line_id, one.quantity, paid(one)) for one in sale.lines]
        goods = sum((line.amount for line in refund.lines), refund.shipping)
        assert goods.gross == sale.total


def test_an_order_is_found_by_its_number(feed: Feed, orders: dict[str, Order]) -> None:
    some = list(orders.values())[:5]
    assert feed.orders_by_number([order.number for order in some]) == some


# -- walks ----------------------------------------------------------------------------------


def walked(feed: Feed, resource: str, since: Mark = START) -> list[Change]:
    return list(feed.changes(resource, since))


def test_walks_name_every_order(
    sandbox: RunningSandbox, feed: Feed, orders: dict[str, Order]
) -> None:
    sandbox.faults.set(shop={"max_page_size": 7})
    try:
        found = {resource: walked(feed, resource) for resource in SALES}
    finally:
        sandbox.faults.set(shop={})
    assert {change.id for change in found["orders"]} >= orders.keys()
    for changes in found.values():
        marks = [(change.mark.at, int(change.mark.id)) for change in changes]
        assert marks == sorted(set(marks))
        assert {change.entity for change in changes} == {Entity.ORDER}
    refunded = {order.id for order in orders.values() if order.refunds}
    assert {change.id for change in found["creditmemos"]} >= refunded


@pytest.mark.parametrize("resource", SALES)
def test_a_walk_goes_on_where_it_stopped(feed: Feed, resource: str) -> None:
    everything = walked(feed, resource)
    middle = len(everything) // 2
    assert walked(feed, resource, everything[middle].mark) == everything[middle + 1 :]


def test_a_subscription_and_its_end(connector: MagentoConnector, feed: Feed) -> None:
    def subscribe(value: bool) -> None:
        state = {"id": 5, "extension_attributes": {"is_subscribed": value}}
        connector.http.request("PUT", "rest/all/V1/customers/5", json={"customer": state})

    for value in (True, False):
        subscribe(value)
        states = {change.id: change.activity for change in walked(feed, "newsletter")}
        assert len(states) >= 20
        told = states["5"]
        assert told is not None
        assert (told.is_valid, told.customer_id, told.store_id) == (value, "5", "1")


# -- privileges -----------------------------------------------------------------------------


def test_without_a_privilege_for_sales_the_check_warns(
    sandbox: RunningSandbox, connector: MagentoConnector
) -> None:
    sandbox.faults.set(shop={"missing_privileges": ["Magento_Sales::sales_creditmemo"]})
    try:
        found = [one for one in connector.check() if one.severity is Severity.WARNING]
    finally:
        sandbox.faults.set(shop={})
    assert [one.topic for one in found] == ["sales"]
    assert "Magento_Sales::sales_creditmemo" in found[0].found
