"""The Magento module's scripts in a shop's page: a person's numbers come by themselves, to him
alone, are asked for again when they are old, and the pages fit a phone in either direction."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

ROOT = Path(__file__).parents[2]
WEB = ROOT / "connectors" / "magento" / "module" / "view" / "frontend" / "web"
SHOP = "https://shop.example"
MEMBER = {
    "is_shown": True,
    "is_member": True,
    "is_invited": False,
    "label": "Points",
    "shown": {"available": "12,345", "pending": "250"},
    "store": "default",
    "at": 1,
}
NOBODY = {**MEMBER, "is_member": False, "shown": {"available": "", "pending": ""}}
HOST = """
(function () {
    var made = {}, held = {}, state = JSON.parse(localStorage.getItem('shop') || '{}');
    function observable(name) {
        var listeners = [], get;
        if (held[name]) { return held[name]; }
        get = function () { return state[name] || {}; };
        get.subscribe = function (listener) { listeners.push(listener); };
        get.tell = function () { listeners.forEach(function (one) { one(get()); }); };
        held[name] = get;
        return get;
    }
    made['Magento_Customer/js/customer-data'] = {
        get: observable,
        getInitCustomerData: function () { return {done: function (act) { act(); }}; },
        reload: function (names, force) {
            return fetch('/section?names=' + names + '&force=' + force)
                .then(function (answer) { return answer.json(); })
                .then(function (section) {
                    state[names[0]] = section;
                    localStorage.setItem('shop', JSON.stringify(state));
                    observable(names[0]).tell();
                });
        }
    };
    made.jquery = function () {
        return {
            data: function (name) {
                return name === 'mage-SwatchRenderer' ? window.swatches
                    : name === 'mageConfigurable' ? window.form : undefined;
            },
            on: function (events, selector, act) { document.addEventListener('click', act); }
        };
    };
    made.jquery.makeArray = Array.from;
    made['Magento_Catalog/js/price-utils'] = {
        formatPrice: function (amount, format) {
            return format.pattern.replace('%s', amount.toFixed(2));
        }
    };
    window.define = function (names, factory) {
        window.component = factory.apply(null, names.map(function (name) { return made[name]; }));
    };
    window.apply = function (name) {
        document.querySelectorAll('[data-mage-init]').forEach(function (item) {
            var config = JSON.parse(item.dataset.mageInit)['LoyaltyBridge_Loyalty/js/' + name];
            if (config) {
                item.removeAttribute('data-mage-init');
                window.component(config, item);
            }
        });
    };
})();
"""
"""As much of Magento's scripts as ours ask for: see mage/apply/main.js and customer-data.js."""
LUMA = (
    "*{box-sizing:border-box}body{margin:0;padding:0 15px;font:14px/1.4 'Open Sans',sans-serif}"
    "main{max-width:940px;margin:auto}table{width:100%}"
    ".message{display:block;padding:12px;background:#fdf0d5}"
)


@cache
def templates(locale: str, label: str = "", tier: str = "Gold") -> dict[str, str]:
    php = shutil.which("php")
    if php is None:
        if os.environ.get("LOYALTY_BRIDGE_TEST_PHP") == "1":
            pytest.fail("php is not installed.")
        pytest.skip("Magento module's pages: there is no PHP here (Debian: apt install php-cli)")
    script = ROOT / "tests" / "connectors" / "magento" / "module" / "page.php"
    ran = subprocess.run(
        [php, str(script), locale, label, tier], capture_output=True, check=True, timeout=20
    )
    read: dict[str, str] = json.loads(ran.stdout)
    return read


