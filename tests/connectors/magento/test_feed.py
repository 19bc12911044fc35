"""The feed over HTTP: walks that miss nothing, and whole orders in few calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import Forbidden, Rejected
from connectors.magento.connector import MagentoConnector
from connectors.sales import ActivityKind, Change, Entity, Feed, Mark

Recorded = Callable[[str, int], dict[str, Any]]
BASE = "https://shop.test/rest/all/V1/"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = Mark(datetime(2020, 1, 1, tzinfo=UTC))


def second(number: int) -> datetime:
    return NOON + timedelta(seconds=number)


def told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Lists:
    """Lists that answer searches as Magento does: filtered, sorted, cut into pages."""

    def __init__(self, shop: Any) -> None:
        self._shop = shop
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.largest_page = 300

    def holds(self, path: str, *rows: dict[str, Any]) -> None:
        def answer(request: Any) -> tuple[int, dict[str, str], str]:
            query = {name: one[0] for name, one in parse_qs(urlsplit(request.url).query).items()}
            self.queries.append((path, query))
            found = [row for row in rows if all(holds(row, *one) for one in filters(query))]
            found.sort(key=lambda row: [row[column] for column in columns(query)])
            size = min(int(query["searchCriteria[pageSize]"]), self.largest_page)
            return 200, {}, json.dumps({"items": found[:size], "total_count": len(found)})

        self._shop.mock.add_callback("GET", BASE + path, answer, content_type="application/json")

    def asked(self, path: str) -> list[dict[str, str]]:
        return [query for asked, query in self.queries if asked == path]


def filters(query: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    place = 0
    while (at := f"searchCriteria[filter_groups][{place}][filters][0]") + "[field]" in query:
        yield tuple(query[f"{at}[{name}]"] for name in ("field", "condition_type", "value"))
        place += 1


def holds(row: dict[str, Any], field: str, condition: str, value: str) -> bool:
    if condition == "in":
        return str(row[field]) in value.split(",")
    mine: Any = row[field]
    other = type(mine)(value)
    return {"eq": mine == other, "gt": mine > other, "gteq": mine >= other}[condition]


def columns(query: dict[str, str]) -> list[str]:
    names = (f"searchCriteria[sortOrders][{place}][field]" for place in (0, 1))
    return [query[name] for name in names if name in query]


@pytest.fixture
def lists(shop: Any) -> Lists:
    return Lists(shop)


@pytest.fixture
def views(shop: Any, recorded: Recorded) -> None:
    shop.replays(recorded("store", 3))


@pytest.fixture
def feed(shop: Any, magento: MagentoConnector) -> Feed:
    """Of a shop whose cart price rules are gone."""
    shop.answers("GET", "salesRules/search", {"items": [], "total_count": 0})
    assert magento.feed is not None
    return magento.feed


# -- walks ----------------------------------------------------------------------------------


def change(order: int, at: int, row: int | None = None) -> Change:
    mark = Mark(second(at), str(order if row is None else row))
    return Change(Entity.ORDER, str(order), mark)


def test_what_is_walked(feed: Feed) -> None:
    assert feed.resources == ("orders", "invoices", "shipments", "creditmemos", "newsletter")
    with pytest.raises(ValueError, match="reviews"):
        feed.changes("reviews", START)


def test_changed_orders(shop: Any, recorded: Recorded, feed: Feed) -> None:
    answer = recorded("orders", 15)
    answer["response"]["body"]["total_count"] = 2
    shop.replays(answer)
    assert [(one.id, one.mark) for one in feed.changes("orders", START)] == [
        ("1", Mark(datetime(2026, 11, 22, 14, 15, 28, tzinfo=UTC), "1")),
        ("2", Mark(datetime(2026, 11, 22, 14, 15, 29, tzinfo=UTC), "2")),
    ]
    [query] = shop.requests("orders")
    assert query["fields"] == "items[entity_id,updated_at],total_count"
    assert query["searchCriteria[filter_groups][0][filters][0][value]"] == "2020-01-01 00:00:00"


@pytest.mark.parametrize("resource", ["invoices", "shipments", "creditmemos"])
def test_what_belongs_to_an_order_leads_to_it(lists: Lists, feed: Feed, resource: str) -> None:
    lists.holds(resource, {"entity_id": 31, "order_id": 4, "updated_at": told(second(1))})
    assert list(feed.changes(resource, START)) == [change(4, 1, row=31)]
    assert lists.asked(resource)[0]["fields"] == "items[entity_id,order_id,updated_at],total_count"


def test_a_walk_goes_on_behind_its_mark(lists: Lists, feed: Feed) -> None:
    """Ids are numbers: 9 comes before 10, and both can have changed in one second."""
    times = {8: 1, 9: 2, 10: 2, 11: 2, 12: 3, 7: 4}
    rows = [{"entity_id": one, "updated_at": told(second(at))} for one, at in times.items()]
    lists.holds("orders", *rows)
    lists.largest_page = 2
    everything = [change(one, at) for one, at in times.items()]
    assert list(feed.changes("orders", START)) == everything
    for place, one in enumerate(everything):
        assert list(feed.changes("orders", one.mark)) == everything[place + 1 :]
    overlap = Mark(second(2) + timedelta(milliseconds=700))
    assert list(feed.changes("orders", overlap)) == everything[1:]


def test_a_walk_over_ten_thousand_orders_in_pages(lists: Lists, feed: Feed) -> None:
    rows = [{"entity_id": one, "updated_at": told(second(one // 7))} for one in range(1, 10_001)]
    lists.holds("orders", *rows)
    assert sum(1 for _ in feed.changes("orders", START)) == len(rows)
    assert len(lists.queries) < 40


# -- whole orders ---------------------------------------------------------------------------


def test_an_order_with_all_that_belongs_to_it(
    shop: Any, recorded: Recorded, lists: Lists, views: None, feed: Feed
) -> None:
    """Four calls for up to a hundred orders; once, one for the store views and one for the cart
    price rules that the orders name."""
    lists.holds("orders", recorded("orders", 6)["response"]["body"])
    lists.holds("invoices", *recorded("orders", 10)["response"]["body"]["items"])
    lists.holds("shipments", *recorded("orders", 11)["response"]["body"]["items"])
    lists.holds("creditmemos", *recorded("orders", 7)["response"]["body"]["items"])
    [order] = feed.orders(["4"])
    assert (order.id, order.store_id) == ("4", "1")
    assert order.paid_at == order.completed_at == datetime(2026, 11, 22, 14, 59, 52, tzinfo=UTC)
    assert order.changed_at == datetime(2026, 11, 22, 14, 59, 53, tzinfo=UTC)
    assert [one.id for one in order.refunds] == ["2"]
    assert feed.orders(["4"]) == [order]
    assert len(shop.mock.calls) == 10


def test_orders_keep_to_their_own(
    recorded: Recorded, lists: Lists, views: None, feed: Feed
) -> None:
    row = recorded("orders", 6)["response"]["body"]
    memo = recorded("orders", 7)["response"]["body"]["items"][0]
    lists.holds("orders", *({**row, "entity_id": number} for number in range(1, 101)))
    lists.holds("invoices")
    lists.holds("shipments")
    lists.holds(
        "creditmemos",
        *({**memo, "entity_id": n, "order_id": 1 + n % 100} for n in range(1000, 1500)),
    )
    lists.largest_page = 60
    asked = [str(number) for number in range(100, 0, -1)]
    found = feed.orders([*asked, "100", "nonsense"])
    assert sorted((one.id for one in found), key=int) == asked[::-1]
    for order in found:
        assert {int(one.id) % 100 for one in order.refunds} == {(int(order.id) - 1) % 100}
        assert len(order.refunds) == 5


def test_orders_that_are_not_there_are_left_out(lists: Lists, shop: Any, feed: Feed) -> None:
    lists.holds("orders")
    assert feed.orders(["999999", "", "x"]) == []
    assert feed.orders([]) == []
    assert len(shop.mock.calls) == 1
    with pytest.raises(ValueError, match="At most 100"):
        feed.orders([str(number) for number in range(101)])


@pytest.fixture
def nothing_belongs(lists: Lists, views: None) -> None:
    for resource in ("invoices", "shipments", "creditmemos"):
        lists.holds(resource)


def test_orders_by_number(
    recorded: Recorded, lists: Lists, nothing_belongs: None, feed: Feed
) -> None:
    lists.holds("orders", recorded("orders", 6)["response"]["body"])
    [order] = feed.orders_by_number(["000000004", "000000005"])
    assert order.number == "000000004"
    assert feed.orders_by_number(["4,5"]) == []


def test_only_needed_fields_are_asked_for(
    recorded: Recorded, lists: Lists, nothing_belongs: None, feed: Feed
) -> None:
    """No names, streets, telephones or IP addresses of buyers (DESIGN: needed fields only)."""
    lists.holds("orders", recorded("orders", 6)["response"]["body"])
    feed.orders(["4"])
    [query] = lists.asked("orders")
    for unneeded in ("firstname", "street", "telephone", "remote_ip", "payment", "dob"):
        assert unneeded not in query["fields"]


def test_a_bundle_is_looked_up_in_the_catalogue(
    recorded: Recorded, lists: Lists, nothing_belongs: None, feed: Feed
) -> None:
    row = recorded("orders", 6)["response"]["body"]
    row["items"][0] |= {"product_type": "bundle", "sku": "KIT-A-B", "product_id": 45}
    lists.holds("orders", row)
    lists.holds("products", {"id": 45, "entity_id": 45, "sku": "KIT"})
    [order] = feed.orders(["4"])
    assert [(line.product_id, line.sku) for line in order.lines] == [
        ("KIT", "KIT-A-B"),
        ("24-MB04", "24-MB04"),
    ]


@pytest.mark.parametrize(
    ("views_told", "website"),
    [
        ([{"id": 1, "website_id": 1}, {"id": 7, "website_id": 3}], "3"),
        ([{"id": 1, "website_id": 1}, {"id": 2, "website_id": 3}], ""),
        ([{"id": 1, "website_id": 1}, {"id": 2, "website_id": 1}], "1"),
    ],
    ids=["known", "deleted, of several websites", "deleted, of the only website"],
)
def test_a_store_is_the_website_of_the_orders_view(
    shop: Any, recorded: Recorded, lists: Lists, feed: Feed,
    views_told: list[dict[str, int]], website: str,
) -> None:  # fmt: skip
    shop.answers("GET", "store/storeViews", [*views_told, {"id": 0, "website_id": 0}])
    for resource in ("invoices", "shipments", "creditmemos"):
        lists.holds(resource)
    lists.holds("orders", recorded("orders", 6)["response"]["body"] | {"store_id": 7})
    [order] = feed.orders(["4"])
    assert order.store_id == website


def test_a_new_store_view_is_noticed(
    shop: Any, recorded: Recorded, lists: Lists, feed: Feed
) -> None:
    first = [{"id": 1, "website_id": 1}]
    shop.answers("GET", "store/storeViews", first, [*first, {"id": 7, "website_id": 3}])
    for resource in ("invoices", "shipments", "creditmemos"):
        lists.holds(resource)
    row = recorded("orders", 6)["response"]["body"]
    lists.holds("orders", row, row | {"entity_id": 5, "store_id": 7})
    assert [feed.orders([one])[0].store_id for one in ("4", "5")] == ["1", "3"]


def test_an_order_that_cannot_be_read_is_named(
    recorded: Recorded, lists: Lists, nothing_belongs: None, feed: Feed
) -> None:
    row = recorded("orders", 6)["response"]["body"] | {"created_at": None, "updated_at": ""}
    lists.holds("orders", row)
    with pytest.raises(Rejected, match="000000004"):
        feed.orders(["4"])


def test_a_missing_privilege_is_said(
    shop: Any, lists: Lists, recorded: Recorded, feed: Feed
) -> None:
    lists.holds("orders", recorded("orders", 6)["response"]["body"])
    refusal = recorded("auth", 3)["response"]["body"]
    refusal["parameters"] = {"resources": "Magento_Sales::sales_invoice"}
    shop.answers("GET", "invoices", refusal, status=401)
    lists.holds("shipments")
    lists.holds("creditmemos")
    with pytest.raises(Forbidden, match="Magento_Sales::sales_invoice"):
        feed.orders(["4"])


# -- newsletter -----------------------------------------------------------------------------


def customer(number: int, *, subscribed: bool | None, at: int = 0) -> dict[str, Any]:
    row: dict[str, Any] = {"id": number, "entity_id": number, "website_id": 1}
    extension = {} if subscribed is None else {"is_subscribed": subscribed}
    return row | {"updated_at": told(second(at)), "extension_attributes": extension}


def states(feed: Feed) -> list[tuple[str, bool]]:
    found = list(feed.changes("newsletter", START))
    for one in found:
        assert one.activity is not None
        assert one.entity is Entity.ACTIVITY
        assert one.activity.kind is ActivityKind.NEWSLETTER
        assert one.id == one.activity.id == one.activity.customer_id == one.mark.id
        assert one.activity.at == one.mark.at
    return [(one.id, one.activity.is_valid) for one in found if one.activity]


def test_subscribers_of_the_only_website(lists: Lists, views: None, feed: Feed) -> None:
    lists.holds(
        "customers/search",
        customer(5, subscribed=True, at=1),
        customer(4, subscribed=False, at=2),
    )
    assert states(feed) == [("5", True), ("4", False)]
    assert len(lists.queries) == 1


@pytest.mark.parametrize("in_list", [False, None], ids=["two websites", "an old version"])
def test_subscribers_that_lists_cannot_tell(
    shop: Any, recorded: Recorded, lists: Lists, feed: Feed, in_list: bool | None
) -> None:
    """The same address can be another customer on another website; lists mix them up."""
    other = {"id": 7, "website_id": 1 if in_list is None else 3}
    shop.answers("GET", "store/storeViews", [{"id": 1, "website_id": 1}, other])
    lists.holds(
        "customers/search",
        *(customer(number, subscribed=in_list, at=number) for number in (4, 5, 6)),
    )
    shop.answers("GET", "customers/4", {"extension_attributes": {"is_subscribed": False}})
    shop.replays(recorded("newsletter_and_stock", 1))
    shop.answers("GET", "customers/6", {"message": "No such entity."}, status=404)
    assert states(feed) == [("4", False), ("5", True)]
