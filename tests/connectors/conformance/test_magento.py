"""The Magento connector on its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest
from known_catalogue import CUSTOMERS, SIZE, all_emails, known_products

from connectors.base import Amount, Connection, ProductKind
from connectors.conformance import (
    Ability,
    ConnectorConformance,
    KnownProduct,
    SandboxFaults,
    Shop,
    Target,
)
from connectors.conformance.sharing import SharingTests
from connectors.conformance.tier_prices import TierPriceTests
from connectors.conformance.trouble import ConnectTests, RefusedTests, SecretTests
from connectors.http import HttpClient
from connectors.magento import PLATFORM
from connectors.magento.sandbox import SANDBOX
from connectors.magento.sandbox.baskets import MagentoBaskets
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.magento.sandbox.shop import Shop as MagentoShop
from connectors.magento.sandbox.stores import WEBSITES
from connectors.magento.sandbox.till import sale
from connectors.sandbox.server import RunningSandbox
from connectors.sandbox.shopper import Sale

GENERAL = "1"
SHOPPER = "david.dietrich@example.com"
ALL_WEBSITES = 0
BUNDLE = KnownProduct("24-WG080", Amount("EUR"), ProductKind.BUNDLE)
LINES = {
    Target.GROUP_READ: r"^GET /rest/all/V1/customerGroups/search$",
    Target.GROUP_CREATE: r"^POST /rest/all/V1/customerGroups$",
    Target.CUSTOMER_MOVE: r"^PUT /rest/all/V1/customers/",
    Target.TIER_READ: r"^POST /rest/all/V1/products/tier-prices-information$",
    Target.TIER_WRITE: r"^POST /rest/all/V1/products/tier-prices$",
    Target.TIER_REMOVE: r"^POST /rest/all/V1/products/tier-prices-delete$",
    Target.ORDER_WALK: r"^GET /rest/all/V1/(orders|invoices|shipments|creditmemos)$",
    Target.ORDER_READ: r"^GET /rest/all/V1/orders$",
    Target.ORDER_PARTS: r"^GET /rest/all/V1/creditmemos$",
    Target.PROMOTION_READ: r"^GET /rest/all/V1/salesRules/search$",
    Target.PROMOTION_WRITE: r"^(POST|PUT) /rest/all/V1/salesRules",
    Target.PROMOTION_REMOVE: r"^DELETE /rest/all/V1/salesRules/",
    Target.CODE_READ: r"^GET /rest/all/V1/coupons/search$",
    Target.CODE_ADD: r"^POST /rest/all/V1/coupons$",
    Target.CODE_REMOVE: r"^POST /rest/all/V1/coupons/deleteByIds$",
    Target.CONTENT_WRITE: r"^(POST|PUT) /rest/\w+/V1/cmsPage",
    Target.BALANCE_READ: r"^GET /rest/all/V1/loyalty-bridge/balances$",
    Target.BALANCE_WRITE: r"^POST /rest/all/V1/loyalty-bridge/balances$",
    Target.CART_READ: r"^GET /rest/\w+/V1/carts/",
    Target.CART_CHANGE: r"^(POST|DELETE) /rest/\w+/V1/carts/",
}
CREDENTIALS: dict[str, Mapping[str, str]] = {
    "signed": SANDBOX.credentials,
    "bearer": {"access_token": SANDBOX.credentials["access_token"]},
    "admin": {"username": "admin", "password": "Sandbox-Admin-1"},
}


class Admin:
    """A person in Magento's admin, and the consumers of its queue."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox
        self._rules = sandbox.state.sales_rules

    def make(self, name: str, percent: int, codes: Sequence[str]) -> str:
        everybody = {"website_ids": [1], "customer_group_ids": [0, 1, 2, 3]}
        how = {"simple_action": "by_percent", "discount_amount": percent}
        on = {"name": name, "is_active": True, "stop_rules_processing": False}
        by_code = {"coupon_type": "SPECIFIC_COUPON", "use_auto_generation": True}
        rule_id = self._rules.add({**everybody, **how, **on, **by_code, "uses_per_coupon": 1})[
            "rule_id"
        ]
        for code in codes:
            once = {"usage_limit": 1, "usage_per_customer": 0, "times_used": 0}
            self._rules.add_coupon(rule_id, code, type=1, is_primary=None, **once)
        return str(rule_id)

    def seen(self, native_id: str) -> object:
        rule_id = int(native_id)
        return deepcopy([self._rules.get(rule_id), *self._rules.of_rule(rule_id)])

    def switch_off(self, native_id: str) -> None:
        self._rules.get(int(native_id))["is_active"] = False

    def count_uses(self) -> None:
        self._sandbox.state.sales_rules.consume()


