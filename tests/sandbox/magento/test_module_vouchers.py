"""Vouchers that only their owners can use, and once; merchants' own coupons as ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.magento.windows import ADDRESS, Window, open_window

CODE, OWN = "LB7K-2M9P-4T", "SUMMER"
INVALID = "The coupon code isn't valid. Verify the code and try again."
TAKEN = "The voucher has been used already, or it is not yours. Take it out and try again."
Open = Callable[..., Window]


@pytest.fixture
def desk(shop: RunningSandbox) -> ModuleDesk:
    """Ten off for each of two codes: one that the bridge guards, one of the merchant's own."""
    rules = shop.state.sales_rules
    for rule_id in list(rules.rows):  # the sample data's own promotions
        rules.drop(rule_id)
    on = {"name": "Ten off", "is_active": True, "stop_rules_processing": False}
    who = {"website_ids": [1], "customer_group_ids": [0, 1, 2, 3]}
    what = {"simple_action": "cart_fixed", "discount_amount": 10}
    kind = {"coupon_type": "SPECIFIC_COUPON", "use_auto_generation": True}
    row = rules.add({**on, **who, **what, **kind})
    for code in (CODE, OWN):
        rules.add_coupon(row["rule_id"], code, type=1, times_used=0, usage_limit=1)
    desk = ModuleDesk(shop.state)
    desk.install()
    return desk


@pytest.fixture
def own(client: Any, desk: ModuleDesk) -> Callable[..., None]:
    def own(*customer_ids: int, email: str = "") -> None:
        voucher = {"code": CODE, "customer_ids": list(customer_ids), "email": email}
        assert client.post("loyalty-bridge/vouchers", {"vouchers": [voucher]}) == []

    return own


@pytest.fixture
def window(shop: RunningSandbox) -> Open:
    def window(customer_id: int = 0) -> Window:
        cart = open_window(shop, customer_id)
        cart.put("24-MB01", 2)
        return cart

    return window


def refused(cart: Window, code: str = CODE) -> bool:
    url = f"{cart.url}/coupons/{code}"
    answer = requests.put(url, headers=cart.headers, timeout=5)
    assert answer.json() in (True, {"message": INVALID})
    assert (answer.status_code == 404) == (answer.json() is not True)
    return answer.json() is not True


# -- whose it is ----------------------------------------------------------------------------


def test_a_strangers_voucher_is_refused_in_the_shops_own_words(
    own: Callable[..., None], window: Open
) -> None:
    own(2)
    assert refused(window(3))
    assert refused(window())
    assert refused(window(3), "%C4%B9B7K-2M9P-4T"), "the database takes it for the same"
    his = window(2)
    assert not refused(his)
    assert his.totals["base_discount_amount"] == -10


def test_who_has_no_customer_number_is_known_by_his_address(
    own: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    own(email="Gerda@Example.com ")
    guest = window()
    assert refused(guest)
    guest.ask("POST", "/billing-address", {"address": {**ADDRESS, "email": "gerda@example.COM"}})
    assert not refused(guest)
    own(email=shop.state.customers.get(2)["email"])
    assert (refused(window(2)), refused(window(3))) == (False, True)


def test_one_without_an_owner_is_anybodys(own: Callable[..., None], window: Open) -> None:
    own()
    assert not refused(window())
    assert not refused(window(3))


def test_one_whose_owner_is_not_known_yet_is_nobodys(
    own: Callable[..., None], window: Open
) -> None:
    own(0)
    assert refused(window())
    assert refused(window(3))
    own(3)
    assert not refused(window(3))


def test_merchants_coupons_are_none_of_its_business(window: Open, desk: ModuleDesk) -> None:
    for customer_id in (0, 2, 3):
        assert not refused(window(customer_id), OWN)


@pytest.mark.parametrize("off", [True, False])
def test_without_the_module_nobody_guards(
    own: Callable[..., None], window: Open, desk: ModuleDesk, off: bool
) -> None:
    own(2)
    desk.switch(on=False) if off else desk.uninstall()
    assert not refused(window(3))


def test_owners_that_change_are_heeded_at_once(own: Callable[..., None], window: Open) -> None:
    own(2)
    cart = window(2)
    assert not refused(cart)
    own(3)
    assert cart.order_refused() == TAKEN
    assert cart.totals["base_discount_amount"] == 0


# -- once -----------------------------------------------------------------------------------


def test_of_four_orders_at_once_one_gets_it(
    client: Any, own: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """The shop's own counting lets them all through."""
    own()
    carts = [window() for _ in range(4)]
    for cart in carts:
        cart.send_to()
        assert not refused(cart)
    start, said = threading.Barrier(4), []

    def order(cart: Window) -> None:
        start.wait(5)
        said.append(cart.try_to_order())

    threads = [threading.Thread(target=order, args=(cart,)) for cart in carts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(status for status, _ in said) == [200, 400, 400, 400]
    assert {body["message"] for status, body in said if status == 400} == {TAKEN}
    orders = [one for one in shop.dump()["orders"] if one.get("coupon_code") == CODE]
    assert [one["base_discount_amount"] for one in orders] == [-10]
    [voucher] = client.get("loyalty-bridge/vouchers", codes=CODE)
    assert (voucher["is_claimed"], voucher["order_increment"]) == (
        True,
        orders[0]["increment_id"],
    )
    assert refused(window())


def test_a_cancelled_order_gives_it_back(
    client: Any, own: Callable[..., None], window: Open, shop: RunningSandbox
) -> None:
    """An order that is edited keeps it."""
    own(2)
    cart = window(2)
    assert not refused(cart)
    edited = shop.state.edit_order(cart.order(), {"24-MB01": 3})
    assert edited.fields["coupon_code"] == CODE
    [voucher] = client.get("loyalty-bridge/vouchers", codes=CODE)
    assert voucher["order_increment"] == edited.number
    own(2)
    assert client.get("loyalty-bridge/vouchers", codes=CODE) == [voucher]
    assert refused(window(2))
    client("POST", f"orders/{edited.id}/cancel")
    [voucher] = client.get("loyalty-bridge/vouchers", codes=CODE)
    assert (voucher["is_claimed"], voucher["order_increment"]) == (False, "")
    assert not refused(window(2))
