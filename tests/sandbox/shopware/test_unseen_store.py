"""The Store API where no recording shows it.

After Shopware 6.6, Core/Checkout: Cart/SalesChannel, Cart/LineItemFactoryHandler,
Customer/SalesChannel (LogoutRoute, CustomerRoute), Content/Product/Cart/ProductCartProcessor,
System/SalesChannel/Context, Framework/Routing/SalesChannelRequestContextResolver.
"""

from __future__ import annotations

from typing import Any

import pytest
from shopware_replay.asking import Answer, Client

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.seed import STOREFRONT_KEY, product_id

EUR, CHF = "b7d2554b0ce847cd82f3ac9bd1c0dfca", "01a2039a46e773baad75f052c70e1a2d"
GERMAN = "01a2039a455f72269a6d7a9c19eb02a0"
SKU = "B2B-1061"
"""Not one of those that have prices of their own."""
PRODUCT = product_id(SKU)


class Shopper:
    """One session of the Store API."""

    def __init__(self, api: Client) -> None:
        self.api = api
        self.token = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"sw-access-key": STOREFRONT_KEY, "sw-context-token": self.token}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in {**sent, **named}.items() if value}
        answer = self.api.ask(method, f"/store-api{path}", body, headers=given, authorized=False)
        self.token = answer.headers.get("sw-context-token", self.token)
        return answer

    def sign_in(self, email: str = SANDBOX.shoppers[0]) -> Answer:
        secret = SANDBOX.also["shopper_password"]
        return self.ask("POST", "/account/login", {"username": email, "password": secret})

    def product(self, product: str = PRODUCT, **headers: str) -> dict[str, Any]:
        elements = self.ask("POST", "/product", {"ids": [product]}, **headers).body["elements"]
        found: dict[str, Any] = elements[0]
        return found

    def add(self, quantity: Any = 1, product: str = PRODUCT, **more: Any) -> Answer:
        item = {"type": "product", "referencedId": product, "quantity": quantity, **more}
        return self.ask("POST", "/checkout/cart/line-item", {"items": [item]})


@pytest.fixture
def shopper(api: Client) -> Shopper:
    return Shopper(api)


def unit(product: dict[str, Any]) -> Any:
    return product["calculatedPrice"]["unitPrice"]


def set_price(api: Client, *prices: tuple[str, float, float], **more: Any) -> None:
    price = [
        {"currencyId": key, "net": net, "gross": gross, "linked": False}
        for key, net, gross in prices
    ]
    body = {**({"price": price} if price else {}), **more}
    assert api.ask("PATCH", f"/api/product/{PRODUCT}", body).status == 204


# -- currencies and languages ---------------------------------------------------------------


def test_a_currency_without_a_price_of_its_own_is_worked_out(api: Client, shopper: Shopper) -> None:
    set_price(api, (EUR, 10, 11.9))
    (chf,) = api.search("currency", ids=[CHF]).body["data"]
    assert unit(shopper.product()) == 11.9
    assert unit(shopper.product(sw_currency_id=CHF)) == round(11.9 * chf["factor"], 2)


def test_a_price_in_the_currency_itself_counts(api: Client, shopper: Shopper) -> None:
    set_price(api, (EUR, 10, 11.9), (CHF, 20, 23.8))
    assert unit(shopper.product(sw_currency_id=CHF)) == 23.8


def test_a_chosen_currency_stays_with_the_session(api: Client, shopper: Shopper) -> None:
    set_price(api, (EUR, 10, 11.9), (CHF, 20, 23.8))
    assert shopper.ask("PATCH", "/context", {"currencyId": CHF}).status == 200
    assert unit(shopper.product()) == 23.8
    refused = shopper.ask("PATCH", "/context", {"currencyId": "f" * 32})
    assert (refused.status, refused.errors[0]["code"]) == (
        400,
        "VIOLATION::ENTITY_DOES_NOT_EXISTS",
    )
    assert refused.pointers == ["/currencyId"]


def test_names_come_in_the_language_asked_for(api: Client, shopper: Shopper) -> None:
    german = {"translations": {GERMAN: {"name": "Auf Deutsch"}}}
    assert api.ask("PATCH", f"/api/product/{PRODUCT}", german).status == 204
    found = shopper.product(sw_language_id=GERMAN)
    assert found["translated"]["name"] == "Auf Deutsch"
    assert shopper.product()["translated"]["name"] != "Auf Deutsch"


def test_a_former_price_is_shown_with_what_is_saved(api: Client, shopper: Shopper) -> None:
    former = {"currencyId": EUR, "net": 20, "gross": 20, "linked": False}
    now = {**former, "net": 15, "gross": 15, "listPrice": former}
    assert api.ask("PATCH", f"/api/product/{PRODUCT}", {"price": [now]}).status == 204
    shown = shopper.product()["calculatedPrice"]["listPrice"]
    assert (shown["price"], shown["discount"], shown["percentage"]) == (20, -5, 25)


