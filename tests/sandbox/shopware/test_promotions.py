"""What promotions take off, in carts and orders."""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import DEGREASER, SAW, Body, Shopper, found_order

CHANNEL = "01a2039a5257718283536f3332a41a55"


def _promotion(api: Client, own_code: str, *discounts: Body, **more: Any) -> None:
    cart = {"scope": "cart", "considerAdvancedRules": False}
    promotion = {
        "name": f"Promotion {own_code}",
        "active": True,
        "useCodes": bool(own_code),
        "code": own_code or None,
        "salesChannels": [{"salesChannelId": CHANNEL, "priority": 1}],
        "discounts": [{**cart, **one} for one in discounts],
        **more,
    }
    answer = api.post("/api/promotion", promotion)
    assert answer.status == 204, answer.body


def _enter(buyer: Shopper, code: str) -> Body:
    item = {"type": "promotion", "referencedId": code}
    cart: Body = buyer.ask("checkout/cart/line-item", {"items": [item]}).body
    return cart


@pytest.mark.parametrize(
    ("discount", "off"),
    [
        ({"type": "absolute", "value": 10}, 10),
        ({"type": "percentage", "value": 10}, 29.36),
        ({"type": "percentage", "value": 50, "maxValue": 20}, 20),
        ({"type": "absolute", "value": 1000}, 293.64),
    ],
)
def test_a_discount_is_shared_out_to_the_lines(
    api: Client, buyer: Shopper, discount: Body, off: float
) -> None:
    _promotion(api, "TEN", discount)
    buyer.fill((SAW, 3), (DEGREASER, 2))
    _enter(buyer, "TEN")
    order = buyer.ask("checkout/order", {}).body
    line = next(one for one in order["lineItems"] if one["type"] == "promotion")
    assert line["totalPrice"] == -off
    assert order["amountTotal"] == pytest.approx(293.64 - off)
    composition = [part["discount"] for part in line["payload"]["composition"]]
    expected = [off * part / 293.64 for part in (267.24, 26.4)]
    assert composition == pytest.approx(expected, abs=0.01)


def test_a_discount_rule_names_the_lines_that_are_meant(api: Client, buyer: Shopper) -> None:
    rule = {"type": "cartLineItem", "value": {"operator": "=", "identifiers": [DEGREASER]}}
    meant = {"name": "Degreaser", "priority": 1, "conditions": [rule]}
    free = {"type": "percentage", "value": 100, "considerAdvancedRules": True}
    _promotion(api, "", {**free, "discountRules": [meant]})
    buyer.fill((SAW, 1), (DEGREASER, 2))
    order = found_order(api, buyer.ask("checkout/order", {}).body["id"], "lineItems")
    totals = {one["referencedId"]: one["totalPrice"] for one in order["lineItems"]}
    assert totals == {SAW: 89.08, DEGREASER: 26.4, "": -26.4}
    assert order["amountTotal"] == 89.08


@pytest.mark.parametrize(
    "unfit",
    [
        {"active": False},
        {"validUntil": "2020-01-01T00:00:00.000+00:00"},
        {"validFrom": "2999-01-01T00:00:00.000+00:00"},
        {"salesChannels": []},
        {"discounts": []},
        {"code": "OTHER"},
    ],
)
def test_a_code_that_does_not_apply_takes_nothing_off(
    api: Client, buyer: Shopper, unfit: Body
) -> None:
    _promotion(api, "CODE", {"type": "absolute", "value": 5}, **unfit)
    buyer.fill((SAW, 1))
    cart = _enter(buyer, "CODE")
    assert list(cart["errors"]) == ["promotion-not-found"]
    assert cart["price"]["totalPrice"] == 89.08


