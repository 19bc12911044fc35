"""Carts while the bridge's app is on: gifts come and go, points are taken off, no forgeries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import DEGREASER, SAW, Shopper

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.definitions import DEFAULT_CURRENCY
from connectors.shopware.sandbox.records import change, insert

SETTINGS = "/api/_action/system-config"
APP, GIFTS = "f" * 32, "LoyaltyBridge.config.gifts"
GIFT = f"lbgift-{DEGREASER}"
CART, LINES = "checkout/cart", "checkout/cart/line-item"
RULE = {
    "rule": "degreaser",
    "product": DEGREASER,
    "quantity": 1,
    "amount": 150,
    "currency": DEFAULT_CURRENCY,
    "base": 150,
    "gross": True,
}


@pytest.fixture(autouse=True)
def app(shop: RunningSandbox, api: Client) -> None:
    insert(
        shop.state.database,
        "app",
        {"id": APP, "name": "LoyaltyBridge", "version": "2.0.0", "active": True},
    )
    assert api.post(SETTINGS, {GIFTS: [RULE]}).status == 204


def lines(cart: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in cart["lineItems"]}


def test_a_gift_comes_with_the_value_reaches_the_order_and_goes(buyer: Shopper) -> None:
    assert GIFT not in lines(buyer.fill((SAW, 1)).body)
    cart = buyer.fill((SAW, 1)).body
    gift = lines(cart)[GIFT]
    assert (gift["quantity"], gift["price"]["totalPrice"], gift["removable"]) == (1, 0, True)
    assert cart["price"]["totalPrice"] == 178.16
    order = buyer.place()
    (ordered,) = [one for one in order["lineItems"] if one["identifier"] == GIFT]
    assert ordered["productId"] == DEGREASER
    assert ordered["totalPrice"] == 0
    assert ordered["payload"]["loyaltyBridgeGift"] == "degreaser"
    assert GIFT not in lines(buyer.fill((SAW, 1)).body)


def test_it_cannot_be_forged(buyer: Shopper) -> None:
    forged = {"id": GIFT, "type": "product", "referencedId": SAW, "quantity": 5}
    assert lines(buyer.ask(LINES, {"items": [forged]}).body) == {}
    buyer.fill((SAW, 2))
    assert lines(buyer.ask(LINES, {"items": [forged]}).body)[GIFT]["quantity"] == 1


def test_who_takes_it_out_gets_it_back_when_the_basket_is_worth_it_anew(buyer: Shopper) -> None:
    buyer.fill((SAW, 2))
    answer = buyer.ask(LINES, {"ids": [GIFT]}, "DELETE")
    assert (answer.status, GIFT in lines(answer.body)) == (200, False)
    assert buyer.ask(LINES, {"ids": [GIFT]}, "DELETE").status == 404
    cart = lines(buyer.fill((SAW, 1)).body)
    assert GIFT not in cart
    (saws,) = cart
    for pieces, comes in ((1, False), (2, True)):
        changed = {"items": [{"id": saws, "quantity": pieces}]}
        assert (GIFT in lines(buyer.ask(LINES, changed, "PATCH").body)) is comes


@pytest.fixture
def ends(api: Client, shop: RunningSandbox) -> Callable[[str], None]:
    def end(how: str) -> None:
        if how == "switched off":
            change(shop.state.database, "app", APP, {"active": False})
        elif how == "removed":
            shop.state.database["app"].store(APP, None)
        else:
            told = {"no rules": [], "forgotten": None, "rubbish": [{"product": [GIFT]}, 7]}[how]
            assert api.post(SETTINGS, {GIFTS: told}).status == 204

    return end


RULES_END = ["no rules", "forgotten", "rubbish"]
APP_ENDS = ["switched off", "removed"]


@pytest.mark.parametrize("how", RULES_END)
def test_rules_that_end_between_basket_and_order_leave_nothing_to_pay(
    buyer: Shopper, ends: Callable[[str], None], how: str
) -> None:
    assert GIFT in lines(buyer.fill((SAW, 2)).body)
    ends(how)
    ordered = buyer.place()["lineItems"]
    assert [one["productId"] for one in ordered] == [SAW]


@pytest.mark.parametrize("how", APP_ENDS)
def test_an_app_that_is_gone_in_the_middle_fails_no_call(
    buyer: Shopper, shop: RunningSandbox, ends: Callable[[str], None], how: str
) -> None:
    """A basket that was empty or new gets nothing; once it is on again, all is as before."""
    assert GIFT in lines(buyer.fill((SAW, 2)).body)
    ends(how)
    assert buyer.ask(CART, {}, "GET").status == 200
    found = buyer.fill((SAW, 1)).body["lineItems"]
    assert sum(one["quantity"] for one in found if one["referencedId"] == SAW) == 3
    assert buyer.place()["lineItems"]
    assert GIFT not in lines(buyer.fill((SAW, 2)).body)
    if how == "switched off":
        change(shop.state.database, "app", APP, {"active": True})
        assert lines(buyer.ask(CART, {}, "GET").body)[GIFT]["price"]["totalPrice"] == 0


@pytest.mark.parametrize("how", APP_ENDS)
def test_an_app_that_is_gone_in_the_middle_leaves_a_line_at_its_price_that_can_be_taken_out(
    buyer: Shopper, shop: RunningSandbox, ends: Callable[[str], None], how: str
) -> None:
    """The shop keeps a gift's line, and where no promotion stands beside its rule only the script
    makes it free (docs/explanation/limits.md)."""
    buyer.fill((SAW, 2))
    ends(how)
    left = lines(buyer.ask(CART, {}, "GET").body)[GIFT]
    assert left["price"]["totalPrice"] > 0
    assert left["removable"]
    answer = buyer.ask(LINES, {"ids": [GIFT]}, "DELETE")
    assert (answer.status, GIFT in lines(answer.body)) == (200, False)
    assert [one["productId"] for one in buyer.place()["lineItems"]] == [SAW]


def test_a_channels_own_rules_replace_the_others(
    api: Client, buyer: Shopper, shop: RunningSandbox
) -> None:
    channel = api.search("customer", limit=1).body["data"][0]["salesChannelId"]
    query = {"salesChannelId": channel}
    assert api.ask("POST", SETTINGS, {GIFTS: []}, query=query).status == 204
    assert GIFT not in lines(buyer.fill((SAW, 2)).body)
    domain = {"domain": "LoyaltyBridge.config"}
    assert api.ask("GET", SETTINGS, query=domain | query).body == {GIFTS: []}
    assert api.ask("GET", SETTINGS, query=domain).body == {GIFTS: [RULE]}
    api.ask("POST", SETTINGS, {GIFTS: None}, query=query)
    assert GIFT in lines(buyer.ask(CART, {}, "GET").body)


@pytest.mark.parametrize("told", [None, 7, "x", {"a": 1}, [None, {}, [RULE], {"product": []}]])
def test_a_broken_configuration_fails_no_cart(api: Client, buyer: Shopper, told: Any) -> None:
    api.post(SETTINGS, {GIFTS: told})
    cart = buyer.fill((SAW, 2))
    assert (cart.status, GIFT in lines(cart.body)) == (200, False)


def test_points_that_are_held_back_are_taken_off_and_stand_in_the_order(
    api: Client, buyer: Shopper
) -> None:
    api.post(SETTINGS, {"LoyaltyBridge.config.pointsLabel": "500 points"})
    signed_in = buyer.ask("account/customer", {}, "GET").body
    customer = signed_in["id"]
    held = {
        "key": "r1234567",
        "worth": 20.5,
        "until": 99_999_999_999,
        "channel": signed_in["salesChannelId"],
        "currency": DEFAULT_CURRENCY,
    }
    fields = {f"loyalty_bridge_redeem_{name}": value for name, value in held.items()}
    assert api.ask("PATCH", f"/api/customer/{customer}", {"customFields": fields}).status == 204
    cart = buyer.fill((SAW, 1)).body
    points = lines(cart)["lbpoints-r1234567"]
    assert (points["type"], points["label"]) == ("discount", "500 points")
    assert cart["price"]["totalPrice"] == 68.58
    order = buyer.place()
    (spent,) = [one for one in order["lineItems"] if one["type"] == "discount"]
    assert (spent["identifier"], spent["totalPrice"]) == ("lbpoints-r1234567", -20.5)
