"""Open carts as the recorded shop tells them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import NotFound
from connectors.magento.connector import MagentoConnector
from connectors.rewards import CartItem, Carts
from connectors.sales import Mark, Money

Recorded = Callable[[str, int], dict[str, Any]]
LONG_AGO = Mark(datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def carts(shop: Any, recorded: Recorded, magento: MagentoConnector) -> Carts:
    shop.replays(recorded("store", 4))
    assert magento.carts is not None
    return magento.carts


@pytest.fixture
def told(recorded: Recorded) -> dict[str, Any]:
    """Carla's cart, before its checkout."""
    found: dict[str, Any] = recorded("cart_price_rules", 34)["response"]["body"]["items"][0]
    return found


def money(amount: int) -> Money:
    return Money(Decimal(amount), Decimal(amount))


def test_a_walk_asks_for_open_carts_and_what_is_needed_of_them(
    shop: Any, told: dict[str, Any], carts: Carts
) -> None:
    shop.answers("GET", "carts/search", {"items": [told], "total_count": 1})
    [cart] = carts.changed(LONG_AGO)
    assert (cart.id, cart.store_id, cart.customer_id, cart.group_id) == ("3", "1", "3", "1")
    assert cart.email == "cart359563@example.com"
    assert cart.items == (
        CartItem("5", "24-MB01", "24-MB01", Decimal(4)),
        CartItem("6", "24-WG085", "24-WG085", Decimal(1)),
    )
    assert (cart.is_open, cart.in_checkout) == (True, False)
    [query] = shop.requests("carts/search")
    at = "searchCriteria[filter_groups][0][filters][0]"
    assert (query[f"{at}[field]"], query[f"{at}[value]"]) == ("is_active", "1")
    assert "telephone" not in query["fields"]
    assert list(carts.changed(Mark(cart.changed_at, cart.id))) == []


@pytest.mark.parametrize("payment", [None, [], {"method": None}])
def test_a_cart_without_shipping_and_payment_is_in_no_checkout(
    shop: Any, told: dict[str, Any], carts: Carts, payment: Any
) -> None:
    shop.answers("GET", "carts/3", told)
    shop.answers("GET", "carts/3/selected-payment-method", payment)
    cart = carts.cart("3")
    assert cart is not None
    assert not cart.in_checkout


@pytest.mark.parametrize("sign", ["shipping", "payment", "number"])
def test_a_checkout_shows_in_any_of_its_steps(
    shop: Any, told: dict[str, Any], carts: Carts, sign: str
) -> None:
    payment = {"method": "checkmo"} if sign == "payment" else None
    if sign == "shipping":
        assignment = told["extension_attributes"]["shipping_assignments"][0]
        assignment["shipping"]["method"] = "flatrate_flatrate"
    if sign == "number":
        told["reserved_order_id"] = "000000004"
    shop.answers("GET", "carts/3", told)
    shop.answers("GET", "carts/3/selected-payment-method", payment)
    cart = carts.cart("3")
    assert cart is not None
    assert cart.in_checkout


def test_totals_with_a_gift_and_a_coupon(shop: Any, recorded: Recorded, carts: Carts) -> None:
    shop.replays(recorded("cart_price_rules", 32))
    totals = carts.totals("3", "1")
    assert (totals.goods, totals.discount) == (money(150), money(19))
    assert totals.by_item == {"5": money(136), "6": money(14)}
    assert totals.discount_by_item == {"5": money(5), "6": money(14)}


@pytest.mark.parametrize(
    ("taxes", "to_pay", "net", "gross"),
    [
        (("17.10", "0"), "107.10", ("10", "100"), ("11.90", "119")),
        (("17.40", "3.03"), "128.00", ("8.40", "84.03"), ("10", "100")),
    ],
    ids=["off prices without tax", "off prices with tax"],
)
def test_discounts_are_told_with_and_without_tax(
    shop: Any,
    carts: Carts,
    taxes: tuple[str, str],
    to_pay: str,
    net: tuple[str, str],
    gross: tuple[str, str],
) -> None:
    """10 off one line of 100 and 19 % tax, 100 off the other; 5 for shipping."""
    rows = [
        {
            "item_id": place,
            "base_row_total": 100,
            "base_row_total_incl_tax": 119,
            "base_discount_amount": off,
            "base_tax_amount": float(tax),
        }
        for place, (off, tax) in enumerate(zip((10, 100), taxes, strict=True))
    ]
    body = {
        "base_grand_total": float(to_pay) + 5,
        "base_shipping_incl_tax": 5,
        "base_tax_amount": sum(map(float, taxes)),
        "items": rows,
    }
    shop.mock.get("https://shop.test/rest/default/V1/carts/3/totals", json=body)
    found = carts.totals("3", "1").discount_by_item
    assert found == {
        str(place): Money(*map(Decimal, sides))
        for place, sides in enumerate(zip(net, gross, strict=True))
    }


def test_no_website_no_basket(carts: Carts) -> None:
    with pytest.raises(NotFound):
        carts.add("3", "7", "24-MB01", 1)
