"""Sandboxes to ask, and ``shopware_replay`` importable as an installed package would be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX

sys.path.insert(0, str(Path(__file__).parent))

from shopware_replay import PRODUCTS
from shopware_replay.asking import Client
from shopware_replay.shopping import STANDARD_BUYER, Shopper


@pytest.fixture(scope="package")
def _shared() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=PRODUCTS, customers=20) as running:
        yield running


@pytest.fixture
def shop(_shared: RunningSandbox) -> RunningSandbox:
    """A shop as it is at the start: :data:`PRODUCTS` products, 20 customers."""
    _shared.reset()
    return _shared


@pytest.fixture
def api(shop: RunningSandbox) -> Iterator[Client]:
    """A signed-in client with all privileges."""
    client = Client(shop.url)
    client.sign_in(**SANDBOX.credentials)
    yield client
    client.close()


@pytest.fixture
def buyer(api: Client) -> Shopper:
    """Signed in; of the standard group, which sees prices with tax."""
    return Shopper(api, STANDARD_BUYER)


@pytest.fixture
def new_client(shop: RunningSandbox) -> Iterator[Callable[[], Client]]:
    """Further clients of the same shop, not signed in."""
    clients: list[Client] = []

    def make() -> Client:
        clients.append(Client(shop.url))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
