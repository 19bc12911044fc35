"""Tier prices: no row lost, no good row held up by a bad one, no foreign row touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
import requests

from connectors.base import Amount, TierKey, TierPrice, TierValue
from connectors.errors import (
    AnswerLost,
    Forbidden,
    Mismatch,
    NotFound,
    Rejected,
    ShopFault,
    Unsafe,
)
from connectors.magento.connector import MagentoConnector

WRITE = "products/tier-prices"
READ = "products/tier-prices-information"
REMOVE = "products/tier-prices-delete"
URL = "https://shop.test/rest/all/V1/"


def fixed(
    sku: str,
    price: str,
    quantity: str = "1",
    group: str = "1",
    store: str = "",
    gross: bool = False,
) -> TierPrice:
    side = {"gross": Decimal(price)} if gross else {"net": Decimal(price)}
    return TierPrice(
        TierKey(sku, store, group, Decimal(quantity)),
        TierValue(amounts=(Amount("EUR", **side),)),
    )


def discount(sku: str, percent: str, quantity: str = "1", group: str = "1") -> TierPrice:
    return TierPrice(TierKey(sku, "", group, Decimal(quantity)), TierValue(Decimal(percent)))


def native(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base = {"price": 1, "price_type": "fixed", "website_id": 0, "customer_group": "General"}
    return {**base, "quantity": 1, **row, **changes}


# -- reading --------------------------------------------------------------------------------


def test_recorded_rows_become_records(
    shop: Any, groups: None, websites: None, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("tier_prices", 22))
    rows = magento.tier_prices(["24-MB03"])
    assert rows == [
        fixed("24-MB03", "18", "2"),
        fixed("24-MB03", "19.123456", "2.5"),
        fixed("24-MB03", "17", "9", store="1"),
    ]
    assert str(rows[0].key.quantity) == "2"


def test_percentages_and_all_groups(
    shop: Any, groups: None, websites: None, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("tier_prices", 2))
    rows = {row.key: row.value for row in magento.tier_prices(["24-MB01", "24-MB04"])}
    assert rows[TierKey("24-MB01", "", "2", Decimal(10))] == TierValue(percent=Decimal(10))
    assert TierKey("24-MB04", "", "32000", Decimal(1)) in rows


def test_rows_come_back_under_the_sku_as_asked(
    shop: Any, groups: None, websites: None, magento: MagentoConnector
) -> None:
    shop.answers("POST", READ, [native({"sku": "Bag-01"})])
    assert [row.key.product_id for row in magento.tier_prices(["BAG-01"])] == ["BAG-01"]


def test_only_the_wanted_audiences(
    shop: Any, groups: None, websites: None, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("tier_prices", 2))
    rows = magento.tier_prices(["24-MB01", "24-MB04"], ["2"])
    assert [row.key.audience_id for row in rows] == ["2"]


def test_gross_shops_have_gross_amounts(
    shop: Any, groups: None, websites: None, connect_with: Callable[..., MagentoConnector]
) -> None:
    shop.answers("POST", READ, [native({"sku": "A", "price": 11.9})])
    rows = connect_with(prices_include_tax="yes").tier_prices(["A"])
    assert rows == [fixed("A", "11.9", gross=True)]


def test_a_price_that_php_wrote_with_17_digits_is_what_the_shop_stores(
    shop: Any, groups: None, websites: None, magento: MagentoConnector
) -> None:
    shop.mock.post(
        URL + READ,
        body='[{"price":29.989999999999998,"price_type":"fixed","website_id":0,"sku":"A",'
        '"customer_group":"General","quantity":5}]',
    )
    assert magento.tier_prices(["A"]) == [fixed("A", "29.99", "5")]


def test_a_read_is_split_when_the_shop_says_its_limit(
    shop: Any, groups: None, websites: None, magento: MagentoConnector
) -> None:
    skus = [f"S-{number}" for number in range(50)]

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.body)["skus"]
        if len(asked) > 20:
            limit = {
                "message": 'Maximum items of type "%type" is %max',
                "parameters": {"type": "string", "max": 20},
            }
            return 400, {}, json.dumps(limit)
        return 200, {}, json.dumps([native({"sku": sku}) for sku in asked])

    shop.mock.add_callback("POST", URL + READ, answer)
    assert [row.key.product_id for row in magento.tier_prices(skus)] == skus
    assert [len(body["skus"]) for body in shop.requests(READ)] == [50, 20, 20, 10]
    magento.tier_prices(skus)
    assert [len(body["skus"]) for body in shop.requests(READ)][4:] == [20, 20, 10]


def test_no_products_no_call(shop: Any, magento: MagentoConnector) -> None:
    assert magento.tier_prices([]) == []
    assert magento.write_tier_prices([]) == []
    assert magento.remove_tier_prices([]) == []
    assert shop.paths == []


# -- writing --------------------------------------------------------------------------------


def test_what_is_written_is_what_was_recorded(
    shop: Any, groups: None, recorded: Any, magento: MagentoConnector
) -> None:
    exchange = recorded("tier_prices", 1)
    shop.replays(exchange)
    refused = magento.write_tier_prices(
        [
            fixed("24-MB01", "30.5", "5"),
            discount("24-MB01", "10", "10", group="2"),
            fixed("24-MB04", "25", "1", group="32000"),
        ]
    )
    assert refused == []
    assert shop.requests(WRITE) == [exchange["request"]["body"]]


def test_rows_are_never_replaced_by_put(shop: Any, groups: None, magento: MagentoConnector) -> None:
    shop.answers("POST", WRITE, [])
    magento.write_tier_prices([fixed("A", "1")])
    assert [path for path in shop.paths if path.startswith("PUT")] == []


def test_prices_are_sent_exactly(shop: Any, groups: None, magento: MagentoConnector) -> None:
    shop.answers("POST", WRITE, [])
    magento.write_tier_prices([fixed("A", "0.10"), fixed("A", "19.1234565", "2")])
    body = shop.mock.calls[-1].request.body.decode()
    assert '"price":0.1,' in body
    assert '"price":19.123457,' in body


def test_rows_of_one_product_travel_together(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    """A call costs per SKU, its price index (recorded: 3.9 ms a SKU)."""
    shop.answers("POST", WRITE, [])
    magento.write_tier_prices([fixed("B", "1"), fixed("A", "1"), fixed("B", "1", "2")])
    assert [row["sku"] for row in shop.requests(WRITE)[0]["prices"]] == ["A", "B", "B"]


def test_recorded_failures_come_back_on_their_rows(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    exchange = recorded("tier_prices", 7)
    shop.answers(
        "GET",
        "customerGroups/search",
        {
            "items": [
                {"id": 1, "code": "General", "tax_class_id": 3},
                {"id": 77, "code": "No Such Group", "tax_class_id": 3},
            ],
            "total_count": 2,
        },
    )
    exchange["response"]["body"].pop()  # of a row with a price type that we cannot send
    shop.replays(exchange)
    sent = exchange["request"]["body"]["prices"]
    rows = [
        fixed(
            one["sku"],
            str(one["price"]),
            str(one["quantity"]),
            group="77" if one["customer_group"] == "No Such Group" else "1",
            store=str(one["website_id"] or ""),
        )
        for one in sent[:-1]
    ]
    refused = {refusal.key: refusal.error for refusal in magento.write_tier_prices(rows)}
    assert set(refused) == {row.key for row in rows[1:]}
    assert isinstance(refused[rows[1].key], NotFound)
    assert "Invalid attribute Price = -5" in str(refused[rows[3].key])
    assert "Website ID = 99" in str(refused[rows[4].key])


def test_all_that_is_said_about_a_row_is_kept(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    where = (
        "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, "
        "Quantity: %qty."
    )
    kind = f"Invalid attribute Price Type = %priceType. {where}"
    quantity = f"Invalid attribute Quantity = %qty. {where}"
    said = [
        {"message": kind, "parameters": [None, "A", None, None, None]},
        {"message": quantity, "parameters": ["A", None, None, None]},
    ]
    shop.answers("POST", WRITE, said)
    [refusal] = magento.write_tier_prices([fixed("A", "1")])
    assert "Price Type" in refusal.error.message
    assert "Quantity" in refusal.error.message


def poisoned(bad: Sequence[str], status: int = 400) -> Callable[[Any], Any]:
    """A shop that fails the whole call for one bad row, as some versions do."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        skus = [row["sku"] for row in json.loads(request.body)["prices"]]
        if set(bad) & set(skus):
            return status, {}, json.dumps({"message": "Requested product doesn't exist."})
        return 200, {}, "[]"

    return answer


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_row_that_fails_the_whole_call_is_found(
    shop: Any, groups: None, magento: MagentoConnector, status: int
) -> None:
    shop.mock.add_callback("POST", URL + WRITE, poisoned(["S-037", "S-038"], status))
    rows = [fixed(f"S-{number:03}", "5") for number in range(100)]
    refused = magento.write_tier_prices(rows)
    assert sorted(one.key.product_id for one in refused) == ["S-037", "S-038"]
    arrived = {
        row["sku"]
        for call in shop.mock.calls
        if call.request.method == "POST" and call.response.status_code == 200
        for row in json.loads(call.request.body)["prices"]
    }
    assert arrived == {row.key.product_id for row in rows} - {"S-037", "S-038"}


