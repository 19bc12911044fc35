"""Writes that no recording shows, and what the shop holds after them.

After Shopware 6.6, Core/Framework: DataAbstractionLayer (WriteCommandExtractor, the field
serializers, TranslationsAssociationFieldSerializer, EntityWriter), Api/Controller/ApiController.
"""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Client

from connectors.shopware.sandbox.seed import product_id

EUR = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
ENGLISH, GERMAN = "2fbb5fe2e29a4d70aa5854ce7ce3e20b", "01a2039a455f72269a6d7a9c19eb02a0"
STANDARD = "cfbd5018d38d41d8adca10d94fc8bdd6"
DEALER_RULE = "64eebfef88f7c7984104d40fd38665b6"
ID = "abcdef00000000000000000000000001"
IN_GERMAN = {"sw-language-id": GERMAN}
PRODUCT = product_id("B2B-1061")


def _group(api: Client, **more: Any) -> None:
    answer = api.post("/api/customer-group", {"id": ID, "name": "Trade", **more})
    assert answer.status == 204, answer.body


def _one(api: Client, entity: str, entity_id: str = ID, **criteria: Any) -> dict[str, Any]:
    (row,) = api.search(entity, ids=[entity_id], **criteria).body["data"]
    found: dict[str, Any] = row
    return found


def _some_customer(api: Client) -> str:
    key: str = api.post("/api/search-ids/customer", {"limit": 1}).body["data"][0]
    return key


# -- what the shop keeps itself -------------------------------------------------------------


def test_a_field_of_the_system_is_refused_with_the_scope_it_needs(api: Client) -> None:
    answer = api.ask("PATCH", f"/api/customer/{_some_customer(api)}", {"orderCount": 5})
    text = 'This field is write-protected. (Got: "%s" scope and "%s" is required)'
    assert answer.status == 400
    assert answer.errors == [
        {
            "code": "FRAMEWORK__WRITE_CONSTRAINT_VIOLATION",
            "status": "400",
            "detail": text.replace("%s", "crud", 1).replace("%s", "system", 1),
            "template": text,
            "meta": {"parameters": ["crud", "system"]},
            "source": {"pointer": "/0/orderCountorderCount"},
        }
    ]


def test_a_field_nobody_may_write_names_no_scope(api: Client) -> None:
    answer = api.ask("PATCH", f"/api/product/{PRODUCT}", {"availableStock": 5})
    assert answer.status == 400
    (error,) = answer.errors
    assert (error["detail"], error["meta"]["parameters"]) == (
        "This field is write-protected.",
        ["crud", ""],
    )


@pytest.mark.parametrize("email", ["bad", "a@b", "a b@example.com", "@example.com"])
def test_an_address_that_is_none(api: Client, email: str) -> None:
    answer = api.ask("PATCH", f"/api/customer/{_some_customer(api)}", {"email": email})
    assert answer.status == 400
    (error,) = answer.errors
    assert error["code"] == "bd79c0ab-ddba-46cc-a703-a7a4b08de310"
    assert error["detail"] == "This value is not a valid email address."
    assert error["meta"] == {"parameters": {"{{ value }}": f'"{email}"'}}
    assert error["source"] == {"pointer": "/0/email"}


def test_null_where_the_column_has_a_default_is_the_databases_matter(api: Client) -> None:
    answer = api.post("/api/customer-group", {"name": "x", "displayGross": None})
    assert (answer.status, answer.errors[0]["code"]) == (500, "1048")
    assert answer.errors[0]["detail"].endswith(" 1048 Column 'display_gross' cannot be null")


# -- languages ------------------------------------------------------------------------------


def test_a_name_may_come_in_several_languages_by_locale_or_id(api: Client) -> None:
    names = {"en-GB": {"name": "Trade"}, GERMAN: {"name": "Handel"}}
    assert api.post("/api/customer-group", {"id": ID, "translations": names}).status == 204
    assert _one(api, "customer-group")["name"] == "Trade"
    german = api.ask("GET", f"/api/customer-group/{ID}", headers=IN_GERMAN).body["data"]
    assert (german["name"], german["translated"]["name"]) == ("Handel", "Handel")


def test_a_group_needs_a_name_in_the_language_of_the_system(api: Client) -> None:
    names = {"de-DE": {"name": "Handel"}}
    for body, headers in (({"translations": names}, {}), ({"name": "Handel"}, IN_GERMAN)):
        answer = api.post("/api/customer-group", body, headers=headers)
        assert answer.status == 400
        (error,) = answer.errors
        assert (error["code"], error["source"]) == (
            "MISSING-SYSTEM-TRANSLATION",
            {"pointer": f"/0/translations/{ENGLISH}"},
        )