class Shop:
    """A shop's page with some of our templates; counts what its script asks for."""

    def __init__(self, page: Page, body: str, language: str = "en") -> None:
        self.page, self.body, self.language = page, body, language
        self.section: dict[str, Any] = MEMBER
        self.asked = 0
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(SHOP)
        if path.startswith("/section?"):
            assert path == "/section?names=loyalty-bridge&force=true"
            self.asked += 1
            route.fulfill(json={**self.section, "at": self.asked})
        elif path.endswith(".js"):
            route.fulfill(body=(WEB / path[1:]).read_text("utf-8"))
        else:
            side = "rtl" if self.language == "fa" else "ltr"
            style = (WEB / "css" / "loyalty-bridge.css").read_text("utf-8")
            page = (
                f'<!doctype html><html lang="{self.language}" dir="{side}"><title>Shop</title>'
                '<meta name="viewport" content="width=device-width">'
                f"<style>{LUMA}{style}</style><body><main>{self.body}</main>"
            )
            route.fulfill(body=page, content_type="text/html; charset=utf-8")

    def open(self, script: str = "points", *, is_signed_in: bool = True) -> None:
        self.page.goto(SHOP)
        self.page.evaluate(
            """isSignedIn => {
                const state = JSON.parse(localStorage.getItem('shop') || '{}');
                state.customer = isSignedIn ? {firstname: 'Ida'} : {};
                localStorage.setItem('shop', JSON.stringify(state));
            }""",
            is_signed_in,
        )
        self.page.add_script_tag(content=HOST)
        self.page.add_script_tag(url=f"{SHOP}/js/{script}.js")
        self.page.evaluate("name => apply(name)", script)
        self.page.clock.run_for(1100)

    def come_back(self) -> None:
        """As when its tab is looked at again."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        self.page.clock.run_for(1100)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.clock.install()
        yield context


@pytest.fixture
def shop(context: BrowserContext) -> Callable[..., Shop]:
    page = context.new_page()
    return lambda body, language="en": Shop(page, body, language)


def test_the_badge_comes_by_itself_and_is_asked_for_again_after_a_minute(
    shop: Callable[..., Shop],
) -> None:
    here = shop(f"<ul>{templates('en_US')['badge'] * 2}</ul>")
    badges = here.page.locator(".loyalty-bridge-badge")
    here.open()
    expect(badges.nth(1)).to_have_text("Points: 12,345")
    expect(here.page.get_by_role("link", name="Points: 12,345").first).to_have_attribute(
        "href", f"{SHOP}/loyaltybridge/points/index/"
    )
    here.section = {**MEMBER, "shown": {"available": "7", "pending": ""}}

    here.open()
    here.come_back()
    assert here.asked == 1
    here.page.clock.fast_forward(61_000)
    here.come_back()
    expect(badges.first).to_have_text("Points: 7")
    here.page.clock.fast_forward(61_000)
    here.open()
    expect(badges.first).to_have_text("Points: 7")
    assert here.asked == 3


def test_a_guest_costs_no_call_and_sees_nothing(shop: Callable[..., Shop]) -> None:
    here = shop(f"<ul>{templates('en_US')['badge']}</ul>")
    here.open(is_signed_in=False)
    here.come_back()

    assert here.asked == 0
    assert here.page.locator("a").count() == 0


@pytest.mark.parametrize("section", [NOBODY, {**MEMBER, "is_shown": False}])
def test_who_has_no_points_sees_a_page_as_it_was(
    shop: Callable[..., Shop], section: dict[str, Any]
) -> None:
    here = shop(f"<ul>{templates('en_US')['badge']}</ul>")
    here.section = section
    here.open()
    here.page.wait_for_load_state("networkidle")

    assert here.asked == 1
    expect(here.page.locator("main")).to_have_text("")


def test_a_name_of_points_is_text_and_nothing_else(shop: Callable[..., Shop]) -> None:
    here = shop(f"<ul>{templates('en_US')['badge']}</ul>")
    here.section = {**MEMBER, "label": "<img src=x onerror=alert(1)> $& %2"}
    here.open()

    expect(here.page.locator("main")).to_have_text("<img src=x onerror=alert(1)> $& %2: 12,345")
    assert here.page.locator("img").count() == 0


def test_a_friend_who_was_invited_is_greeted(shop: Callable[..., Shop]) -> None:
    here = shop(templates("en_US")["invited"])
    here.section = NOBODY
    here.open(is_signed_in=False)
    here.page.wait_for_load_state("networkidle")
    expect(here.page.get_by_role("status")).to_have_text("")

    here.section = {**NOBODY, "is_invited": True}
    here.open(is_signed_in=False)
    expect(here.page.get_by_role("status")).to_contain_text("A friend invited you")


def test_the_account_page_follows_what_the_bridge_tells(shop: Callable[..., Shop]) -> None:
    texts = templates("en_US")
    here = shop(f"<ul>{texts['badge']}</ul>{texts['account']}")
    here.section = {**MEMBER, "shown": {"available": "12,845", "pending": "250"}}
    here.open()

    expect(here.page.locator("[data-loyalty-bridge=available]")).to_have_text("12,845")
    expect(here.page.locator(".loyalty-bridge-badge")).to_have_text("Points: 12,845")
    here.open()
    here.page.wait_for_load_state("networkidle")
    assert here.asked == 2


def choose(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('click'))")
    page.clock.run_for(60)


def test_a_variants_savings_are_shown_when_it_is_chosen(shop: Callable[..., Shop]) -> None:
    here = shop(templates("en_US")["configurable"])
    here.open("savings")
    table = here.page.locator(".loyalty-bridge-savings")
    expect(table).to_be_hidden()

    tiers = [{"qty": 5, "price": 18.99}, {"qty": 10, "price": 17.49}, {"qty": 12, "price": 30}]
    chosen = {
        "jsonConfig": {
            "priceFormat": {"pattern": "€%s"},
            "optionPrices": {"7": {"finalPrice": {"amount": 19.99}, "tierPrices": tiers}},
        }
    }
    here.page.evaluate(
        "it => { window.swatches = {options: it, getProductId: () => '7'}; }", chosen
    )
    choose(here.page)
    rows = ["5 or more€18.99€1.005%", "10 or more€17.49€2.5013%"]
    expect(table.locator("tbody tr")).to_have_text(rows)
    here.page.evaluate("window.swatches.getProductId = () => null")
    choose(here.page)
    expect(table).to_be_hidden()

    selects = """it => {
        delete window.swatches;
        window.form = {
            simpleProduct: '7',
            options: {spConfig: it.jsonConfig, settings: [{value: '1'}, {value: ''}]}
        };
    }"""
    here.page.evaluate(selects, chosen)
    choose(here.page)
    expect(table).to_be_hidden()
    here.page.evaluate("window.form.options.settings[1].value = '4'")
    choose(here.page)
    expect(table.locator("tbody tr")).to_have_text(rows)


@pytest.mark.parametrize(
    ("locale", "tier"),
    [("en_US", "Gold"), ("de_DE", "Treuestammkundschaftsvorteil"), ("fa_IR", "طلایی")],
)
def test_pages_fit_a_screen_and_a_phone(
    shop: Callable[..., Shop], locale: str, tier: str, tmp_path: Path
) -> None:
    texts = templates(locale, "", tier)
    here = shop("".join(texts[name] for name in ("account", "dashboard", "simple")), locale[:2])
    for width in (1280, 390):
        here.page.set_viewport_size({"width": width, "height": 900})
        here.page.goto(SHOP)
        widest = here.page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width
        links = here.page.locator(".loyalty-bridge-links a")
        heights = [box["height"] for one in links.all() if (box := one.bounding_box())]
        assert len(heights) == 4
        assert min(heights) >= 40
        here.page.screenshot(path=tmp_path / f"{locale}-{width}.png", full_page=True)
