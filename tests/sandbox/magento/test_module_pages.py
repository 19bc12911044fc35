"""What the module does in the shop's own pages: a link to the member's, a friend's link."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from bridge.member_sign_in.links import is_fresh, is_genuine, read
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.people import PASSWORD, SHOPPERS
from connectors.sandbox.server import RunningSandbox
from tests.sandbox.magento.windows import open_window, sign_in

SECRET = "what-links-are-signed-with"
MEMBER_URL = "https://bridge.example/m/acme/from/t0ken"


@pytest.fixture
def desk(client: Any, shop: RunningSandbox) -> ModuleDesk:
    desk = ModuleDesk(shop.state)
    desk.install()
    settings = {"member_url": MEMBER_URL, "link_secret": SECRET}
    assert client("PUT", "loyalty-bridge/settings", {"settings": settings}).ok
    return desk


def go(shop: RunningSandbox, path: str, cookie: str = "") -> requests.Response:
    cookies = {"PHPSESSID": cookie} if cookie else {}
    url = f"{shop.url}/{path}"
    return requests.get(url, cookies=cookies, allow_redirects=False, timeout=5)


def test_a_customer_is_sent_to_his_page_with_a_link_of_his_own(
    shop: RunningSandbox, desk: ModuleDesk
) -> None:
    answers = [go(shop, "loyaltybridge/member/open?to=redeem", sign_in(shop, 2)) for _ in "ab"]
    found = []
    for answer in answers:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
        address, _, query = answer.headers["Location"].partition("?")
        assert address == MEMBER_URL
        assert is_genuine(SECRET, query.encode())
        asked = read(query.encode())
        assert asked is not None
        assert is_fresh(asked, shop.state.clock())
        assert (asked.customer_id, asked.page) == ("2", "redeem")
        found.append(asked.nonce)
    assert len(set(found)) == 2


def test_a_guest_signs_in_and_comes_back(shop: RunningSandbox, desk: ModuleDesk) -> None:
    with requests.Session() as browser:
        form = browser.get(f"{shop.url}/loyaltybridge/member/open", timeout=5)
        assert urlsplit(form.url).path.startswith("/customer/account/login/referer/")
        wrong = {"login[username]": SHOPPERS[0], "login[password]": "no"}
        post = form.url.replace("/login/", "/loginPost/")
        answer = browser.post(post, wrong, allow_redirects=False, timeout=5)
        assert answer.headers["Location"] == "/customer/account/login"
        right = wrong | {"login[password]": PASSWORD}
        answer = browser.post(post, right, allow_redirects=False, timeout=5)
        again = browser.get(answer.headers["Location"], allow_redirects=False, timeout=5)
        assert again.headers["Location"].startswith(f"{MEMBER_URL}?customer=")


def test_nobody_is_sent_where_the_bridge_does_not_want_him(
    client: Any, shop: RunningSandbox, desk: ModuleDesk
) -> None:
    """No page that is no page's name, no signing in that leads elsewhere; without an address the
    account is as good."""
    token = sign_in(shop, 2)
    odd = go(shop, "loyaltybridge/member/open?to=//evil.example", token).headers["Location"]
    asked = read(odd.partition("?")[2].encode())
    assert asked is not None
    assert asked.page == ""
    elsewhere = f"{shop.url}/customer/account/loginPost/referer/aHR0cHM6Ly9ldmlsLmV4YW1wbGUv"
    form = {"login[username]": SHOPPERS[0], "login[password]": PASSWORD}
    answer = requests.post(elsewhere, form, allow_redirects=False, timeout=5)
    assert answer.headers["Location"] == "/customer/account"
    client("PUT", "loyalty-bridge/settings", {"settings": {"member_url": ""}})
    where = go(shop, "loyaltybridge/member/open", token).headers["Location"]
    assert where == "/customer/account"
    desk.uninstall()
    assert go(shop, "loyaltybridge/member/open", token).status_code == 404


def test_a_friends_link_is_noted_for_the_order_that_follows(
    client: Any, shop: RunningSandbox, desk: ModuleDesk
) -> None:
    answer = go(shop, "loyaltybridge/referral/index?code=ANNA-4711")
    assert answer.headers["Location"] == "/customer/account/create"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    signed_in = go(shop, "loyaltybridge/referral/index?code=ANNA-4711", sign_in(shop, 2))
    assert signed_in.headers["Location"] == "/"
    for code in ("", "a b", "<script>", "x" * 41):
        none = requests.get(
            f"{shop.url}/loyaltybridge/referral/index",
            params={"code": code},
            allow_redirects=False,
            timeout=5,
        )
        assert none.headers["Location"] == "/"
        assert "Set-Cookie" not in none.headers
    cart = open_window(shop, 2)
    cart.put("24-MB01")
    cart.headers["Cookie"] = "loyalty_bridge_referral=ANNA-4711"
    order_id = cart.order()
    extension = client.get(f"orders/{order_id}")["extension_attributes"]
    assert extension["loyalty_bridge_referral"] == "ANNA-4711"
    other = open_window(shop, 3)
    other.put("24-MB01")
    assert "loyalty_bridge" not in json.dumps(client.get(f"orders/{other.order()}"))
    desk.uninstall()
    assert "loyalty_bridge" not in json.dumps(client.get(f"orders/{order_id}"))
