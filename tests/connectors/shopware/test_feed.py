"""Walks over what changed: nothing is left out, nothing is told of a draft."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NotAShop, TooMany
from connectors.sales import ActivityKind, Entity, Feed, Mark
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.mapping import moment
from connectors.shopware.orders import LIVE
from connectors.shopware.paging import Page, whole_list
from connectors.shopware.walks import by_time

from .conftest import FakeShop, Recordings

START = datetime(2026, 11, 22, 15, tzinfo=UTC)
LONG_AGO = Mark(datetime(2020, 1, 1, tzinfo=UTC))
Row = dict[str, Any]


def after(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def text(milliseconds: int) -> str:
    return after(milliseconds).isoformat(timespec="milliseconds")


def wide(name: int) -> str:
    return f"{name:032x}"


def matching(rows: list[Row], criteria: dict[str, Any]) -> list[Row]:
    """The rows a shop would find and sort, the whole list."""
    found = [row for row in rows if row["id"] in criteria.get("ids", [row["id"]])]
    for one in criteria.get("filter", ()):
        field = one["field"]
        if one["type"] == "range":
            found = [row for row in found if _in_range(row.get(field), one["parameters"])]
        elif one["type"] == "equalsAny":
            found = [row for row in found if row.get(field) in one["value"]]
        else:
            found = [row for row in found if row.get(field, one["value"]) == one["value"]]
    for sorting in reversed(criteria.get("sort", [])):
        found.sort(key=lambda row: row[sorting["field"]])
    return found


def _in_range(value: str | None, parameters: dict[str, str]) -> bool:
    at = moment(value)
    if at is None:
        return False
    tests = {"gt": at.__gt__, "gte": at.__ge__, "lte": at.__le__}
    return all(tests[how](in_utc(bound)) for how, bound in parameters.items())


def in_utc(bound: str) -> datetime:
    """The database compares what it keeps, UTC, with the very text: it must not be marked."""
    assert "+" not in bound
    return datetime.fromisoformat(bound).replace(tzinfo=UTC)


class Shelf:
    """Rows behind a ``search``; counts the calls and refuses pages above its limit."""

    def __init__(self, rows: list[Row], limit: int = 500) -> None:
        self.rows, self.limit, self.asked = rows, limit, 0

    def search(self, criteria: dict[str, Any]) -> Page:
        self.asked += 1
        assert self.asked < 1_000
        if criteria["limit"] > self.limit:
            raise TooMany("too many", limit=self.limit)
        found = matching(self.rows, criteria)
        start = criteria["limit"] * (criteria.get("page", 1) - 1)
        page = found[start : start + criteria["limit"]]
        return Page(page, len(found) if criteria["total-count-mode"] else len(page))

    def marks(self, since: Mark) -> list[Mark]:
        pages = by_time(self.search, lambda c: whole_list(self.search, c), {}, "createdAt", since)
        return [mark for page in pages for mark, _ in page]


def rows_at(*times: int) -> list[Row]:
    return [{"id": wide(i), "createdAt": text(at)} for i, at in enumerate(times)]


# --- one list by time ----------------------------------------------------------------------


@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 5), st.integers(-1, 13), st.data())
def test_every_row_after_the_mark_comes_once_and_in_order(
    times: list[int], limit: int, since: int, data: st.DataObject
) -> None:
    """Also when more rows share a millisecond than fit on a page."""
    shelf = Shelf(data.draw(st.permutations(rows_at(*times))), limit)
    all_marks = sorted(Mark(after(at), wide(i)) for i, at in enumerate(times))
    start = data.draw(st.sampled_from([Mark(after(since)), *all_marks]))
    assert shelf.marks(start) == [mark for mark in all_marks if mark > start]


def test_a_crowded_millisecond_takes_few_calls() -> None:
    shelf = Shelf(rows_at(*[0] * 1_600, *range(1, 600)))
    assert len(shelf.marks(LONG_AGO)) == 2_199
    assert shelf.asked <= 8


def test_a_mark_finer_than_the_shops_clock_is_rounded_down() -> None:
    between = Mark(after(3) + timedelta(microseconds=400))
    assert [mark.at for mark in Shelf(rows_at(3, 4)).marks(between)] == [after(4)]


def test_rows_that_come_while_it_walks_are_walked_too() -> None:
    shelf = Shelf(rows_at(*range(6)), limit=3)
    pages = by_time(shelf.search, lambda c: [], {}, "createdAt", LONG_AGO)
    seen = [mark for mark, _ in next(pages)]
    shelf.rows.append({"id": wide(99), "createdAt": text(50)})
    seen += [mark for page in pages for mark, _ in page]
    assert [mark.at for mark in seen] == [after(at) for at in (0, 1, 2, 3, 4, 5, 50)]


def test_a_shop_that_ignores_the_limit_it_names_is_an_error() -> None:
    def refuse(criteria: dict[str, Any]) -> Page:
        raise TooMany("no", limit=criteria["limit"])

    with pytest.raises(TooMany):
        list(by_time(refuse, lambda c: [], {}, "createdAt", LONG_AGO))


def test_a_row_without_the_time_it_is_sorted_by_is_an_error() -> None:
    with pytest.raises(NotAShop):
        list(by_time(lambda c: Page([{"id": "x"}], 1), lambda c: [], {}, "createdAt", LONG_AGO))


# --- the resources -------------------------------------------------------------------------


@pytest.fixture
def feed(connector: ShopwareConnector) -> Feed:
    assert connector.feed is not None
    return connector.feed


def serve(shop: FakeShop, entity: str, rows: list[Row]) -> None:
    def reply(criteria: dict[str, Any]) -> tuple[int, Any]:
        found = matching(rows, criteria)[: criteria["limit"]]
        return 200, {"total": len(found), "data": found}

    shop.on("POST", f"/api/search/{entity}", reply)


def walked(feed: Feed, resource: str, since: Mark = LONG_AGO) -> list[tuple[str, datetime, str]]:
    changes = list(feed.changes(resource, since))
    assert all(change.entity is Entity.ORDER for change in changes)
    marks = [change.mark for change in changes]
    assert marks == sorted(marks)
    return [(change.id, change.mark.at, change.mark.id) for change in changes]


def test_the_names_of_the_walks(feed: Feed) -> None:
    """Cursors are kept by them: a new name walks from the beginning."""
    assert set(feed.resources) == {
        "orders_created", "orders_updated", "transactions", "deliveries", "refunds",
        "state_history", "reviews", "newsletter_recipients",
    }  # fmt: skip
    with pytest.raises(ValueError, match="orders_created"):
        feed.changes("orders", LONG_AGO)


def test_orders_by_creation_and_by_change(shop: FakeShop, feed: Feed) -> None:
    rows = [
        {"id": "a", "createdAt": text(1), "updatedAt": None},
        {"id": "b", "createdAt": text(2), "updatedAt": text(9)},
        {"id": "draft", "createdAt": text(3), "updatedAt": text(3), "versionId": "d" * 32},
    ]
    serve(shop, "order", rows)
    assert walked(feed, "orders_created") == [("a", after(1), "a"), ("b", after(2), "b")]
    assert walked(feed, "orders_created", Mark(after(1), "a")) == [("b", after(2), "b")]
    assert walked(feed, "orders_updated") == [("b", after(9), "b")]
    for asked in shop.sent("/api/search/order"):
        assert {"type": "equals", "field": "versionId", "value": LIVE} in asked["filter"]


def test_a_shop_that_ignores_the_version_tells_no_draft(shop: FakeShop, feed: Feed) -> None:
    draft = {"id": "a", "createdAt": text(1), "versionId": "d" * 32}
    shop.add("POST", "/api/search/order", 200, {"total": 1, "data": [draft]})
    assert walked(feed, "orders_created") == []


def test_transactions_lead_to_their_order(shop: FakeShop, feed: Feed, recorded: Recordings) -> None:
    """Those made in checkout only once they change: their order has a walk of its own. One that
    was added later may never change."""
    ordered = {"createdAt": text(0)}
    rows = [
        {**row, "createdAt": row["updatedAt"]}
        for row in recorded.body("changes_a_poller_sees", 5)["data"][:1]
    ]
    rows += [
        {"id": "t1", "orderId": "o1", "createdAt": text(2), "updatedAt": None, "order": ordered},
        {"id": "t2", "orderId": "o2", "createdAt": text(3), "updatedAt": text(9), "order": ordered},
        {
            "id": "t3",
            "orderId": "o3",
            "createdAt": text(5_000),
            "updatedAt": None,
            "order": ordered,
        },
    ]
    serve(shop, "order-transaction", rows)
    found = walked(feed, "transactions", Mark(after(0)))
    assert {(order, name) for order, _, name in found} == {
        ("o2", "t2"), ("o3", "t3"),
        ("01a203c5cd8473b19ded1405f6124b76", "01a203c5cd8671ab8af07b8cfe6d5c37"),
    }  # fmt: skip
    assert ("o2", after(9), "t2") in found


def test_deliveries_and_refunds_lead_to_their_order(shop: FakeShop, feed: Feed) -> None:
    serve(shop, "order-delivery", [{"id": "d", "orderId": "o", "updatedAt": text(4)}])
    capture = {"transaction": {"orderId": "o"}}
    rows = [
        {"id": "r1", "createdAt": text(1), "updatedAt": None, "transactionCapture": capture},
        {"id": "r2", "createdAt": text(2), "updatedAt": text(8), "transactionCapture": capture},
        {"id": "r3", "createdAt": text(3), "updatedAt": None, "transactionCapture": None},
    ]
    serve(shop, "order-transaction-capture-refund", rows)
    assert walked(feed, "deliveries") == [("o", after(4), "d")]
    assert walked(feed, "refunds") == [
        ("o", after(1), "r1"), ("o", after(2), "r2"), ("o", after(8), "r2"),
    ]  # fmt: skip


def test_the_state_history_leads_to_orders(
    shop: FakeShop, feed: Feed, recorded: Recordings
) -> None:
    recordings = recorded.body("changes_a_poller_sees", 6)["data"]
    paid = recordings[0]["referencedId"]
    rows = [
        *recordings,
        {"id": "h1", "entityName": "order", "referencedId": "o1", "createdAt": text(1)},
        {"id": "h2", "entityName": "order_delivery", "referencedId": "d1", "createdAt": text(2)},
        {"id": "h3", "entityName": "order_delivery", "referencedId": "gone", "createdAt": text(3)},
        {
            "id": "h4", "entityName": "order_transaction_capture_refund", "referencedId": "r1",
            "createdAt": text(4),
        },
        {"id": "h5", "entityName": "app_thing", "referencedId": "x", "createdAt": text(5)},
    ]  # fmt: skip
    serve(shop, "state-machine-history", rows)
    serve(shop, "order-transaction", [{"id": paid, "orderId": "o3"}])
    serve(shop, "order-delivery", [{"id": "d1", "orderId": "o2"}])
    back = {"id": "r1", "transactionCapture": {"transaction": {"orderId": "o4"}}}
    serve(shop, "order-transaction-capture-refund", [back])
    found = walked(feed, "state_history")
    assert [order for order, _, _ in found] == ["o1", "o2", "o4", "o3", "o3"]
    assert len(shop.sent("/api/search/order-transaction")) == 1


def test_a_history_of_nobody_is_an_error(shop: FakeShop, feed: Feed) -> None:
    """A shop so old that it does not say whose it is would look as if nothing ever happened."""
    row = {"id": "h", "entityName": "order", "createdAt": text(1)}
    serve(shop, "state-machine-history", [row])
    with pytest.raises(NotAShop, match="whose"):
        list(feed.changes("state_history", LONG_AGO))


# --- activities ----------------------------------------------------------------------------


def test_a_review_counts_once_it_is_published(
    shop: FakeShop, feed: Feed, recorded: Recordings
) -> None:
    row = recorded.body("activities", 1)["data"][0]
    published = {**row, "id": wide(7), "status": True, "updatedAt": "2026-11-22T16:00:00.000+00:00"}
    serve(shop, "product-review", [row, published])
    changes = list(feed.changes("reviews", LONG_AGO))
    assert [(c.id, c.activity.is_valid) for c in changes if c.activity] == [
        (wide(7), True), (row["id"], False), (wide(7), True),
    ]  # fmt: skip
    activity = changes[1].activity
    assert activity is not None
    assert (changes[1].entity, activity.kind) == (Entity.ACTIVITY, ActivityKind.REVIEW)
    assert activity.at == datetime(2026, 11, 22, 15, 0, 22, 424000, tzinfo=UTC)
    assert activity.customer_id == "160363b9f36a4d7c87dfc25ca4ac1e0b"
    assert activity.subject == "0009f964978456518617e13b4a9d1108"
    assert changes[2].mark.at == datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "valid"),
    [("direct", True), ("optIn", True), ("notSet", False), ("optOut", False), ("undefined", False)],
)
def test_a_recipient_counts_once_confirmed(
    shop: FakeShop, feed: Feed, recorded: Recordings, status: str, valid: bool
) -> None:
    row = {**recorded.body("activities", 3)["data"][0], "status": status}
    serve(shop, "newsletter-recipient", [row])
    (change,) = feed.changes("newsletter_recipients", LONG_AGO)
    assert change.activity is not None
    assert (change.activity.is_valid, change.activity.email) == (valid, "act359613@example.com")
    assert change.activity.at == moment(row["createdAt"])
    assert change.activity.store_id == row["salesChannelId"]


def test_a_recipient_counts_from_the_confirmation(
    shop: FakeShop, feed: Feed, recorded: Recordings
) -> None:
    row = {**recorded.body("activities", 3)["data"][0], "status": "optIn", "confirmedAt": text(70)}
    serve(shop, "newsletter-recipient", [row])
    (change,) = feed.changes("newsletter_recipients", LONG_AGO)
    assert change.activity is not None
    assert change.activity.at == after(70)
