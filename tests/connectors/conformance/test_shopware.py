"""The Shopware connector on its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from known_catalogue import CUSTOMERS, SIZE, all_emails, all_skus, known_products

from connectors.base import Basis, Connection
from connectors.conformance import Ability, ConnectorConformance, SandboxFaults, Shop, Target
from connectors.http import HttpClient
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import PLATFORM
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.client import ShopwareClient, operation
from connectors.shopware.sandbox import SANDBOX, drafts, recalculating
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.records import change, insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

STANDARD_GROUP = "cfbd5018d38d41d8adca10d94fc8bdd6"
SHOPPER = "david.dietrich@example.com"
LINES = {
    Target.GROUP_READ: r"^POST /api/search/customer-group$",
    Target.GROUP_CREATE: r"^POST /api/customer-group$",
    Target.CUSTOMER_MOVE: r"^PATCH /api/customer/",
    Target.TIER_READ: r"^POST /api/search/product-price$",
    Target.TIER_WRITE: r"^POST /api/_action/sync$",
    Target.TIER_REMOVE: r"^POST /api/_action/sync$",
    Target.ORDER_WALK: r"^POST /api/search/(order|order-.*|state-machine-.*)$",
    Target.ORDER_READ: r"^POST /api/search/order$",
    Target.ORDER_PARTS: r"^POST /api/search/state-machine-history$",
    Target.BALANCE_READ: r"^POST /api/search/customer$",
    Target.BALANCE_WRITE: r"^POST /api/_action/sync$",
    Target.PROMOTION_READ: r"^POST /api/search/promotion$",
    Target.PROMOTION_WRITE: r"^POST /api/_action/sync$",
    Target.PROMOTION_REMOVE: r"^DELETE /api/promotion/",
    Target.CODE_READ: r"^POST /api/search/promotion-individual-code$",
    Target.CODE_ADD: r"^POST /api/_action/sync$",
    Target.CODE_REMOVE: r"^POST /api/_action/sync$",
    Target.CONTENT_WRITE: r"^POST /api/_action/sync$",
}
OTHER_CHANNEL = "0a0b0c0d0e0f4001800203040506070b"


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


class CustomField:
    """What an ERP keeps beside the points."""

    def __init__(self, url: str) -> None:
        self._url = url

    def keep(self, customer_id: str, text: str) -> None:
        with closing(ShopwareClient(self._url, **SANDBOX.credentials)) as shop:
            shop.update("customer", customer_id, {"customFields": {"erp_number": text}})

    def kept(self, customer_id: str) -> str:
        with closing(ShopwareClient(self._url, **SANDBOX.credentials)) as shop:
            row = shop.one("customer", customer_id, {}, "customer")
        return str(row["customFields"]["erp_number"])


def begin_to_edit(database: Database, order_id: str, quantities: Mapping[str, int]) -> None:
    """As :meth:`ShopwareTill.edit`, without the merge."""
    with database.lock:
        draft = drafts.open_draft(database, "order", order_id)
        for line_id, quantity in quantities.items():
            Admin(draft).update("order_line_item", line_id, {"quantity": quantity})
        with draft.transaction():
            recalculating.recalculate(draft, order_id)


def take_off(database: Database, percent: int) -> None:
    """A promotion without a code, on the whole cart."""
    discount = {"scope": "cart", "considerAdvancedRules": False}
    promotion = {
        "name": "For all",
        "active": True,
        "salesChannels": [{"salesChannelId": SALES_CHANNEL, "priority": 1}],
        "discounts": [{**discount, "type": "percentage", "value": percent}],
    }
    with database.lock:
        Admin(database).create("promotion", promotion)


class PromotionAdmin:
    """A person in Shopware's administration. Uses are counted when an order is placed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, name: str, percent: int, codes: Sequence[str]) -> str:
        discount = {"scope": "cart", "considerAdvancedRules": False}
        promotion = {
            "name": name,
            "active": True,
            "useCodes": True,
            "useIndividualCodes": True,
            "salesChannels": [{"salesChannelId": SALES_CHANNEL, "priority": 1}],
            "discounts": [{**discount, "type": "percentage", "value": percent}],
            "individualCodes": [{"code": code} for code in codes],
        }
        with self._database.lock:
            return Admin(self._database).create("promotion", promotion)

    def seen(self, native_id: str) -> object:
        parts = (
            *("promotion_translation", "promotion_individual_code", "promotion_discount"),
            *("promotion_sales_channel", "promotion_cart_rule", "promotion_persona_rule"),
        )
        with self._database.lock:
            rows = [self._database["promotion"].rows[native_id].values]
            for part in parts:
                table = self._database[part]
                rows += [table.rows[key].values for key in table.where("promotionId", native_id)]
            return deepcopy(rows)

    def switch_off(self, native_id: str) -> None:
        with self._database.lock:
            Admin(self._database).update("promotion", native_id, {"active": False})

    def count_uses(self) -> None:
        pass


