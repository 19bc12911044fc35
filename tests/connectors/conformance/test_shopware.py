"""The Shopware connector on its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from known_catalogue import CUSTOMERS, SIZE, all_emails, all_skus, known_products

from connectors.base import Connection
from connectors.conformance import Ability, ConnectorConformance, SandboxFaults, Shop, Target
from connectors.http import HttpClient
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import PLATFORM
from connectors.shopware.client import ShopwareClient, operation
from connectors.shopware.sandbox import SANDBOX

STANDARD_GROUP = "cfbd5018d38d41d8adca10d94fc8bdd6"
SHOPPER = "david.dietrich@example.com"
LINES = {
    Target.GROUP_READ: r"^POST /api/search/customer-group$",
    Target.GROUP_CREATE: r"^POST /api/customer-group$",
    Target.CUSTOMER_MOVE: r"^PATCH /api/customer/",
    Target.TIER_READ: r"^POST /api/search/product-price$",
    Target.TIER_WRITE: r"^POST /api/_action/sync$",
    Target.TIER_REMOVE: r"^POST /api/_action/sync$",
}


def hand_made(url: str, sku: str, group_id: str, quantity: int, net: Decimal) -> None:
    """An advanced price as the admin makes one: with a rule of its own and an id at random."""
    shop = ShopwareClient(url, **SANDBOX.credentials)
    where = {"filter": [{"type": "equals", "field": "productNumber", "value": sku}]}
    (product,) = shop.all("product", where)
    (currency,) = [row for row in shop.all("currency", {}) if row["isoCode"] == "EUR"]
    rule = uuid4().hex
    condition = {
        "type": "customerCustomerGroup",
        "value": {"operator": "=", "customerGroupIds": [group_id]},
    }
    shop.create("rule", {"id": rule, "name": "By hand", "priority": 5, "conditions": [condition]})
    amount = {"currencyId": currency["id"], "net": net, "gross": net, "linked": False}
    row = {
        "id": uuid4().hex,
        "productId": product["id"],
        "ruleId": rule,
        "quantityStart": quantity,
        "price": [amount],
    }
    shop.sync({"by-hand": operation("product_price", "upsert", [row])})
    shop.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=SIZE, customers=CUSTOMERS) as running:
        yield running


class TestShopware(ConnectorConformance):
    cannot = frozenset({Ability.BUNDLES, Ability.STORE_ROWS})

    @pytest.fixture
    def shop(
        self,
        sandbox: RunningSandbox,
        eager_client: Callable[..., HttpClient],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Shop:
        monkeypatch.setattr("connectors.shopware.client.HttpClient", eager_client)
        sandbox.reset()
        good = Connection(sandbox.url, SANDBOX.credentials, SANDBOX.settings, mark="acme/shopware")
        wrong = {**good.credentials, "client_secret": "no-secret-of-this-shop"}
        return Shop(
            platform=PLATFORM,
            connection=good,
            bad_connection=replace(good, credentials=wrong),
            products=known_products(),
            skus=all_skus(),
            base_group_id=STANDARD_GROUP,
            customer_email=SHOPPER,
            emails=all_emails(),
            unknown_product_id="0a0b0c0d0e0f40018002030405060708",
            unknown_customer_id="0a0b0c0d0e0f40018002030405060709",
            public_fields=frozenset({"client_id"}),
            faults=SandboxFaults(sandbox, LINES),
            shopper_price=lambda sku, quantity: SANDBOX.shopper_price(
                sandbox.url, SHOPPER, sku, quantity
            ),
            dump=sandbox.dump,
            hand_made=lambda *row: hand_made(sandbox.url, *row),
        )