def test_a_locale_of_no_language(api: Client) -> None:
    body = {"translations": {"xx-XX": {"name": "x"}, "en-GB": {"name": "x"}}}
    answer = api.post("/api/customer-group", body)
    assert (answer.status, answer.errors[0]["code"]) == (412, "FRAMEWORK__LANGUAGE_NOT_FOUND")


def test_a_change_in_one_language_leaves_the_others(api: Client) -> None:
    _group(api)
    path = f"/api/customer-group/{ID}"
    assert api.ask("PATCH", path, {"name": "Handel"}, headers=IN_GERMAN).status == 204
    rows = _one(api, "customer-group", associations={"translations": {}})["translations"]
    assert {row["languageId"]: row["name"] for row in rows} == {ENGLISH: "Trade", GERMAN: "Handel"}
    assert {row["customerGroupId"] for row in rows} == {ID}


def test_without_a_translation_a_name_is_null_and_translated_falls_back(api: Client) -> None:
    _group(api)
    german = api.ask("GET", f"/api/customer-group/{ID}", headers=IN_GERMAN).body["data"]
    assert (german["name"], german["translated"]["name"]) == (None, "Trade")


# -- prices ---------------------------------------------------------------------------------


def test_a_price_keeps_what_it_was_before_and_works_out_the_percentage(api: Client) -> None:
    before = {"net": 20, "gross": 23.8, "linked": True}
    now = {"currencyId": EUR, "net": 15, "gross": 17.85, "linked": True, "listPrice": before}
    assert api.ask("PATCH", f"/api/product/{PRODUCT}", {"price": [now]}).status == 204
    (kept,) = _one(api, "product", PRODUCT)["price"]
    assert (kept["listPrice"]["net"], kept["listPrice"]["currencyId"]) == (20, EUR)
    assert kept["percentage"] == {"net": 25, "gross": 25}
    assert kept["regulationPrice"] is None


def test_a_row_of_a_product_is_had_and_written_below_it(api: Client) -> None:
    price = [{"currencyId": EUR, "net": 9, "gross": 10.71, "linked": False}]
    row = {"id": ID, "ruleId": DEALER_RULE, "quantityStart": 7, "price": price}
    below = f"/api/product/{PRODUCT}/prices"
    assert api.post(below, row).status == 204
    assert _one(api, "product-price")["productId"] == PRODUCT
    assert [one["id"] for one in api.ask("GET", below).body["data"]] == [ID]
    assert api.ask("DELETE", f"{below}/{ID}").status == 204
    assert api.ask("GET", below).body["data"] == []


def test_deleting_a_product_takes_its_prices_along(api: Client) -> None:
    sku = product_id("B2B-1029")
    of_it = {"type": "equals", "field": "productId", "value": sku}
    assert api.search("product-price", filter=[of_it]).body["total"] > 0
    assert api.ask("DELETE", f"/api/product/{sku}").status == 204
    assert api.search("product-price", filter=[of_it]).body["total"] == 0


def test_a_row_that_is_not_there_cannot_be_changed(api: Client) -> None:
    answer = api.ask("PATCH", f"/api/product-price/{ID}", {"quantityStart": 1})
    assert (answer.status, answer.errors[0]["code"]) == (400, "FRAMEWORK__WRITE_TYPE_INTEND_ERROR")
    assert answer.errors[0]["detail"].endswith("Hint: Use POST method to create new entities.")


def test_the_id_of_the_path_counts_not_the_bodys(api: Client) -> None:
    _group(api)
    body = {"id": "f" * 32, "name": "Renamed"}
    assert api.ask("PATCH", f"/api/customer-group/{ID}", body).status == 204
    assert _one(api, "customer-group")["name"] == "Renamed"
    assert api.search("customer-group", ids=["f" * 32]).body["total"] == 0


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("int", 1.5, "int"),
        ("int", True, "int"),
        ("float", "x", "numeric"),
        ("bool", "yes", "bool"),
        ("text", 5, "string"),
    ],
)
def test_custom_fields_have_the_type_they_were_given(
    api: Client, type_: str, value: Any, wanted: str
) -> None:
    fields = [{"name": "loyalty_x", "type": type_}]
    assert api.post("/api/custom-field-set", {"name": "s", "customFields": fields}).status == 204
    path = f"/api/customer/{_some_customer(api)}"
    answer = api.ask("PATCH", path, {"customFields": {"loyalty_x": value}})
    assert answer.status == 400
    (error,) = answer.errors
    assert error["source"] == {"pointer": "/0/customFields/loyalty_x"}
    assert error["meta"]["parameters"]["{{ type }}"] == wanted
    assert api.ask("PATCH", path, {"customFields": {"loyalty_x": None}}).status == 204
