"""The shop as a whole: its catalogue, its dump, and many callers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.catalogue import catalogue


def test_begins_as_large_as_the_recorded_shop() -> None:
    with SANDBOX.serve() as shop:
        rows = shop.dump()["products"]
    assert len(rows) == 2046
    assert [(row["id"], row["sku"]) for row in (rows[0], rows[32], rows[67], rows[-1])] == [
        (1, "24-MB01"),
        (33, "24-WG085"),
        (68, "MH01"),
        (2046, "WSH12"),
    ]


def test_sells_the_shared_catalogue_at_its_prices() -> None:
    articles = {article.sku: article for article in catalogue(2000)}
    with SANDBOX.serve(products=2000) as shop:
        rows = {row["sku"]: row for row in shop.dump()["products"]}
    assert set(articles) <= set(rows)
    for sku, article in articles.items():
        parent = bool(article.variant_skus)
        assert rows[sku]["type_id"] == ("configurable" if parent else "simple")
        assert rows[sku]["price"] == (0 if parent else float(article.net))


def test_a_configurable_links_to_its_children(client: Any) -> None:
    parent = next(article for article in catalogue(400) if article.variant_skus)
    shown = client.get(f"products/{parent.sku}")["extension_attributes"]
    children = client.get(f"configurable-products/{parent.sku}/children")
    assert [child["sku"] for child in children] == list(parent.variant_skus)
    assert shown["configurable_product_links"] == [child["id"] for child in children]
    axes = {option["label"] for option in shown["configurable_product_options"]}
    assert len(axes) == len(shown["configurable_product_options"]) > 0


def test_the_shared_catalogue_has_its_categories(client: Any) -> None:
    gear = next(
        node
        for node in client.get("categories")["children_data"][0]["children_data"]
        if node["name"] == "Gear"
    )
    tools = next(node for node in gear["children_data"] if node["name"] == "Tools")
    assert {node["name"] for node in tools["children_data"]} == {
        "Power tools",
        "Hand tools",
        "Drill bits and blades",
    }
    power = next(node for node in tools["children_data"] if node["name"] == "Power tools")
    listed = client.get(f"categories/{power['id']}/products")
    assert "B2B-1029" in [row["sku"] for row in listed]
    assert power["product_count"] == len(listed)
    assert client.get(f"categories/{power['id']}")["path"].endswith(f"/{power['id']}")
    assert client("GET", "categories/4711").json()["parameters"]["fieldValue"] == 4711


def test_a_base_price_can_be_changed_by_hand(client: Any) -> None:
    before = client.get("products/B2B-1029")
    after = client("PUT", "products/B2B-1029", {"product": {"price": 80.5}}).json()
    assert (after["price"], after["tier_prices"]) == (80.5, [])
    assert after["updated_at"] > before["updated_at"]
    assert client.get("products/B2B-1029") == after


def test_the_dump_tells_every_change_and_is_the_same_otherwise(client: Any, shop: Any) -> None:
    before = shop.dump()
    assert shop.dump() == before
    row = {
        "price": 20,
        "price_type": "fixed",
        "website_id": 1,
        "sku": "24-MB05",
        "customer_group": "General",
        "quantity": 5,
    }
    client.post("products/tier-prices", {"prices": [row]})
    after = requests.get(f"{shop.url}/_sandbox/dump", timeout=10).json()
    assert after["tier_prices"] == [
        {
            "sku": "24-MB05",
            "website_id": 1,
            "group_id": 1,
            "group": "General",
            "quantity": 5,
            "price_type": "fixed",
            "price": 20,
        }
    ]
    assert {**after, "tier_prices": []} == before
    shop.reset()
    assert shop.dump() == before


def test_eight_callers_at_once_lose_nothing(shop: Any) -> None:
    """Each writes rows, moves a customer and reads, all of it beside the others."""
    skus = [row["sku"] for row in shop.dump()["products"] if row["type_id"] == "simple"][:100]

    def work(number: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {SANDBOX.credentials['access_token']}"
            base = f"{shop.url}/rest/all/V1"
            code = f"Group {number}"
            body = {"group": {"code": code, "tax_class_id": 3}}
            group = session.post(f"{base}/customerGroups", json=body, timeout=20).json()
            for quantity in range(1, 6):
                prices = [
                    {
                        "price": quantity,
                        "price_type": "discount",
                        "website_id": 0,
                        "sku": sku,
                        "customer_group": code,
                        "quantity": quantity,
                    }
                    for sku in skus
                ]
                url = f"{base}/products/tier-prices"
                assert session.post(url, json={"prices": prices}, timeout=20).json() == []
                moved = {"customer": {"group_id": group["id"]}}
                session.put(f"{base}/customers/{number + 2}", json=moved, timeout=20)
                url = f"{base}/products?searchCriteria[pageSize]=50"
                assert session.get(url, timeout=20).status_code == 200

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    dump = shop.dump()
    assert len(dump["tier_prices"]) == 8 * 5 * 100
    assert len({row["id"] for row in dump["groups"]}) == 4 + 8
    groups = {row["id"]: row["group_id"] for row in dump["customers"]}
    assert len({groups[number + 2] for number in range(8)}) == 8
