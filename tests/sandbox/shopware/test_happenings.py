"""What listeners hear of the shop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import (
    SAW,
    Shopper,
    do,
    found_order,
    pay,
)

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.happenings import Event, Happening, Written


@pytest.fixture
def heard(shop: RunningSandbox) -> list[Happening]:
    told: list[Happening] = []
    shop.state.listeners.append(told.append)
    return told


def _events(heard: list[Happening]) -> list[str]:
    return [one.name for one in heard if isinstance(one, Event)]


def test_listeners_hear_in_order_what_was_committed(
    api: Client, shop: RunningSandbox, heard: list[Happening], buyer: Shopper
) -> None:
    try:
        order = buyer.place((SAW, 1))
        pay(api, order)
        do(api, "order", order["id"], "complete")
    finally:
        shop.state.listeners.clear()
    assert _events(heard) == [
        "checkout.order.placed",
        "state_leave.order_transaction.state.open",
        "state_enter.order_transaction.state.paid",
    ]
    assert {one.entity_id for one in heard if isinstance(one, Event)} == {order["id"]}
    changes = [change for one in heard if isinstance(one, Written) for change in one.changes]
    placed = next(one for one in changes if one.entity == "order")
    assert (placed.operation, placed.primary_key) == ("insert", order["id"])
    paid = changes[-1]
    assert (paid.entity, paid.operation) == ("order_transaction", "update")
    assert paid.updated_fields == ("versionId", "orderVersionId", "stateId", "updatedAt", "id")


def test_a_listener_may_ask_the_shop(
    api: Client, shop: RunningSandbox, new_client: Callable[[], Client], buyer: Shopper
) -> None:
    other, states = new_client(), []
    other.token = api.token

    def listen(happening: Happening) -> None:
        if isinstance(happening, Event) and happening.name.endswith("placed"):
            states.append(found_order(other, happening.entity_id)["orderNumber"])

    shop.state.listeners.append(listen)
    try:
        order = buyer.place((SAW, 1))
    finally:
        shop.state.listeners.clear()
    assert states == [order["orderNumber"]]


def test_what_failed_is_not_told(api: Client, shop: RunningSandbox, heard: list[Happening]) -> None:
    try:
        groups = [{"name": "One", "displayGross": True}, {"name": None}]
        operation = {"entity": "customer_group", "action": "upsert", "payload": groups}
        assert api.sync(groups=operation).status == 400
    finally:
        shop.state.listeners.clear()
    assert heard == []
