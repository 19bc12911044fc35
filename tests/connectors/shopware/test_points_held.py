"""Points held for a basket: into the customer's fields, out of them, and seen on the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.base import Connection
from connectors.errors import NotFound, Rejected
from connectors.plugins import HeldPoints, TakesPoints
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import mapping
from connectors.shopware.connector import ShopwareConnector, connect
from connectors.shopware.points_held import FIELDS
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.definitions import DEFAULT_CURRENCY
from connectors.shopware.sandbox.records import change
from connectors.shopware.sandbox.seed import SALES_CHANNEL

from .conftest import MARK

HELD = HeldPoints(
    "lb12345678", Decimal("12.34"), "EUR", SALES_CHANNEL, datetime(2030, 1, 1, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=20, customers=10) as running:
        yield running


@pytest.fixture
def live(sandbox: RunningSandbox) -> Iterator[ShopwareConnector]:
    sandbox.reset()
    connector = connect(Connection(sandbox.url, SANDBOX.credentials, {}, MARK))
    yield connector
    connector.close()


def test_they_stand_in_the_fields_of_that_customer_alone(live: ShopwareConnector) -> None:
    assert isinstance(live, TakesPoints)
    one, other = (customer.id for customer in list(live.customers())[:2])
    live._client.update("customer", one, {"customFields": {"another_tool": "stays"}})
    assert live.held(one) == ""
    live.hold(one, replace(HELD, share=Decimal(30)))
    fields = fields_of(live, one)
    assert {name: fields[f"loyalty_bridge_redeem_{name}"] for name in FIELDS} == {
        "key": "lb12345678",
        "worth": Decimal("12.34"),
        "until": 1893456000,
        "channel": SALES_CHANNEL,
        "currency": DEFAULT_CURRENCY,
        "share": 30,
    }
    assert (live.held(one), live.held(other)) == ("lb12345678", "")
    live.hold(one, None)
    live.hold(one, None)
    fields = fields_of(live, one)
    assert live.held(one) == "" and fields["another_tool"] == "stays"
    assert {fields[f"loyalty_bridge_redeem_{name}"] for name in FIELDS} == {None}


def test_what_they_are_worth_is_told_in_the_default_currency(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    one = next(iter(live.customers())).id
    change(sandbox.state.database, "currency", DEFAULT_CURRENCY, {"factor": 1.3})
    live.hold(one, HELD)
    worth = Decimal(fields_of(live, one)["loyalty_bridge_redeem_worth"])
    assert worth == Decimal("9.49230769")
    assert (worth * Decimal("1.3")).quantize(Decimal("0.01")) == HELD.worth


def test_what_cannot_be_is_refused(live: ShopwareConnector) -> None:
    one = next(iter(live.customers())).id
    with pytest.raises(Rejected, match="currency is EUR"):
        live.hold(one, replace(HELD, currency="CHF"))
    for customer_id in ("f" * 32, "0" * 32):
        with pytest.raises(NotFound):
            live.hold(customer_id, HELD)
        with pytest.raises(NotFound):
            live.held(customer_id)


def test_every_address_of_a_channels_pages_is_told() -> None:
    """Its pages may ask from any of them."""
    domains = [
        {"url": f"https://{name}"} for name in ("shop.example/de", "shop.example", "b.example")
    ]
    row = {"id": "1", "name": "x", "domains": [*domains, {"url": "default.headless0"}]}
    found = mapping.store(row, mapping.Currencies(()))
    assert found.url == "https://b.example"
    assert found.more_urls == "https://shop.example https://shop.example/de"


def fields_of(live: ShopwareConnector, customer_id: str) -> dict[str, object]:
    criteria = {"includes": {"customer": ["id", "customFields"]}}
    fields: dict[str, object] = live._client.one("customer", customer_id, criteria, "customer")[
        "customFields"
    ]
    return fields
