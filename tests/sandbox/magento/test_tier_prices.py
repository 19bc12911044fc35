"""Tier prices: what is written, refused and removed, beyond the recorded exchanges."""

from __future__ import annotations

from typing import Any

import pytest


def row(**changes: Any) -> dict[str, Any]:
    return {
        "price": 20,
        "price_type": "fixed",
        "website_id": 0,
        "sku": "24-MB05",
        "customer_group": "General",
        "quantity": 5,
        **changes,
    }


def write(client: Any, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = client.post("products/tier-prices", {"prices": list(rows)})
    return said


def test_rows_of_one_product_are_told_apart_by_website_group_and_quantity(client: Any) -> None:
    rows = [
        row(),
        row(quantity=10),
        row(customer_group="Wholesale"),
        row(customer_group="Retailer", website_id=1),
    ]
    assert write(client, *rows) == []
    assert sorted(client.tiers("24-MB05"), key=str) == sorted(rows, key=str)


def test_sku_and_group_are_found_without_regard_to_case(client: Any) -> None:
    assert write(client, row(sku="24-mb05", customer_group="wholeSALE")) == []
    assert client.tiers("24-Mb05") == [row(sku="24-Mb05", customer_group="Wholesale")]


def test_numbers_written_as_text_are_numbers(client: Any) -> None:
    assert write(client, row(price="12.50", quantity="7", website_id="0")) == []
    assert client.tiers("24-MB05") == [row(price=12.5, quantity=7)]


def test_prices_are_kept_with_six_decimals(client: Any) -> None:
    write(client, row(price=19.12345678))
    assert client.tiers("24-MB05")[0]["price"] == 19.123457


@pytest.mark.parametrize(
    ("changes", "message", "parameters"),
    [
        ({"sku": "MH01"}, "Invalid attribute SKU", ["MH01", "0", "General", "5"]),
        ({"price": -0.5}, "Invalid attribute Price =", ["-0.5", "24-MB05", "0", "General", "5"]),
        ({"quantity": -0.5}, "Invalid attribute Quantity", ["24-MB05", "0", "General", "-0.5"]),
        ({"website_id": 7}, "Invalid attribute Website ID", ["24-MB05", "7", "General", "5"]),
        ({"customer_group": ""}, "No such entity with Customer Group", ["24-MB05", "0", "", "5"]),
        (
            {"sku": "24-WG080"},
            "Invalid attribute Price Type",
            ["fixed", "24-WG080", "0", "General", "5"],
        ),
        (
            {"price_type": "discount", "price": 100.5},
            "Invalid attribute Price =",
            ["100.5", "24-MB05", "0", "General", "5"],
        ),
    ],
)
def test_a_bad_row_is_named_and_its_neighbour_written(
    client: Any, changes: dict[str, Any], message: str, parameters: list[str]
) -> None:
    good = row(sku="24-MB06")
    (failure,) = write(client, row(**changes), good)
    assert failure["message"].startswith(message)
    assert failure["parameters"] == parameters
    assert client.tiers("24-MB05", "24-MB06", "24-WG080") == [good]


def test_a_row_for_all_websites_and_one_for_a_single_website_exclude_each_other(
    client: Any,
) -> None:
    write(client, row())
    (failure,) = write(client, row(website_id=1, price=18))
    assert failure["message"].startswith("We found a duplicate website")
    assert failure["parameters"] == ["24-MB05", "0", "General", "5"]  # the other row's website
    assert client.tiers("24-MB05") == [row()]


def remove(client: Any, *rows: dict[str, Any]) -> Any:
    return client.post("products/tier-prices-delete", {"prices": list(rows)})


def test_delete_does_not_look_at_the_website(client: Any) -> None:
    """The reason why a connector must look before it removes."""
    write(client, row(website_id=1), row(quantity=6))
    remove(client, row(website_id=0))
    assert client.tiers("24-MB05") == [row(quantity=6)]


def test_delete_tells_a_price_from_a_discount(client: Any) -> None:
    write(client, row())
    remove(client, row(price_type="discount"))
    assert client.tiers("24-MB05") == [row()]


@pytest.mark.parametrize(("price_type", "left"), [("fixed", 1), ("discount", 0)])
def test_delete_never_finds_a_price_of_zero(client: Any, price_type: str, left: int) -> None:
    write(client, row(price=0, price_type=price_type))
    remove(client, row(price=0, price_type=price_type))
    assert len(client.tiers("24-MB05")) == left


def test_replace_takes_every_row_of_the_products_named(client: Any) -> None:
    write(client, row(), row(customer_group="Wholesale"), row(sku="24-MB06"))
    client("PUT", "products/tier-prices", {"prices": [row(quantity=9)]})
    assert client.tiers("24-MB05", "24-MB06") == [row(quantity=9), row(sku="24-MB06")]


def test_rows_follow_a_renamed_group_and_go_with_a_deleted_one(client: Any) -> None:
    group = client.post("customerGroups", {"group": {"code": "Gold", "tax_class_id": 3}})
    write(client, row(customer_group="Gold"))
    body = {"group": {"id": group["id"], "code": "Gold Plus", "tax_class_id": 3}}
    assert client("PUT", f"customerGroups/{group['id']}", body).status_code == 200
    assert client.tiers("24-MB05") == [row(customer_group="Gold Plus")]
    assert client("DELETE", f"customerGroups/{group['id']}").json() is True
    assert client.tiers("24-MB05") == []


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, {"fieldName": "prices"}),
        ({"prices": None}, 400, {"fieldName": "prices"}),
        ({"prices": [row(price="dear")]}, 400, '"dear"'),
        ({"prices": [row(website_id="base")]}, 400, '"base"'),
        ({"prices": [row(price=[1])]}, 400, '"Array"'),
        ({"prices": [row(colour="red")]}, 500, "Internal Error"),
        ({"prices": "many"}, 500, "Internal Error"),
    ],
)
def test_a_body_that_is_no_list_of_rows_is_refused_whole(
    client: Any, body: Any, status: int, said: Any
) -> None:
    answer = client("POST", "products/tier-prices", body)
    assert answer.status_code == status
    found = answer.json()
    assert said == found.get("parameters") or said in found["message"]


