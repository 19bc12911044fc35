"""A shopper's basket over HTTP shows what the shop's own till comes to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.plugins import sandboxes
from connectors.sandbox.basket import Basket, OrderRefused
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox

ANNA = "anna.albers@example.com"
DRILL, GUN = "B2B-1001", "B2B-1010"


@pytest.fixture(scope="module", params=["magento", "shopware"])
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, RunningSandbox]]:
    sandbox = sandboxes()[request.param]
    with sandbox.serve(products=40, customers=9) as running:
        yield sandbox, running


def opened(shop: tuple[Sandbox, RunningSandbox], email: str = ANNA) -> Basket:
    sandbox, running = shop
    assert sandbox.open_basket is not None
    return sandbox.open_basket(running.url, email)


def test_it_comes_to_what_the_till_says(shop: tuple[Sandbox, RunningSandbox]) -> None:
    till = shop[1].state.till()
    with opened(shop) as basket:
        assert basket.lines() == []
        basket.put(DRILL, 1)
        basket.put(GUN, 2)
        basket.put(DRILL, 1)
        found = {line.sku: line for line in basket.lines()}
        sold = {line.sku: line for line in till.price(ANNA, {DRILL: 2, GUN: 2}, guest=False)}
        assert {sku: line.pieces for sku, line in found.items()} == {DRILL: 2, GUN: 2}
        for sku, line in found.items():
            assert (line.price, line.off) in {
                (sold[sku].net, sold[sku].discount_net),
                (sold[sku].gross, sold[sku].discount_gross),
            }
        basket.take_out(GUN)
        assert [line.sku for line in basket.lines()] == [DRILL]
        with pytest.raises(LookupError):
            basket.take_out(GUN)
    with opened(shop) as again:
        assert again.lines() == []


def test_what_is_not_there_is_said(shop: tuple[Sandbox, RunningSandbox]) -> None:
    with opened(shop) as basket:
        basket.put(DRILL, 1)
        before = basket.lines()
        assert basket.enter("NO-SUCH-CODE") is False
        assert basket.lines() == before
        with pytest.raises(LookupError):
            basket.put("NO-SUCH-SKU", 1)
    with pytest.raises(LookupError):
        opened(shop, "nobody@example.com")


def test_a_guest_orders_and_the_basket_is_gone() -> None:
    magento = sandboxes()["magento"]
    assert magento.open_guest_basket is not None
    with magento.serve(products=40, customers=9) as shop:
        with magento.open_guest_basket(shop.url, "guest@example.com") as basket:
            basket.put(DRILL, 1)
            with pytest.raises(OrderRefused, match="shipping address"):
                basket.order()
            basket.go_to_checkout()
            order = shop.state.orders.get(int(basket.order()))
        assert order.fields["customer_email"] == "guest@example.com"
        with magento.open_guest_basket(shop.url, "guest@example.com") as basket:
            basket.put(DRILL, 1)


def test_a_shop_without_the_plugin_tells_of_no_points(
    shop: tuple[Sandbox, RunningSandbox],
) -> None:
    sandbox, running = shop
    assert sandbox.shopper_points is not None
    assert sandbox.shopper_points(running.url, ANNA) is None
    with pytest.raises(LookupError):
        sandbox.shopper_points(running.url, "nobody@example.com")
    if sandbox.shopper_token is not None:
        with pytest.raises(LookupError):
            sandbox.shopper_token(running.url, ANNA)
