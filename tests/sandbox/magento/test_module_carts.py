"""Gifts that the module puts into carts and takes out, over the services that shop windows use."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.magento.sandbox.baskets import MagentoBaskets
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.magento.windows import ADDRESS, Window, open_window

MODULE = Path(__file__).parents[2] / "connectors" / "magento" / "module"
BAG, GIFT = "24-MB01", "24-MB04"
"""34 and 32 a piece."""
RULE: dict[str, Any] = {
    "v": 1,
    "mark": "acme/magento",
    "key": "gift-a",
    "rule": "gift.a",
    "sku": GIFT,
    "quantity": 1,
    "amount": "68.0000",
    "currency": "EUR",
    "gross": False,
    "after_discounts": False,
    "groups": [],
    "tiers": [],
    "from": None,
    "until": None,
    "says": {},
}
Open = Callable[[str], Window]


@pytest.fixture
def desk(shop: RunningSandbox) -> ModuleDesk:
    for rule_id in list(shop.state.sales_rules.rows):  # the sample data's own promotions
        shop.state.sales_rules.drop(rule_id)
    desk = ModuleDesk(shop.state)
    desk.install()
    return desk


@pytest.fixture
def give(client: Any, desk: ModuleDesk) -> Callable[..., None]:
    def give(**changes: Any) -> None:
        rule = {**RULE, **changes}
        gift = {"key": rule["key"], "website_id": 1, "rule": json.dumps(rule)}
        answer = client("PUT", f"loyalty-bridge/gifts/{rule['key']}", {"gift": gift})
        assert answer.ok, answer.text

    return give


@pytest.fixture
def window(shop: RunningSandbox, client: Any) -> Open:
    def window(kind: str = "guest") -> Window:
        if kind == "admin":
            cart_id = client.post("customers/2/carts", {})
            token = client.session.headers["Authorization"].removeprefix("Bearer ")
            return Window(shop.url, f"carts/{cart_id}", token)
        return open_window(shop, 2 if kind == "mine" else 0)

    return window


# -- coming and going -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["guest", "mine", "admin"])
def test_a_gift_comes_and_goes_with_what_is_bought(
    give: Callable[..., None], window: Open, kind: str
) -> None:
    give()
    cart = window(kind)
    cart.put(BAG)
    assert cart.pieces == {(BAG, False): 1}
    cart.change(cart.item(BAG), 2)
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 1}
    assert cart.totals["base_grand_total"] == 68
    cart.change(cart.item(BAG), 1)
    assert cart.pieces == {(BAG, False): 1}
    cart.put(BAG, 3)
    assert cart.pieces == {(BAG, False): 4, (GIFT, True): 1}
    cart.remove(cart.item(BAG))
    assert cart.pieces == {}


def test_nobody_changes_its_quantity(give: Callable[..., None], window: Open) -> None:
    give(quantity=2)
    cart = window("guest")
    cart.put(BAG, 2)
    assert cart.pieces[(GIFT, True)] == 2
    assert cart.change(cart.item(GIFT, free=True), 9)["qty"] == 2
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 2}


def test_who_takes_it_out_is_not_given_it_again(give: Callable[..., None], window: Open) -> None:
    """In that cart, until it is empty."""
    give()
    cart, other = window("guest"), window("guest")
    cart.put(BAG, 2)
    cart.remove(cart.item(GIFT, free=True))
    assert cart.pieces == {(BAG, False): 2}
    cart.put(BAG)
    assert cart.pieces == {(BAG, False): 3}
    cart.remove(cart.item(BAG))
    cart.put(BAG, 2)
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 1}
    other.put(BAG, 2)
    assert other.pieces == {(BAG, False): 2, (GIFT, True): 1}


def test_what_is_bought_of_the_same_stays_beside_it(
    give: Callable[..., None], window: Open
) -> None:
    """Put in before or after, each line has its own pieces; the gift alone costs nothing."""
    give()
    cart = window("guest")
    cart.put(GIFT, 1)
    cart.put(BAG, 2)
    cart.put(GIFT, 1)
    assert cart.pieces == {(GIFT, False): 2, (BAG, False): 2, (GIFT, True): 1}
    assert cart.totals["base_grand_total"] == 2 * 32 + 2 * 34
    cart.remove(cart.item(GIFT))
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 1}


def test_it_is_given_as_long_as_there_is_stock(
    give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """What is paid for comes first; an order without it goes through."""
    give()
    product = shop.state.products.get(GIFT)
    product.stock = 2
    cart = window("guest")
    cart.put(BAG, 2)
    assert (GIFT, True) in cart.pieces
    cart.put(GIFT, 2)
    assert cart.pieces == {(BAG, False): 2, (GIFT, False): 2}
    cart.remove(cart.item(GIFT))
    assert (GIFT, True) in cart.pieces
    MagentoBaskets(shop.state).sell_out(GIFT)
    order = shop.state.orders.get(cart.order())
    assert [row.fields["sku"] for row in order.rows] == [BAG]


@pytest.mark.parametrize("wrong", [{"sku": "NO-SUCH-SKU"}, {"sku": "24-WG080"}, {"sku": "MH01"}])
def test_what_cannot_be_put_in_is_not_given(
    give: Callable[..., None], window: Open, wrong: dict[str, Any]
) -> None:
    """Nobody knows it; a bundle; a product that has to be chosen."""
    give(**wrong)
    cart = window("guest")
    cart.put(BAG, 2)
    assert cart.pieces == {(BAG, False): 2}


def test_a_switched_off_product_is_not_given(
    give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    give()
    shop.state.products.get(GIFT).status = 2
    cart = window("guest")
    cart.put(BAG, 2)
    assert cart.pieces == {(BAG, False): 2}


# -- whose, how much ------------------------------------------------------------------------


def test_groups_and_tiers(
    client: Any, give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    group = str(shop.state.customers.get(2)["group_id"])
    give(groups=[group], tiers=["gold"])
    guest, his = window("guest"), window("mine")
    guest.put(BAG, 2)
    his.put(BAG, 2)
    assert (GIFT, True) not in guest.pieces | his.pieces
    row = {"customer_id": 2, "available": 1, "pending": 0, "tier_key": "gold"}
    assert client.post("loyalty-bridge/balances", {"balances": [row]}) == []
    his.put(BAG)
    assert (GIFT, True) in his.pieces
    give(groups=["0"])
    guest.put(BAG)
    his.put(BAG)
    assert ((GIFT, True) in guest.pieces, (GIFT, True) in his.pieces) == (True, False)


def take_off(shop: RunningSandbox, percent: int, code: str = "") -> None:
    everybody = {"website_ids": [1], "customer_group_ids": [0, 1, 2, 3]}
    how = {"simple_action": "by_percent", "discount_amount": percent}
    kind = {"coupon_type": "SPECIFIC_COUPON", "use_auto_generation": True} if code else {}
    on = {"name": "Week", "is_active": True, "stop_rules_processing": False}
    row = shop.state.sales_rules.add({**everybody, **how, **on, **kind})
    if code:
        shop.state.sales_rules.add_coupon(row["rule_id"], code, type=1, times_used=0)


@pytest.mark.parametrize("code", ["", "WEEK10"])
def test_promotions_and_coupons_do_not_count_it(
    give: Callable[..., None], window: Open, shop: RunningSandbox, code: str
) -> None:
    """It is worth nothing, so nothing is taken off it; and after discounts it may be too little."""
    give()
    take_off(shop, 10, code)
    cart = window("guest")
    cart.put(BAG, 2)
    if code:
        cart.ask("PUT", f"/coupons/{code}")
    totals = cart.totals
    assert (totals["base_discount_amount"], totals["base_subtotal"]) == (-6.8, 68)
    assert {row["discount_amount"] for row in totals["items"] if row["price"] == 0} == {0}
    give(after_discounts=True)
    cart.put(BAG, 1)
    assert (GIFT, True) in cart.pieces
    cart.change(cart.item(BAG), 2)
    assert (GIFT, True) not in cart.pieces


@pytest.mark.parametrize("include_tax", [False, True])
def test_net_and_gross(
    give: Callable[..., None], window: Open, shop: RunningSandbox, include_tax: bool
) -> None:
    """Two for 66.40 as the catalogue has it, which holds 19 % tax or does not."""
    shop.faults.set(shop={"prices_include_tax": include_tax})
    shop.state.till()._tax_germany()
    net, gross = ("55.80", "66.40") if include_tax else ("66.40", "79.02")
    give(amount=gross, gross=True)
    give(key="gift-b", sku="24-MB02", amount=net)
    give(key="gift-c", sku="24-MB03", amount=f"{gross}01", gross=True)
    give(key="gift-d", sku="24-MB05", amount=f"{net}01")
    cart = window("guest")
    cart.ask("POST", "/billing-address", {"address": ADDRESS})
    cart.put("B2B-1052", 2)
    assert cart.pieces == {("B2B-1052", False): 2, (GIFT, True): 1, ("24-MB02", True): 1}


def test_a_second_currency_does_not_count(
    client: Any, give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """Shoppers see 85.00 dollars; the threshold is in the base currency, as the rules' amounts
    are."""
    shop.faults.set(shop={"dollars": 1.25})
    give(amount="68.0000")
    give(key="gift-b", sku="24-MB02", amount="68.0100")
    give(key="gift-c", sku="24-MB03", amount="60", currency="USD")
    cart = window("mine")
    cart.put(BAG, 2)
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 1}
    totals = cart.totals
    assert (totals["subtotal"], totals["base_subtotal"]) == (85, 68)
    order = client.get(f"orders/{cart.order()}")
    assert (order["order_currency_code"], order["base_currency_code"]) == ("USD", "EUR")
    assert (order["grand_total"], order["base_grand_total"]) == (97.5, 78)
    assert [(row["price"], row["base_price"]) for row in order["items"]] == [(42.5, 34), (0, 0)]


# -- what becomes of it ---------------------------------------------------------------------


def test_an_order_holds_it_at_no_cost_and_says_so(
    client: Any, give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """It is sent for nothing too, and taken from the stock."""
    give()
    before = shop.state.stock.salable(shop.state.products.get(GIFT))
    cart = window("mine")
    cart.put(BAG, 2)
    order_id = cart.order()
    order = client.get(f"orders/{order_id}")
    assert (order["base_shipping_amount"], order["base_subtotal"]) == (10, 68)
    bag, gift = order["items"]
    assert "extension_attributes" not in bag
    assert gift["extension_attributes"] == {"loyalty_bridge_gift": "gift-a"}
    assert (gift["base_row_total"], gift["base_price"], gift["qty_ordered"]) == (0, 0, 1)
    assert shop.state.stock.salable(shop.state.products.get(GIFT)) == before - 1
    till = shop.state.till()
    till.pay(str(order_id))
    till.send(str(order_id))
    assert client.get(f"orders/{order_id}")["state"] == "complete"


def test_an_edited_order_gets_it_anew_or_not_at_all(
    client: Any, give: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """As a gift, never as something to be paid for."""
    give()
    cart = window("mine")
    cart.put(BAG, 2)
    more = shop.state.edit_order(cart.order(), {BAG: Decimal(3)})
    assert [(row.fields["sku"], row.gift) for row in more.rows] == [(BAG, ""), (GIFT, "gift-a")]
    less = shop.state.edit_order(more.id, {BAG: Decimal(1)})
    assert [row.fields["sku"] for row in less.rows] == [BAG]


def test_carts_that_become_one_have_one_gift(give: Callable[..., None], window: Open) -> None:
    """A guest signs in: what he and his older cart hold is put together."""
    give()
    mine, guest = window("mine"), window("guest")
    for cart in (mine, guest):
        cart.put(BAG, 2)
        cart.put("24-MB02", 1)
    mask, token = guest.url.rpartition("/")[2], mine.headers["Authorization"].split()[1]
    joining = Window(guest.base, f"guest-carts/{mask}", token)
    assert joining.ask("PUT", "", {"customerId": 1, "storeId": 1}) is True
    assert mine.pieces == {(BAG, False): 4, ("24-MB02", False): 2, (GIFT, True): 1}
    guest.ask("GET", "/items", status=404)


@pytest.mark.parametrize("end", ["rule", "switch", "settings"])
def test_it_goes_with_its_rule(
    client: Any, give: Callable[..., None], window: Open, desk: ModuleDesk, end: str
) -> None:
    """At the next change of the cart; never is it left to be paid for."""
    give()
    cart = window("guest")
    cart.put(BAG, 2)
    if end == "rule":
        client("DELETE", "loyalty-bridge/gifts/gift-a")
    elif end == "switch":
        desk.switch(on=False)
    else:
        client("DELETE", "loyalty-bridge/settings")
    assert cart.totals["base_grand_total"] == 68
    assert cart.pieces == {(BAG, False): 2}


def test_one_left_behind_by_the_module_stays_free_and_goes_when_it_is_back(
    give: Callable[..., None], window: Open, desk: ModuleDesk
) -> None:
    """A custom price is the shop's own."""
    give()
    cart = window("guest")
    cart.put(BAG, 2)
    desk.uninstall()
    cart.put(BAG, 1)
    assert cart.pieces == {(BAG, False): 3, (GIFT, True): 1}
    desk.install()
    cart.put(BAG, 1)
    assert cart.pieces == {(BAG, False): 4}


