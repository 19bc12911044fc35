"""What a signed-in shopper pays follows Magento's rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.magento.sandbox import SANDBOX

SHOPPER = SANDBOX.shoppers[0]


def pays(shop: Any, quantity: int, sku: str = "B2B-1029") -> Decimal:
    return SANDBOX.shopper_price(shop.url, SHOPPER, sku, quantity)


def tier(quantity: float, price: float, **changes: Any) -> dict[str, Any]:
    return {
        "price": price,
        "price_type": "fixed",
        "website_id": 0,
        "sku": "B2B-1029",
        "customer_group": "General",
        "quantity": quantity,
        **changes,
    }


def write(client: Any, *rows: dict[str, Any]) -> None:
    assert client.post("products/tier-prices", {"prices": list(rows)}) == []


def test_without_tiers_the_shopper_pays_the_products_price(shop: Any) -> None:
    assert [pays(shop, quantity) for quantity in (1, 10, 100)] == [Decimal("74.86")] * 3


def test_a_tier_applies_from_its_quantity_on(client: Any, shop: Any) -> None:
    write(client, tier(10, 70), tier(100, 10, price_type="discount"))
    prices = [pays(shop, quantity) for quantity in (1, 9, 10, 99, 100)]
    assert prices == [Decimal(text) for text in ("74.86", "74.86", "70", "70", "67.37")]


def test_a_tier_never_raises_the_price(client: Any, shop: Any) -> None:
    write(client, tier(1, 80), tier(10, 70), tier(100, 72))
    assert [pays(shop, quantity) for quantity in (1, 10, 100)] == [
        Decimal("74.86"),
        Decimal("70"),
        Decimal("70"),
    ]


def test_other_groups_prices_are_not_seen_until_the_shopper_is_moved(
    client: Any, shop: Any
) -> None:
    write(client, tier(1, 50, customer_group="Retailer"))
    assert pays(shop, 1) == Decimal("74.86")
    (customer,) = client.found("customers/search", ("email", "eq", SHOPPER))["items"]
    moved = {"customer": {"id": customer["id"], "group_id": 3}}
    assert client("PUT", f"customers/{customer['id']}", moved).status_code == 200
    assert pays(shop, 1) == Decimal("50")


def test_prices_for_all_groups_count_too(client: Any, shop: Any) -> None:
    write(client, tier(5, 60, customer_group="ALL GROUPS"), tier(10, 65))
    assert [pays(shop, quantity) for quantity in (5, 10)] == [Decimal("60"), Decimal("60")]


def test_the_row_of_the_own_group_stands_over_the_one_for_all_at_the_same_quantity(
    client: Any, shop: Any
) -> None:
    write(client, tier(5, 60, customer_group="ALL GROUPS"), tier(5, 65))
    assert pays(shop, 5) == Decimal("65")


def test_website_rows_are_seen_only_with_prices_per_website(client: Any, shop: Any) -> None:
    write(client, tier(5, 60, website_id=1))
    assert pays(shop, 5) == Decimal("74.86")
    shop.faults.set(shop={"price_scope": "website"})
    assert pays(shop, 5) == Decimal("60")


def test_a_percentage_follows_the_products_price(client: Any, shop: Any) -> None:
    write(client, tier(1, 10, price_type="discount"))
    assert client("PUT", "products/B2B-1029", {"product": {"price": 100}}).status_code == 200
    assert pays(shop, 1) == Decimal("90")


def test_asking_leaves_no_trace(shop: Any) -> None:
    before = shop.dump()
    pays(shop, 10)
    assert shop.dump() == before
    assert [cart.items for cart in shop.state.carts.rows.values()] == [{}]


@pytest.mark.parametrize(("email", "sku"), [("no@example.com", "B2B-1029"), (SHOPPER, "gone")])
def test_an_unknown_shopper_or_product_is_an_error(shop: Any, email: str, sku: str) -> None:
    with pytest.raises(LookupError):
        SANDBOX.shopper_price(shop.url, email, sku, 1)


def test_an_integration_fills_a_shoppers_cart(client: Any) -> None:
    """Shapes and texts as recorded in cart_price_rules.json #20 to #30."""
    cart = client.post("customers/2/carts", None)
    assert client.post("customers/2/carts", None) == cart
    wanted = {"cartItem": {"sku": "24-WG085", "qty": 2, "quote_id": str(cart)}}
    item = client.post(f"carts/{cart}/items", wanted)
    assert item == {
        "item_id": 5,
        "sku": "24-WG085",
        "qty": 2,
        "name": "Sprite Yoga Strap 6 foot",
        "price": 14,
        "product_type": "simple",
        "quote_id": str(cart),
    }
    assert client.get(f"carts/{cart}/items") == [item]
    totals = client.get(f"carts/{cart}/totals")
    assert (totals["grand_total"], totals["items"][0]["row_total"]) == (28, 28)
    assert client("DELETE", f"carts/{cart}/items/5").json() is True
    again = client("DELETE", f"carts/{cart}/items/5")
    assert (again.status_code, again.json()["parameters"]) == (404, [cart, 5])


def test_a_configurable_is_bought_through_its_options(client: Any) -> None:
    """As recorded in orders_composite_and_tax.json #3."""
    cart = client.post("customers/2/carts", None)
    plain = {"sku": "MH01", "qty": 2, "quote_id": str(cart)}
    refused = client("POST", f"carts/{cart}/items", {"cartItem": plain})
    assert refused.json() == {"message": "You need to choose options for your item."}
    chosen = [
        {"option_id": "93", "option_value": 49},
        {"option_id": "142", "option_value": 166},
    ]
    option = {"extension_attributes": {"configurable_item_options": chosen}}
    item = client.post(f"carts/{cart}/items", {"cartItem": {**plain, "product_option": option}})
    assert (item["sku"], item["price"], item["product_type"]) == (
        "MH01-XS-Black",
        52,
        "configurable",
    )


@pytest.mark.parametrize(
    ("sku", "quantity", "said"),
    [
        ("24-WG085", 99999, "The requested qty exceeds the maximum qty allowed in shopping cart"),
        ("24-WG085", 101, "The requested qty is not available"),
    ],
)
def test_more_than_there_is_cannot_be_bought(
    client: Any, sku: str, quantity: int, said: str
) -> None:
    cart = client.post("customers/2/carts", None)
    wanted = {"cartItem": {"sku": sku, "qty": quantity, "quote_id": str(cart)}}
    answer = client("POST", f"carts/{cart}/items", wanted)
    assert (answer.status_code, answer.json()["message"]) == (400, said)
