"""Searches that no recording holds are answered by the same rules."""

from __future__ import annotations

from typing import Any

import pytest


def skus(answer: Any) -> list[str]:
    return [row["sku"] for row in answer["items"]]


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answer["items"]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("code", "eq", "wholesale")], ["Wholesale"]),
        ([("code", "neq", "General")], ["NOT LOGGED IN", "Wholesale", "Retailer"]),
        ([("code", "like", "%e%l%")], ["General", "Wholesale", "Retailer"]),
        ([("code", "like", "_eneral")], ["General"]),
        ([("code", "nlike", "%l%e%")], ["General"]),
        ([("code", "in", "General,Retailer,Nobody")], ["General", "Retailer"]),
        ([("code", "nin", "General,Retailer")], ["NOT LOGGED IN", "Wholesale"]),
        ([("id", "gt", "1")], ["Wholesale", "Retailer"]),
        ([("id", "gteq", "1"), ("id", "lt", "3")], ["General", "Wholesale"]),
        ([("id", "from", "1"), ("id", "to", "2")], ["General", "Wholesale"]),
        ([("id", "lteq", "0")], ["NOT LOGGED IN"]),
        ([[("id", "eq", "3"), ("code", "eq", "General")]], ["General", "Retailer"]),
        (
            [[("id", "eq", "3"), ("code", "eq", "General")], ("code", "like", "R%")],
            ["Retailer"],
        ),
        ([("code", "notnull", "")], ["NOT LOGGED IN", "General", "Wholesale", "Retailer"]),
        ([("code", "null", "")], []),
    ],
)
def test_conditions(client: Any, filters: list[Any], expected: list[str]) -> None:
    answer = client.found("customerGroups/search", *filters)
    assert codes(answer) == expected
    assert answer["total_count"] == len(expected)


def test_a_missing_value_is_neither_equal_nor_unequal_to_anything(client: Any) -> None:
    """As in SQL: only ``null`` finds it."""
    everyone = client.found("customers/search")["total_count"]
    with_gender = client.found("customers/search", ("gender", "eq", "2"))["total_count"]
    other_gender = client.found("customers/search", ("gender", "neq", "2"))["total_count"]
    without = client.found("customers/search", ("gender", "null", "1"))["total_count"]
    assert (with_gender, other_gender, without) == (1, 0, everyone - 1)


def test_pages_of_any_size_hold_every_product_once(client: Any) -> None:
    seen: list[str] = []
    page = 1
    while True:
        answer = client.get(
            "products",
            **{
                "searchCriteria[pageSize]": 37,
                "searchCriteria[currentPage]": page,
                "searchCriteria[sortOrders][0][field]": "sku",
                "searchCriteria[sortOrders][0][direction]": "DESC",
                "fields": "items[sku],total_count",
            },
        )
        if answer["items"] is None:
            break
        seen += skus(answer)
        page += 1
    assert len(seen) == len(set(seen)) == answer["total_count"] == 516
    assert seen == sorted(seen, key=str.lower, reverse=True)


def test_products_sort_by_price_then_by_id(client: Any) -> None:
    """Downwards where no direction is given (Magento SortingProcessor)."""
    answer = client.get(
        "products",
        **{
            "searchCriteria[filter_groups][0][filters][0][field]": "price",
            "searchCriteria[filter_groups][0][filters][0][value]": "45",
            "searchCriteria[filter_groups][0][filters][0][condition_type]": "gteq",
            "searchCriteria[sortOrders][0][field]": "price",
            "searchCriteria[sortOrders][0][direction]": "desc",
            "searchCriteria[sortOrders][1][field]": "entity_id",
            "fields": "items[id,price],search_criteria",
        },
    )
    order = [(-row["price"], -row["id"]) for row in answer["items"]]
    assert order == sorted(order)
    assert answer["search_criteria"]["sort_orders"] == [
        {"field": "price", "direction": "DESC"},
        {"field": "entity_id"},
    ]


def test_products_of_a_category_and_by_kind(client: Any) -> None:
    bags = client.found("products", ("category_id", "eq", "4"), fields="items[sku]")
    assert len(skus(bags)) == 14
    kinds = client.found("products", ("type_id", "in", "bundle,grouped"), fields="items[sku]")
    assert skus(kinds) == ["24-WG085_Group", "24-WG080"]


@pytest.mark.parametrize("since", ["2025-11-22 14:13:00", "2025-11-22T14:13:00Z"])
def test_times_are_compared_as_times(client: Any, since: str) -> None:
    later = client.found("products", ("updated_at", "gt", since), fields="items[updated_at]")
    assert later["items"]
    assert all(row["updated_at"] > "2025-11-22 14:13:00" for row in later["items"])
    assert client.found("products", ("updated_at", "gteq", "2025-11-22"))["total_count"] == 516
    assert client.found("products", ("updated_at", "lt", "2025-11-22"))["total_count"] == 0


def test_what_was_not_asked_for_is_not_repeated_in_the_criteria(client: Any) -> None:
    assert client.found("customerGroups/search")["search_criteria"] == {"filter_groups": []}


def test_other_spellings_of_the_criteria(client: Any) -> None:
    answer = client.get(
        "customerGroups/search",
        **{
            "search_criteria[filterGroups][0][filters][0][field]": "code",
            "search_criteria[filterGroups][0][filters][0][value]": "General",
            "search_criteria[page_size]": 5,
        },
    )
    assert codes(answer) == ["General"]


@pytest.mark.parametrize("path", ["customerGroups/search", "products", "taxClasses/search"])
def test_a_search_without_criteria_is_refused(client: Any, path: str) -> None:
    answer = client("GET", path)
    assert (answer.status_code, answer.json()["parameters"]) == (
        400,
        {"fieldName": "searchCriteria"},
    )


def test_bad_criteria_are_refused(client: Any) -> None:
    size = client("GET", "products", **{"searchCriteria[pageSize]": "ten"})
    assert size.status_code == 400
    assert '"ten"' in size.json()["message"]
    way = client(
        "GET",
        "products",
        **{
            "searchCriteria[sortOrders][0][field]": "sku",
            "searchCriteria[sortOrders][0][direction]": "UP",
        },
    )
    assert (way.status_code, way.json()["parameters"]) == (400, ["ASC", "DESC"])
    field = client(
        "GET",
        "products",
        **{
            "searchCriteria[filter_groups][0][filters][0][field]": "colour_of_box",
            "searchCriteria[filter_groups][0][filters][0][value]": "1",
        },
    )
    assert (field.status_code, field.json()["parameters"]) == (400, ["colour_of_box"])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("id,sku", {"id": 1, "sku": "24-MB01"}),
        (
            "sku,extension_attributes[website_ids,stock_item[qty]]",
            {
                "sku": "24-MB01",
                "extension_attributes": {"website_ids": [1], "stock_item": {"qty": 100}},
            },
        ),
        ("sku,tier_prices[qty]", {"sku": "24-MB01", "tier_prices": None}),
        ("nothing_there", []),
        ("sku[", []),
        ("sku;drop", []),
    ],
)
def test_fields_keep_what_is_named(client: Any, expression: str, expected: Any) -> None:
    assert client.get("products/24-MB01", fields=expression) == expected


def test_fields_of_a_plain_list(client: Any) -> None:
    assert client.get("store/websites", fields="code") == [{"code": "admin"}, {"code": "base"}]
