"""Orders beyond the recordings: how they are placed, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Client
from shopware_replay.shopping import (
    DEALER,
    SAW,
    STANDARD_BUYER,
    Body,
    Shopper,
    do,
    found_order,
    stock,
)

# -- placing ---------------------------------------------------------------------------------


def test_a_dealer_buys_net_and_pays_the_tax_on_top(api: Client) -> None:
    order = Shopper(api, DEALER).place((SAW, 10))
    assert order["taxStatus"] == "net"
    assert order["positionPrice"] == order["amountNet"] == 640.1
    assert order["price"]["calculatedTaxes"][0]["tax"] == 121.62
    assert order["amountTotal"] == 761.72


def test_an_order_in_another_currency_keeps_its_factor(api: Client, buyer: Shopper) -> None:
    franc = "01a2039a46e773baad75f052c70e1a2d"
    buyer.ask("context", {"currencyId": franc}, "PATCH")
    order = buyer.place((SAW, 1))
    assert (order["currencyId"], order["currencyFactor"]) == (franc, 1.1)
    assert order["amountTotal"] == 97.99


def test_no_tax_is_due_where_the_country_of_a_company_asks_for_none(api: Client) -> None:
    germany = api.search("country", filter=[{"type": "equals", "field": "iso", "value": "DE"}])
    key = germany.body["data"][0]["id"]
    free = {"enabled": True, "currencyId": "b7d2554b0ce847cd82f3ac9bd1c0dfca", "amount": 0}
    assert api.ask("PATCH", f"/api/country/{key}", {"companyTax": free}).status == 204
    order = Shopper(api, DEALER).place((SAW, 1))
    assert order["taxStatus"] == "tax-free"
    assert order["price"]["calculatedTaxes"] == []
    assert order["amountTotal"] == order["amountNet"] == order["positionPrice"]


def test_what_a_shopper_says_beside_the_order_is_kept(buyer: Shopper) -> None:
    said = {"customerComment": "Ring twice", "affiliateCode": "ANNA", "campaignCode": "SPRING"}
    order = buyer.place((SAW, 1), **said)
    assert {name: order[name] for name in said} == said


def test_numbers_follow_one_another(buyer: Shopper) -> None:
    numbers = [int(buyer.place((SAW, 1))["orderNumber"]) for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_nothing_in_the_cart_and_nobody_signed_in_are_refused(api: Client, buyer: Shopper) -> None:
    empty = buyer.ask("checkout/order", {})
    assert (empty.status, empty.errors[0]["code"]) == (400, "CHECKOUT__CART_EMPTY")
    nobody = Shopper(api)
    nobody.fill((SAW, 1))
    refused = nobody.ask("checkout/order", {})
    assert (refused.status, refused.errors[0]["code"]) == (
        403,
        "CHECKOUT__CUSTOMER_NOT_LOGGED_IN",
    )


def test_the_cart_is_empty_after_the_order(buyer: Shopper) -> None:
    buyer.place((SAW, 1))
    assert buyer.ask("checkout/cart", {}, "GET").body["lineItems"] == []


def test_stock_goes_with_the_order_and_comes_back_when_it_is_cancelled(
    api: Client, buyer: Shopper
) -> None:
    before = stock(api)
    order = buyer.place((SAW, 3))
    assert stock(api) == before - 3
    do(api, "order", order["id"], "cancel")
    assert stock(api) == before
    do(api, "order", order["id"], "reopen")
    assert stock(api) == before - 3


# -- guests and accounts ---------------------------------------------------------------------


def _person(**more: Any) -> Body:
    address = {"street": "Weg 2", "zipcode": "20095", "city": "Hamburg"}
    country = {"countryId": "01a2039a456f731a8416139c44a70098"}
    return {
        "firstName": "Gerda",
        "lastName": "Gast",
        "email": "gerda@example.org",
        "billingAddress": {**address, **country},
        **more,
    }


def test_a_guest_is_a_customer_of_every_order_anew(api: Client) -> None:
    customers = set()
    for _ in range(2):
        guest = Shopper(api)
        assert guest.ask("account/register", _person(guest=True)).body["guest"] is True
        order = found_order(api, guest.place((SAW, 1))["id"], "orderCustomer")
        assert order["orderCustomer"]["email"] == "gerda@example.org"
        customers.add(order["orderCustomer"]["customerId"])
    assert len(customers) == 2


def test_one_who_registers_signs_in_with_the_password(api: Client) -> None:
    Shopper(api).ask("account/register", _person(password="Geheim-12345"))
    again = Shopper(api)
    wrong = again.ask("account/login", {"username": "gerda@example.org", "password": "nope"})
    assert wrong.status == 401
    right = {"username": "GERDA@example.org", "password": "Geheim-12345"}
    assert again.ask("account/login", right).status == 200


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({"email": ""}, ["/email"]),
        ({"email": "no address"}, ["/email"]),
        ({"password": "short"}, ["/password"]),
        ({"firstName": None, "billingAddress": {}}, [
            "/firstName", "/billingAddress/street", "/billingAddress/city",
            "/billingAddress/countryId",
        ]),
        ({"email": STANDARD_BUYER}, ["/email"]),
    ],
)  # fmt: skip
def test_registering_says_what_is_wrong(api: Client, changed: Body, pointers: list[str]) -> None:
    answer = Shopper(api).ask("account/register", _person(password="Geheim-12345") | changed)
    assert (answer.status, answer.pointers) == (400, pointers)
