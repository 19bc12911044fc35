"""Searches that no recording shows: filters, nested fields, order, pages, totals, mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay import PRODUCTS
from shopware_replay.asking import Client

NUMBER = {"product": ["productNumber"]}


def _numbers(api: Client, *filters: dict[str, Any], **criteria: Any) -> list[str]:
    answer = api.search("product", filter=list(filters), includes=NUMBER, **criteria)
    assert answer.status == 200, answer.body
    return [one["productNumber"] for one in answer.body["data"]]


def _is(kind: str, field: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "field": field, "value": value}


def _between(field: str, **limits: Any) -> dict[str, Any]:
    return {"type": "range", "field": field, "parameters": limits}


def _group(kind: str, *queries: dict[str, Any], operator: str = "AND") -> dict[str, Any]:
    return {"type": kind, "operator": operator, "queries": list(queries)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (_is("equals", "productNumber", "b2b-1029"), {"B2B-1029"}),
        (_is("equalsAny", "productNumber", ["B2B-1029", "B2B-1056"]), {"B2B-1029", "B2B-1056"}),
        (_is("equalsAny", "productNumber", "B2B-1029|B2B-1056"), {"B2B-1029", "B2B-1056"}),
        (_is("prefix", "productNumber", "B2B-105"), {f"B2B-105{n}" for n in range(10)}),
        (_is("suffix", "name", "190 MM"), {"B2B-1029"}),
        (_is("contains", "name", "egreas"), {"B2B-1055", "B2B-1056"}),
        (_between("price", gte=89.08, lt=89.09), {"B2B-1029"}),
        (_is("equals", "product.productNumber", "B2B-1029"), {"B2B-1029"}),
        (_is("equals", "stock", -11), {"B2B-1029"}),
        (_is("equals", "id", "0009f964978456518617e13b4a9d1108"), {"B2B-1029"}),
    ],
)
def test_each_kind_of_filter(api: Client, query: dict[str, Any], expected: set[str]) -> None:
    assert set(_numbers(api, query)) == expected


def test_filters_over_associations(api: Client) -> None:
    reduced = _numbers(api, _is("equals", "tax.taxRate", 7))
    assert set(reduced) >= {"B2B-1059", "B2B-1060"}
    assert "B2B-1029" not in reduced
    with_rule = _is("equals", "prices.ruleId", "363973e0d0f269592e90fb9156fb194c")
    cheap = _between("prices.quantityStart", gte=10)
    assert len(_numbers(api, with_rule, cheap)) == 60
    assert "B2B-1029" in _numbers(api, _is("equals", "categories.name", "Power tools"))


def test_or_and_not_combine(api: Client) -> None:
    saw, glove = _is("contains", "name", "saw"), _is("contains", "name", "gloves L")
    either = _numbers(api, _group("multi", saw, glove, operator="or"))
    assert set(either) >= {"B2B-1029", "B2B-1032"}
    assert _numbers(api, _group("multi", saw, glove)) == []
    rest = _numbers(api, _group("not", saw, operator="AND"), limit=500)
    assert "B2B-1029" not in rest
    assert "B2B-1032" in rest


def test_not_leaves_out_what_has_no_value_as_sql_does(api: Client) -> None:
    parents = _is("equals", "parentId", None)
    variants = _numbers(api, _group("not", parents), limit=500)
    assert variants
    some_parent = api.search("product", filter=[_group("not", parents)], limit=1).body["data"][0]
    other = _group("not", _is("equals", "parentId", some_parent["parentId"]))
    assert set(_numbers(api, other, limit=500)) < set(variants)


def test_sorting_by_several_fields_and_over_associations(api: Client) -> None:
    descending = _numbers(api, sort=[{"field": "productNumber", "order": "DESC"}], limit=500)
    assert descending == sorted(descending, reverse=True)
    assert descending == _numbers(api, sort="-productNumber", limit=500)
    by_tax = api.search(
        "product",
        filter=[_is("equals", "parentId", None)],
        sort=[{"field": "tax.taxRate"}, {"field": "productNumber"}],
        limit=500,
    ).body["data"]
    order = [(one["tax"]["taxRate"], one["productNumber"]) for one in by_tax]
    assert order == sorted(order)


def test_pages_do_not_overlap_and_cover_all(api: Client) -> None:
    seen: list[str] = []
    for page in range(1, 9):
        seen += _numbers(api, limit=30, page=page)
    assert len(seen) == len(set(seen)) == PRODUCTS


def test_a_walk_by_key_covers_all(api: Client) -> None:
    seen: list[str] = []
    last = "0" * 32
    while True:
        found = api.search(
            "product", filter=[_between("id", gt=last)], sort=[{"field": "id"}], limit=37
        ).body["data"]
        if not found:
            break
        last = found[-1]["id"]
        seen += [one["productNumber"] for one in found]
    assert len(seen) == len(set(seen)) == PRODUCTS


@pytest.mark.parametrize(
    ("criteria", "total"),
    [
        ({"limit": 7}, 7),
        ({"limit": 7, "total_count_mode": 0}, 7),
        ({"limit": 7, "total_count_mode": 1}, PRODUCTS),
        ({"limit": 7, "total_count_mode": "exact"}, PRODUCTS),
        ({"limit": 7, "total_count_mode": 2}, 43),
        ({"limit": 50, "page": 2, "total_count_mode": 2}, PRODUCTS - 50),
        ({"limit": 7, "page": 99, "total_count_mode": 1}, PRODUCTS),
        ({"limit": 7, "page": 99}, 0),
        ({}, PRODUCTS),
    ],
)
def test_what_total_means(api: Client, criteria: dict[str, Any], total: int) -> None:
    assert api.search("product", includes=NUMBER, **criteria).body["total"] == total


def test_ids_come_in_the_order_asked_for(api: Client) -> None:
    ids = api.post("/api/search-ids/product", {"limit": 5}).body["data"]
    found = api.search("product", ids=[*reversed(ids), "f" * 32], includes={"product": ["id"]})
    assert [one["id"] for one in found.body["data"]] == list(reversed(ids))


def test_includes_keep_the_alias_and_nothing_else(api: Client) -> None:
    row = api.search("product", limit=1, includes={"product": ["name", "nope"]}).body["data"][0]
    assert set(row) == {"name", "apiAlias"}


def test_associations_take_filters_orders_and_limits(api: Client) -> None:
    prices = {
        "filter": [_is("equals", "quantityStart", 10)],
        "sort": [{"field": "price", "order": "DESC"}],
        "limit": 2,
        "associations": {"rule": {}},
    }
    answer = api.search(
        "product",
        filter=[_is("equals", "productNumber", "B2B-1029")],
        associations={"prices": prices},
    )
    rows = answer.body["data"][0]["prices"]
    assert [row["price"][0]["net"] for row in rows] == [64.01, 58.32]
    assert [row["rule"]["name"] for row in rows] == ["Group Dealer", "Group Wholesale"]


def test_an_association_that_was_not_asked_for_is_null(api: Client) -> None:
    row = api.search("customer", limit=1).body["data"][0]
    assert row["group"] is None
    with_group = api.search("customer", limit=1, associations={"group": {}}).body["data"][0]
    assert with_group["group"]["id"] == row["groupId"]


def test_aggregations_count_everything_that_matches(api: Client) -> None:
    asked = [
        {"name": "count", "type": "count", "field": "id"},
        {"name": "rules", "type": "terms", "field": "ruleId"},
        {"name": "starts", "type": "stats", "field": "quantityStart"},
    ]
    found = api.search("product-price", limit=1, aggregations=asked).body["aggregations"]
    assert found["count"]["count"] == 360
    assert [bucket["count"] for bucket in found["rules"]["buckets"]] == [120, 120, 120]
    assert (found["starts"]["min"], found["starts"]["max"]) == (1, 10)
    assert found["count"]["apiAlias"] == "count_aggregation"


def test_a_list_is_had_by_get_too(api: Client) -> None:
    answer = api.ask("GET", "/api/tax", query={"filter[name]": "Standard rate", "limit": 3})
    assert [one["taxRate"] for one in answer.body["data"]] == [19]


def test_what_belongs_to_a_row_has_an_address(api: Client) -> None:
    below = api.ask("GET", "/api/product/0009f964978456518617e13b4a9d1108/prices").body
    assert below["total"] == 6
    assert {row["productId"] for row in below["data"]} == {"0009f964978456518617e13b4a9d1108"}


def test_without_an_accept_header_the_shop_speaks_json_api(api: Client) -> None:
    answer = api.ask("GET", "/api/tax", headers={"Accept": "*/*"})
    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert {"id", "type", "attributes"} <= set(answer.body["data"][0])


@pytest.mark.parametrize(
    ("criteria", "code", "pointer"),
    [
        ({"limit": 0}, "FRAMEWORK__INVALID_LIMIT_QUERY", "/limit"),
        ({"limit": -3}, "FRAMEWORK__INVALID_LIMIT_QUERY", "/limit"),
        ({"limit": "many"}, "FRAMEWORK__INVALID_LIMIT_QUERY", "/limit"),
        ({"limit": 501}, "FRAMEWORK__QUERY_LIMIT_EXCEEDED", "/limit"),
        ({"page": 0}, "FRAMEWORK__INVALID_PAGE_QUERY", "/page"),
        ({"filter": "x"}, "FRAMEWORK__INVALID_FILTER_QUERY", "/filter"),
        ({"filter": [{"type": "like"}]}, "FRAMEWORK__INVALID_FILTER_QUERY", "/filter/0/type"),
        ({"filter": [{"type": "equals"}]}, "FRAMEWORK__INVALID_FILTER_QUERY", "/filter/0/field"),
        (
            {"filter": [{"type": "equalsAny", "field": "id", "value": []}]},
            "FRAMEWORK__INVALID_FILTER_QUERY",
            "/filter/0/value",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(
    api: Client, criteria: dict[str, Any], code: str, pointer: str
) -> None:
    answer = api.search("product", **criteria)
    assert answer.status == 400
    assert answer.errors[0]["code"] == code
    assert answer.pointers == [pointer]


@pytest.mark.parametrize(
    ("criteria", "detail"),
    [
        ({"sort": [{"field": "nope"}]}, 'Field "nope" in entity "product" was not found.'),
        ({"sort": "tax.nope"}, 'Field "nope" in entity "tax" was not found.'),
        (
            {"filter": [_is("equals", "tax.nope", 1)]},
            'Field "nope" in entity "tax" was not found.',
        ),
        ({"filter": [_is("equals", "id", "x")]}, "Value is not a valid UUID: x"),
        ({"ids": ["x"]}, "Value is not a valid UUID: x"),
    ],
)
def test_an_unknown_field_and_a_bad_id_are_refused(
    api: Client, criteria: dict[str, Any], detail: str
) -> None:
    answer = api.search("product", **criteria)
    assert (answer.status, answer.errors[0]["detail"]) == (400, detail)


def test_an_unknown_association_is_a_fault_of_the_shop(api: Client) -> None:
    answer = api.search("product", associations={"nope": {}})
    assert answer.status == 500
    assert answer.errors[0]["code"] == "FRAMEWORK__ASSOCIATION_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/api/tax", 405),
        ("GET", "/api/_action/sync", 405),
        ("GET", "/api/search/tax", 405),
        ("GET", "/api/no-such-thing", 404),
        ("GET", "/api/customer_group", 404),
        ("GET", "/api/tax/not-an-id", 404),
        ("POST", "/api/tax/" + "0" * 32, 405),
    ],
)
def test_wrong_addresses_and_methods(api: Client, method: str, path: str, status: int) -> None:
    answer = api.ask(method, path)
    assert answer.status == status
    expected = f'No route found for "{method} {api.url}{path}"'
    assert answer.errors[0]["detail"].startswith(expected)
