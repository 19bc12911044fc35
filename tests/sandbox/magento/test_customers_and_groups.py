"""Customers and groups, beyond the recorded exchanges."""

from __future__ import annotations

from typing import Any

import pytest

NEW = {
    "email": "new.one@example.com",
    "firstname": "Nora",
    "lastname": "New",
    "addresses": [
        {
            "firstname": "Nora",
            "lastname": "New",
            "street": ["Weg 1"],
            "city": "Bonn",
            "postcode": "53111",
            "telephone": "0228123456",
            "country_id": "DE",
            "default_billing": True,
        }
    ],
}


def create(client: Any, **changes: Any) -> Any:
    return client("POST", "customers", {"customer": {**NEW, **changes}})


def test_a_customer_gets_the_defaults_and_can_sign_in(client: Any) -> None:
    made = client.post("customers", {"customer": NEW, "password": "Str0ng-Passw0rd"})
    assert (made["group_id"], made["website_id"], made["store_id"]) == (1, 1, 1)
    assert made["default_billing"] == str(made["addresses"][0]["id"])
    assert "default_shipping" not in made
    who = {"username": "NEW.one@example.com", "password": "Str0ng-Passw0rd"}
    assert isinstance(client.post("integration/customer/token", who), str)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"firstname": ""}, '"First Name" is a required value.'),
        ({"email": "nobody@"}, '"Email" is not a valid email address.'),
        ({"group_id": 77}, "The specified customer group id does not exist."),
        (
            {"email": "RONI_cost@example.com"},
            "A customer with the same email address already exists in an associated website.",
        ),
        (
            {"group_id": "gold"},
            'Error occurred during "group_id" processing. The "gold" value\'s type is invalid. '
            'The "int" type was expected. Verify and try again.',
        ),
        ({"dob": "long ago"}, "Invalid date"),
        ({"store_id": 7}, "The store view is not in the associated website."),
    ],
)
def test_a_bad_customer_is_refused_and_not_made(
    client: Any, changes: dict[str, Any], said: str
) -> None:
    answer = create(client, **changes)
    assert (answer.status_code, answer.json()) == (400, {"message": said})
    assert client.found("customers/search")["total_count"] == 13


def test_two_customers_cannot_share_an_address(client: Any) -> None:
    made = create(client).json()
    taken = {"customer": {"email": "roni_cost@example.com"}}
    assert client("PUT", f"customers/{made['id']}", taken).status_code == 400
    freed = {"customer": {"email": "moved@example.com"}}
    assert client("PUT", f"customers/{made['id']}", freed).status_code == 200
    assert create(client).status_code == 200


def test_an_update_bumps_the_time_and_keeps_what_is_not_named(client: Any) -> None:
    before = client.get("customers/2")
    after = client("PUT", "customers/2", {"customer": {"id": 2, "group_id": 3}}).json()
    assert after["updated_at"] > before["updated_at"]
    assert after == {**before, "group_id": 3, "updated_at": after["updated_at"]}


def test_other_versions_forget_what_is_not_named(client: Any, shop: Any) -> None:
    shop.faults.set(shop={"minimal_put_resets": True})
    before = client.get("customers/2")
    after = client("PUT", "customers/2", {"customer": {"id": 2, "group_id": 3}}).json()
    assert (after["group_id"], after["addresses"]) == (3, [])
    assert {"taxvat", "dob", "default_billing"} <= set(before) - set(after)


def test_addresses_that_are_left_out_of_a_list_are_gone(client: Any) -> None:
    row = client.get("customers/2")
    row["addresses"].append({**row["addresses"][0], "id": None, "default_billing": True})
    after = client("PUT", "customers/2", {"customer": row}).json()
    assert len(after["addresses"]) == 2
    assert after["default_billing"] == str(after["addresses"][1]["id"])
    after = client("PUT", "customers/2", {"customer": {"addresses": []}}).json()
    assert (after["addresses"], "default_billing" in after) == ([], False)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_customers_id_is_a_number(client: Any, method: str) -> None:
    answer = client(method, "customers/anna")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith('The "anna" value\'s type is invalid.')


def test_customers_of_a_deleted_group_fall_back_to_the_default(client: Any) -> None:
    group = client.post("customerGroups", {"group": {"code": "Gold", "tax_class_id": 3}})
    client("PUT", "customers/2", {"customer": {"group_id": group["id"]}})
    client("DELETE", f"customerGroups/{group['id']}")
    assert client.get("customers/2")["group_id"] == 1


def test_a_groups_code_is_cut_and_then_unique_without_regard_to_case(client: Any) -> None:
    long = "Onyx" * 9
    made = client.post("customerGroups", {"group": {"code": long}})
    assert made["code"] == long[:32]
    again = client("POST", "customerGroups", {"group": {"code": long[:32].upper() + "!"}})
    assert (again.status_code, again.json()) == (400, {"message": "Customer Group already exists."})


def test_an_update_needs_a_tax_class_and_may_keep_its_own_name(client: Any) -> None:
    lacks = client("PUT", "customerGroups/2", {"group": {"code": "WHOLESALE"}})
    assert lacks.json()["parameters"] == {"fieldName": "taxClassId", "value": None}
    whole = {"group": {"code": "WHOLESALE", "tax_class_id": 3}}
    same = client("PUT", "customerGroups/2", whole)
    assert same.json() == {
        "id": 2,
        "code": "WHOLESALE",
        "tax_class_id": 3,
        "tax_class_name": "Retail Customer",
    }
    taken = {"group": {"code": "Retailer", "tax_class_id": 3}}
    assert client("PUT", "customerGroups/2", taken).json() == {
        "message": "Customer Group already exists."
    }


@pytest.mark.parametrize(
    ("body", "field"), [({}, "group"), ({"group": {}}, "code"), ({"group": "x"}, "code")]
)
def test_what_a_group_lacks_is_named(client: Any, body: Any, field: str) -> None:
    answer = client("POST", "customerGroups", body)
    assert (answer.status_code, answer.json()["parameters"]) == (400, {"fieldName": field})


def test_a_products_tax_class_is_none_for_a_group(client: Any) -> None:
    answer = client("POST", "customerGroups", {"group": {"code": "Odd", "tax_class_id": 2}})
    assert answer.json()["parameters"] == {"fieldName": "taxClassId", "value": 2}