def test_an_edited_order_takes_its_percentage_of_what_is_left(api: Client, buyer: Shopper) -> None:
    _promotion(api, "TEN", {"type": "percentage", "value": 10})
    buyer.fill((SAW, 3))
    _enter(buyer, "TEN")
    order = buyer.ask("checkout/order", {}).body
    assert order["amountTotal"] == 240.52
    answer = api.post(f"/api/_action/version/order/{order['id']}", {})
    draft = {"sw-version-id": answer.body["versionId"]}
    saw = next(one["id"] for one in order["lineItems"] if one["type"] == "product")
    api.ask("PATCH", f"/api/order-line-item/{saw}", {"quantity": 1}, headers=draft)
    api.post(f"/api/_action/order/{order['id']}/recalculate", {}, headers=draft)
    api.post(f"/api/_action/version/merge/order/{draft['sw-version-id']}", {})
    assert found_order(api, order["id"])["amountTotal"] == 80.17


# --- conditions ----------------------------------------------------------------------------


def _rule(kind: str, **value: Any) -> Body:
    return {"name": kind, "priority": 1, "conditions": [{"type": kind, "value": value}]}


_CONDITIONS = [
    (_rule("cartGoodsPrice", operator=">=", amount=89.08), True),
    (_rule("cartGoodsPrice", operator=">=", amount=89.09), False),
    (_rule("cartCartAmount", operator=">=", amount=89.08), True),
    (_rule("cartPositionPrice", operator=">", amount=89.08), False),
    (_rule("cartTaxDisplay", taxDisplay="gross"), True),
    (_rule("cartTaxDisplay", taxDisplay="net"), False),
    (_rule("cartLineItem", operator="=", identifiers=[SAW]), True),
    (_rule("cartLineItem", operator="=", identifiers=[DEGREASER]), False),
    (_rule("customerOrderCount", operator="<", count=1), True),
    (_rule("customerOrderCount", operator=">=", count=1), False),
    (_rule("customerLoggedIn", isLoggedIn=True), True),
    (_rule("currency", operator="=", currencyIds=["b7d2554b0ce847cd82f3ac9bd1c0dfca"]), True),
    (_rule("currency", operator="!=", currencyIds=["b7d2554b0ce847cd82f3ac9bd1c0dfca"]), False),
]


@pytest.mark.parametrize("kind", ["personaRules", "cartRules", "orderRules"])
@pytest.mark.parametrize(("rule", "holds"), _CONDITIONS)
def test_a_promotion_applies_where_its_conditions_hold(
    api: Client, buyer: Shopper, kind: str, rule: Body, *, holds: bool
) -> None:
    _promotion(api, "CODE", {"type": "absolute", "value": 5}, **{kind: [rule]})
    buyer.fill((SAW, 1))
    cart = _enter(buyer, "CODE")
    assert cart["price"]["totalPrice"] == (84.08 if holds else 89.08)
    assert ("promotion-not-eligible" in cart["errors"]) is not holds


def test_one_rule_of_a_kind_is_enough_and_every_kind_counts(api: Client, buyer: Shopper) -> None:
    yes, no = (_rule("customerLoggedIn", isLoggedIn=is_in) for is_in in (True, False))
    five = {"type": "absolute", "value": 5}
    _promotion(api, "EITHER", five, cartRules=[no, yes])
    _promotion(api, "BOTH", five, cartRules=[yes], personaRules=[no])
    buyer.fill((SAW, 1))
    assert _enter(buyer, "EITHER")["price"]["totalPrice"] == 84.08
    assert _enter(buyer, "BOTH")["price"]["totalPrice"] == 84.08


def test_a_code_waits_until_its_conditions_hold(api: Client, buyer: Shopper) -> None:
    rule = _rule("cartGoodsPrice", operator=">=", amount=150)
    _promotion(api, "CODE", {"type": "absolute", "value": 5}, cartRules=[rule])
    buyer.fill((SAW, 1))
    cart = _enter(buyer, "CODE")
    assert cart["errors"]["promotion-not-eligible"]["level"] == 0
    assert buyer.fill((SAW, 1)).body["price"]["totalPrice"] == 173.16


