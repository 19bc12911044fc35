"""Calls that no recording shows: what the shop makes of methods, headers, types and fields.

After Magento 2.4: Rest\\Request, ServiceInputProcessor and FieldsFilter of Framework\\Webapi,
Webapi\\Controller\\Rest, Framework\\Api\\SearchCriteria and its collection processors.
"""

from __future__ import annotations

from typing import Any

import pytest

GROUP = b'{"group": {"code": "Onyx", "tax_class_id": 3}}'


def raw(client: Any, content_type: str | None, body: bytes) -> Any:
    headers = {} if content_type is None else {"Content-Type": content_type}
    address = f"{client.shop.url}/rest/all/V1/customerGroups"
    return client.session.post(address, data=body, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("content_type", "status", "said"),
    [
        ("application/json; charset=utf-8", 200, "Onyx"),
        (None, 400, "Content-Type header is empty."),
        ("application/json; charset=latin1", 400, "UTF-8 is the only supported charset."),
        ("_?", 400, "Content-Type header is invalid."),
        (
            "application/x-www-form-urlencoded",
            400,
            "Server cannot understand Content-Type HTTP header media type "
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_a_body_needs_its_type(
    client: Any, content_type: str | None, status: int, said: str
) -> None:
    answer = raw(client, content_type, GROUP)
    found = answer.json()
    assert (answer.status_code, found.get("message", found.get("code"))) == (status, said)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS"])
def test_methods_of_no_service_are_refused_before_any_route(client: Any, method: str) -> None:
    answer = client(method, "nothing/here")
    assert (answer.status_code, answer.json()) == (400, {"message": "Request method is invalid."})


@pytest.mark.parametrize("path", ["/rest/admin/V1/modules", "/rest/all/", "/rest"])
def test_what_is_no_service_at_all_cannot_be_processed(client: Any, path: str) -> None:
    answer = client.session.get(client.shop.url + path, timeout=10)
    assert answer.status_code == 400
    assert answer.json() == {"message": "Specified request cannot be processed."}


def test_an_id_is_whatever_php_takes_for_a_number(client: Any) -> None:
    assert client.get("customerGroups/1.9")["code"] == "General"


def test_values_below_a_name_are_named_level_by_level(client: Any) -> None:
    rows = [{"sku": "24-MB01", "price": "dear"}]
    answer = client("POST", "products/tier-prices", {"prices": rows})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        'Error occurred during "price" processing. The "dear" value\'s type is invalid. '
        'The "float" type was expected. Verify and try again.',
    )
    customer = {"addresses": [{"region": {"region_id": "x"}}]}
    said = client("POST", "customers", {"customer": customer}).json()["message"]
    assert said.startswith(
        'Error occurred during "addresses" processing. Error occurred during "region" '
        'processing. Error occurred during "region_id" processing. The "x"'
    )


def test_a_property_the_shop_does_not_know_is_an_internal_error(client: Any) -> None:
    first = client("POST", "customerGroups", {"group": {"code": "A", "colour": 1}})
    second = client("GET", "customerGroups/search", **{"searchCriteria[colour]": 1})
    assert (first.status_code, second.status_code) == (500, 500)
    assert first.json()["message"].startswith("Internal Error. Details are available in Magento")
    assert first.json() != second.json(), "each report has a number of its own"


# -- lists ----------------------------------------------------------------------------------


def test_a_page_size_that_is_no_number_is_named(client: Any) -> None:
    answer = client("GET", "customers/search", **{"searchCriteria[pageSize]": "many"})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        'Error occurred during "pageSize" processing. The "many" value\'s type is invalid. '
        'The "int" type was expected. Verify and try again.',
    )


def test_a_negative_page_size_is_one(client: Any) -> None:
    found = client.get(
        "customers/search",
        **{"searchCriteria[pageSize]": -1, "fields": "items[id],total_count"},
    )
    assert found == {"items": [{"id": 1}], "total_count": 13}


def test_a_filter_without_a_value_is_echoed_without_one(client: Any) -> None:
    at = "searchCriteria[filter_groups][0][filters][0]"
    query = {f"{at}[field]": "gender", f"{at}[condition_type]": "notnull"}
    found = client.get("customers/search", **query)
    assert found["search_criteria"]["filter_groups"] == [
        {"filters": [{"field": "gender", "condition_type": "notnull"}]}
    ]
    assert [row["id"] for row in found["items"]] == [1]


@pytest.mark.parametrize(
    ("name", "condition", "value", "total"),
    [
        ("firstname", "regexp", "^(anna|ben)$", 2),
        ("billing_city", "eq", "berlin", 3),
        ("billing_postcode", "in", "10115,20095", 6),
        ("lastname", "eq", "KRUGER", 1),
        ("email", "bogus condition", "anna.albers@example.com", 1),
    ],
)
def test_customers_are_found_the_way_the_database_compares(
    client: Any, name: str, condition: str, value: str, total: int
) -> None:
    found = client.found("customers/search", (name, condition, value), fields="total_count")
    assert found == {"total_count": total}


@pytest.mark.parametrize("path", ["products", "categories/list", "customers/search"])
def test_unknown_attributes_are_named(client: Any, path: str) -> None:
    answer = client(
        "GET",
        path,
        **{
            "searchCriteria[sortOrders][0][field]": "colour_of_the_moon",
            "searchCriteria[sortOrders][0][direction]": "ASC",
        },
    )
    assert answer.status_code == 400
    assert answer.json()["parameters"] == ["colour_of_the_moon"]


@pytest.mark.parametrize("path", ["customerGroups/search", "taxClasses/search"])
def test_unknown_columns_are_internal_errors(client: Any, path: str) -> None:
    """Of plain tables (recorded: orders.json #18)."""
    at = "searchCriteria[filter_groups][0][filters][0]"
    answer = client("GET", path, **{f"{at}[field]": "bogus", f"{at}[value]": "1"})
    assert answer.status_code == 500


def test_an_empty_list_of_fields_is_none_at_all(client: Any) -> None:
    assert "code" in client.get("customerGroups/1", fields="")
    assert client.get("customers/1", fields="id,extension_attributes[bogus]") == {
        "id": 1,
        "extension_attributes": [],
    }
