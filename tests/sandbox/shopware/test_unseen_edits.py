"""Refunds of captures and drafts of orders beyond the recordings."""

from __future__ import annotations

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import (
    CAPTURED,
    COMPLETED,
    DEGREASER,
    SAW,
    Body,
    Shopper,
    do,
    found_order,
    pay,
    price,
    stock,
)

# -- refunds ---------------------------------------------------------------------------------


def test_refunds_of_captures_come_one_by_one(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 3))
    pay(api, order)
    line = order["lineItems"][0]["id"]
    capture = {
        "id": "5eed" * 8,
        "orderTransactionId": order["transactions"][0]["id"],
        "stateId": CAPTURED,
        "amount": price(267.24),
    }
    assert api.post("/api/order-transaction-capture", capture).status == 204
    for pieces in (1, 2):
        position = {"orderLineItemId": line, "quantity": pieces, "amount": price(89.08 * pieces)}
        refund = {
            "captureId": "5eed" * 8,
            "stateId": COMPLETED,
            "amount": price(89.08 * pieces),
            "positions": [position],
        }
        assert api.post("/api/order-transaction-capture-refund", refund).status == 204
    transactions = {"associations": {"captures": {"associations": {"refunds": {
        "associations": {"positions": {}, "stateMachineState": {}}}}}}}  # fmt: skip
    found = api.search("order", ids=[order["id"]], associations={"transactions": transactions})
    refunds = found.body["data"][0]["transactions"][0]["captures"][0]["refunds"]
    assert sorted(one["positions"][0]["quantity"] for one in refunds) == [1, 2]
    assert {one["stateMachineState"]["technicalName"] for one in refunds} == {"completed"}


def test_a_refund_is_completed_by_its_own_state_machine(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    states = api.search(
        "state-machine-state",
        filter=[
            {"type": "equals", "field": "technicalName", "value": "open"},
            {
                "type": "equals",
                "field": "stateMachine.technicalName",
                "value": "order_transaction_capture_refund.state",
            },
        ],
    ).body["data"]
    refund = {"id": "ab" * 16, "stateId": states[0]["id"], "amount": price(10)}
    capture = {
        "orderTransactionId": order["transactions"][0]["id"],
        "stateId": CAPTURED,
        "amount": price(89.08),
        "refunds": [refund],
    }
    assert api.post("/api/order-transaction-capture", capture).status == 204
    path = f"/api/_action/state-machine/order_transaction_capture_refund/{'ab' * 16}/state"
    offered = [one["actionName"] for one in api.ask("GET", path).body["transitions"]]
    assert offered == ["cancel", "complete", "fail", "process"]
    assert api.post(f"{path}/complete", {}).body["data"]["technicalName"] == "completed"


def test_a_refund_of_a_capture_that_is_not_there_is_refused(api: Client) -> None:
    refund = {"captureId": "ff" * 16, "stateId": COMPLETED, "amount": price(1)}
    answer = api.post("/api/order-transaction-capture-refund", refund)
    assert (answer.status, answer.errors[0]["code"]) == (500, "1452")


# -- drafts ----------------------------------------------------------------------------------


def _draft(api: Client, order_id: str) -> dict[str, str]:
    answer = api.post(f"/api/_action/version/order/{order_id}", {})
    return {"sw-version-id": answer.body["versionId"]}


def _edit(api: Client, draft: dict[str, str], order: Body, quantity: int) -> None:
    line = order["lineItems"][0]["id"]
    path = f"/api/order-line-item/{line}"
    assert api.ask("PATCH", path, {"quantity": quantity}, headers=draft).status == 204
    path = f"/api/_action/order/{order['id']}/recalculate"
    assert api.post(path, {}, headers=draft).status == 204


def test_a_draft_is_seen_by_those_alone_who_name_it(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 3))
    draft = _draft(api, order["id"])
    _edit(api, draft, order, 1)
    live, drafted = found_order(api, order["id"]), found_order(api, order["id"], headers=draft)
    assert (live["amountTotal"], live["updatedAt"]) == (267.24, None)
    assert (drafted["amountTotal"], drafted["versionId"]) == (89.08, draft["sw-version-id"])
    assert len(api.search("order", total_count_mode=1).body["data"]) == 1


