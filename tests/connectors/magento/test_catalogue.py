"""Products with kinds, variants, prices and tax; the category tree."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Amount, Category, ProductKind
from connectors.magento.connector import MagentoConnector

NONE = {"items": None, "total_count": 0}


def row(number: int, sku: str, kind: str = "simple", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "sku": sku,
        "name": sku,
        "price": 10,
        "status": 1,
        "type_id": kind,
        "updated_at": "2026-11-22 14:12:59",
        "extension_attributes": {"category_links": [{"category_id": "4"}, {"category_id": "3"}]},
        "custom_attributes": [{"attribute_code": "tax_class_id", "value": "2"}],
        **more,
    }


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(rows), "total_count": len(rows)}


@pytest.fixture
def catalogue(shop: Any, websites: None, recorded: Any) -> None:
    parent = row(68, "MH01", "configurable", price=0)
    shop.answers(
        "GET",
        "products",
        page(parent),
        page(
            row(1, "24-MB01", price=34),
            row(53, "MH01-XS-Black", price=52.5),
            row(54, "MH01/XS Gray", status=2),
            row(60, "Gift", "virtual", custom_attributes=[]),
            parent,
            row(70, "Set", "bundle", price=None),
            row(71, "Group", "grouped", price=None),
        ),
    )
    shop.replays(recorded("orders_composite_and_tax", 2))


def test_kinds_variants_and_prices(
    shop: Any, catalogue: None, connect_with: Callable[..., MagentoConnector]
) -> None:
    products = {one.sku: one for one in connect_with(tax_rates="2=19").products()}
    assert {sku: (one.kind, one.parent_id) for sku, one in products.items()} == {
        "24-MB01": (ProductKind.SIMPLE, ""),
        "MH01-XS-Black": (ProductKind.VARIANT, "MH01"),
        "MH01/XS Gray": (ProductKind.VARIANT, "MH01"),
        "Gift": (ProductKind.VARIANT, "MH01"),
        "MH01": (ProductKind.PARENT, ""),
        "Set": (ProductKind.BUNDLE, ""),
        "Group": (ProductKind.OTHER, ""),
    }
    black = products["MH01-XS-Black"]
    assert black.id == "MH01-XS-Black"
    assert black.prices == (Amount("EUR", net=Decimal("52.5")),)
    assert (black.tax_class, black.tax_rate) == ("2", Decimal(19))
    assert black.category_ids == ("3", "4")
    assert products["MH01"].prices == products["Set"].prices == ()
    assert products["Gift"].tax_rate is None
    assert [one.sku for one in products.values() if not one.is_active] == ["MH01/XS Gray"]


def test_gross_prices_are_gross(
    catalogue: None, connect_with: Callable[..., MagentoConnector]
) -> None:
    products = {one.sku: one for one in connect_with(prices_include_tax="yes").products()}
    assert products["24-MB01"].prices == (Amount("EUR", gross=Decimal(34)),)


def test_a_sku_with_a_slash_is_one_part_of_the_path(
    shop: Any, websites: None, magento: MagentoConnector
) -> None:
    parent = row(9, "A/B c?", "configurable")
    shop.answers("GET", "products", page(parent), page(parent))
    shop.answers("GET", "products/A%2FB%20c%3F", {"id": 9, "sku": "A/B c?"})
    assert [one.sku for one in magento.products()] == ["A/B c?"]


@pytest.mark.parametrize(
    ("sku", "answer"),
    [
        ("A/B", {"status": 404, "body": "<html>Not Found", "content_type": "text/html"}),
        ("AB", {"status": 404, "json": {"message": "The product that was requested is gone."}}),
    ],
)
def test_a_parent_that_cannot_be_read_does_not_end_the_walk(
    shop: Any, websites: None, magento: MagentoConnector, sku: str, answer: dict[str, Any]
) -> None:
    """Apache refuses encoded slashes as installed; a product can vanish in mid-walk."""
    parent = row(9, sku, "configurable")
    shop.answers("GET", "products", page(parent), page(row(1, "V"), parent))
    path = sku.replace("/", "%2F")
    shop.mock.get(f"https://shop.test/rest/all/V1/products/{path}", **answer)
    assert {one.sku: one.kind for one in magento.products()} == {
        "V": ProductKind.SIMPLE,
        sku: ProductKind.PARENT,
    }


def test_a_change_time_that_is_none(shop: Any, websites: None, magento: MagentoConnector) -> None:
    odd = row(1, "A", updated_at="0000-00-00 00:00:00")
    shop.answers("GET", "products", NONE, page(odd, row(2, "B", updated_at=None)))
    assert [one.updated_at for one in magento.products()] == [None, None]


def test_links_that_a_list_brings_along_cost_no_call(
    shop: Any, websites: None, magento: MagentoConnector
) -> None:
    links = {"extension_attributes": {"configurable_product_links": ["1", "2"]}}
    parent = row(9, "P", "configurable", **links)
    shop.answers("GET", "products", page(parent), page(row(1, "V"), parent))
    assert {one.sku: one.parent_id for one in magento.products()} == {"V": "P", "P": ""}
    assert "GET products/P" not in shop.paths


def test_the_walk_goes_by_id(shop: Any, websites: None, magento: MagentoConnector) -> None:
    shop.answers(
        "GET",
        "products",
        NONE,
        {"items": [row(1, "A"), row(2, "B")], "total_count": 3},
        {"items": [row(3, "C")], "total_count": 1},
    )
    assert [one.sku for one in magento.products()] == ["A", "B", "C"]
    values = [
        one["searchCriteria[filter_groups][0][filters][0][value]"]
        for one in shop.requests("products")[1:]
    ]
    assert values == ["-1", "2"]


def test_recorded_categories(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.replays(recorded("products", 7))
    found = magento.categories()
    assert found[:3] == [
        Category("1", "Root Catalog", ""),
        Category("2", "Default Category", "1"),
        Category("38", "What's New", "2"),
    ]
    ids = [one.id for one in found]
    assert len(set(ids)) == len(ids)
    assert all(one.parent_id in {"", *ids} for one in found)