class Names:
    """What an ERP keeps with a customer. The module's own table has no room for it."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._customers = sandbox.state.customers

    def keep(self, customer_id: str, text: str) -> None:
        self._customers.get(int(customer_id))["middlename"] = text

    def kept(self, customer_id: str) -> str:
        return str(self._customers.get(int(customer_id))["middlename"])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=SIZE, customers=CUSTOMERS) as running:
        yield running


@pytest.fixture
def shop_with(
    sandbox: RunningSandbox,
    eager_client: Callable[..., HttpClient],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Shop]:
    """The shop as the bridge is let in: signed, with a bearer, or as an admin."""
    monkeypatch.setattr("connectors.magento.connector.HttpClient", eager_client)
    sandbox.reset()
    return lambda name: shop_on(sandbox, CREDENTIALS[name])


def shop_on(sandbox: RunningSandbox, credentials: Mapping[str, str]) -> Shop:
    state = sandbox.state
    for rule_id in list(state.sales_rules.rows):  # the sample data's own promotions
        state.sales_rules.drop(rule_id)
    good = Connection(sandbox.url, credentials, SANDBOX.settings, mark="acme/magento")
    wrong = {name: f"wrong-{value}" for name, value in credentials.items()}

    def hand_made(sku: str, group_id: str, quantity: int, price: Decimal) -> None:
        key = (state.products.by_sku(sku).id, int(group_id), Decimal(quantity), ALL_WEBSITES)
        state.tiers.put(key, price, is_discount=False)

    def edit(order_id: str, quantities: Mapping[str, int]) -> Sale:
        rows = {str(row.id): row for row in state.orders.get(int(order_id)).rows}
        wanted = {rows[line].fields["sku"]: pieces for line, pieces in quantities.items()}
        return sale(state.edit_order(int(order_id), wanted))

    def discount(percent: int) -> None:
        everybody = {"website_ids": [1], "customer_group_ids": [0, 1, 2, 3]}
        how = {"simple_action": "by_percent", "discount_amount": percent}
        on = {"name": "For all", "is_active": True, "stop_rules_processing": False}
        state.sales_rules.add({**everybody, **how, **on})

    return Shop(
        platform=PLATFORM,
        connection=good,
        bad_connection=replace(good, credentials=wrong),
        products=(*known_products(), BUNDLE),
        skus=frozenset(row.sku for row in state.products.rows.values()),
        base_group_id=GENERAL,
        customer_email=SHOPPER,
        emails=all_emails() | {"roni_cost@example.com"},
        unknown_product_id="NO-SUCH-SKU",
        unknown_customer_id="4711",
        public_fields=frozenset({"username"}),
        volatile=frozenset({"updated_at", "region_id"}),
        faults=SandboxFaults(sandbox, LINES),
        shopper_price=lambda sku, quantity: SANDBOX.shopper_price(
            sandbox.url, SHOPPER, sku, quantity
        ),
        dump=sandbox.dump,
        hand_made=hand_made,
        shopping=state.till(),
        unknown_order_id="4711",
        edit=edit,
        discount=discount,
        small_pages=lambda rows: sandbox.faults.set(shop={"max_page_size": rows}),
        desk=Admin(sandbox),
        store_id="1",
        baskets=MagentoBaskets(state),
        foreign_page=lambda key: _made_by_hand(state, key),
        unknown_page_id="4711",
        notes=Names(sandbox),
        plugin=ModuleDesk(state),
    )


def _made_by_hand(state: MagentoShop, url_key: str) -> None:
    page = {"identifier": url_key, "title": "By hand", "content": "<p>Mine.</p>", "active": True}
    state.pages.add(page, state.now())


class TestMagento(ConnectorConformance):
    cannot = frozenset(
        {
            Ability.OWN_AUDIENCES,
            Ability.STORE_ROWS,
            Ability.DRAFTS,
            Ability.OTHER_STORE,
            Ability.FIRST_ORDERS,
        }
    )

    @pytest.fixture
    def shop(self, shop_with: Callable[[str], Shop]) -> Shop:
        return shop_with("signed")


class WaysIn(ConnectTests, RefusedTests, SecretTests, SharingTests):
    """What depends on how calls prove who sends them."""


class TestBearer(WaysIn):
    @pytest.fixture
    def shop(self, shop_with: Callable[[str], Shop]) -> Shop:
        return shop_with("bearer")


class TestAdmin(WaysIn):
    @pytest.fixture
    def shop(self, shop_with: Callable[[str], Shop]) -> Shop:
        return shop_with("admin")


class TestTwoWebsites(TierPriceTests):
    """Where two websites can hold the same price, Magento's own delete cannot tell them apart
    (PLATFORM_FACTS Magento 4)."""

    @pytest.fixture
    def shop(self, shop_with: Callable[[str], Shop], monkeypatch: pytest.MonkeyPatch) -> Shop:
        second = {"id": 2, "code": "second", "name": "Second website", "default_group_id": 1}
        path = "connectors.magento.sandbox.stores.WEBSITES"
        monkeypatch.setattr(path, (*WEBSITES, second))
        return replace(shop_with("signed"), stores=("1", "2"))