def test_a_shop_that_fails_at_everything_is_not_hammered(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    shop.answers("POST", WRITE, {"message": "Internal Error. Report ID: webapi-1"}, status=500)
    with pytest.raises(ShopFault):
        magento.write_tier_prices([fixed(f"S-{number}", "5") for number in range(1000)])
    assert len(shop.requests(WRITE)) < 20


def test_a_failure_that_names_no_row_is_traced_to_one(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        skus = [row["sku"] for row in json.loads(request.body)["prices"]]
        return 200, {}, json.dumps([{"message": "One is odd"}] if "S-3" in skus else [])

    shop.mock.add_callback("POST", URL + WRITE, answer)
    [refusal] = magento.write_tier_prices([fixed(f"S-{number}", "5") for number in range(8)])
    assert refusal.key.product_id == "S-3"
    assert refusal.error.message == "One is odd"


def test_a_limit_on_rows_is_learnt(shop: Any, groups: None, magento: MagentoConnector) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        if len(json.loads(request.body)["prices"]) > 20:
            limit = {"message": 'Maximum items of type "%1" is %2', "parameters": ["Price", 20]}
            return 400, {}, json.dumps(limit)
        return 200, {}, "[]"

    shop.mock.add_callback("POST", URL + WRITE, answer)
    assert magento.write_tier_prices([fixed(f"S-{n:02}", "5") for n in range(45)]) == []
    assert [len(body["prices"]) for body in shop.requests(WRITE)] == [45, 20, 20, 5]


def test_a_missing_privilege_is_no_matter_of_rows(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    body = {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Catalog::catalog"},
    }
    shop.answers("POST", WRITE, body, status=401)
    with pytest.raises(Forbidden):
        magento.write_tier_prices([fixed("A", "1"), fixed("B", "1")])
    assert len(shop.requests(WRITE)) == 1


def test_a_lost_answer_is_raised_and_nothing_is_sent_again(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    """Somebody may have changed a row in between: the bridge reads before it sends again."""
    shop.mock.post(URL + WRITE, body=requests.ConnectionError("cut"))
    with pytest.raises(AnswerLost):
        magento.write_tier_prices([fixed("A", "1"), fixed("B", "1")])
    assert shop.paths.count(f"POST {WRITE}") == 1


@pytest.mark.parametrize("status", [502, 504])
def test_a_call_that_may_still_be_running_is_not_halved(
    shop: Any, groups: None, magento: MagentoConnector, status: int
) -> None:
    shop.mock.post(URL + WRITE, body="<html>", content_type="text/html", status=status)
    with pytest.raises(ShopFault):
        magento.write_tier_prices([fixed("A", "1"), fixed("B", "1")])
    assert shop.paths.count(f"POST {WRITE}") == 1


def listing(*rows: tuple[int, str]) -> dict[str, Any]:
    items = [{"id": number, "code": code, "tax_class_id": 3} for number, code in rows]
    return {"items": items, "total_count": len(items)}


def group_gone(sku: str, code: str) -> dict[str, Any]:
    return {
        "message": "No such entity with Customer Group = %customerGroup. Row ID: SKU = %SKU, "
        "Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty.",
        "parameters": [sku, "0", code, "1"],
    }


def test_a_renamed_group_is_looked_up_again(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/search", listing((4, "Gold")), listing((4, "Gold 2026")))
    shop.answers("POST", WRITE, [group_gone("A", "Gold")], [])
    assert magento.write_tier_prices([fixed("A", "1", group="4")]) == []
    sent = [body["prices"][0]["customer_group"] for body in shop.requests(WRITE)]
    assert sent == ["Gold", "Gold 2026"]


def test_a_group_named_like_every_group_gets_no_prices(
    shop: Any, recorded: Any, websites: None, magento: MagentoConnector
) -> None:
    """Its code would set the price for everyone (magento2 ``TierPriceFactory``)."""
    list_ = recorded("customer_groups", 0)["response"]["body"]
    list_["items"][1]["code"] = "All Groups"
    shop.answers("GET", "customerGroups/search", list_)
    shop.answers("POST", WRITE, [])
    refused = magento.write_tier_prices([fixed("A", "1", group="1"), fixed("A", "1", group="2")])
    assert [(one.key.audience_id, type(one.error)) for one in refused] == [("1", Unsafe)]
    assert [row["customer_group"] for row in shop.requests(WRITE)[0]["prices"]] == ["Wholesale"]


def test_a_group_that_stays_unknown_is_refused_once(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/search", listing((4, "Gold")))
    shop.answers("POST", WRITE, [group_gone("A", "Gold")])
    [refusal] = magento.write_tier_prices([fixed("A", "1", group="4"), fixed("B", "1", group="4")])
    assert isinstance(refusal.error, NotFound)
    assert len(shop.requests(WRITE)) == 1


def test_a_group_that_was_deleted_is_refused(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/search", listing((4, "Gold")), listing((1, "General")))
    shop.answers("POST", WRITE, [group_gone("A", "Gold")])
    refused = magento.write_tier_prices([fixed("A", "1", group="4"), fixed("B", "1", group="99")])
    assert [one.key.audience_id for one in refused] == ["99", "4"]
    assert all(isinstance(one.error, NotFound) for one in refused)


def test_a_value_that_magento_cannot_keep_is_refused_unsent(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    shop.answers("POST", WRITE, [])
    two = TierPrice(
        fixed("A", "1").key,
        TierValue(amounts=(Amount("EUR", net=Decimal(1)), Amount("USD", net=Decimal(2)))),
    )
    refused = magento.write_tier_prices([two, fixed("B", "1", gross=True), fixed("C", "1")])
    assert [type(one.error) for one in refused] == [Rejected, Rejected]
    assert [row["sku"] for row in shop.requests(WRITE)[0]["prices"]] == ["C"]


# -- removing -------------------------------------------------------------------------------


class Table:
    """Tier prices as Magento keeps them, with its way of deleting: group, quantity and number,
    whatever the website and the type (PLATFORM_FACTS Magento 4)."""

    def __init__(self, shop: Any, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        shop.mock.add_callback("POST", URL + READ, self.read)
        shop.mock.add_callback("POST", URL + REMOVE, self.remove)

    def read(self, request: Any) -> tuple[int, dict[str, str], str]:
        asked = {sku.casefold() for sku in json.loads(request.body)["skus"]}
        found = [row for row in self.rows if row["sku"].casefold() in asked]
        return 200, {}, json.dumps(found)

    def remove(self, request: Any) -> tuple[int, dict[str, str], str]:
        """As magento2's ``TierPriceStorage::delete``: each entry means the first row that fits
        it, whatever its website, and no fixed price of 0."""
        named = ("sku", "customer_group", "quantity", "price", "price_type")
        gone = [
            next((row for row in self.rows if all(row[n] == entry[n] for n in named)), None)
            for entry in json.loads(request.body)["prices"]
            if entry["price"] or entry["price_type"] == "discount"
        ]
        self.rows = [row for row in self.rows if row not in gone]
        return 200, {}, "[]"


@pytest.fixture
def ready(groups: None, websites: None) -> Iterator[None]:
    yield


def test_a_row_is_removed_and_nothing_else(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    keep = [native({"sku": "A"}, quantity=5), native({"sku": "A"}, customer_group="Wholesale")]
    table = Table(shop, native({"sku": "A"}), *keep)
    assert magento.remove_tier_prices([fixed("A", "1")]) == []
    assert table.rows == keep


@pytest.mark.parametrize("price_type", ["fixed", "discount"])
def test_a_row_whose_twin_is_foreign_stays(
    shop: Any, ready: None, magento: MagentoConnector, price_type: str
) -> None:
    """A price of 10 beside 10 % on another website: near enough to leave both alone."""
    ours = native({"sku": "A"}, price=10)
    foreign = native({"sku": "A"}, price=10, website_id=1, price_type=price_type)
    table = Table(shop, ours, foreign)
    [refusal] = magento.remove_tier_prices([fixed("A", "10")])
    assert isinstance(refusal.error, Unsafe)
    assert table.rows == [ours, foreign]
    assert shop.requests(REMOVE) == []


def test_twins_that_are_both_asked_for_go(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    table = Table(shop, native({"sku": "A"}), native({"sku": "A"}, website_id=1))
    assert magento.remove_tier_prices([fixed("A", "1"), fixed("A", "1", store="1")]) == []
    assert table.rows == []
    assert [len(body["prices"]) for body in shop.requests(REMOVE)] == [1, 1]


def test_twins_go_one_call_after_another_and_others_with_the_first(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    """One call takes one of the twins: which one is Magento's choice."""
    keep = native({"sku": "B"}, quantity=9)
    twins = [native({"sku": "A"}, website_id=site, price=3) for site in (1, 2, 3)]
    table = Table(shop, *reversed(twins), native({"sku": "B"}), keep)
    rows = [fixed("A", "3", store=site) for site in "123"]
    assert magento.remove_tier_prices([*rows, fixed("B", "1")]) == []
    assert table.rows == [keep]
    assert [len(body["prices"]) for body in shop.requests(REMOVE)] == [2, 1, 1]


def test_a_price_of_zero_that_the_shop_keeps_is_told(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    table = Table(shop, native({"sku": "A"}, price=0), native({"sku": "B"}))
    [refusal] = magento.remove_tier_prices([fixed("A", "0"), fixed("B", "1")])
    assert "does not delete a price of 0" in str(refusal.error)
    assert [row["sku"] for row in table.rows] == ["A"]
    assert len(shop.requests(REMOVE)) == 1


def test_a_row_that_changes_between_the_calls_stays(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    table = Table(shop, *(native({"sku": "A"}, website_id=site, price=3) for site in (1, 2)))
    took_one = table.remove

    def remove_and_be_edited(request: Any) -> tuple[int, dict[str, str], str]:
        answer = took_one(request)
        table.rows[0]["price"] = 4
        return answer

    shop.mock.remove("POST", URL + REMOVE)
    shop.mock.add_callback("POST", URL + REMOVE, remove_and_be_edited)
    [refusal] = magento.remove_tier_prices([fixed("A", "3", store=site) for site in "12"])
    assert "changed since it was read" in str(refusal.error)
    assert [row["price"] for row in table.rows] == [4]


def test_a_twin_that_was_changed_meanwhile_protects_both(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    rows = [native({"sku": "A"}, price=2), native({"sku": "A"}, price=2, website_id=1)]
    table = Table(shop, *rows)
    refused = magento.remove_tier_prices([fixed("A", "2"), fixed("A", "1", store="1")])
    assert {type(one.error) for one in refused} == {Unsafe, Mismatch}
    assert table.rows == rows


def test_a_row_that_was_changed_since_stays(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    table = Table(shop, native({"sku": "A"}, price=7))
    [refusal] = magento.remove_tier_prices([fixed("A", "1")])
    assert isinstance(refusal.error, Mismatch)
    assert len(table.rows) == 1


def test_a_row_that_is_gone_is_no_refusal(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    Table(shop)
    assert magento.remove_tier_prices([fixed("A", "1")]) == []
    assert shop.requests(REMOVE) == []


def test_a_row_the_shop_keeps_is_reported(
    shop: Any, ready: None, magento: MagentoConnector
) -> None:
    """Magento does not find a price of 0 when it deletes."""
    shop.answers("POST", READ, [native({"sku": "A"}, price=0)])
    shop.answers("POST", REMOVE, [])
    [refusal] = magento.remove_tier_prices([fixed("A", "0")])
    assert isinstance(refusal.error, Mismatch)
    assert "kept" in str(refusal.error)
