"""Writes that no recording shows: what is refused, with which pointer, and what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Client

EUR = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
STANDARD_TAX = "01a2039a459b70e4b7b347b78b72b3b4"
DEALER_RULE = "64eebfef88f7c7984104d40fd38665b6"
SAW = "0009f964978456518617e13b4a9d1108"
SYSTEM_LANGUAGE = "2fbb5fe2e29a4d70aa5854ce7ce3e20b"
GERMAN = "01a2039a455f72269a6d7a9c19eb02a0"
ID = "abcdef00000000000000000000000001"


def _price(net: Any = 10, gross: Any = 11.9, **more: Any) -> dict[str, Any]:
    return {"currencyId": EUR, "net": net, "gross": gross, "linked": False, **more}


def _row(**more: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "productId": SAW,
        "ruleId": DEALER_RULE,
        "quantityStart": 50,
        "price": [_price()],
        **more,
    }


@pytest.mark.parametrize(
    ("payload", "pointer", "detail"),
    [
        ({"name": ""}, f"/0/translations/{SYSTEM_LANGUAGE}/name", "should not be blank"),
        ({"name": None}, f"/0/translations/{SYSTEM_LANGUAGE}/name", "should not be blank"),
        ({"name": 5}, f"/0/translations/{SYSTEM_LANGUAGE}/name", "should be of type string"),
        ({"name": "x" * 256}, f"/0/translations/{SYSTEM_LANGUAGE}/name", "is too long"),
        ({"name": "x", "displayGross": "yes"}, "/0/displayGross", "should be of type bool"),
        ({"name": "x", "customFields": 3}, "/0/customFields", "should be of type array"),
    ],
)
def test_a_group_that_is_wrong(
    api: Client, payload: dict[str, Any], pointer: str, detail: str
) -> None:
    answer = api.post("/api/customer-group", payload)
    assert answer.status == 400
    assert answer.pointers == [pointer]
    assert detail in answer.errors[0]["detail"]


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (_row(quantityStart="5"), "/p/0/quantityStart"),
        (_row(quantityStart=1.5), "/p/0/quantityStart"),
        (_row(quantityEnd=True), "/p/0/quantityEnd"),
        (_row(price=[]), "/p/0/price"),
        (_row(price=None), "/p/0/price"),
        (_row(price="cheap"), "/p/0/price"),
        (_row(price=[_price(net="cheap")]), "/p/0/price/0/net"),
        (_row(price=[_price(gross=None)]), "/p/0/price/0/gross"),
        (_row(price=[{"currencyId": EUR, "net": 1, "gross": 1}]), "/p/0/price/0/linked"),
        (_row(price=[_price(), _price(currencyId="x")]), "/p/0/price/1/currencyId"),
        (_row(ruleId="x"), "/p/0/ruleId"),
        (_row(id="x"), "/p/0/id"),
    ],
)
def test_an_advanced_price_that_is_wrong(
    api: Client, payload: dict[str, Any], pointer: str
) -> None:
    answer = api.sync(p={"entity": "product_price", "action": "upsert", "payload": [payload]})
    assert answer.status == 400
    assert answer.pointers == [pointer]
    assert api.ask("GET", f"/api/product-price/{ID}").status == 404


def test_everything_that_is_wrong_is_told_at_once(api: Client) -> None:
    answer = api.post("/api/product", {"stock": "x"})
    assert answer.pointers == [
        f"/0/translations/{SYSTEM_LANGUAGE}/name",
        "/0/taxId",
        "/0/price",
        "/0/productNumber",
        "/0/stock",
    ]


def test_foreign_keys_are_told_in_the_words_of_the_database(api: Client) -> None:
    gone = "f" * 32
    answer = api.ask("PATCH", f"/api/product/{SAW}", {"taxId": gone})
    assert answer.status == 500
    assert answer.errors[0]["code"] == "1452"
    assert (
        "(`shopware`.`product`, CONSTRAINT `fk.product.tax_id` FOREIGN KEY (`tax_id`) "
        "REFERENCES `tax` (`id`) ON UPDATE CASCADE)"
    ) in answer.errors[0]["detail"]
    product = api.ask("GET", f"/api/product/{SAW}").body["data"]
    assert product["taxId"] == STANDARD_TAX


def test_a_product_number_is_given_once(api: Client) -> None:
    payload = {
        "productNumber": "B2B-1029",
        "name": "Again",
        "stock": 1,
        "taxId": STANDARD_TAX,
        "price": [_price()],
    }
    answer = api.post("/api/product", payload)
    assert answer.status == 400
    assert answer.errors[0]["code"] == "CONTENT__DUPLICATE_PRODUCT_NUMBER"


def test_what_the_shop_keeps_itself_cannot_be_written(api: Client) -> None:
    answer = api.ask("PATCH", f"/api/product/{SAW}", {"childCount": 5})
    assert answer.status == 400
    assert answer.errors[0]["detail"] == "This field is write-protected."


def test_prices_are_stored_as_given_and_numbers_in_texts_become_numbers(api: Client) -> None:
    row = _row(price=[_price(net="12.345678", gross=14.691357)])
    assert api.post("/api/product-price", row).status == 204
    stored = api.ask("GET", f"/api/product-price/{ID}").body["data"]
    assert (stored["price"][0]["net"], stored["price"][0]["gross"]) == (12.345678, 14.691357)


def test_a_change_of_a_price_is_a_change_of_its_product(api: Client) -> None:
    before = api.ask("GET", f"/api/product/{SAW}").body["data"]["updatedAt"]
    api.post("/api/product-price", _row())
    after = api.ask("GET", f"/api/product/{SAW}").body["data"]["updatedAt"]
    assert after > before


def test_updated_at_is_null_until_the_first_update(api: Client) -> None:
    api.post("/api/tax", {"id": ID, "name": "New", "taxRate": 3.5, "position": 9})
    assert api.ask("GET", f"/api/tax/{ID}").body["data"]["updatedAt"] is None
    api.ask("PATCH", f"/api/tax/{ID}", {"name": "Newer"})
    assert api.ask("GET", f"/api/tax/{ID}").body["data"]["updatedAt"] is not None


def test_translations_are_kept_by_language(api: Client) -> None:
    translations = {"en-GB": {"name": "Partners"}, "de-DE": {"name": "Partner"}}
    api.post("/api/customer-group", {"id": ID, "translations": translations})
    english = api.ask("GET", f"/api/customer-group/{ID}").body["data"]
    german = api.ask("GET", f"/api/customer-group/{ID}", headers={"sw-language-id": GERMAN}).body[
        "data"
    ]
    assert (english["name"], german["name"]) == ("Partners", "Partner")
    api.post("/api/customer-group", {"id": ID[:-1] + "2", "name": "Only English"})
    fallback = api.ask(
        "GET", f"/api/customer-group/{ID[:-1]}2", headers={"sw-language-id": GERMAN}
    ).body["data"]
    assert (fallback["name"], fallback["translated"]["name"]) == (None, "Only English")


def test_an_unknown_language_is_refused(api: Client) -> None:
    answer = api.ask("GET", "/api/tax", headers={"sw-language-id": "f" * 32})
    assert (answer.status, answer.errors[0]["code"]) == (412, "FRAMEWORK__LANGUAGE_NOT_FOUND")


def test_custom_fields_are_merged_name_by_name(api: Client) -> None:
    api.post(
        "/api/customer-group", {"id": ID, "name": "x", "customFields": {"a": 1, "b": {"c": 2}}}
    )
    api.ask("PATCH", f"/api/customer-group/{ID}", {"customFields": {"a": None, "d": 4}})
    group = api.ask("GET", f"/api/customer-group/{ID}").body["data"]
    assert group["customFields"] == {"a": None, "b": {"c": 2}, "d": 4}


def test_rows_hang_on_each_other_in_one_payload(api: Client) -> None:
    payload = {
        "id": ID,
        "productNumber": "NEW-1",
        "name": "New",
        "stock": 1,
        "tax": {"name": "Own", "taxRate": 5, "position": 9},
        "price": [_price()],
        "prices": [{"ruleId": DEALER_RULE, "quantityStart": 1, "price": [_price(9, 10.71)]}],
        "categories": [{"name": "Fresh"}],
        "children": [{"productNumber": "NEW-1.1", "stock": 2}],
    }
    assert api.post("/api/product", payload).status == 204
    criteria = {"ids": [ID], "associations": {"prices": {}, "categories": {}, "children": {}}}
    product = api.search("product", **criteria).body["data"][0]
    assert product["tax"]["taxRate"] == 5
    assert product["prices"][0]["price"][0]["net"] == 9
    assert product["categories"][0]["name"] == "Fresh"
    child = product["children"][0]
    assert (child["parentId"], child["name"], child["active"]) == (ID, None, None)
    assert product["childCount"] == 1


@pytest.mark.parametrize(
    ("conditions", "pointer"),
    [
        (
            [{"type": "orContainer", "children": [{"type": "nope"}]}],
            "/0/conditions/0/children/0/type",
        ),
        (
            [{"type": "customerCustomerGroup", "value": {"operator": "="}}],
            "/0/conditions/0/value/customerGroupIds",
        ),
        (
            [
                {
                    "type": "customerCustomerGroup",
                    "value": {"operator": "<", "customerGroupIds": [ID]},
                }
            ],
            "/0/conditions/0/value/operator",
        ),
    ],
)
def test_conditions_of_rules_are_checked_in_depth(
    api: Client, conditions: list[dict[str, Any]], pointer: str
) -> None:
    payload = {"id": ID, "name": "Bad", "priority": 1, "conditions": conditions}
    answer = api.post("/api/rule", payload)
    assert answer.pointers == [pointer]
    assert api.ask("GET", f"/api/rule/{ID}").status == 404


def test_malformed_json_is_refused_before_anything_else(api: Client) -> None:
    answer = api.ask("POST", "/api/tax", raw=b'{"name": ', authorized=False)
    assert (answer.status, answer.errors[0]["detail"]) == (400, "The JSON payload is malformed.")


def test_one_row_a_call(api: Client) -> None:
    answer = api.post("/api/tax", [{"name": "x"}])
    assert answer.status == 400
    assert answer.errors[0]["detail"].startswith("Only single write operations are supported.")


def test_deleting_takes_along_what_is_part_and_is_refused_while_in_use(api: Client) -> None:
    in_use = api.ask("DELETE", f"/api/tax/{STANDARD_TAX}")
    assert in_use.status == 409
    assert "currently in use by: product (" in in_use.errors[0]["detail"]
    assert api.ask("DELETE", f"/api/product/{SAW}").status == 204
    left = api.search(
        "product-price", filter=[{"type": "equals", "field": "productId", "value": SAW}]
    )
    assert left.body["total"] == 0


def test_a_rule_goes_once_no_price_hangs_on_it(api: Client) -> None:
    assert api.ask("DELETE", f"/api/rule/{DEALER_RULE}").status == 409
    mine = [{"type": "equals", "field": "ruleId", "value": DEALER_RULE}]
    ids = api.post("/api/search-ids/product-price", {"filter": mine}).body["data"]
    rows = [{"id": one} for one in ids]
    api.sync(d={"entity": "product_price", "action": "delete", "payload": rows})
    assert api.ask("DELETE", f"/api/rule/{DEALER_RULE}").status == 204
    conditions = api.search("rule-condition", filter=mine)
    assert conditions.body["total"] == 0
