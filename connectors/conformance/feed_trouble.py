"""A shop that misbehaves while it tells of orders: raised in the taxonomy's words, or whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.conformance.addresses import dead_address
from connectors.conformance.base import given
from connectors.conformance.shop import Ability, Faults, Shop, Target, Trouble, needs
from connectors.conformance.shopping import LONG_AGO, SalesSuite, Shopping
from connectors.errors import (
    AnswerLost,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)
from connectors.sales import Feed
from connectors.sandbox.shopper import Sale

ONCE = [*Trouble]
FOR_GOOD = 50
"""Calls in a row that meet trouble: more than anybody tries."""
AN_HOUR = 3600


def _walk(feed: Feed) -> object:
    return [list(feed.changes(name, LONG_AGO)) for name in feed.order_resources]


def _read(feed: Feed) -> object:
    return feed.orders(["1"])


@needs(Ability.ORDERS)
class FeedTroubleTests(SalesSuite):
    @pytest.fixture
    def sale(self, shopping: Shopping) -> Sale:
        """An order with refunds, of which every call was made once, so that all is signed in."""
        sale = shopping.lived()
        shopping.walk()
        shopping.told(sale)
        return sale

    @pytest.fixture(params=[Target.ORDER_READ, Target.ORDER_PARTS], ids=["orders", "parts"])
    def reading(self, request: pytest.FixtureRequest) -> Target:
        target: Target = request.param
        return target

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ONCE)
    def test_a_walk_survives_one_bad_call(
        self, shopping: Shopping, sale: Sale, faults: Faults, trouble: Trouble
    ) -> None:
        """Asking twice is asking: no row is lost with the answer."""
        alone = shopping.walk()
        faults.strike(Target.ORDER_WALK, trouble)
        assert shopping.walk() == alone

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ONCE)
    def test_reading_orders_survives_one_bad_call(
        self,
        shopping: Shopping,
        sale: Sale,
        faults: Faults,
        reading: Target,
        trouble: Trouble,
    ) -> None:
        """The order is told whole, with everything that belongs to it."""
        alone = shopping.told(sale)
        faults.clear()
        faults.strike(reading, trouble)
        assert shopping.told(sale) == alone
        assert faults.calls(reading) >= 2

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.TRUNCATED, Trouble.DROPPED_DONE])
    def test_an_order_is_told_whole_or_not_at_all(
        self,
        shopping: Shopping,
        sale: Sale,
        faults: Faults,
        reading: Target,
        trouble: Trouble,
    ) -> None:
        """Without the refunds that could not be read it would earn in full."""
        faults.strike(reading, *[trouble] * FOR_GOOD)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            shopping.told(sale)
        assert caught.value.transient

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.TRUNCATED, Trouble.DROPPED_DONE])
    def test_a_walk_that_cannot_go_on_says_so(
        self, shopping: Shopping, sale: Sale, faults: Faults, trouble: Trouble
    ) -> None:
        """It does not end as if there were no more: the cursor would pass over the rest."""
        faults.strike(Target.ORDER_WALK, *[trouble] * FOR_GOOD)
        for name in shopping.feed.order_resources:
            with pytest.raises((AnswerLost, ShopFault)) as caught:
                list(shopping.feed.changes(name, LONG_AGO))
            assert caught.value.transient

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.TOO_MANY_CALLS, Trouble.UNAVAILABLE])
    def test_a_long_wait_is_left_to_the_poll(
        self, shopping: Shopping, sale: Sale, faults: Faults, reading: Target, trouble: Trouble
    ) -> None:
        """It comes back when the shop asked it to, and other shops are polled meanwhile."""
        for target, ask in (
            (reading, lambda: shopping.told(sale)),
            (Target.ORDER_WALK, shopping.walk),
        ):
            faults.clear()
            faults.strike(target, *[trouble] * FOR_GOOD, retry_after=AN_HOUR)
            with pytest.raises(Throttled) as caught:
                ask()
            assert caught.value.retry_after is not None
            assert caught.value.retry_after >= AN_HOUR - 1

    @pytest.mark.parametrize("ask", [_walk, _read])
    def test_a_feed_with_refused_credentials_is_unauthorized(
        self, shop: Shop, ask: Callable[[Feed], object]
    ) -> None:
        """A shop without news and a shop that lets nobody in are two things."""
        refused = shop.platform.connect(shop.bad_connection)
        with _feed(refused) as feed, pytest.raises(Unauthorized):
            ask(feed)

    @pytest.mark.parametrize("ask", [_walk, _read])
    def test_a_feed_that_is_down_is_unreachable(
        self, shop: Shop, ask: Callable[[Feed], object]
    ) -> None:
        """The poll is made again, from the same mark."""
        there = replace(shop.connection, url=dead_address())
        with _feed(shop.platform.connect(there)) as feed, pytest.raises(Unreachable):
            ask(feed)


@contextmanager
def _feed(connector: Connector) -> Iterator[Feed]:
    yield given(connector.feed, Ability.ORDERS)
    connector.close()