@pytest.mark.parametrize("end", ["rule", "rubbish", "switch", "settings", "table", "module"])
def test_what_ends_between_the_cart_and_the_order_leaves_nothing_to_pay(
    client: Any,
    give: Callable[..., None],
    window: Open,
    shop: RunningSandbox,
    desk: ModuleDesk,
    end: str,
) -> None:
    """No call fails. Who takes the module out by force leaves the gift there, free."""
    give()
    cart = window("guest")
    cart.put(BAG, 2)
    cart.send_to()
    assert (GIFT, True) in cart.pieces
    if end == "rule":
        client("DELETE", "loyalty-bridge/gifts/gift-a")
    elif end == "rubbish":
        shop.state.module.gifts["gift-a"]["rule"] = "{"
    elif end == "switch":
        desk.switch(on=False)
    elif end == "settings":
        client("DELETE", "loyalty-bridge/settings")
    elif end == "table":
        shop.state.module.gifts.clear()
    else:
        desk.uninstall()
    status, order_id = cart.try_to_order()
    assert status == 200
    order = client.get(f"orders/{order_id}")
    bought = {row["sku"]: row["base_row_total"] for row in order["items"]}
    assert bought == {BAG: 68, **({GIFT: 0} if end == "module" else {})}
    assert order["base_grand_total"] == 78


