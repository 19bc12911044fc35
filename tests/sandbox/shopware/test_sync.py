"""Sync: one transaction, whatever is in it, however many ask at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from shopware_replay.asking import Client

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX

EUR = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
DEALER_RULE = "64eebfef88f7c7984104d40fd38665b6"
SAW = "0009f964978456518617e13b4a9d1108"


def _rows(count: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{first + number:032x}",
            "productId": SAW,
            "ruleId": DEALER_RULE,
            "quantityStart": 100 + first + number,
            "price": [{"currencyId": EUR, "net": 10, "gross": 11.9, "linked": False}],
            **more,
        }
        for number in range(count)
    ]


def _upsert(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"entity": "product_price", "action": "upsert", "payload": rows}


def _delete(*ids: str, entity: str = "product_price") -> dict[str, Any]:
    return {"entity": entity, "action": "delete", "payload": [{"id": one} for one in ids]}


@pytest.mark.parametrize(
    "spoiler",
    [
        {"entity": "product_price", "action": "upsert", "payload": [{"id": "e" * 32}]},
        _upsert(_rows(1, 900, ruleId="f" * 32)),
        {"entity": "rule", "action": "delete", "payload": [{"id": DEALER_RULE}]},
        {"entity": "no_such_entity", "action": "upsert", "payload": [{"id": "e" * 32}]},
        {"entity": "product_price", "action": "replace", "payload": [{"id": "e" * 32}]},
        {"entity": "product_price", "action": "upsert", "payload": []},
        {"entity": "product_price", "action": "delete", "payload": [{"productId": SAW}]},
        {"entity": "product_price", "action": "delete", "payload": [{"id": "x"}]},
    ],
    ids=["blank", "foreign key", "in use", "entity", "action", "empty", "no id", "bad id"],
)
def test_a_failed_sync_leaves_nothing(
    api: Client, shop: RunningSandbox, spoiler: dict[str, Any]
) -> None:
    before = shop.dump()
    there = next(iter(before["product_price"]))
    answer = api.sync(
        a=_upsert(_rows(3)),
        b={"entity": "customer_group", "action": "upsert", "payload": [{"name": "New"}]},
        c=_delete(there),
        d=spoiler,
    )
    assert answer.status >= 400
    assert shop.dump() == before


def test_later_operations_see_what_earlier_ones_did(api: Client) -> None:
    group, rule = "a" * 32, "b" * 32
    condition = {
        "type": "customerCustomerGroup",
        "value": {"operator": "=", "customerGroupIds": [group]},
    }
    answer = api.sync(
        groups={
            "entity": "customer_group",
            "action": "upsert",
            "payload": [{"id": group, "name": "New"}],
        },
        rules={
            "entity": "rule",
            "action": "upsert",
            "payload": [{"id": rule, "name": "New", "priority": 5, "conditions": [condition]}],
        },
        prices=_upsert(_rows(2, ruleId=rule)),
        gone=_delete(f"{0:032x}"),
    )
    assert answer.status == 200
    assert answer.body["deleted"] == {"product_price": [f"{0:032x}"]}
    assert set(answer.body["data"]) == {
        "customer_group",
        "customer_group_translation",
        "product",
        "product_price",
        "rule",
        "rule_condition",
    }


def test_known_and_unknown_ids_may_be_deleted_together(api: Client) -> None:
    api.sync(p=_upsert(_rows(2)))
    answer = api.sync(d=_delete(f"{0:032x}", "e" * 32, f"{1:032x}"))
    assert answer.body["deleted"] == {"product_price": [f"{0:032x}", f"{1:032x}"]}
    assert answer.body["notFound"] == {"product_price": ["e" * 32]}


def test_links_between_rows_are_deleted_by_both_ids_or_by_criteria(api: Client) -> None:
    link = api.post("/api/search-ids/product-category", {"limit": 2}).body["data"]
    operation = {"entity": "product_category", "action": "delete", "payload": link[:1]}
    assert api.sync(d=operation).body["deleted"] == {"product_category": link[:1]}
    criteria = [{"type": "equals", "field": "productId", "value": link[1]["productId"]}]
    operation = {"entity": "product_category", "action": "delete", "criteria": criteria}
    assert api.sync(d=operation).body["deleted"] == {"product_category": link[1:]}


def test_operations_may_be_a_list_that_names_its_keys(api: Client) -> None:
    operation = {"key": "mine", "entity": "product_price", "action": "upsert"}
    answer = api.post("/api/_action/sync", [{**operation, "payload": [{"id": "e" * 32}]}])
    assert answer.pointers[0] == "/mine/0/productId"


@pytest.mark.parametrize(
    "headers",
    [
        {"indexing-behavior": "use-queue-indexing", "single-operation": "1"},
        {"indexing-behavior": "disable-indexing", "sw-skip-trigger-flow": "1"},
        {"sw-version-id": "0fa91ce3e96a4bc2be4bd9ce752c3425", "fail-on-error": "1"},
    ],
)
def test_headers_of_the_sync_api_are_taken(api: Client, headers: dict[str, str]) -> None:
    answer = api.post("/api/_action/sync", {"p": _upsert(_rows(1))}, headers=headers)
    assert answer.status == 200


def test_writing_twice_is_writing_once(api: Client, shop: RunningSandbox) -> None:
    api.sync(p=_upsert(_rows(20)))
    once = shop.dump()
    api.sync(p=_upsert(_rows(20)))
    assert shop.dump() == once


def test_eight_at_once_lose_nothing(new_client: Callable[[], Client], shop: RunningSandbox) -> None:
    def write(thread: int) -> list[int]:
        client = new_client()
        client.sign_in(**SANDBOX.credentials)
        statuses = []
        for turn in range(5):
            rows = _rows(20, first=1000 * thread + 20 * turn)
            bad = [{**rows[0], "ruleId": "f" * 32}] if turn == 2 else []
            statuses.append(client.sync(p=_upsert([*rows, *bad])).status)
            client.search("product-price", limit=50, total_count_mode=1)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(write, range(1, 9)))
    assert results == [[200, 200, 500, 200, 200]] * 8
    written = [key for key in shop.dump()["product_price"] if key.startswith("0" * 20)]
    assert len(written) == 8 * 4 * 20