def test_a_merged_draft_is_the_order(api: Client, buyer: Shopper) -> None:
    order, before = buyer.place((SAW, 3)), stock(api)
    draft = _draft(api, order["id"])
    _edit(api, draft, order, 5)
    assert stock(api) == before
    api.post(f"/api/_action/version/merge/order/{draft['sw-version-id']}", {})
    edited = found_order(api, order["id"], "lineItems", "transactions")
    assert (edited["amountTotal"], edited["lineItems"][0]["totalPrice"]) == (445.4, 445.4)
    assert edited["updatedAt"] is not None
    assert edited["transactions"][0]["amount"]["totalPrice"] == 267.24
    assert stock(api) == before - 2


def test_what_happened_beside_a_draft_outlives_its_merge(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 3))
    draft = _draft(api, order["id"])
    _edit(api, draft, order, 1)
    do(api, "order", order["id"], "process")
    fields = {"customFields": {"note": "urgent"}}
    api.ask("PATCH", f"/api/order/{order['id']}", fields)
    api.post(f"/api/_action/version/merge/order/{draft['sw-version-id']}", {})
    merged = found_order(api, order["id"], "stateMachineState")
    assert merged["stateMachineState"]["technicalName"] == "in_progress"
    assert merged["customFields"] == {"note": "urgent"}
    assert merged["amountTotal"] == 89.08


def test_a_line_added_and_a_line_removed_in_a_draft(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1), (DEGREASER, 2))
    draft = _draft(api, order["id"])
    saw = next(one["id"] for one in order["lineItems"] if one["productId"] == SAW)
    assert api.ask("DELETE", f"/api/order-line-item/{saw}", headers=draft).status == 204
    product = api.search("product", filter={"productNumber": "B2B-1001"}).body["data"][0]["id"]
    path = f"/api/_action/order/{order['id']}/product/{product}"
    assert api.post(path, {"quantity": 2}, headers=draft).status == 204
    assert len(found_order(api, order["id"], "lineItems")["lineItems"]) == 2
    api.post(f"/api/_action/version/merge/order/{draft['sw-version-id']}", {})
    merged = found_order(api, order["id"], "lineItems")
    lines = {one["productId"]: one["totalPrice"] for one in merged["lineItems"]}
    assert set(lines) == {DEGREASER, product}
    assert merged["amountTotal"] == pytest.approx(sum(lines.values()))


def test_a_credit_lowers_the_order(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    draft = _draft(api, order["id"])
    credit = {"label": "Sorry", "quantity": 1, "priceDefinition": {"type": "absolute", "price": -9}}
    path = f"/api/_action/order/{order['id']}/creditItem"
    assert api.post(path, credit, headers=draft).status == 204
    assert found_order(api, order["id"], headers=draft)["amountTotal"] == 80.08


def test_a_draft_that_is_dropped_leaves_no_trace(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 3))
    draft = _draft(api, order["id"])
    _edit(api, draft, order, 1)
    version = draft["sw-version-id"]
    assert api.post(f"/api/_action/version/{version}/order/{order['id']}", {}).status == 204
    assert api.post(f"/api/_action/version/merge/order/{version}", {}).status == 204
    assert found_order(api, order["id"])["amountTotal"] == 267.24


def test_the_live_order_is_not_recalculated(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    answer = api.post(f"/api/_action/order/{order['id']}/recalculate", {})
    assert answer.status == 400
    assert answer.errors[0]["code"].endswith("CAN_NOT_RECALCULATE_LIVE_VERSION")
