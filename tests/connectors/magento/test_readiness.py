"""``store check``: each thing that can be wrong has one clear line and a way to mend it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Currency, Finding, Severity, Store
from connectors.magento.connector import MagentoConnector
from connectors.magento.readiness import PROBES

URL = "https://shop.test"
PAGE = {"items": [{"id": 1, "sku": "A"}], "total_count": 1}


def refusal(resource: str) -> dict[str, Any]:
    return {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": resource},
    }


SALES = ("orders", "invoices", "shipments", "creditmemos")
REWARDS = ("salesRules/search", "coupons/search", "carts/search")
REQUIRED = {"message": '"%fieldName" is required.', "parameters": {"fieldName": "group"}}
TIER = {"customer_group": "General", "price_type": "fixed", "price": 1, "quantity": 1}


NO_ROUTE = {"message": "Request does not match any route."}


@pytest.fixture
def healthy(shop: Any, websites: None, groups: None, recorded: Any) -> None:
    shop.answers("POST", "customerGroups", REQUIRED, status=400)
    shop.answers("GET", "customers/search", PAGE)
    shop.answers("PUT", "customers/2147483647", REQUIRED, status=400)
    shop.answers("GET", "products", PAGE)
    shop.answers("GET", "categories", {"id": 1, "name": "Root"})
    shop.answers("POST", "products/tier-prices-information", [])
    shop.answers("POST", "products/tier-prices", [])
    shop.answers("GET", "modules", ["Magento_Store"])
    shop.replays(recorded("store", 3))
    order = recorded("orders", 6)["response"]["body"]
    shop.answers("GET", "orders", {"items": [order], "total_count": 1})
    for number in (7, 10, 11):
        shop.replays(recorded("orders", number))
    for path in (*REWARDS, "cmsPage/search"):
        shop.answers("GET", path, {"items": [], "total_count": 0})
    shop.answers("GET", "loyalty-bridge/module", NO_ROUTE, status=404)


def replace(shop: Any, method: str, path: str, body: Any, status: int = 200, **more: Any) -> None:
    url = f"{URL}/rest/all/V1/{path}"
    shop.mock.remove(method, url)
    shop.mock.add(method, url, json=body, status=status, **more)


def bad(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity in {Severity.ERROR, Severity.WARNING}]


def test_a_healthy_shop(shop: Any, healthy: None, magento: MagentoConnector) -> None:
    findings = magento.check()
    assert bad(findings) == []
    text = " ".join(one.found for one in findings)
    assert "Magento 2.4 Community" in text
    assert "Website base (Main Website, id 1) in EUR" in text
    assert "As told by the admin" in text


def test_the_check_writes_nothing(shop: Any, healthy: None, magento: MagentoConnector) -> None:
    magento.check()
    sent = [
        (call.request.method, call.request.path_url, call.request.body)
        for call in shop.mock.calls
        if call.request.method != "GET"
    ]
    assert {(method, path.rpartition("/V1/")[2], body) for method, path, body in sent} == {
        ("POST", "customerGroups", b"{}"),
        ("PUT", "customers/2147483647", b"{}"),
        ("POST", "products/tier-prices", b'{"prices":[]}'),
        ("POST", "products/tier-prices-information", b'{"skus":[]}'),
        ("POST", "products/tier-prices-information", b'{"skus":["A"]}'),
    }


@pytest.mark.parametrize(
    ("credentials", "mend"),
    [
        ({"access_token": "wrong-token"}, "enable_integration_as_bearer"),
        (
            dict.fromkeys(
                ("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "wrong"
            ),
            "all four keys",
        ),
    ],
)
def test_refused_everywhere_means_the_credentials(
    shop: Any,
    recorded: Any,
    connect_with: Callable[..., MagentoConnector],
    credentials: dict[str, str],
    mend: str,
) -> None:
    body = recorded("auth", 3)["response"]["body"]
    for method, path in (
        ("GET", "store/storeConfigs"), ("GET", "customerGroups/search"),
        ("POST", "customerGroups"), ("GET", "customers/search"),
        ("PUT", "customers/2147483647"), ("GET", "products"), ("GET", "categories"),
        ("POST", "products/tier-prices-information"), ("POST", "products/tier-prices"),
    ):  # fmt: skip
        shop.answers(method, path, body, status=401)
    [finding] = bad(connect_with(credentials=credentials).check())
    assert finding.topic == "credentials"
    assert mend in finding.mend
    assert len(shop.mock.calls) == len(PROBES)


@pytest.mark.parametrize(
    ("method", "path", "purpose"),
    [
        ("GET", "customers/search", "read customers"),
        ("PUT", "customers/2147483647", "move customers"),
        ("POST", "customerGroups", "create and rename customer groups"),
        ("POST", "products/tier-prices", "write tier prices"),
    ],
)
def test_a_missing_privilege_is_named_with_what_it_is_for(
    shop: Any, healthy: None, magento: MagentoConnector, method: str, path: str, purpose: str
) -> None:
    replace(shop, method, path, refusal("Magento_Some::thing"), status=401)
    [finding] = bad(magento.check())
    assert finding.topic == "privileges"
    assert purpose in finding.found
    assert "Magento_Some::thing" in finding.found
    assert "System > Extensions > Integrations" in finding.mend


@pytest.mark.parametrize("path", SALES)
def test_without_a_privilege_for_sales_prices_work_and_points_do_not(
    shop: Any, healthy: None, magento: MagentoConnector, path: str
) -> None:
    replace(shop, "GET", path, refusal("Magento_Sales::thing"), status=401)
    [finding] = bad(magento.check())
    assert (finding.severity, finding.topic) == (Severity.WARNING, "sales")
    assert "Magento_Sales::thing" in finding.found
    assert "no order of this shop earns points" in finding.found
    assert "System > Extensions > Integrations" in finding.mend


@pytest.mark.parametrize("path", REWARDS)
def test_without_a_privilege_for_rewards_the_rest_works(
    shop: Any, healthy: None, magento: MagentoConnector, path: str
) -> None:
    replace(shop, "GET", path, refusal("Magento_SalesRule::quote"), status=401)
    [finding] = bad(magento.check())
    assert (finding.severity, finding.topic) == (Severity.WARNING, "rewards")
    assert "Magento_SalesRule::quote" in finding.found
    assert "no vouchers" in finding.found


def test_without_a_privilege_for_pages_the_rest_works(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    replace(shop, "GET", "cmsPage/search", refusal("Magento_Cms::page"), status=401)
    [finding] = bad(magento.check())
    assert (finding.severity, finding.topic) == (Severity.WARNING, "content")
    assert "Magento_Cms::page" in finding.found
    assert "cannot show the terms" in finding.found


def test_the_queue_that_counts_coupons_is_named(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    """Nobody can see from outside whether it runs."""
    mends = [one.mend for one in magento.check() if one.topic == "rewards"]
    assert any("sales.rule.update.coupon.usage" in mend for mend in mends)


def test_sales_that_the_shop_cannot_show(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    replace(shop, "GET", "creditmemos", {"message": "Internal Error."}, status=500)
    [finding] = bad(magento.check())
    assert (finding.severity, finding.topic) == (Severity.WARNING, "sales")
    assert "read credit memos failed" in finding.found


def test_orders_are_asked_for_as_polling_does(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    magento.check()
    for path in SALES:
        query = shop.requests(path)[0]
        assert query["searchCriteria[filter_groups][0][filters][0][field]"] == "updated_at"
        assert query["searchCriteria[filter_groups][0][filters][0][value]"] == "2000-01-01 00:00:00"
        assert query["searchCriteria[sortOrders][1][field]"] == "entity_id"


def test_the_newest_orders_are_read_and_add_up(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    [finding] = [one for one in magento.check() if one.topic == "orders"]
    assert finding.severity is Severity.OK
    query = shop.requests("orders")[1]
    assert query["searchCriteria[sortOrders][0][direction]"] == "DESC"
    assert query["searchCriteria[pageSize]"] == "20"


def test_orders_that_do_not_add_up_are_named(
    shop: Any, healthy: None, magento: MagentoConnector, recorded: Any
) -> None:
    order = recorded("orders", 6)["response"]["body"] | {"base_grand_total": 167}
    replace(shop, "GET", "orders", {"items": [order], "total_count": 1})
    [finding] = bad(magento.check())
    assert (finding.severity, finding.topic) == (Severity.WARNING, "orders")
    assert "000000004: 177 instead of 167 EUR" in finding.found
    assert "gift cards" in finding.mend


@pytest.mark.parametrize(
    "odd", [{"base_total_canceled": 34}, {"state": "canceled"}], ids=["in part", "wholly"]
)
def test_cancelled_orders_prove_nothing(
    shop: Any, healthy: None, magento: MagentoConnector, recorded: Any, odd: dict[str, Any]
) -> None:
    order = recorded("orders", 6)["response"]["body"] | {"base_grand_total": 143} | odd
    replace(shop, "GET", "orders", {"items": [order], "total_count": 1})
    assert bad(magento.check()) == []


def test_orders_that_cannot_be_read(
    shop: Any, healthy: None, magento: MagentoConnector, recorded: Any
) -> None:
    order = recorded("orders", 6)["response"]["body"]
    del order["created_at"], order["updated_at"]
    replace(shop, "GET", "orders", {"items": [order], "total_count": 1})
    [finding] = bad(magento.check())
    assert finding.topic == "orders"
    assert "Order 000000004 cannot be read" in finding.found


def test_an_order_of_a_store_view_that_is_gone(
    shop: Any, healthy: None, magento: MagentoConnector, recorded: Any
) -> None:
    order = recorded("orders", 6)["response"]["body"] | {"store_id": 9}
    replace(shop, "GET", "orders", {"items": [order], "total_count": 1})
    views = recorded("store", 3)["response"]["body"]
    other = {**views[-1], "id": 2, "website_id": 2, "code": "other"}
    replace(shop, "GET", "store/storeViews", [*views, other])
    [finding] = bad(magento.check())
    assert "000000004 are of a store view that was deleted" in finding.found


def test_a_shop_without_orders(shop: Any, healthy: None, magento: MagentoConnector) -> None:
    replace(shop, "GET", "orders", {"items": None, "total_count": 0})
    [finding] = [one for one in magento.check() if one.topic == "orders"]
    assert finding.severity is Severity.NOTE


def test_a_refused_signature_is_the_credentials(
    shop: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    said = {"message": "The signature is invalid. Verify and try again."}
    shop.answers("GET", "store/storeConfigs", said, status=401)
    [finding] = connect_with().check()
    assert (finding.severity, finding.topic) == (Severity.ERROR, "credentials")
    assert "signature is invalid" in finding.found


def test_a_wrong_password_is_tried_once(
    shop: Any, recorded: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    shop.replays(recorded("auth", 1))
    [finding] = connect_with(credentials={"username": "a", "password": "wrong"}).check()
    assert finding.topic == "credentials"
    assert "30 minutes" in finding.mend
    assert len(shop.mock.calls) == 1


def test_a_web_page_is_a_wrong_url(shop: Any, magento: MagentoConnector) -> None:
    shop.mock.get(f"{URL}/rest/all/V1/store/storeConfigs", body="<html>", content_type="text/html")
    [finding] = magento.check()
    assert (finding.severity, finding.topic) == (Severity.ERROR, "url")
    assert "base address" in finding.mend


def test_a_redirect_says_where_to(shop: Any, magento: MagentoConnector) -> None:
    target = "https://www.shop.test/rest/all/V1/store/storeConfigs"
    shop.mock.get(f"{URL}/rest/all/V1/store/storeConfigs", status=301, headers={"Location": target})
    [finding] = magento.check()
    assert finding.topic == "url"
    assert "https://www.shop.test" in finding.mend


def test_an_address_that_is_another_product(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "store/storeConfigs", {"errors": [{"code": "0"}]}, status=404)
    [finding] = magento.check()
    assert finding.topic == "url"


def test_clocks_that_differ(shop: Any, healthy: None, magento: MagentoConnector) -> None:
    magento.http._now = lambda: datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC)
    date = {"Date": "Sun, 22 Nov 2026 15:05:00 GMT"}
    replace(shop, "POST", "products/tier-prices", [], headers=date)
    [finding] = bad(magento.check())
    assert finding.topic == "clock"
    assert "300 s ahead" in finding.found


def test_plain_http_is_warned_about(shop: Any) -> None:
    from connectors.base import Connection
    from connectors.magento import PLATFORM

    connector = PLATFORM.connect(
        Connection("http://shop.test", {"access_token": "abcd"}, {}, "a/b")
    )
    shop.mock.get("http://shop.test/rest/all/V1/store/storeConfigs", json={}, status=404)
    assert connector.check()[0].topic == "transport"


def test_tier_prices_of_single_websites_contradict_a_global_scope(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    rows = [{**TIER, "sku": "A", "website_id": 1}]
    replace(shop, "POST", "products/tier-prices-information", rows)
    [finding] = bad(magento.check())
    assert finding.topic == "settings"
    assert "A on website 1" in finding.found


def test_several_base_currencies_contradict_a_global_scope(
    shop: Any, healthy: None, recorded: Any, connect_with: Callable[..., MagentoConnector]
) -> None:
    first = recorded("store", 4)["response"]["body"][0]
    second = {**first, "id": 2, "website_id": 2, "base_currency_code": "CHF"}
    replace(shop, "GET", "store/storeConfigs", [first, second])
    main = {"id": 1, "code": "base", "name": "Main", "default_group_id": 1}
    replace(shop, "GET", "store/websites", [main, {**main, "id": 2, "code": "ch"}])
    shop.answers("GET", "customerGroups/default/1", {"id": 1})
    shop.answers("GET", "customerGroups/default/2", {"id": 3})
    shop.answers("GET", "directory/currency", {"base_currency_code": "EUR"})
    assert [one.severity for one in bad(connect_with().check())] == [Severity.ERROR]
    assert bad(connect_with(price_scope="website").check()) == []


def test_a_website_without_store_view_is_named(
    shop: Any, healthy: None, magento: MagentoConnector
) -> None:
    main = {"id": 1, "code": "base", "name": "Main", "default_group_id": 1}
    replace(shop, "GET", "store/websites", [main, {**main, "id": 2, "code": "new"}])
    shop.answers("GET", "customerGroups/default/1", {"id": 1})
    [finding] = bad(magento.check())
    assert "new" in finding.found


def test_the_shop_in_records(shop: Any, websites: None, magento: MagentoConnector) -> None:
    info = magento.shop()
    assert info.platform == "magento"
    assert info.version == "2.4 Community"
    assert info.currencies == (Currency("EUR", "EUR", is_default=True),)
    assert info.stores == (
        Store("1", "base", "Main Website", "EUR", "http://127.0.0.1:8080/", default_group_id="1"),
    )


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"price_scope": "shop"}, "price_scope"),
        ({"prices_include_tax": "maybe"}, "prices_include_tax"),
        ({"tax_rates": "2=nineteen"}, "2=19,4=7"),
        ({"tax_rates": "standard=19"}, "2=19,4=7"),
        ({"tax_rates": "2=-5"}, "2=19,4=7"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(
    connect_with: Callable[..., MagentoConnector], settings: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        connect_with(**settings)