def test_input_limits_name_the_type_and_the_limit(client: Any, shop: Any) -> None:
    shop.faults.set(shop={"max_items": 20, "max_page_size": 300})
    answer = client("POST", "products/tier-prices", {"prices": [row()] * 21})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": 'Maximum items of type "%type" is %max',
        "parameters": {"type": "Magento\\Catalog\\Api\\Data\\TierPriceInterface", "max": 20},
    }
    assert write(client, *[row(quantity=place + 1) for place in range(20)]) == []
    page = client("GET", "products", **{"searchCriteria[pageSize]": 301})
    assert page.json()["parameters"] == {"max": 300}


def test_a_poisoned_row_is_refused_in_the_shops_own_words(client: Any, shop: Any) -> None:
    shop.faults.set(poisoned_skus=["24-MB05"])
    (failure,) = write(client, row(), row(sku="24-MB06"))
    assert failure["message"].startswith("Invalid attribute Price")
    assert client.tiers("24-MB05", "24-MB06") == [row(sku="24-MB06")]


def test_a_product_shows_its_tier_prices(client: Any) -> None:
    write(client, row(), row(price=10, price_type="discount", customer_group="ALL GROUPS"))
    (general, everyone) = client.get("products/24-MB05")["tier_prices"]
    assert everyone == {
        "customer_group_id": 32000,
        "qty": 5,
        "value": 40.5,
        "extension_attributes": {"website_id": 0, "percentage_value": 10},
    }
    assert (general["customer_group_id"], general["value"]) == (1, 20)
