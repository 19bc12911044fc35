"""What promotions take off, in carts and orders."""

from __future__ import annotations

import re
from typing import Any

import pytest
from shopware_replay.asking import Client
from shopware_replay.playing import Player
from shopware_replay.shopping import DEGREASER, SAW, Body, Shopper, found_order

CHANNEL = "01a2039a5257718283536f3332a41a55"
_MONEY = re.compile(
    r"(?<!location)/(price|amount\w*|totalPrice|unitPrice|\w+Price|calculatedTaxes|payload|code"
    r"|composition|addedCodes|orderCount|ordersPerCustomerCount|promotionId|referencedId)(/|$)"
)
_LEFT_OUT = re.compile(r"/priceDefinition/filter|/payload/stock|/tax(Id)?$")


def test_orders_with_codes_cost_what_the_live_shop_charged(api: Client) -> None:
    """Replays promotions.json and compares money, codes and compositions; the rest of that
    recording is not due."""
    found = Player(api, "promotions").play()
    differing = [
        f"#{index}: {line}"
        for index in range(13, 33)
        for line in found[index]
        if line.startswith("status") or (_MONEY.search(line) and not _LEFT_OUT.search(line))
    ]
    assert differing == []


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
