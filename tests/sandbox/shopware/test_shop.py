"""The shop as a whole: its catalogue, its switches, its answers to a wrong address."""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay import PRODUCTS
from shopware_replay.asking import Client

from connectors.sandbox.catalogue import catalogue
from connectors.sandbox.latency import Work
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import RECORDED, SANDBOX
from connectors.shopware.sandbox.seed import STOREFRONT_KEY, product_id

EUR = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
DEALER_RULE = "64eebfef88f7c7984104d40fd38665b6"


def test_the_catalogue_is_the_shared_one(api: Client) -> None:
    rows = api.search("product", limit=500, associations={"options": {}}).body["data"]
    stored = {row["productNumber"]: row for row in rows}
    for article in catalogue(PRODUCTS):
        row = stored[article.sku]
        assert row["id"] == product_id(article.sku)
        assert row["stock"] == article.stock
        if article.parent_sku:
            assert row["parentId"] == product_id(article.parent_sku)
            assert (row["name"], row["taxId"], row["active"]) == (None, None, None)
            assert len(row["options"]) == len(article.options)
        else:
            assert row["name"] == article.name
            assert row["tax"]["taxRate"] == article.tax_rate
        if article.own_price:
            assert row["price"][0]["net"] == float(article.net)
        else:
            assert row["price"] is None


def test_channels_currencies_and_languages(api: Client, shop: RunningSandbox) -> None:
    assert api.search("sales-channel").body["total"] == 2
    assert api.search("currency").body["total"] == 5
    assert api.search("language").body["total"] == 2
    domain = api.search("sales-channel-domain", limit=1).body["data"][0]
    assert domain["url"] == shop.url


def test_settings_are_kept_by_domain(api: Client) -> None:
    path = "/api/_action/system-config"
    assert api.post(path, {"Some.config.a": [1], "Some.other.b": 2}).status == 204
    assert api.ask("GET", path, query={"domain": "Some.config"}).body == {"Some.config.a": [1]}
    assert api.ask("GET", path, query={"domain": "None"}).body == {}


def test_reset_brings_the_start_back(api: Client, shop: RunningSandbox) -> None:
    before = shop.dump()
    api.post("/api/customer-group", {"name": "New"})
    assert shop.dump() != before
    shop.reset()
    assert shop.dump() == before


def test_the_dump_holds_no_password(shop: RunningSandbox) -> None:
    assert "sha256:" not in str(shop.dump())


def test_switches_say_what_the_shop_tells_of_itself(api: Client, shop: RunningSandbox) -> None:
    shop.faults.set(shop={"admin_worker": False, "version": "6.5.0.0"})
    try:
        config = api.ask("GET", "/api/_info/config").body
        assert config["adminWorker"]["enableAdminWorker"] is False
        assert api.ask("GET", "/api/_info/version").body == {"version": "6.5.0.0"}
    finally:
        shop.faults.clear()


def test_a_shop_that_answers_with_pages(api: Client, shop: RunningSandbox) -> None:
    shop.faults.set(shop={"html": True})
    try:
        answer = api.ask("GET", "/api/_info/version")
        assert answer.headers["content-type"].startswith("text/html")
    finally:
        shop.faults.clear()


def test_a_wrong_base_address_is_a_page_that_is_not_there(api: Client) -> None:
    answer = api.ask("POST", "/shop/api/oauth/token", {})
    assert answer.status == 404
    assert answer.raw.startswith(b"<!DOCTYPE html>")


def test_a_poisoned_row_fails_its_whole_call_and_is_named(
    api: Client, shop: RunningSandbox
) -> None:
    shop.faults.set(poisoned_skus=["B2B-1056"])
    try:
        rows = [_price_row(sku) for sku in ("B2B-1029", "B2B-1056")]
        answer = api.sync(p={"entity": "product_price", "action": "upsert", "payload": rows})
        assert (answer.status, answer.pointers) == (400, ["/p/1/price"])
        alone = api.sync(p={"entity": "product_price", "action": "upsert", "payload": rows[:1]})
        assert alone.status == 200
    finally:
        shop.faults.clear()


def _price_row(sku: str) -> dict[str, Any]:
    price = {"currencyId": EUR, "net": 10, "gross": 11.9, "linked": False}
    return {
        "productId": product_id(sku),
        "ruleId": DEALER_RULE,
        "quantityStart": 50,
        "price": [price],
    }


def test_a_refused_call_looks_like_the_shops_other_errors(
    api: Client, shop: RunningSandbox
) -> None:
    shop.faults.set(script=["429", "503"], retry_after=2)
    try:
        for status in (429, 503):
            answer = api.ask("GET", "/api/_info/version")
            assert (answer.status, answer.errors[0]["status"]) == (status, str(status))
            assert answer.headers["retry-after"] == "2"
    finally:
        shop.faults.clear()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/search/product", {"sort": 5}),
        ("/api/search/product", {"filter": [{"type": "range", "field": "id"}]}),
        ("/api/search/product", {"includes": {"product": None}}),
        ("/api/search/product", {"associations": [1]}),
        ("/api/product", {"prices": 3, "translations": "x"}),
        ("/api/_action/sync", [1]),
        ("/api/_action/sync", {"a": {"entity": ["x"], "action": "upsert", "payload": [{}]}}),
        ("/store-api/checkout/cart/line-item", {"items": "x"}),
    ],
)
def test_no_payload_leaves_a_call_without_an_answer(api: Client, path: str, body: Any) -> None:
    answer = api.post(path, body, headers={"sw-access-key": STOREFRONT_KEY})
    assert answer.headers["content-type"] == "application/json"
    assert answer.status in (200, 400, 500)


def test_rows_are_counted_for_log_and_latency(api: Client, shop: RunningSandbox) -> None:
    rows = [_price_row("B2B-1029") for _ in range(7)]
    api.sync(p={"entity": "product_price", "action": "upsert", "payload": rows})
    assert shop.log.calls()[-1].rows == 7


def test_the_latency_profile_is_the_recorded_one() -> None:
    """Within a quarter of what sync_bulk.json and the contracts' README say."""
    for rows, recorded in ((1, 75), (100, 74), (500, 187), (1000, 335), (2000, 670)):
        cost = RECORDED.cost_ms(Work("sync", rows))
        assert abs(cost - recorded) <= recorded / 4, rows


def test_credentials_and_shoppers_are_those_of_the_entry_point(shop: RunningSandbox) -> None:
    client = Client(shop.url)
    assert client.sign_in(**SANDBOX.credentials).status == 200
    client.close()
