"""From the account in a Magento shop to the member's own page: with one click, signed in."""

from __future__ import annotations

import requests
from club import Club, seen

from bridge.member_sign_in.links import link_address, make_key
from connectors.magento.sandbox import SANDBOX
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sandbox.people import PASSWORD


def test_a_shopper_walks_from_the_shop_to_his_own_page(club: Club) -> None:
    app = club.app
    with app.database.writing() as session:
        key = make_key(session, app.workspace_id, "shop1", app.keyring, app.now())
    member_url = link_address("https://bridge.example", app.workspace, key.token)
    with SANDBOX.serve(products=20, customers=5) as shop, requests.Session() as shopper:
        ModuleDesk(shop.state).install()
        shop.state.module.settings |= {"member_url": member_url, "link_secret": key.secret}
        shop.state.set_clock(app.now)
        customer = shop.state.customers.get(3)
        club.people.give(club.people.arrives("3", customer["email"]), 345)
        form = shopper.get(f"{shop.url}/loyaltybridge/member/open", timeout=5)
        answer = shopper.post(
            form.url.replace("/login/", "/loginPost/"),
            {"login[username]": customer["email"], "login[password]": PASSWORD},
            allow_redirects=False,
            timeout=5,
        )
        back = answer.headers["Location"]
        linked = shopper.get(back, allow_redirects=False, timeout=5).headers["Location"]
    browser = club.browser()
    address = linked.removeprefix(f"https://bridge.example/m/{app.workspace}/")
    assert browser.get(address).status_code == 200
    assert browser.post(address).location == f"/m/{app.workspace}/"
    assert "345 points" in seen(browser.get(""))
