"""What shoppers pay, in cases the recordings do not show."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shopware_replay import PRODUCTS
from shopware_replay.asking import Client

from connectors.sandbox.catalogue import catalogue
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.seed import STOREFRONT_KEY, product_id

EUR = "b7d2554b0ce847cd82f3ac9bd1c0dfca"
DEALER, STANDARD = "610f97c0abd3f8be1e1f49a1dd318b34", "cfbd5018d38d41d8adca10d94fc8bdd6"
ANNA = "anna.albers@example.com"
"""A dealer."""
PLAIN = "B2B-1061"
"""Not one of the sixty products that have prices of their own."""
RULE = "a" * 32


def _in_groups(*groups: str, operator: str = "=") -> dict[str, Any]:
    value = {"operator": operator, "customerGroupIds": list(groups)}
    return {"type": "customerCustomerGroup", "value": value}


def _rule(api: Client, rule: str, priority: int, *conditions: dict[str, Any]) -> None:
    payload = {"id": rule, "name": rule[:4], "priority": priority, "conditions": list(conditions)}
    assert api.post("/api/rule", payload).status == 204


def _steps(api: Client, sku: str, rule: str, *steps: tuple[int, int | None, float]) -> None:
    rows = [
        {
            "productId": product_id(sku),
            "ruleId": rule,
            "quantityStart": start,
            "quantityEnd": end,
            "price": [{"currencyId": EUR, "net": net, "gross": net * 1.19, "linked": False}],
        }
        for start, end, net in steps
    ]
    answer = api.sync(p={"entity": "product_price", "action": "upsert", "payload": rows})
    assert answer.status == 200, answer.body


def _paid(shop: RunningSandbox, sku: str, *quantities: int, email: str = ANNA) -> list[Decimal]:
    return [SANDBOX.shopper_price(shop.url, email, sku, one) for one in quantities]


def test_the_shared_shoppers_can_sign_in_and_buy(shop: RunningSandbox) -> None:
    for email in SANDBOX.shoppers:
        assert SANDBOX.shopper_price(shop.url, email, "B2B-1029", 1) > 0


def test_hand_made_prices_are_there(shop: RunningSandbox) -> None:
    assert _paid(shop, "B2B-1029", 1, 9, 10, 99) == [
        Decimal(one) for one in ("67.37", "67.37", "64.01", "64.01")
    ]


def test_the_rule_of_highest_priority_decides_not_the_cheapest_row(
    api: Client, shop: RunningSandbox
) -> None:
    _rule(api, RULE, 200, _in_groups(DEALER))
    _rule(api, "b" * 32, 100, _in_groups(DEALER))
    _steps(api, PLAIN, RULE, (1, None, 8))
    _steps(api, PLAIN, "b" * 32, (1, None, 5))
    assert _paid(shop, PLAIN, 1) == [Decimal("8")]
    api.ask("PATCH", f"/api/rule/{RULE}", {"priority": 50})
    assert _paid(shop, PLAIN, 1) == [Decimal("5")]


def test_a_rule_without_rows_for_the_product_is_passed_over(
    api: Client, shop: RunningSandbox
) -> None:
    _rule(api, RULE, 200, _in_groups(DEALER))
    assert _paid(shop, "B2B-1029", 1) == [Decimal("67.37")]


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ([], True),
        ([_in_groups(DEALER)], True),
        ([_in_groups(STANDARD)], False),
        ([_in_groups(STANDARD, operator="!=")], True),
        ([_in_groups(STANDARD, DEALER)], True),
        ([{"type": "alwaysValid"}], True),
        ([{"type": "customerIsGuest", "value": {"isGuest": True}}], False),
        ([{"type": "customerIsGuest", "value": {"isGuest": False}}], True),
        ([{"type": "customerAge", "value": {"age": 18, "operator": ">"}}], False),
        ([{"type": "andContainer", "children": [_in_groups(DEALER), _in_groups(STANDARD)]}], False),
        ([{"type": "orContainer", "children": [_in_groups(DEALER), _in_groups(STANDARD)]}], True),
        ([{"type": "notContainer", "children": [_in_groups(DEALER)]}], False),
        ([_in_groups(DEALER), _in_groups(STANDARD)], False),
    ],
)  # fmt: skip
def test_for_whom_a_rule_holds(
    api: Client, shop: RunningSandbox, conditions: list[dict[str, Any]], holds: bool
) -> None:
    before = _paid(shop, PLAIN, 1)
    _rule(api, RULE, 200, *conditions)
    _steps(api, PLAIN, RULE, (1, None, 3))
    assert (_paid(shop, PLAIN, 1) == [Decimal(3)]) is holds
    assert holds or _paid(shop, PLAIN, 1) == before


def test_odd_rows_are_walked_as_the_shop_walks_them(api: Client, shop: RunningSandbox) -> None:
    _rule(api, RULE, 200, _in_groups(DEALER))
    _steps(api, PLAIN, RULE, (5, 9, 7), (20, None, 6))
    assert _paid(shop, PLAIN, 1, 9, 10, 50) == [Decimal(one) for one in (7, 7, 6, 6)]


def test_two_rows_of_one_quantity_stand_side_by_side(api: Client, shop: RunningSandbox) -> None:
    _rule(api, RULE, 200, _in_groups(DEALER))
    _steps(api, PLAIN, RULE, (1, None, 7))
    _steps(api, PLAIN, RULE, (1, None, 6))
    mine = [{"type": "equals", "field": "ruleId", "value": RULE}]
    assert api.search("product-price", filter=mine).body["total"] == 2
    assert _paid(shop, PLAIN, 1)[0] in (Decimal(6), Decimal(7))


def test_a_variant_pays_its_own_price_and_inherits_rows_until_it_has_any(
    api: Client, shop: RunningSandbox
) -> None:
    articles = {one.sku: one for one in catalogue(PRODUCTS)}
    parent = next(one for one in articles.values() if one.variant_skus)
    first, second = (articles[sku] for sku in parent.variant_skus[:2])
    assert _paid(shop, first.sku, 1) == [first.net]
    _rule(api, RULE, 200, _in_groups(DEALER))
    _steps(api, parent.sku, RULE, (1, None, 4))
    _steps(api, second.sku, RULE, (1, None, 3))
    assert _paid(shop, first.sku, 1) == [Decimal(4)]
    assert _paid(shop, second.sku, 1) == [Decimal(3)]


def test_members_of_a_gross_group_see_gross_and_pay_the_same(
    api: Client, shop: RunningSandbox
) -> None:
    api.ask("PATCH", f"/api/customer-group/{DEALER}", {"displayGross": True})
    assert _paid(shop, "B2B-1029", 1, 10) == [Decimal("67.37"), Decimal("64.01")]


def test_a_guest_sees_gross_and_no_prices_of_others(api: Client) -> None:
    answer = api.post(
        "/store-api/product",
        {"ids": [product_id("B2B-1029")]},
        headers={"sw-access-key": STOREFRONT_KEY},
    )
    product = answer.body["elements"][0]
    assert product["calculatedPrice"]["unitPrice"] == 89.08
    assert product["calculatedPrice"]["calculatedTaxes"][0]["tax"] == 14.22
    assert product["calculatedPrices"] == []
    assert "price" not in product
    assert "prices" not in product


def test_a_cart_adds_up_over_tax_rates(api: Client) -> None:
    headers = {"sw-access-key": STOREFRONT_KEY, "sw-context-token": "a-cart-of-my-own"}
    items = [
        {"type": "product", "referencedId": product_id(sku), "quantity": quantity}
        for sku, quantity in (("B2B-1029", 2), ("B2B-1059", 3), ("B2B-1029", 1))
    ]
    cart = api.post("/store-api/checkout/cart/line-item", {"items": items}, headers=headers).body
    assert [line["quantity"] for line in cart["lineItems"]] == [3, 3]
    coffee = [line for line in cart["lineItems"] if line["payload"]["productNumber"] == "B2B-1059"]
    total = round(3 * 89.08 + coffee[0]["price"]["totalPrice"], 2)
    assert cart["price"]["totalPrice"] == total
    assert {entry["taxRate"] for entry in cart["price"]["calculatedTaxes"]} == {19, 7}
    assert cart["price"]["netPrice"] < total
    emptied = api.ask("DELETE", "/store-api/checkout/cart", headers=headers)
    assert emptied.status == 204
    again = api.ask("GET", "/store-api/checkout/cart", headers=headers).body
    assert (again["lineItems"], again["price"]["totalPrice"]) == ([], 0)


def test_who_may_ask_the_store_api(api: Client) -> None:
    assert api.post("/store-api/product", {}).status == 401
    wrong = api.post("/store-api/product", {}, headers={"sw-access-key": "SWSCNOPE"})
    assert wrong.status == 412
    answer = api.post(
        "/store-api/account/login",
        {"username": ANNA, "password": "wrong"},
        headers={"sw-access-key": STOREFRONT_KEY},
    )
    assert (answer.status, answer.errors[0]["code"]) == (
        401,
        "CHECKOUT__CUSTOMER_AUTH_BAD_CREDENTIALS",
    )


def test_unknown_shoppers_and_products_are_told(shop: RunningSandbox) -> None:
    with pytest.raises(LookupError, match="no shopper"):
        SANDBOX.shopper_price(shop.url, "nobody@example.com", "B2B-1029", 1)
    with pytest.raises(LookupError, match="no product"):
        SANDBOX.shopper_price(shop.url, ANNA, "NOPE", 1)