@pytest.mark.parametrize("kind", ["guest", "mine"])
def test_a_bridge_that_is_down_stops_no_cart_and_no_order(
    client: Any, give: Callable[..., None], window: Open, kind: str
) -> None:
    """What it is to hear waits."""
    settings = {"events_url": "http://127.0.0.1:9/gone", "events_secret": "s"}
    assert client("PUT", "loyalty-bridge/settings", {"settings": settings}).ok
    give()
    cart = window(kind)
    cart.put(BAG, 1)
    cart.change(cart.item(BAG), 2)
    assert cart.pieces == {(BAG, False): 2, (GIFT, True): 1}
    order = client.get(f"orders/{cart.order()}")
    assert (order["state"], order["base_grand_total"]) == ("new", 78)
    assert client.get("loyalty-bridge/module")["waiting"] == 1
    client("DELETE", "loyalty-bridge/settings")


MALFORMED = json.loads((MODULE / "malformed_rules.json").read_text("utf-8"))
"""As the module's own code is judged by."""


def test_no_malformed_rule_gives_anything_or_stops_a_cart(
    give: Callable[..., None], window: Open, shop: RunningSandbox, client: Any
) -> None:
    """However it came there; through the module's route it does not. A gift that lies in a cart
    already is taken out of it, and never paid for."""
    key = "gift-mug"
    held = window("guest")
    held.put(BAG, 2)
    assert len(MALFORMED) >= 16
    for name, text in MALFORMED.items():
        gift = {"key": key, "website_id": 1, "rule": text}
        assert client("PUT", f"loyalty-bridge/gifts/{key}", {"gift": gift}).status_code == 400, name
        give(key=key)
        held.change(held.item(BAG), 2)
        assert held.pieces == {(BAG, False): 2, (GIFT, True): 1}, name
        shop.state.module.gifts[key]["rule"] = text
        held.change(held.item(BAG), 3)
        assert held.pieces == {(BAG, False): 3}, name
        assert held.totals["base_grand_total"] == 102, name