def open_another_channel(database: Database) -> None:
    """A second storefront, like the first."""
    values = dict(database["sales_channel"].rows[SALES_CHANNEL].values)
    names = ("typeId", "languageId", "currencyId", "paymentMethodId", "shippingMethodId")
    more = ("countryId", "customerGroupId", "navigationCategoryId")
    kept = {name: values[name] for name in (*names, *more) if values.get(name)}
    channel = {"id": OTHER_CHANNEL, "name": "North", "accessKey": "SWSCNORTH", **kept}
    with database.lock:
        Admin(database).create("sales_channel", channel)


class AppAdmin:
    """Somebody with the app under "My extensions". What it was told stays when it goes."""

    ID = "0a0b0c0d0e0f4001800203040506070d"

    def __init__(self, database: Database) -> None:
        self._database = database

    def install(self) -> None:
        app = {"id": self.ID, "name": APP_NAME, "version": APP_VERSION, "active": True}
        insert(self._database, "app", app)

    def switch(self, *, on: bool) -> None:
        change(self._database, "app", self.ID, {"active": on})

    def uninstall(self) -> None:
        with self._database.lock:
            self._database.put("app", self.ID, None, heard=False)


def make_a_page(database: Database, url_key: str) -> None:
    page = {"name": "By hand", "url": url_key, "salesChannels": [{"id": SALES_CHANNEL}]}
    with database.lock:
        Admin(database).create("landing_page", page)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=SIZE, customers=CUSTOMERS) as running:
        yield running


class TestShopware(ConnectorConformance):
    cannot = frozenset({Ability.BUNDLES, Ability.STORE_ROWS, Ability.CARTS, Ability.ADDRESSES})

    @pytest.fixture
    def shop(
        self,
        sandbox: RunningSandbox,
        eager_client: Callable[..., HttpClient],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Shop:
        monkeypatch.setattr("connectors.shopware.client.HttpClient", eager_client)
        sandbox.reset()
        open_another_channel(sandbox.state.database)
        till = sandbox.state.till()
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
            shopping=till,
            unknown_order_id="0a0b0c0d0e0f4001800203040506070a",
            edit=till.edit,
            draft=partial(begin_to_edit, sandbox.state.database),
            discount=partial(take_off, sandbox.state.database),
            small_pages=lambda rows: monkeypatch.setattr(
                "connectors.shopware.walks.MAX_LIMIT", rows
            ),
            notes=CustomField(sandbox.url),
            desk=PromotionAdmin(sandbox.state.database),
            shown=Basis.GROSS,
            store_id=SALES_CHANNEL,
            other_store_id=OTHER_CHANNEL,
            foreign_page=partial(make_a_page, sandbox.state.database),
            plugin=AppAdmin(sandbox.state.database),
            unknown_page_id="0a0b0c0d0e0f4001800203040506070c",
        )
