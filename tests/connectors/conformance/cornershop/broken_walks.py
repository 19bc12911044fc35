"""Corner Shop walks that are wrong, and questions for orders that are answered wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.errors import AnswerLost, ConnectorError, NotFound
from connectors.sales import Change, Entity, Mark, Order
from cornershop.feed import CornerFeed, Row, order_from

# -- walks --------------------------------------------------------------------------------------


class DropsEqualTimes(CornerFeed):
    """Its cursor is a time alone."""

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        last = since.at
        for change in super().changes(resource, Mark(since.at, since.id)):
            if change.mark.at > last or not since.id:
                yield change


class TellsEqualTimesAgain(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        return super().changes(resource, Mark(since.at))


class StopsAtTheFirstPage(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        page = self._http.get(f"changes/{resource}", {"since": since.at.isoformat(), "after": ""})
        for row in page:
            mark = Mark(datetime.fromisoformat(row["at"]), row["id"])
            if mark > since and not row["draft"]:
                yield Change(Entity.ORDER, row["order"], mark)


class SkipsAhead(CornerFeed):
    """The cursor is the end of the page, before the page is handed out."""

    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        found = list(super().changes(resource, since))
        return (replace(change, mark=found[-1].mark) for change in found)


class TellsTheNewestFirst(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        return iter(list(super().changes(resource, since))[::-1])


class TellsEverything(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        return super().changes(resource, Mark(datetime(2000, 1, 1, tzinfo=UTC)))


class MarksTheReading(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        for change in super().changes(resource, since):
            yield replace(change, mark=replace(change.mark, at=datetime.now(UTC)))


class WalksOrdersAlone(CornerFeed):
    """A refund does not touch its order's row."""

    resources = ("orders",)
    order_resources = resources


class NamesDrafts(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        at, after = since.at, since.id
        while page := self._http.get(
            f"changes/{resource}", {"since": at.isoformat(), "after": after}
        ):
            for row in page:
                at, after = datetime.fromisoformat(row["at"]), row["id"]
                yield Change(Entity.ORDER, row["order"], Mark(at, after))


class EndsWithoutAWord(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        try:
            yield from super().changes(resource, since)
        except AnswerLost:
            return


class FindsNoShopEmpty(CornerFeed):
    def changes(self, resource: str, since: Mark) -> Iterator[Change]:
        try:
            yield from super().changes(resource, since)
        except ConnectorError:
            return


# -- which orders -------------------------------------------------------------------------------


class TellsAHundred(CornerFeed):
    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return super().orders(order_ids[:100])


class MissesOneMissesAll(CornerFeed):
    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        found = super().orders(order_ids)
        if len(found) < len(set(order_ids)):
            raise NotFound("There is no such order")
        return found


class AsksForAllWhenForNone(CornerFeed):
    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return super().orders(order_ids or [f"o{number}" for number in range(1, 99)])


class TellsOneTwice(CornerFeed):
    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return [order for id_ in order_ids for order in super(TellsOneTwice, self).orders([id_])]


class TakesIdsForNumbers(CornerFeed):
    def orders_by_number(self, numbers: Sequence[str]) -> list[Order]:
        return self.orders(numbers)


class TellsDrafts(CornerFeed):
    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        drafts = self._ask("orders/read", {"id": [f"{id_}-draft" for id_ in order_ids]})
        newer = {row["draft_of"]: order_from({**row, "id": row["draft_of"]}, []) for row in drafts}
        return [newer.get(order.id, order) for order in super().orders(order_ids)]


class ForgetsWhatItCouldNotRead(CornerFeed):
    """The order without its refunds: better than nothing, somebody thought."""

    def _ask(self, path: str, body: dict[str, Sequence[str]]) -> list[Row]:
        try:
            return super()._ask(path, body)
        except AnswerLost:
            if path == "refunds/read":
                return []
            raise


WALKS: dict[type[CornerFeed], str] = {
    DropsEqualTimes: "test_a_walk_goes_on_where_it_stopped",
    TellsEqualTimesAgain: "test_a_walk_goes_on_where_it_stopped",
    StopsAtTheFirstPage: "test_a_moment_longer_than_a_page_is_told_whole",
    SkipsAhead: "test_a_walk_goes_on_where_it_stopped",
    TellsTheNewestFirst: "test_the_oldest_change_comes_first",
    TellsEverything: "test_nothing_from_before_the_mark_is_told",
    MarksTheReading: "test_each_step_of_an_order_is_news",
    WalksOrdersAlone: "test_each_step_of_an_order_is_news",
    NamesDrafts: "test_a_draft_is_no_order",
    EndsWithoutAWord: "test_a_walk_that_cannot_go_on_says_so",
    FindsNoShopEmpty: "test_a_feed_that_is_down_is_unreachable",
    TellsAHundred: "test_a_hundred_are_told_at_once",
    MissesOneMissesAll: "test_one_that_is_not_there_is_left_out",
    AsksForAllWhenForNone: "test_asking_for_none_tells_none",
    TellsOneTwice: "test_orders_are_told_by_their_ids",
    TakesIdsForNumbers: "test_an_order_is_found_by_its_number",
    TellsDrafts: "test_an_order_is_told_without_its_draft",
    ForgetsWhatItCouldNotRead: "test_an_order_is_told_whole_or_not_at_all",
}
