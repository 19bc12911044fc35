"""Searches that no recording shows.

After Shopware 6.6, Core/Framework/DataAbstractionLayer: Search/RequestCriteriaBuilder,
Dbal/CriteriaQueryBuilder, Dbal/EntityAggregator, Indexing/TreeUpdater, Content/Category/
CategoryBreadcrumbUpdater.
"""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Client

ENGLISH = "2fbb5fe2e29a4d70aa5854ce7ce3e20b"
STANDARD = "cfbd5018d38d41d8adca10d94fc8bdd6"
DEALER = "610f97c0abd3f8be1e1f49a1dd318b34"


def aggregated(api: Client, entity: str, *wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = api.search(entity, limit=1, aggregations=list(wanted), **more)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body["aggregations"]
    return found


def rows(api: Client, entity: str, **criteria: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.search(entity, **criteria).body["data"]
    return found


# -- aggregations ---------------------------------------------------------------------------


def test_terms_are_counted_and_hold_what_is_nested_in_them(api: Client) -> None:
    inner = {"name": "emails", "type": "count", "field": "email"}
    wanted = {"name": "by group", "type": "terms", "field": "groupId", "aggregation": inner}
    buckets = aggregated(api, "customer", wanted)["by group"]["buckets"]
    total = api.search("customer", limit=1, total_count_mode=1).body["total"]
    assert sum(bucket["count"] for bucket in buckets) == total
    for bucket in buckets:
        of_it = [{"type": "equals", "field": "groupId", "value": bucket["key"]}]
        found = api.search("customer", limit=1, total_count_mode=1, filter=of_it).body["total"]
        assert (bucket["count"], bucket["emails"]["count"]) == (found, found)


def test_terms_can_be_sorted_and_limited(api: Client) -> None:
    wanted = {
        "name": "taxes",
        "type": "terms",
        "field": "taxId",
        "limit": 1,
        "sort": {"field": "_count", "order": "DESC"},
    }
    (bucket,) = aggregated(api, "product", wanted)["taxes"]["buckets"]
    everything = {"name": "taxes", "type": "terms", "field": "taxId"}
    buckets = aggregated(api, "product", everything)["taxes"]["buckets"]
    assert bucket["count"] == max(one["count"] for one in buckets)


def test_a_filter_narrows_its_aggregation_only(api: Client) -> None:
    dealers = [{"type": "equals", "field": "groupId", "value": DEALER}]
    inner = {"name": "dealers", "type": "count", "field": "id"}
    narrowed = {"name": "f", "type": "filter", "filter": dealers, "aggregation": inner}
    everyone = {"name": "all", "type": "count", "field": "id"}
    found = aggregated(api, "customer", narrowed, everyone)
    assert 0 < found["dealers"]["count"] < found["all"]["count"]
    assert "f" not in found


def test_a_post_filter_does_not_touch_aggregations(api: Client) -> None:
    dealers = [{"type": "equals", "field": "groupId", "value": DEALER}]
    wanted = {"name": "n", "type": "count", "field": "id"}
    with_it = aggregated(api, "customer", wanted, **{"post-filter": dealers})
    assert with_it == aggregated(api, "customer", wanted)


def test_figures_of_a_number(api: Client) -> None:
    parts = [
        {"name": kind, "type": kind, "field": "stock"} for kind in ("min", "max", "avg", "sum")
    ]
    stats = {"name": "stats", "type": "stats", "field": "stock"}
    found = aggregated(api, "product", *parts, stats)
    single = {kind: found[kind][kind] for kind in ("min", "max", "avg", "sum")}
    assert {kind: found["stats"][kind] for kind in single} == single
    assert float(single["min"]) <= float(single["avg"]) <= float(single["max"])


def test_whole_rows_behind_a_field(api: Client) -> None:
    wanted = {"name": "g", "type": "entity", "field": "groupId", "definition": "customer_group"}
    found = aggregated(api, "customer", wanted)["g"]["entities"]
    names = {row["name"] for row in found}
    assert {"Dealer", "Standard customer group"} <= names


def test_days_are_counted(api: Client) -> None:
    wanted = {"name": "h", "type": "histogram", "field": "createdAt", "interval": "day"}
    buckets = aggregated(api, "customer", wanted)["h"]["buckets"]
    total = api.search("customer", limit=1, total_count_mode=1).body["total"]
    assert sum(one["count"] for one in buckets) == total
    assert all(one["key"].endswith("00:00:00") for one in buckets)


# -- criteria -------------------------------------------------------------------------------


def test_ids_may_stand_in_the_query(api: Client) -> None:
    answer = api.ask("GET", "/api/customer-group", query={"ids[]": DEALER})
    assert [row["id"] for row in answer.body["data"]] == [DEALER]
    both = api.ask("GET", "/api/customer-group", query={"ids": f"{DEALER}|{STANDARD}"})
    assert {row["id"] for row in both.body["data"]} == {DEALER, STANDARD}


def test_a_score_orders_and_leaves_out_what_has_none(api: Client) -> None:
    query = [
        {"score": 10, "query": {"type": "contains", "field": "name", "value": "e"}},
        {"score": 500, "query": {"type": "equals", "field": "name", "value": "Wholesale"}},
    ]
    names = [row["name"] for row in rows(api, "customer-group", query=query)]
    assert names[0] == "Wholesale"
    assert names[1:]
    nobody = [{"score": 1, "query": {"type": "equals", "field": "name", "value": "nobody"}}]
    assert rows(api, "customer-group", query=nobody) == []


def test_a_list_field_is_found_by_one_of_its_values(api: Client) -> None:
    filters = [{"type": "contains", "field": "vatIds", "value": "DE1000"}]
    found = rows(api, "customer", filter=filters)
    assert found
    assert all("DE1000" in one["vatIds"][0] for one in found)


# -- categories -----------------------------------------------------------------------------


def test_categories_tell_their_place(api: Client) -> None:
    deep = [{"type": "equals", "field": "level", "value": 3}]
    category = rows(api, "category", filter=deep, limit=1, associations={"parent": {}})[0]
    parent = category["parent"]
    assert category["path"] == f"{parent['path']}{parent['id']}|"
    assert category["breadcrumb"] == [*parent["breadcrumb"], category["name"]]
    assert category["translated"]["breadcrumb"] == category["breadcrumb"]


def test_a_category_that_moves_takes_a_new_path(api: Client) -> None:
    (root,) = rows(api, "category", filter=[{"type": "equals", "field": "level", "value": 1}])
    first, second = ("a" * 32, "b" * 32)
    for key, parent in ((first, root["id"]), (second, first)):
        body = {"id": key, "name": key[:3], "parentId": parent}
        assert api.post("/api/category", body).status == 204
    (row,) = rows(api, "category", ids=[second])
    assert (row["level"], row["path"]) == (3, f"|{root['id']}|{first}|")
    assert api.ask("PATCH", f"/api/category/{second}", {"parentId": root["id"]}).status == 204
    (row,) = rows(api, "category", ids=[second])
    assert (row["level"], row["path"]) == (2, f"|{root['id']}|")
    assert row["breadcrumb"] == [root["name"], "bbb"]


def test_products_of_a_category_and_of_all_below_it(api: Client) -> None:
    (root,) = rows(api, "category", filter=[{"type": "equals", "field": "level", "value": 1}])
    below = api.search("category", ids=[root["id"]], associations={"nestedProducts": {"limit": 2}})
    assert len(below.body["data"][0]["nestedProducts"]) == 2
    of_it = [{"type": "equals", "field": "categoriesRo.id", "value": root["id"]}]
    assert api.search("product", limit=1, filter=of_it).body["total"] == 1


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        ("country", "iso"),
        ("salutation", "salutationKey"),
        ("tax", "taxRate"),
        ("currency", "isoCode"),
        ("language", "name"),
        ("payment-method", "name"),
        ("locale", "code"),
    ],
)
def test_reference_rows_are_sorted_paged_and_found(api: Client, entity: str, field: str) -> None:
    everything = [row[field] for row in rows(api, entity, sort=[{"field": field}])]
    assert len(everything) > 1
    second = rows(api, entity, sort=[{"field": field}], limit=1, page=2)
    assert [row[field] for row in second] == everything[1:2]
    found = rows(api, entity, filter=[{"type": "equals", "field": field, "value": everything[0]}])
    assert {row[field] for row in found} == {everything[0]}


def test_a_sales_channel_knows_what_may_be_chosen_in_it(api: Client) -> None:
    wanted = {name: {} for name in ("currencies", "languages", "countries", "paymentMethods")}
    channel = rows(api, "sales-channel", limit=1, associations=wanted)[0]
    assert all(channel[name] for name in wanted)
