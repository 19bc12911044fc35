"""Walks: that something changed, oldest change first, and never one too few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.conformance.base import given
from connectors.conformance.records import wrong_fields
from connectors.conformance.sharing import THREADS, at_once
from connectors.conformance.shop import Ability, Shop, needs
from connectors.conformance.shopping import LONG_AGO, SalesSuite, Shopping, every
from connectors.sales import Change, Entity, Mark

FAR_AHEAD = Mark(datetime(2200, 1, 1, tzinfo=UTC))
MANY = 12
"""Orders of one moment: more than nine, so that ids that are counted get another digit."""
ROWS = 5
"""A page that :data:`MANY` rows do not fit on, and that no number of theirs comes out even with."""
SECOND = timedelta(seconds=1)


@needs(Ability.ORDERS)
class WalkTests(SalesSuite):
    def test_walks_have_names_of_their_own(self, shopping: Shopping) -> None:
        """A cursor is kept for each. Those that tell of orders say when all orders are known."""
        resources = shopping.feed.resources
        assert all(resources)
        assert len(set(resources)) == len(resources)
        assert shopping.feed.order_resources
        assert set(shopping.feed.order_resources) <= set(resources)

    def test_changes_are_records_of_the_right_types(self, shopping: Shopping) -> None:
        """The cursor is a time and an id; an activity comes whole, an order is fetched."""
        shopping.lived()
        feed = shopping.feed
        changes = [change for name in feed.resources for change in feed.changes(name, LONG_AGO)]
        assert [wrong for each in changes for wrong in wrong_fields(each, Change)] == []
        assert all(change.id and change.mark.id for change in changes)
        for change in changes:
            assert (change.activity is not None) == (change.entity is Entity.ACTIVITY)

    def test_every_order_is_named(self, shopping: Shopping) -> None:
        """An order that no walk names earns nothing."""
        sales = shopping.bought(MANY, a_minute_apart=True)
        assert {sale.order_id for sale in sales} <= shopping.named()

    def test_the_oldest_change_comes_first(self, shopping: Shopping) -> None:
        """What was seen last is where the next walk begins: all before it counts as known."""
        _a_busy_shop(shopping)
        for changes in shopping.walk().values():
            times = [change.mark.at for change in changes]
            assert times == sorted(times)

    def test_nothing_from_before_the_mark_is_told(self, shopping: Shopping) -> None:
        """A poll would read all orders of all years each time."""
        before = shopping.bought(2)
        since = shopping.later()
        after = shopping.bought(2)
        named = shopping.named(Mark(since))
        assert named >= {sale.order_id for sale in after}
        assert not named & {sale.order_id for sale in before}
        assert all(change.mark.at >= since for change in every(shopping.walk(Mark(since))))

    def test_a_walk_goes_on_where_it_stopped(self, shopping: Shopping) -> None:
        """After any row: none is left out, and none comes again, also of one moment."""
        _a_busy_shop(shopping)
        _assert_it_goes_on(shopping)

    def test_orders_of_one_moment_are_all_named(self, shopping: Shopping) -> None:
        """A sale begins at midnight: a dozen orders have one and the same time. Each row has a
        mark of its own, so that a walk can stop between any two of them."""
        sales = shopping.bought(MANY)
        walks = shopping.walk(Mark(shopping.now))
        assert {sale.order_id for sale in sales} <= {change.id for change in every(walks)}
        for changes in walks.values():
            marks = [change.mark for change in changes]
            assert len(set(marks)) == len(marks)

    @needs(Ability.PAGES)
    def test_a_moment_longer_than_a_page_is_told_whole(
        self, shop: Shop, shopping: Shopping
    ) -> None:
        """And so is what comes before and after it, with pages that end in its middle."""
        given(shop.small_pages, Ability.PAGES)(ROWS)
        sales = shopping.bought(3, a_minute_apart=True)
        sales += shopping.bought(MANY)
        shopping.later()
        sales += shopping.bought(3, a_minute_apart=True)
        ids = {sale.order_id for sale in sales}
        assert ids <= shopping.named()
        _assert_it_goes_on(shopping)

    def test_walking_again_tells_the_same(self, shopping: Shopping) -> None:
        """After a crash the walk is made again from the same mark."""
        _a_busy_shop(shopping)
        assert shopping.walk() == shopping.walk()

    def test_when_nothing_changed_nothing_is_told(self, shopping: Shopping) -> None:
        """This is what most polls come to."""
        _a_busy_shop(shopping)
        feed = shopping.feed
        assert [list(feed.changes(name, FAR_AHEAD)) for name in feed.resources] == [
            [] for _ in feed.resources
        ]

    def test_a_change_during_a_walk_is_not_lost(self, shopping: Shopping) -> None:
        """An order that is paid while a walk is under way moves in the list. This walk names it
        where it went, or the next one does, which begins where this one ended."""
        sales = shopping.bought(MANY, a_minute_apart=True)
        found: list[Change] = []
        paid_at = None
        for name in shopping.feed.order_resources:
            seen: list[Change] = []
            for change in shopping.feed.changes(name, LONG_AGO):
                seen.append(change)
                if paid_at is None:
                    paid_at = shopping.later()
                    shopping.till.pay(sales[1].order_id)
            seen += shopping.feed.changes(name, seen[-1].mark if seen else LONG_AGO)
            found += seen
        assert {change.id for change in found} >= {sale.order_id for sale in sales}
        assert sales[1].order_id in {change.id for change in found if change.mark.at == paid_at}

    # -- the life of an order ---------------------------------------------------------------

    @pytest.mark.parametrize("steps", ["pay send give_some give_rest", "cancel", "pay give_all"])
    def test_each_step_of_an_order_is_news(self, shopping: Shopping, steps: str) -> None:
        """Some walk names the order, at the time of the step: also where the order's own change
        time stays as it was, as with a refund or a state of its payment."""
        sale = shopping.buy(2, 1)
        _assert_news(shopping, sale.order_id)
        does: dict[str, Callable[[], object]] = {
            "pay": lambda: shopping.till.pay(sale.order_id),
            "send": lambda: shopping.till.send(sale.order_id),
            "cancel": lambda: shopping.till.cancel(sale.order_id),
            "give_some": lambda: shopping.give_back(sale, {0: 1}),
            "give_rest": lambda: shopping.give_back(sale, {0: 1, 1: 1}, shipping=True),
            "give_all": lambda: shopping.give_back(sale, {0: 2, 1: 1}, shipping=True),
        }
        for step in steps.split():
            shopping.later()
            does[step]()
            _assert_news(shopping, sale.order_id)

    @needs(Ability.EDITS)
    def test_an_edit_is_news(self, shop: Shop, shopping: Shopping) -> None:
        """The bridge posts the difference to what it knew."""
        sale = shopping.buy(2, 1)
        shopping.later()
        now = given(shop.edit, Ability.EDITS)(sale.order_id, {sale.lines[0].line_id: 1})
        _assert_news(shopping, sale.order_id)
        _assert_news(shopping, now.order_id)

    @needs(Ability.DRAFTS)
    def test_a_draft_is_no_order(self, shop: Shop, shopping: Shopping) -> None:
        """While somebody edits an order, another version of it is about. It was not ordered, and
        it may never be."""
        sale = shopping.buy(2, 1)
        before = shopping.named()
        shopping.later()
        given(shop.draft, Ability.DRAFTS)(sale.order_id, {sale.lines[0].line_id: 7})
        assert shopping.named() == before

    def test_threads_walk_what_one_walks(self, shopping: Shopping) -> None:
        """Answers do not get mixed up between walks that are under way together."""
        _a_busy_shop(shopping)
        alone = shopping.walk()
        assert at_once(lambda number: shopping.walk()) == [alone] * THREADS


def _a_busy_shop(shopping: Shopping) -> None:
    """Orders of one moment and of several, and one with a whole life."""
    shopping.bought(3)
    shopping.later()
    shopping.bought(MANY - 3, a_minute_apart=True)
    shopping.lived()


def _assert_news(shopping: Shopping, order_id: str) -> None:
    """The shop's clock stands still at the time of the step."""
    news = every(shopping.walk(Mark(shopping.now)))
    assert order_id in {change.id for change in news if change.mark.at == shopping.now}
    assert order_id not in shopping.named(Mark(shopping.now + SECOND))


def _assert_it_goes_on(shopping: Shopping) -> None:
    for name, changes in shopping.walk().items():
        for place, change in enumerate(changes):
            assert list(shopping.feed.changes(name, change.mark)) == changes[place + 1 :]
