"""What shoppers see: no number of anybody's in a page, and what is fetched is never kept."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest

from .baskets import context, customer
from .conftest import RealTwig

APP = resources.files("connectors.shopware.app").joinpath("Resources")
VIEWS = {
    "layout/header/header.html.twig": ("layout_header_actions_account",),
    "page/account/sidebar.html.twig": ("page_account_sidebar_link_home",),
    "page/account/index.html.twig": ("page_account_overview_main",),
    "component/buy-widget/buy-widget-price.html.twig": (
        "buy_widget_price_block_table_head_inner",
        "buy_widget_price_block_table_body_cell_reference_price",
    ),
}
"""Blocks that were tried on a live shop (PLUGIN_FACTS "Storefront"); one that a shop does not have
is passed over without a word."""
POINTS = "storefront-loyalty-bridge-points"
LANGUAGES = ("en-GB", "de-DE", "it-IT", "pl-PL", "ja-JP", "th-TH", "fa-IR")


def text(path: str) -> str:
    return APP.joinpath(*path.split("/")).read_text("utf-8")


@pytest.mark.parametrize(("name", "blocks"), VIEWS.items())
def test_only_blocks_that_a_shop_has_are_filled(name: str, blocks: tuple[str, ...]) -> None:
    view = text(f"views/storefront/{name}")
    assert tuple(re.findall(r"{% block (\w+) %}", view)) == blocks
    assert f"{{% sw_extends '@Storefront/storefront/{name}' %}}" in view


@pytest.mark.parametrize("name", list(VIEWS)[:3])
def test_a_page_holds_nothing_of_a_customers(twig: RealTwig, name: str) -> None:
    (block,) = VIEWS[name]
    seen = {"customer": customer(points=4711, tier="Gold")}
    page = twig.template(
        f"storefront/{name}", f"{{% block {block} %}}PARENT{{% endblock %}}", {"context": seen}
    )
    assert "PARENT" in page
    assert "4711" not in page and "Gold" not in page


def test_the_badge_is_for_customers_alone(twig: RealTwig) -> None:
    name, parent = (
        "layout/header/header.html.twig",
        "{% block layout_header_actions_account %}{% endblock %}",
    )
    for seen, has in ((customer(), True), ({**customer(), "guest": True}, False), (None, False)):
        page = twig.template(f"storefront/{name}", parent, {"context": {"customer": seen}})
        assert ("bundles/loyaltybridge/loyalty-bridge.js" in page) is has


def test_each_quantity_price_says_what_it_saves(twig: RealTwig) -> None:
    parent = (
        "{% block buy_widget_price_block_table_head_inner %}<tr><th>1</th></tr>{% endblock %}"
        "{% for price in prices %}"
        "{% block buy_widget_price_block_table_body_cell_reference_price %}{% endblock %}"
        "{% endfor %}"
    )
    prices = [{"unitPrice": 10}, {"unitPrice": 8.5}]
    values = {"prices": prices, "product": {"calculatedPrices": {"first": prices[0]}}}
    page = twig.template(f"storefront/{list(VIEWS)[3]}", parent, values)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page)
    assert cells == ["1", "loyaltyBridge.saving", "", "1.50 EUR"]
    assert page.count("<tr>") == page.count("</tr>") == 1


def test_every_text_is_there_in_every_language() -> None:
    used = set()
    for name in VIEWS:
        used |= set(
            re.findall(r"'(loyaltyBridge\.[\w.]+)'\|trans", text(f"views/storefront/{name}"))
        )
    assert len(used) > 8
    # The shop looks up what a basket's message says by this name.
    said = re.findall(r"errors\.\w+\('(loyalty-bridge-[\w-]+)'", text("scripts/cart/codes.twig"))
    assert len(said) == 2
    used |= {f"checkout.{one}" for one in said}
    found = {
        language: flat(json.loads(text(f"snippet/loyalty-bridge.{language}.json")))
        for language in LANGUAGES
    }
    assert len(list(APP.joinpath("snippet").iterdir())) == len(LANGUAGES)
    for language, texts in found.items():
        assert set(texts) == used, language
        assert all(texts.values()), language


def flat(texts: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        found |= (
            flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
        )
    return found


# -- what is fetched ------------------------------------------------------------------------------


def test_a_customer_gets_his_own_points_and_the_shop_keeps_none(twig: RealTwig) -> None:
    held = customer(points=120, pending=30, tier="Gold", expiring=0, expires_on=None)
    config = {"memberUrl": "https://bridge.example/member"}
    answer = twig.endpoint(POINTS, "points.twig", {"customer": held}, config)
    assert answer["isKept"] is False
    assert answer["body"] == {
        "member": True,
        "points": 120,
        "pending": 30,
        "tier": "Gold",
        "expiring": 0,
        "expiresOn": None,
        "memberUrl": "https://bridge.example/member",
        "redeemUrl": None,
        "inBasket": False,
    }


@pytest.mark.parametrize(
    ("fields", "is_in"),
    [
        ({"redeem_key": "lb123456", "redeem_until": 99_999_999_999}, True),
        ({"redeem_key": "lb123456", "redeem_until": 1}, False),
        ({"redeem_key": None, "redeem_until": None}, False),
        ({"redeem_key": "lb123456", "redeem_until": [1]}, False),
    ],
)
def test_he_is_told_whether_points_are_in_his_basket(
    twig: RealTwig, fields: dict[str, Any], is_in: bool
) -> None:
    held = {"customer": customer(points=120, **fields)}
    assert twig.endpoint(POINTS, "points.twig", held)["body"]["inBasket"] is is_in


@pytest.mark.parametrize(
    "seen",
    [None, {"guest": True, "customFields": {"loyalty_bridge_points": 3}}, customer(),
     {"guest": False, "customFields": None}, customer(points=[1])],
)  # fmt: skip
def test_everybody_else_gets_none(twig: RealTwig, seen: Any) -> None:
    answer = twig.endpoint(POINTS, "points.twig", {"customer": seen})
    assert (answer["body"], answer["isKept"]) == ({"member": False}, False)


def test_a_referral_link_leads_on_and_is_never_kept(twig: RealTwig) -> None:
    answer = twig.endpoint("storefront-loyalty-bridge-referral", "referral.twig", context())
    assert (answer["route"], answer["isKept"]) == ("frontend.home.page", False)
