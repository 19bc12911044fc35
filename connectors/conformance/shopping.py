"""What all tests of sales stand on: people shop in the past, and the feed tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import pytest

from connectors.base import Connector
from connectors.conformance.base import Suite, given
from connectors.conformance.shop import Ability, Shop
from connectors.sales import NO_MONEY, Change, Entity, Feed, Mark, Money, Order, Refund
from connectors.sandbox.shopper import Sale, SoldLine, Till

BEGAN = datetime(2024, 2, 29, 23, 57, tzinfo=UTC)
"""A while ago, so that a time of the reading is never mistaken for one of the shop; and on a leap
day shortly before midnight."""
LONG_AGO = Mark(datetime(2000, 1, 1, tzinfo=UTC))
MINUTE = timedelta(minutes=1)
GUEST = "somebody@example.org"
"""No customer of the shop."""

Walks = dict[str, list[Change]]


class Shopping:
    """A till whose clock the tests move on, and the feed of the same shop."""

    def __init__(self, till: Till, feed: Feed, skus: Sequence[str]) -> None:
        """``skus``: known products, which are bought unless a test says what."""
        self.till = till
        self.feed = feed
        self.skus = skus
        self.now = BEGAN
        till.set_clock(BEGAN)

    # -- in the shop ------------------------------------------------------------------------

    def later(self) -> datetime:
        """A minute later."""
        self.now += MINUTE
        self.till.set_clock(self.now)
        return self.now

    def buy(self, *quantities: int, email: str = "", guest: bool = False) -> Sale:
        """So many pieces of as many products; by default two of one and three of another."""
        wanted = dict(zip(self.skus, quantities or (2, 3), strict=False))
        return self.till.order(email or self.till.buyers()[0], wanted, guest=guest)

    def bought(self, count: int, *, a_minute_apart: bool = False) -> list[Sale]:
        """Orders of several customers, of one piece each."""
        found = []
        for email in islice(cycle(self.till.buyers()), count):
            found.append(self.buy(1, email=email))
            if a_minute_apart:
                self.later()
        return found

    def lived(self) -> Sale:
        """An order with a whole life: paid, sent, and given back bit by bit."""
        sale = self.buy(3, 2)
        self.later()
        self.till.pay(sale.order_id)
        self.later()
        self.till.send(sale.order_id)
        for wanted in ({0: 1}, {0: 2, 1: 2}):
            self.later()
            self.give_back(sale, wanted)
        return sale

    def give_back(self, sale: Sale, pieces: Mapping[int, int], *, shipping: bool = False) -> Sale:
        """``pieces``: by the line's place in the order."""
        wanted = {sale.lines[place].line_id: count for place, count in pieces.items()}
        return self.till.give_back(sale.order_id, wanted, shipping=shipping)

    # -- as it is told ----------------------------------------------------------------------

    def told(self, sale: Sale) -> Order:
        (order,) = self.feed.orders([sale.order_id])
        assert order.id == sale.order_id
        return order

    def walk(self, since: Mark = LONG_AGO) -> Walks:
        """What every walk that tells of orders says."""
        return {name: list(self.feed.changes(name, since)) for name in self.feed.order_resources}

    def named(self, since: Mark = LONG_AGO) -> set[str]:
        """The orders that some walk names."""
        return {change.id for change in every(self.walk(since))}


class SalesSuite(Suite):
    @pytest.fixture
    def shopping(self, shop: Shop, connector: Connector) -> Iterator[Shopping]:
        """A shop in which it is :data:`BEGAN`."""
        till = given(shop.shopping, Ability.ORDERS)
        feed = given(connector.feed, Ability.ORDERS)
        skus = [known.sku for known in shop.products if known.sku in set(till.skus())]
        assert len(skus) >= 2, "Two of the known products at least have to be for sale."
        yield Shopping(till, feed, skus)
        till.set_clock(None)


def every(walks: Walks) -> list[Change]:
    found = [change for changes in walks.values() for change in changes]
    assert {change.entity for change in found} <= {Entity.ORDER}, "these walks tell of orders"
    return found


# -- money --------------------------------------------------------------------------------------


def total(amounts: Sequence[Money]) -> Money:
    return sum(amounts, NO_MONEY)


def price_of(line: SoldLine) -> Money:
    return Money(line.net, line.gross)


def paid_for(line: SoldLine) -> Money:
    """What was charged for a line, or what was given back of it."""
    return Money(line.net - line.discount_net, line.gross - line.discount_gross)


def charged(sale: Sale) -> Money:
    """The whole order or refund by the till. Its total is what really changed hands."""
    shipping = Money(sale.shipping_net, sale.shipping_gross)
    found = total([*map(paid_for, sale.lines), shipping])
    assert found.gross == sale.total, "the till's own figures do not add up"
    return found


def sum_of(order: Order) -> Money:
    goods = total([line.price - line.discount for line in order.lines])
    return goods + order.shipping - order.shipping_discount


def given_back(refund: Refund) -> Money:
    assert refund.unnamed is not None, "the till gave back pieces of lines, which tell how much"
    return total([*(line.amount for line in refund.lines), refund.shipping, refund.unnamed])
