"""What the connector sends, and what it makes of the answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Amount, Connection, GroupDraft, TierKey, TierPrice, TierValue
from connectors.errors import AlreadyExists, InUse, Mismatch, NotFound, Rejected, Unsafe
from connectors.shopware import PLATFORM, ids
from connectors.shopware.connector import ShopwareConnector, connect

from .conftest import MARK, URL, FakeShop, Recordings

SYNC = "/api/_action/sync"
PRICES = "/api/search/product-price"
DETAIL = "/api/customer-group?_response=detail"
BASE = "cfbd5018d38d41d8adca10d94fc8bdd6"


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"total": len(rows), "data": list(rows), "aggregations": []}


def found(rows: list[dict[str, Any]]) -> Any:
    """A search over rows that knows ids and an ``equals`` filter on the name."""

    def reply(criteria: dict[str, Any]) -> tuple[int, Any]:
        hits = [row for row in rows if row["id"] in criteria.get("ids", [row["id"]])]
        for condition in criteria.get("filter", ()):
            if condition["type"] == "equals":
                hits = [row for row in hits if row.get(condition["field"]) == condition["value"]]
        return 200, listed(*hits)

    return reply


def row(
    quantity: int = 1, *, product: str = "p", rule: str = "r", native: str = "", price: str = "1"
) -> TierPrice:
    key = TierKey(product, "", rule, Decimal(quantity))
    value = TierValue(amounts=(Amount("EUR", Decimal(price), Decimal(price)),))
    return TierPrice(key, value, native)


# --- connecting ----------------------------------------------------------------------------


def test_what_is_missing_is_named_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match="client_secret"):
        connect(Connection(URL, {"client_id": "x"}, {}, MARK))
    with pytest.raises(ValueError, match="https://"):
        connect(Connection("shop.test", {"client_id": "x", "client_secret": "y"}, {}, MARK))


def test_a_plan_knows_ids_before_they_exist(connector: ShopwareConnector) -> None:
    group = PLATFORM.new_group_id(MARK, "gold")
    assert group == ids.group_id(MARK, "gold")
    assert PLATFORM.audience_id(MARK, str(group)) == connector.audience_id(str(group))


# --- groups --------------------------------------------------------------------------------


def test_a_new_group_copies_how_its_base_shows_prices(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    rows = [{"id": BASE, "name": "Standard", "displayGross": False}]
    shop.on("POST", "/api/search/customer-group", found(rows))
    shop.on("POST", DETAIL, lambda body: (200, {"data": body}))
    group = connector.create_group(GroupDraft("gold", "Gold", BASE))
    assert (group.name, group.tax) == ("Gold", "net")
    (sent,) = shop.sent(DETAIL)
    assert sent["id"] == group.id == ids.group_id(MARK, "gold")
    assert sent["displayGross"] is False
    assert sent["customFields"] == {"loyalty_bridge": {"mark": MARK, "key": "gold"}}
    assert shop.headers(DETAIL)[0]["sw-skip-trigger-flow"] == "1"


def test_a_group_that_is_there_is_not_made_again(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    rows = [{"id": BASE, "name": "Standard", "displayGross": True}]
    shop.on("POST", "/api/search/customer-group", found(rows))
    shop.add("POST", DETAIL, 400, recorded.body("customer_groups", 4))
    with pytest.raises(AlreadyExists):
        connector.create_group(GroupDraft("gold", "Gold", BASE))
    with pytest.raises(AlreadyExists, match="Standard"):
        connector.create_group(GroupDraft("gold", "Standard", BASE))
    assert len(shop.sent(DETAIL)) == 1


def test_a_group_without_its_base_is_not_made(shop: FakeShop, connector: ShopwareConnector) -> None:
    shop.on("POST", "/api/search/customer-group", found([]))
    with pytest.raises(NotFound, match="customer group"):
        connector.create_group(GroupDraft("gold", "Gold", BASE))


def test_a_group_with_customers_or_prices_stays(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    prices: list[dict[str, Any]] = [{"id": "1"}]
    shop.on("POST", "/api/search/product-price", found(prices))
    with pytest.raises(InUse, match="Prices"):
        connector.delete_group(BASE)
    prices.clear()
    shop.answer(recorded("customer_groups", 20))
    with pytest.raises(InUse, match="22 customers"):
        connector.delete_group(BASE)


# --- audiences -----------------------------------------------------------------------------


def condition(group_id: str) -> dict[str, Any]:
    value = {"operator": "=", "customerGroupIds": [group_id]}
    return {"id": "c", "parentId": None, "type": "customerCustomerGroup", "value": value}


def rule_shop(shop: FakeShop, *rules: dict[str, Any]) -> list[dict[str, Any]]:
    rows = list(rules)

    def create(body: dict[str, Any]) -> tuple[int, Any]:
        rows.append({**body, "conditions": [condition("g")]})
        return 204, None

    shop.on("POST", "/api/search/rule", found(rows))
    shop.on("POST", "/api/rule", create)
    return rows


def test_an_audience_is_a_rule_above_all_others(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    rule_shop(shop, {"id": "1", "name": "a", "priority": 900}, {"id": "2", "priority": -4})
    audience = connector.create_audience("g", "Gold")
    (sent,) = shop.sent("/api/rule")
    assert (audience.id, audience.group_ids, audience.ours) == (
        ids.rule_id(MARK, "g"),
        ("g",),
        True,
    )
    assert sent["name"] == "Loyalty Bridge: Gold"
    assert sent["priority"] == 901
    assert sent["moduleTypes"] == {"types": ["price"]}
    example = recorded("products_and_advanced_prices", 3)["request"]["body"]["conditions"]
    known = json.dumps(example).replace("7240d241a02f45b0a54530aeeaa64743", "g")
    assert sent["conditions"] == json.loads(known)


def test_making_an_audience_twice_makes_one(shop: FakeShop, connector: ShopwareConnector) -> None:
    rule_shop(shop)
    first = connector.create_audience("g", "Gold")
    assert connector.create_audience("g", "Gold, renamed") == first
    assert len(shop.sent("/api/rule")) == 1


def test_a_rule_that_somebody_bent_is_not_used(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    rule_shop(shop, {"id": ids.rule_id(MARK, "g"), "name": "x", "conditions": [condition("all")]})
    with pytest.raises(Mismatch, match="conditions"):
        connector.create_audience("g", "Gold")


def test_a_foreign_rule_is_never_deleted(shop: FakeShop, connector: ShopwareConnector) -> None:
    rule_shop(shop, {"id": "foreign", "name": "x"})
    with pytest.raises(Unsafe):
        connector.delete_audience("foreign")


# --- tier prices ---------------------------------------------------------------------------


@pytest.mark.usefixtures("currencies")
def test_rows_are_written_whole_by_derived_ids(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 200, recorded.body("products_and_advanced_prices", 7))
    shop.add("POST", PRICES, 200, {"total": 0, "data": []})
    value = TierValue(amounts=(Amount("EUR", Decimal("50"), Decimal("59.50")),), until=9)
    first = TierPrice(TierKey("p", "", "r", Decimal(1)), value)
    assert connector.write_tier_prices([first, row(10, native="n10")]) == []
    (sent,) = shop.sent(SYNC)
    payload = sent["prices"]["payload"]
    assert payload[0] == {
        "id": ids.price_id(MARK, first.key),
        "productId": "p",
        "ruleId": "r",
        "quantityStart": 1,
        "quantityEnd": 9,
        "price": [
            {
                "currencyId": "b7d2554b0ce847cd82f3ac9bd1c0dfca",
                "net": 50,
                "gross": 59.5,
                "linked": False,
            }
        ],
    }
    assert payload[1]["id"] == "n10"
    headers = shop.headers(SYNC)[0]
    assert headers["indexing-behavior"] == "use-queue-indexing"
    assert headers["sw-skip-trigger-flow"] == "1"
    assert b'"gross":59.50' in shop.mock.calls[-1].request.body


@pytest.mark.usefixtures("currencies")
def test_a_row_of_somebody_else_keeps_what_it_carries_besides_the_price(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    """A price to strike out, the lowest of 30 days, the link of net and gross: the shop keeps them
    in the field that is written whole."""
    euro = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
    struck = {"currencyId": euro, "net": 90, "gross": 107.1, "linked": True}
    there = {
        "currencyId": euro, "net": 50, "gross": 59.5, "linked": True, "percentage": None,
        "listPrice": {**struck, "extensions": [], "apiAlias": "price"}, "regulationPrice": None,
    }  # fmt: skip
    shop.add("POST", PRICES, 200, {"total": 1, "data": [{"id": "foreign", "price": [there]}]})
    shop.add("POST", SYNC, 200, {"extensions": [], "data": [], "notFound": [], "deleted": []})
    assert connector.write_tier_prices([row(1, native="foreign", price="40"), row(2)]) == []
    (asked,) = shop.sent(PRICES)
    assert asked["ids"] == ["foreign"]
    theirs, ours = (entry["price"][0] for entry in shop.sent(SYNC)[0]["prices"]["payload"])
    assert theirs == {
        "currencyId": euro, "net": 40, "gross": 40, "linked": True, "listPrice": struck,
    }  # fmt: skip
    assert ours == {"currencyId": euro, "net": 1, "gross": 1, "linked": False}


@pytest.mark.usefixtures("currencies")
def test_a_shop_without_a_queue_worker_indexes_prices_as_they_are_written(shop: FakeShop) -> None:
    credentials = {"client_id": "SWIAID", "client_secret": "very-secret"}
    direct = connect(Connection(URL, credentials, {"price_indexing": "direct"}, MARK))
    shop.add("POST", SYNC, 200, {"extensions": [], "data": [], "notFound": [], "deleted": []})
    assert direct.write_tier_prices([row(1)]) == []
    assert "indexing-behavior" not in shop.headers(SYNC)[0]


@pytest.mark.usefixtures("currencies")
@pytest.mark.parametrize(
    ("status", "config", "header"),
    [
        (200, {"adminWorker": {"enableAdminWorker": True}}, None),
        (200, {"adminWorker": {"enableAdminWorker": False}}, "use-queue-indexing"),
        (200, {}, "use-queue-indexing"),
        (403, {"errors": [{"code": "0", "detail": "no"}]}, "use-queue-indexing"),
        (404, {"errors": [{"code": "0", "detail": "no"}]}, "use-queue-indexing"),
    ],
)
def test_a_shop_is_asked_once_who_runs_its_queue(
    shop: FakeShop, status: int, config: Any, header: str | None
) -> None:
    """With the admin worker, as shipped, nobody may renew lists and cached pages for hours."""
    credentials = {"client_id": "SWIAID", "client_secret": "very-secret"}
    unasked = connect(Connection(URL, credentials, {}, MARK))
    shop.add("GET", "/api/_info/config", status, config)
    shop.add("POST", SYNC, 200, {"extensions": [], "data": [], "notFound": [], "deleted": []})
    assert unasked.write_tier_prices([row(1)]) == []
    assert unasked.remove_tier_prices([row(1, native="n")]) == []
    assert [sent.get("indexing-behavior") for sent in shop.headers(SYNC)] == [header] * 2
    assert [c.request.url for c in shop.mock.calls].count(f"{URL}/api/_info/config") == 1


@pytest.mark.usefixtures("currencies")
@pytest.mark.parametrize(("way", "sizes"), [("queue", [250]), ("direct", [100, 100, 50])])
def test_calls_that_index_are_short(shop: FakeShop, way: str, sizes: list[int]) -> None:
    credentials = {"client_id": "SWIAID", "client_secret": "very-secret"}
    connected = connect(Connection(URL, credentials, {"price_indexing": way}, MARK))
    shop.add("POST", SYNC, 200, {"extensions": [], "data": [], "notFound": [], "deleted": []})
    assert connected.write_tier_prices([row(number) for number in range(1, 251)]) == []
    assert [len(sent["prices"]["payload"]) for sent in shop.sent(SYNC)] == sizes


def test_an_unknown_way_of_indexing_is_refused_before_anything_is_sent() -> None:
    credentials = {"client_id": "x", "client_secret": "y"}
    with pytest.raises(ValueError, match="auto or queue or direct"):
        connect(Connection(URL, credentials, {"price_indexing": "disable"}, MARK))


@pytest.mark.usefixtures("currencies")
def test_a_bad_row_is_reported_and_the_others_are_written(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    named = recorded.body("products_and_advanced_prices", 13)
    dangling = recorded.body("products_and_advanced_prices", 12)
    written: list[str] = []

    def sync(body: dict[str, Any]) -> tuple[int, Any]:
        payload = body["prices"]["payload"]
        for index, entry in enumerate(payload):
            if entry["quantityStart"] == 7:
                text = json.dumps(named).replace("/prices/0/", f"/prices/{index}/")
                return 400, json.loads(text)
        if any(entry["ruleId"] == "gone" for entry in payload):
            return 500, dangling
        written.extend(entry["id"] for entry in payload)
        return 200, {"extensions": [], "data": {}, "notFound": [], "deleted": []}

    shop.on("POST", SYNC, sync)
    rows = [row(q, product=p) for p in ("a", "b") for q in range(1, 21)]
    lost = [row(q, rule="gone") for q in (1, 2)]
    refused = connector.write_tier_prices([*rows[:20], *lost, *rows[20:]])
    reasons = {refusal.key: refusal.error for refusal in refused}
    bad = {r.key for r in rows if r.key.quantity == 7} | {r.key for r in lost}
    assert set(reasons) == bad
    assert "default currency" in str(reasons[rows[6].key])
    assert "The rule gone it names is not in the shop" in str(reasons[lost[0].key])
    assert "SQL" not in str(reasons[lost[0].key])
    assert sorted(written) == sorted(ids.price_id(MARK, r.key) for r in rows if r.key not in bad)


@pytest.mark.usefixtures("currencies")
def test_what_shopware_cannot_say_is_refused_unsent(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    key = TierKey("p", "", "r", Decimal(1))
    amount = Amount("EUR", Decimal(1), Decimal(1))
    rows = [
        TierPrice(key, TierValue(percent=Decimal(5))),
        TierPrice(key, TierValue(amounts=(Amount("USD", Decimal(1), Decimal(1)),))),
        TierPrice(key, TierValue(amounts=(Amount("EUR", Decimal(1)),))),
        TierPrice(TierKey("p", "", "r", Decimal("1.5")), TierValue(amounts=(amount,))),
        TierPrice(TierKey("p", "store", "r", Decimal(1)), TierValue(amounts=(amount,))),
    ]
    refused = connector.write_tier_prices(rows)
    assert len(refused) == 5
    assert all(isinstance(refusal.error, Rejected) for refusal in refused)
    assert shop.sent(SYNC) == []


@pytest.mark.usefixtures("currencies")
def test_rows_of_one_key_under_two_ids_are_both_listed(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    twins = [
        {
            "id": n,
            "productId": "p",
            "ruleId": "r",
            "quantityStart": 10,
            "quantityEnd": None,
            "price": [{"currencyId": "c" * 32, "net": net, "gross": 2}],
        }
        for n, net in (("1", 1), ("2", 1.5))
    ]
    shop.add("POST", "/api/search/product-price", 200, listed(*twins))
    read = connector.tier_prices(["p"], ["r"])
    assert [r.native_id for r in read] == ["1", "2"]
    assert read[0].key == read[1].key
    assert read[1].value.amounts == (Amount("CHF", Decimal("1.5"), Decimal(2)),)
    (criteria,) = shop.sent("/api/search/product-price")
    assert criteria["filter"] == [
        {"type": "equalsAny", "field": "productId", "value": ["p"]},
        {"type": "equalsAny", "field": "ruleId", "value": ["r"]},
    ]
    assert "sw-inheritance" not in shop.headers("/api/search/product-price")[0]


def test_nothing_is_asked_for_no_products_or_audiences(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    assert connector.tier_prices(["p"], []) == []
    assert len(shop.mock.calls) == 0


def test_rows_are_removed_by_id_alone(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", SYNC, 200, recorded.body("customer_groups", 21))
    refused = connector.remove_tier_prices([row(native="n1"), row(5)])
    (sent,) = shop.sent(SYNC)
    assert sent["prices"] == {
        "entity": "product_price",
        "action": "delete",
        "payload": [{"id": "n1"}],
    }
    assert [type(refusal.error) for refusal in refused] == [Unsafe]


# --- customers -----------------------------------------------------------------------------


def customer(**more: Any) -> dict[str, Any]:
    fields = {
        "id": "c",
        "autoIncrement": 7,
        "email": "a@example.com",
        "groupId": "old",
        "salesChannelId": "s",
        "createdAt": "2026-11-22T15:00:14.861+00:00",
        "updatedAt": None,
        "company": "Muster GmbH",
        "customFields": {"x": 1},
    }
    return {**fields, **more}


def moving(shop: FakeShop, before: dict[str, Any], after: dict[str, Any]) -> None:
    rows = [before]

    def patch(body: dict[str, Any]) -> tuple[int, Any]:
        rows[0] = {**after, **body}
        return 204, None

    shop.on("POST", "/api/search/customer", lambda _: (200, listed(*rows)))
    shop.on("PATCH", "/api/customer/c", patch)


def test_a_customer_is_moved_and_nothing_else(shop: FakeShop, connector: ShopwareConnector) -> None:
    moving(shop, customer(), customer(updatedAt="2026-11-22T16:00:00.000+00:00"))
    assert connector.move_customer("c", "new").group_id == "new"
    assert shop.sent("/api/customer/c") == [{"groupId": "new"}]
    assert shop.headers("/api/customer/c")[0]["sw-skip-trigger-flow"] == "1"


def test_a_customer_who_is_there_already_is_not_touched(
    shop: FakeShop, connector: ShopwareConnector
) -> None:
    moving(shop, customer(), customer())
    connector.move_customer("c", "old")
    assert shop.sent("/api/customer/c") == []


def test_a_move_that_changes_more_is_told(shop: FakeShop, connector: ShopwareConnector) -> None:
    moving(shop, customer(), customer(company="", customFields=None))
    with pytest.raises(Mismatch, match="company, customFields"):
        connector.move_customer("c", "new")


def test_a_move_to_an_unknown_group_is_refused_in_plain_words(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", "/api/search/customer", 200, listed(customer()))
    shop.add("PATCH", "/api/customer/c", 500, recorded.body("customers", 10))
    with pytest.raises(Rejected, match="customer group it names is not in the shop"):
        connector.move_customer("c", "new")


def test_changed_customers_are_those_made_or_updated_since(
    shop: FakeShop, connector: ShopwareConnector, recorded: Recordings
) -> None:
    shop.add("POST", "/api/search/customer", 200, listed(customer(guest=True)))
    (found_one,) = connector.customers(since=datetime(2020, 1, 1, tzinfo=UTC))
    assert found_one.is_guest
    (criteria,) = shop.sent("/api/search/customer")
    since = json.dumps(recorded("customers", 6)["request"]["body"]["filter"][0])
    unmarked = since.replace("2020-01-01T00:00:00.000+00:00", "2020-01-01 00:00:00.000")
    assert criteria["filter"][0] == json.loads(unmarked)
    assert criteria["sort"] == [{"field": "autoIncrement", "order": "ASC"}]
    assert "password" not in criteria["includes"]["customer"]


def test_a_customer_who_is_gone_is_not_found(shop: FakeShop, connector: ShopwareConnector) -> None:
    shop.add("POST", "/api/search/customer", 200, listed())
    with pytest.raises(NotFound, match="customer"):
        connector.customer("c")
