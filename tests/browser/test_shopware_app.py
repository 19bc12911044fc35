"""The app's script in a shop's page: numbers are fetched, and nobody else's are shown."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

APP = resources.files("connectors.shopware.app").joinpath("Resources")
SHOP, BRIDGE = "https://shop.example", "https://bridge.example"
MEMBER = {
    "member": True,
    "points": 12345,
    "pending": 0,
    "tier": "Gold",
    "expiring": 200,
    "expiresOn": "2027-03-31",
    "memberUrl": f"{BRIDGE}/member",
    "redeemUrl": f"{BRIDGE}/redeem",
}


def text(path: str) -> str:
    return APP.joinpath(*path.split("/")).read_text("utf-8")


def rendered(view: str) -> str:
    """A template as the shop renders it in English: texts looked up, paths and files named."""
    texts = json.loads(text("snippet/loyalty-bridge.en-GB.json"))

    def said(found: re.Match[str]) -> str:
        value: Any = texts
        for part in found[1].split("."):
            value = value[part]
        return str(value)

    html = re.sub(
        r"{{ '([\w.]+)'\|trans(?:\|striptags)? }}", said, text(f"views/storefront/{view}")
    )
    html = re.sub(r"{{ asset\('bundles/loyaltybridge/([\w.-]+)', 'asset'\) }}", r"/\1", html)
    html = re.sub(r"{{ path\('[\w.]+'\) }}", "/", html)
    return re.sub(r"{%.*?%}|{#.*?#}|{{ parent\(\) }}", "", html)


class Shop:
    """Answers for the shop and the bridge; keeps what was sent to the bridge."""

    def __init__(self, page: Page, held: dict[str, Any]) -> None:
        self.held, self.status = held, 200
        self.told: dict[str, Any] = {"state": "done", "shown": "€5.00"}
        self.sent: list[tuple[str, str | None, dict[str, str]]] = []
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        request, path = route.request, route.request.url.removeprefix(SHOP)
        if request.url.startswith(BRIDGE):
            if request.method == "POST":
                self.sent.append((request.url, request.post_data, request.headers))
            headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            status = self.status if request.method == "POST" else 200
            route.fulfill(status=status, headers=headers, json=self.told)
        elif path == "/storefront/script/loyalty-bridge-points":
            route.fulfill(json=self.held)
        elif path == "/app-system/LoyaltyBridge/generate-token" and request.method == "POST":
            # As the shop does: this route is for no XmlHttpRequest.
            is_refused = "x-requested-with" in request.headers
            route.fulfill(status=403 if is_refused else 200, json={"token": "signed"})
        elif path.endswith((".js", ".css")):
            route.fulfill(body=text(f"public{path}"))
        else:
            views = ("layout/header/header.html.twig", "page/account/index.html.twig")
            body = "".join(rendered(view) for view in views)
            page = (
                f'<!doctype html><html lang="en-GB"><title>Shop</title><body>{body}</body></html>'
            )
            route.fulfill(body=page, content_type="text/html; charset=utf-8")


def test_a_customer_sees_his_points_uses_some_and_goes_on_to_his_account(
    chromium: Browser,
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        shop = Shop(page, MEMBER)
        page.goto(SHOP)
        expect(page.get_by_role("link", name="Points 12,345")).to_be_visible()
        account = page.get_by_role("region", name="Loyalty points")
        expect(account).to_contain_text("Gold")
        expect(account).to_contain_text("31/03/2027")
        expect(account.get_by_text("Pending")).to_be_hidden()

        account.get_by_label("Points to use").fill("500")
        account.get_by_role("button", name="Use in the basket").click()
        expect(account.get_by_role("status")).to_contain_text("costs less by €5.00")
        address, body, headers = shop.sent.pop()
        assert (address, json.loads(body)) == (f"{BRIDGE}/redeem", {"points": 500})
        assert headers["authorization"] == "Bearer signed"
        shop.status, shop.told = 409, {"error": "You can use up to 120 points."}
        account.get_by_role("button", name="Use in the basket").click()
        expect(account.get_by_role("status")).to_contain_text("up to 120 points")
        shop.told = {}
        account.get_by_role("button", name="Use in the basket").click()
        expect(account.get_by_role("status")).to_contain_text("as they were")

        back = account.get_by_role("button", name="Take out of the basket")
        expect(back).to_be_hidden()
        shop.status, shop.told = 200, {"state": "on-its-way"}
        shop.held = {**MEMBER, "inBasket": True}
        account.get_by_role("button", name="Use in the basket").click()
        expect(account.get_by_role("status")).to_contain_text("on its way")
        shop.told = {"state": "done", "points": 0}
        back.click()
        expect(account.get_by_role("status")).to_contain_text("Nothing is taken off")
        assert json.loads(shop.sent.pop()[1] or "") == {"points": 0}

        account.get_by_role("button", name="Open my loyalty account").click()
        page.wait_for_url(f"{BRIDGE}/member")
        assert shop.sent[-1][:2] == (f"{BRIDGE}/member", "token=signed")


def test_somebody_without_points_sees_a_page_as_it_was(chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        strange = {**MEMBER, "memberUrl": "javascript:alert(1)", "redeemUrl": None}
        for held, visible in (({"member": False}, 0), (strange, 1)):
            Shop(page, held)
            page.goto(SHOP)
            page.wait_for_load_state("networkidle")
            assert page.locator(".loyalty-bridge-account:visible").count() == visible
            assert page.locator("button:visible").count() == 0
