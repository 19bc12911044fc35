"""The states of orders and their parts beyond the recordings, and what a poller walks by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import (
    DEALER,
    DEGREASER,
    SAW,
    STANDARD_BUYER,
    Body,
    Shopper,
    do,
    found_order,
    pay,
)

from connectors.sandbox.server import RunningSandbox

# -- states ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "actions", "state"),
    [
        ("order", "process complete reopen cancel", "cancelled"),
        ("order", "cancel reopen process", "in_progress"),
        ("order_delivery", "ship_partially ship retour_partially retour reopen", "open"),
        ("order_transaction", "process_unconfirmed authorize paid chargeback", "chargeback"),
        ("order_transaction", "paid_partially paid refund_partially refund", "refunded"),
        ("order_transaction", "paid cancel", "cancelled"),
        ("order_transaction", "fail do_pay paid reopen remind cancel", "cancelled"),
    ],
)
def test_the_ways_through_the_states(
    api: Client, buyer: Shopper, entity: str, actions: str, state: str
) -> None:
    order = buyer.place((SAW, 1))
    part = {"order_delivery": "deliveries", "order_transaction": "transactions"}.get(entity)
    key = order[part][0]["id"] if part else order["id"]
    for action in actions.split():
        answer = do(api, entity, key, action)
        assert answer.status == 200, answer.body
    assert answer.body["technicalName"] == state
    history = api.search(
        "state-machine-history",
        filter=[{"type": "equals", "field": "referencedId", "value": key}],
        sort=[{"field": "createdAt"}, {"field": "id"}],
    ).body["data"]
    assert [one["transitionActionName"] for one in history] == actions.split()


@pytest.mark.parametrize(
    ("entity", "actions", "possible"),
    [
        ("order", "complete", "cancel, process"),
        ("order", "process complete cancel", "reopen"),
        ("order_delivery", "retour", "cancel, ship, ship_partially"),
        ("order_transaction", "refund", ""),
    ],
)
def test_other_ways_are_refused_and_change_nothing(
    api: Client, buyer: Shopper, entity: str, actions: str, possible: str
) -> None:
    order = buyer.place((SAW, 1))
    part = {"order_delivery": "deliveries", "order_transaction": "transactions"}.get(entity)
    key = order[part][0]["id"] if part else order["id"]
    *before, last = actions.split()
    for action in before:
        do(api, entity, key, action)
    refused = do(api, entity, key, last)
    assert (refused.status, refused.errors[0]["code"]) == (400, "SYSTEM__ILLEGAL_STATE_TRANSITION")
    assert refused.errors[0]["detail"].rpartition(": ")[2].startswith(possible)


def test_a_state_is_entered_once(api: Client, buyer: Shopper) -> None:
    """The shop takes a second "paid" for done and writes no history."""
    order = buyer.place((SAW, 1))
    pay(api, order, "paid", "paid")
    key = order["transactions"][0]["id"]
    at_once = [{"type": "equals", "field": "referencedId", "value": key}]
    assert len(api.search("state-machine-history", filter=at_once).body["data"]) == 1


def test_a_state_is_not_written_like_a_field(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    state = {"stateId": "01a2039a45b8735fab773734bb481d5b"}
    answer = api.ask("PATCH", f"/api/order/{order['id']}", state)
    assert (answer.status, answer.pointers) == (400, ["/0/stateId"])


def test_a_customers_figures_count_completed_orders(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    for action in ("process", "complete"):
        do(api, "order", order["id"], action)

    def figures() -> Body:
        found = api.search("customer", filter={"email": STANDARD_BUYER}).body["data"][0]
        return {name: found[name] for name in ("orderCount", "orderTotalAmount", "lastOrderDate")}

    placed = order["orderDateTime"]
    assert figures() == {"orderCount": 1, "orderTotalAmount": 89.08, "lastOrderDate": placed}
    do(api, "order", order["id"], "reopen")
    assert figures() == {"orderCount": 0, "orderTotalAmount": 0, "lastOrderDate": None}


def test_an_order_can_be_paid_again_by_another_transaction(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    first = order["transactions"][0]
    pay(api, order, "fail")
    second = {
        "orderId": order["id"],
        "paymentMethodId": first["paymentMethodId"],
        "stateId": first["stateId"],
        "amount": first["amount"],
    }
    assert api.post("/api/order-transaction", second).status == 204
    found = found_order(api, order["id"], "transactions")["transactions"]
    assert [one["amount"]["totalPrice"] for one in found] == [89.08, 89.08]
    other = next(one["id"] for one in found if one["id"] != first["id"])
    assert do(api, "order_transaction", other, "paid").body["technicalName"] == "paid"


# -- what a poller walks by ------------------------------------------------------------------


def test_a_walk_by_change_time_and_id_meets_every_row_once(
    api: Client, shop: RunningSandbox, buyer: Shopper
) -> None:
    """Also where many rows changed in the same millisecond."""
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    orders = [buyer.place((DEGREASER, 1)) for _ in range(9)]
    for place, order in enumerate(orders):
        shop.state.now = lambda place=place: moment + timedelta(minutes=place // 4)
        pay(api, order)
    mark, last, met = "2000-01-01T00:00:00.000+00:00", "0" * 32, []
    while True:
        later = {"type": "range", "field": "updatedAt", "parameters": {"gt": mark}}
        behind = [
            {"type": "equals", "field": "updatedAt", "value": mark},
            {"type": "range", "field": "id", "parameters": {"gt": last}},
        ]
        both = {"type": "multi", "operator": "and", "queries": behind}
        page = api.search(
            "order-transaction",
            limit=2,
            filter=[{"type": "multi", "operator": "or", "queries": [later, both]}],
            sort=[{"field": "updatedAt"}, {"field": "id"}],
        ).body["data"]
        if not page:
            break
        met += [row["orderId"] for row in page]
        mark, last = page[-1]["updatedAt"], page[-1]["id"]
    assert sorted(met) == sorted(order["id"] for order in orders)


def test_only_the_part_that_moved_shows_it(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    do(api, "order_delivery", order["deliveries"][0]["id"], "ship")
    seen = found_order(api, order["id"], "deliveries", "transactions")
    assert seen["updatedAt"] is None
    assert seen["transactions"][0]["updatedAt"] is None
    assert seen["deliveries"][0]["updatedAt"] is not None


def test_orders_placed_last_month_are_found_by_their_day(
    api: Client, shop: RunningSandbox, buyer: Shopper
) -> None:
    shop.state.now = lambda: datetime(2026, 2, 28, 23, 59, 59, 900000, tzinfo=UTC)
    old = buyer.place((SAW, 1))
    shop.state.now = lambda: datetime(2026, 3, 1, tzinfo=UTC)
    buyer.place((SAW, 1))
    february = {"gte": "2026-02-01T00:00:00+00:00", "lt": "2026-03-01T00:00:00+00:00"}
    found = api.search(
        "order",
        filter=[{"type": "range", "field": "orderDateTime", "parameters": february}],
        total_count_mode=1,
    ).body
    assert (found["total"], found["data"][0]["id"]) == (1, old["id"])
    assert found["data"][0]["orderDate"] == "2026-02-28T00:00:00.000+00:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("orderCustomer.email", STANDARD_BUYER),
        ("lineItems.productId", SAW),
        ("transactions.stateMachineState.technicalName", "paid"),
        ("stateMachineState.technicalName", "in_progress"),
        ("amountTotal", 89.08),
        ("customFields.batch", 7),
    ],
)
def test_orders_are_found_by_what_belongs_to_them(
    api: Client, buyer: Shopper, field: str, value: Any
) -> None:
    order = buyer.place((SAW, 1))
    Shopper(api, DEALER).place((DEGREASER, 1))
    pay(api, order)
    do(api, "order", order["id"], "process")
    api.ask("PATCH", f"/api/order/{order['id']}", {"customFields": {"batch": 7}})
    found = api.search("order", filter=[{"type": "equals", "field": field, "value": value}])
    assert [one["id"] for one in found.body["data"]] == [order["id"]]


def test_custom_fields_of_an_order_are_merged_name_by_name(api: Client, buyer: Shopper) -> None:
    order = buyer.place((SAW, 1))
    for fields in ({"a": 1, "b": 1}, {"b": 2, "c": None}):
        api.ask("PATCH", f"/api/order/{order['id']}", {"customFields": fields})
    assert found_order(api, order["id"])["customFields"] == {"a": 1, "b": 2, "c": None}