def test_persons_count_where_the_promotion_says_so(api: Client, buyer: Shopper) -> None:
    somebody = {"personaCustomers": [{"id": "a00f13813ff43cb96fa35b000e85bdb8"}]}
    five = {"type": "absolute", "value": 5}
    _promotion(api, "ALL", five, **somebody)
    _promotion(api, "HIS", five, **somebody, customerRestriction=True)
    buyer.fill((SAW, 1))
    assert _enter(buyer, "ALL")["price"]["totalPrice"] == 84.08
    assert _enter(buyer, "HIS")["price"]["totalPrice"] == 84.08


def test_goods_that_conditions_leave_out_do_not_count(api: Client, buyer: Shopper) -> None:
    named = {"type": "cartLineItem", "value": {"operator": "=", "identifiers": [DEGREASER]}}
    without = {"type": "notContainer", "value": [], "children": [named]}
    goods = {"type": "cartGoodsPrice", "value": {"operator": ">=", "amount": 90}}
    rule = {"name": "Goods", "priority": 1, "conditions": [{**goods, "children": [without]}]}
    _promotion(api, "", {"type": "absolute", "value": 5}, cartRules=[rule])
    assert buyer.fill((SAW, 1), (DEGREASER, 9)).body["price"]["totalPrice"] == 207.88
    assert buyer.fill((SAW, 1)).body["price"]["totalPrice"] == 291.96


def test_those_of_higher_priority_come_first(api: Client, buyer: Shopper) -> None:
    """So a condition on what is to be paid sees what they took off."""
    rule = _rule("cartCartAmount", operator=">=", amount=85)
    five = {"type": "absolute", "value": 5}
    _promotion(api, "", five, name="First", priority=9)
    _promotion(api, "", five, name="Later", priority=8, cartRules=[rule])
    buyer.fill((SAW, 1))
    order = buyer.ask("checkout/order", {}).body
    assert [line["label"] for line in order["lineItems"]][1:] == ["First"]


def test_two_codes_of_one_promotion_are_one_too_many(api: Client, buyer: Shopper) -> None:
    codes = [{"code": "ONE"}, {"code": "TWO"}]
    five = {"type": "absolute", "value": 5}
    _promotion(api, "", five, useCodes=True, useIndividualCodes=True, individualCodes=codes)
    buyer.fill((SAW, 1))
    _enter(buyer, "ONE")
    refused = buyer.ask(
        "checkout/cart/line-item", {"items": [{"type": "promotion", "referencedId": "TWO"}]}
    )
    assert refused.status == 400
    assert buyer.ask("checkout/cart", {}, "GET").body["price"]["totalPrice"] == 84.08


@pytest.mark.parametrize(
    ("keys", "off"),
    [
        ({}, 293.64),
        ({"sorterKey": "PRICE_ASC", "applierKey": "ALL", "usageKey": "ALL"}, 293.64),
        ({"sorterKey": "PRICE_ASC", "applierKey": "1", "usageKey": "ALL"}, 13.2),
        ({"sorterKey": "PRICE_ASC", "applierKey": "ALL", "usageKey": "1"}, 13.2),
        ({"sorterKey": "PRICE_ASC", "applierKey": "ALL", "usageKey": "3"}, 115.48),
        ({"sorterKey": "PRICE_DESC", "applierKey": "ALL", "usageKey": "2"}, 178.16),
        ({"sorterKey": "PRICE_DESC", "applierKey": "4", "usageKey": "ALL"}, 13.2),
        ({"sorterKey": "PRICE_ASC", "applierKey": "ALL", "usageKey": "9"}, 293.64),
    ],
)
def test_so_many_pieces_are_free(api: Client, buyer: Shopper, keys: Body, off: float) -> None:
    """Of three saws for 89.08 and two cans for 13.20."""
    free = {"type": "percentage", "value": 100, "considerAdvancedRules": True}
    _promotion(api, "", {**free, **keys})
    cart = buyer.fill((SAW, 3), (DEGREASER, 2)).body
    assert cart["price"]["totalPrice"] == pytest.approx(293.64 - off)
    line = next(one for one in cart["lineItems"] if one["type"] == "promotion")
    assert sum(part["discount"] for part in line["payload"]["composition"]) == pytest.approx(off)