def test_the_group_decides_whether_prices_are_net(api: Client, shopper: Shopper) -> None:
    set_price(api, (EUR, 10, 11.9))
    assert unit(shopper.product()) == 11.9
    assert shopper.sign_in().status == 200
    assert unit(shopper.product()) == 10
    group = shopper.ask("GET", "/account/customer").body["groupId"]
    assert api.ask("PATCH", f"/api/customer-group/{group}", {"displayGross": True}).status == 204
    assert unit(shopper.product()) == 11.9


# -- who is asking --------------------------------------------------------------------------


def test_a_sign_in_is_remembered_at_the_customer(api: Client, shopper: Shopper) -> None:
    """Recorded: promotions.json, lastLogin."""
    shopper.sign_in()
    mine = shopper.ask("GET", "/account/customer").body
    (row,) = api.search("customer", ids=[mine["id"]]).body["data"]
    assert row["lastLogin"] is not None
    assert row["updatedAt"] == row["lastLogin"] == mine["lastLogin"]


def test_a_shoppers_own_record_hides_what_is_the_shops(shopper: Shopper) -> None:
    shopper.sign_in()
    mine = shopper.ask("POST", "/account/customer", {"associations": {"group": {}}}).body
    assert (mine["email"], mine["apiAlias"]) == (SANDBOX.shoppers[0], "customer")
    assert mine["group"]["name"] == "Dealer"
    assert "password" not in mine


def test_signing_out_ends_the_token(shopper: Shopper) -> None:
    shopper.sign_in()
    before = shopper.token
    assert shopper.ask("POST", "/account/logout").body["contextToken"] != before
    for method, path in (("POST", "/account/logout"), ("GET", "/account/customer")):
        refused = shopper.ask(method, path)
        assert (refused.status, refused.errors[0]["code"]) == (
            403,
            "CHECKOUT__CUSTOMER_NOT_LOGGED_IN",
        )


# -- carts ----------------------------------------------------------------------------------


def error_keys(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    errors = answer.body["errors"]
    return [one["messageKey"] for one in (errors.values() if isinstance(errors, dict) else errors)]


def in_cart(answer: Answer) -> list[int]:
    return [item["quantity"] for item in answer.body["lineItems"]]


def test_quantities_follow_the_products_limits(api: Client, shopper: Shopper) -> None:
    set_price(api, minPurchase=4, purchaseSteps=3, maxPurchase=12)
    few = shopper.add(1)
    assert (in_cart(few), error_keys(few)) == ([4], ["min-order-quantity"])
    between = shopper.add(4)  # 8, which is no step
    assert (in_cart(between), error_keys(between)) == ([7], ["purchase-steps-quantity"])
    many = shopper.add(100)  # more than the last step below 12
    assert (in_cart(many), error_keys(many)) == ([10], ["product-stock-reached"])


def test_an_item_that_is_gone_or_unknown(api: Client, shopper: Shopper) -> None:
    unknown = shopper.add(1, "f" * 32)
    assert (in_cart(unknown), error_keys(unknown)) == ([], ["product-not-found"])
    item = {"type": "bogus", "referencedId": PRODUCT}
    refused = shopper.ask("POST", "/checkout/cart/line-item", {"items": [item]})
    assert (refused.status, refused.errors[0]["code"]) == (
        400,
        "CHECKOUT__CART_LINE_ITEM_TYPE_NOT_SUPPORTED",
    )
    code = {"type": "promotion", "referencedId": "NOPE"}
    assert error_keys(shopper.ask("POST", "/checkout/cart/line-item", {"items": [code]})) == [
        "promotion-not-found"
    ]


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_that_is_none(shopper: Shopper, quantity: int) -> None:
    refused = shopper.add(quantity)
    assert (refused.status, refused.errors[0]["code"]) == (
        400,
        "CHECKOUT__CART_INVALID_LINE_ITEM_QUANTITY",
    )
    assert refused.errors[0]["detail"] == (
        f'The quantity must be a positive integer. Given: "{quantity}"'
    )


def test_a_line_that_is_not_in_the_cart_cannot_be_changed(shopper: Shopper) -> None:
    items = [{"id": "f" * 32, "quantity": 2}]
    refused = shopper.ask("PATCH", "/checkout/cart/line-item", {"items": items})
    assert (refused.status, refused.errors[0]["code"]) == (
        404,
        "CHECKOUT__CART_LINE_ITEM_NOT_FOUND",
    )


def test_a_line_is_changed_and_removed_by_its_id(shopper: Shopper) -> None:
    (line,) = shopper.add(2, id=PRODUCT).body["lineItems"]
    changed = {"items": [{"id": line["id"], "quantity": 5}]}
    assert in_cart(shopper.ask("PATCH", "/checkout/cart/line-item", changed)) == [5]
    gone = shopper.ask("DELETE", f"/checkout/cart/line-item?ids[]={line['id']}")
    assert (in_cart(gone), gone.body["price"]["totalPrice"]) == ([], 0)


def test_two_sessions_have_two_carts(api: Client, shop: RunningSandbox) -> None:
    one, other = Shopper(api), Shopper(api)
    one.add(3)
    other.add(1)
    assert in_cart(one.ask("GET", "/checkout/cart")) == [3]
    assert in_cart(other.ask("GET", "/checkout/cart")) == [1]
