"""What the module tells the bridge: each thing once, signed, until it is taken; and never at the
cost of an order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.magento.sandbox import module_events
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sales import Entity
from connectors.sandbox.people import SHOPPERS
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.magento.listening import Listener, listening

ORDER, INVOICE = "sales_order_save_after", "sales_order_invoice_save_after"
SHIPMENT, REFUND = "sales_order_shipment_save_after", "sales_order_creditmemo_save_after"
HASTE = 600
"""The first pause between tries, of a minute, is a tenth of a second."""


@pytest.fixture
def bridge() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def desk(shop: RunningSandbox) -> ModuleDesk:
    shop.faults.set(shop={"events_sped_up": HASTE})
    desk = ModuleDesk(shop.state)
    desk.install()
    return desk


@pytest.fixture
def tell(client: Any, desk: ModuleDesk) -> Callable[..., None]:
    def tell(**settings: str) -> None:
        assert client("PUT", "loyalty-bridge/settings", {"settings": settings}).ok

    return tell


def bought(shop: RunningSandbox) -> str:
    till = shop.state.till()
    return str(till.order(SHOPPERS[0], {till.skus()[0]: 2}, guest=False).order_id)


def test_each_thing_is_told_once(
    shop: RunningSandbox, client: Any, bridge: Listener, tell: Callable[..., None]
) -> None:
    """With its order's id."""
    tell(**bridge.settings)
    till = shop.state.till()
    order_id = bought(shop)
    till.pay(order_id)
    till.send(order_id)
    [line] = [str(row.id) for row in shop.state.orders.get(int(order_id)).rows]
    till.give_back(order_id, {line: 1}, shipping=False)
    second = bought(shop)
    till.cancel(second)
    client("PUT", "customers/2", {"customer": {"group_id": 2}})
    told = [(one.event, one.entity, *one.ids) for one in bridge.wait(10)]
    assert told == [
        (ORDER, Entity.ORDER, order_id),
        (INVOICE, Entity.ORDER, order_id),
        (ORDER, Entity.ORDER, order_id),
        (SHIPMENT, Entity.ORDER, order_id),
        (ORDER, Entity.ORDER, order_id),
        (REFUND, Entity.ORDER, order_id),
        (ORDER, Entity.ORDER, order_id),
        (ORDER, Entity.ORDER, second),
        (ORDER, Entity.ORDER, second),
        ("customer_save_after_data_object", Entity.CUSTOMER, "2"),
    ]


def test_nothing_is_told_while_it_is_off_or_does_not_know_where(
    shop: RunningSandbox, bridge: Listener, tell: Callable[..., None], desk: ModuleDesk
) -> None:
    bought(shop)
    tell(**bridge.settings)
    desk.switch(on=False)
    bought(shop)
    desk.switch(on=True)
    order_id = bought(shop)
    [first] = bridge.wait(1)
    assert first.ids == (order_id,)
    desk.uninstall()
    bought(shop)
    assert len(shop.state.module.outbox) == 0


def test_a_greeting_is_sent_at_once(
    client: Any, bridge: Listener, tell: Callable[..., None], desk: ModuleDesk
) -> None:
    """So that the bridge sees that its messages arrive, and are signed as it wants."""
    tell(**bridge.settings)
    assert client.post("loyalty-bridge/hello", {"nonce": "n0nce-" + "x" * 34}) is True
    [signal] = bridge.wait(1)
    assert (signal.event_id, signal.event) == (f"hello-n0nce-{'x' * 34}", "hello")
    assert (signal.entity, signal.ids) == (None, ())
    for nonce in ("short", "x" * 41, "with blanks"):
        assert client("POST", "loyalty-bridge/hello", {"nonce": nonce}).status_code == 400
    desk.switch(on=False)
    assert client("POST", "loyalty-bridge/hello", {"nonce": "x" * 20}).status_code == 400


@pytest.mark.parametrize("status", [500, 503, 401, 302])
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    shop: RunningSandbox, bridge: Listener, tell: Callable[..., None], status: int
) -> None:
    tell(**bridge.settings)
    bridge.statuses = [status, status]
    order_id = bought(shop)
    signals = bridge.wait(3)
    assert {(one.event_id, *one.ids) for one in signals} == {(signals[0].event_id, order_id)}
    assert shop.state.module.outbox.join(5)


def test_no_order_is_lost_or_stopped_while_the_bridge_is_down(
    shop: RunningSandbox, client: Any, bridge: Listener, tell: Callable[..., None]
) -> None:
    tell(events_url="http://127.0.0.1:9/gone", events_secret=bridge.settings["events_secret"])
    order_id = bought(shop)
    assert client.get(f"orders/{order_id}")["state"] == "new"
    assert client.get("loyalty-bridge/module")["waiting"] == 1
    tell(**bridge.settings)
    [signal] = bridge.wait(1)
    assert signal.ids == (order_id,)
    assert shop.state.module.outbox.join(5)


def test_a_slow_bridge_stops_no_order(
    shop: RunningSandbox, bridge: Listener, tell: Callable[..., None]
) -> None:
    tell(**bridge.settings)
    bridge.pause = 0.3
    began = time.monotonic()
    ids = {bought(shop), bought(shop)}
    assert time.monotonic() - began < bridge.pause
    assert {one for signal in bridge.wait(2) for one in signal.ids} == ids


def test_no_order_no_event(
    shop: RunningSandbox, client: Any, bridge: Listener, tell: Callable[..., None]
) -> None:
    """What is refused is rolled back, and tells nothing."""
    tell(**bridge.settings)
    cart_id = client.post("customers/2/carts", {})
    refused = client("PUT", f"carts/{cart_id}/order", {"paymentMethod": {"method": "checkmo"}})
    assert refused.status_code == 400
    order_id = bought(shop)
    assert [one.ids for one in bridge.wait(1)] == [(order_id,)]


def test_what_the_bridge_takes_back_is_sent_no_more(
    shop: RunningSandbox, client: Any, tell: Callable[..., None]
) -> None:
    tell(events_url="http://127.0.0.1:9/gone", events_secret="s")
    bought(shop)
    client("DELETE", "loyalty-bridge/settings")
    assert client.get("loyalty-bridge/module")["waiting"] == 0
    bought(shop)
    assert client.get("loyalty-bridge/module")["waiting"] == 0


@pytest.mark.parametrize(
    ("attempts", "status", "seconds"),
    [(0, 0, 30), (1, 500, 60), (2, 0, 120), (9, 503, 15_360), (10, 0, 21_600), (1, 410, 86_400)],
)
def test_how_long_it_waits(attempts: int, status: int, seconds: int) -> None:
    assert module_events.pause_after(attempts, status) == seconds
