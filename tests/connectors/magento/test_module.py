"""The bridge's module in a Magento: whether it is there, and what it is told."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Severity
from connectors.errors import AnswerLost, Forbidden, NotAShop, NotFound, Rejected
from connectors.magento.archive import MagentoModule
from connectors.magento.connector import MagentoConnector
from connectors.magento.module_gifts import (
    ModuleGifts,
    can_be_by_module,
    gift_key,
    read_said,
    rule_of,
    said_by_module,
)
from connectors.magento.module_seen import RESOURCE, InstalledModule
from connectors.magento.orders import ORDER_FIELDS, Belongings, order_record
from connectors.magento.rule_text import text_of
from connectors.magento.views import View
from connectors.plugins import Owner, Plugin, PluginSettings
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.sales import Balance, as_held, can_hold

MODULE = "loyalty-bridge/module"
HERE = {"version": "1.0.0", "api": 1, "is_active": True, "told": "t", "waiting": 0}
NO_ROUTE = {"message": "Request does not match any route."}
CLOSED = {
    "message": "The consumer isn't authorized to access %resources.",
    "parameters": {"resources": RESOURCE},
}


# --- is it there ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        (HERE, Plugin("1.0.0", True, puts_gifts_in=True, guards_codes=True)),
        ({**HERE, "is_active": False}, Plugin("1.0.0", False, puts_gifts_in=False)),
        ({**HERE, "api": 2}, Plugin("1.0.0", False, puts_gifts_in=False)),
        ({**HERE, "api": 0}, Plugin("1.0.0", False, puts_gifts_in=False)),
        ({}, Plugin("", False, puts_gifts_in=False)),
    ],
)
def test_it_is_seen_as_it_is(
    shop: Any, magento: MagentoConnector, row: dict[str, Any], seen: Plugin
) -> None:
    shop.answers("GET", MODULE, row)
    assert magento.plugin() == seen
    assert magento.balances is not None
    assert can_hold(magento.balances) is (row.get("api") == 1)


def test_one_that_is_not_there_or_not_open_is_none(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", MODULE, NO_ROUTE, status=404)
    assert magento.plugin() is None
    assert magento.balances is not None
    assert not can_hold(magento.balances)
    shop.mock.reset()
    shop.answers("GET", "store/websites", [])
    shop.answers("GET", MODULE, CLOSED, status=401)
    assert magento.plugin() is None
    assert not can_hold(magento.balances)
    assert magento.told() == ""


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"body": "<html>404</html>", "status": 404, "content_type": "text/html"}, NotAShop),
        ({"json": [], "status": 200}, AnswerLost),
    ],
)
def test_what_says_neither_is_an_error(
    shop: Any, magento: MagentoConnector, answer: dict[str, Any], error: type[Exception]
) -> None:
    """Or balances would be taken for gone, and gifts be given by two."""
    shop.mock.add("GET", f"https://shop.test/rest/all/V1/{MODULE}", **answer)
    with pytest.raises(error):
        magento.plugin()


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (NO_ROUTE, 404, [(Severity.NOTE, "magento-module build")]),
        (CLOSED, 401, [(Severity.WARNING, "Loyalty Bridge")]),
        (HERE, 200, [(Severity.OK, "")]),
        ({**HERE, "api": 2}, 200, [(Severity.WARNING, "Update the bridge")]),
        ({**HERE, "api": 0}, 200, [(Severity.WARNING, "Update the module")]),
        ({**HERE, "waiting": 3, "oldest_waiting": 60}, 200, [(Severity.OK, "")]),
        (
            {**HERE, "waiting": 3, "oldest_waiting": 3600},
            200,
            [(Severity.OK, ""), (Severity.WARNING, "cron:run")],
        ),
    ],
)
def test_what_the_check_says(
    shop: Any,
    magento: MagentoConnector,
    body: Any,
    status: int,
    told: list[tuple[Severity, str]],
) -> None:
    shop.answers("GET", "store/websites", [])
    shop.answers("GET", MODULE, body, status=status)
    found = list(InstalledModule(magento._client).findings())
    assert [one.severity for one in found] == [severity for severity, _ in told]
    assert all(words in one.mend for one, (_, words) in zip(found, told, strict=True))


# --- what it is told -----------------------------------------------------------------------


def test_settings(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", MODULE, HERE)
    shop.answers("PUT", "loyalty-bridge/settings", HERE)
    magento.tell(PluginSettings(events_url="https://b.example/e", points_label="Äpfel", told="1"))
    (sent,) = shop.requests("loyalty-bridge/settings")
    assert sent["settings"] == {
        "events_url": "https://b.example/e",
        "events_secret": "",
        "member_url": "",
        "link_secret": "",
        "points_label": "Äpfel",
        "told": "1",
    }


def test_owners_are_refused_by_the_code_that_was_asked_for(
    shop: Any, magento: MagentoConnector
) -> None:
    shop.answers("POST", "loyalty-bridge/vouchers", [{"code": "LB-B", "message": "No comma"}])
    owners = {
        "lb-a": Owner(("17", "9")),
        "lb-b": Owner(email="Eva@example.com"),
        "x": Owner(("e",)),
    }
    refused = magento.own(owners)
    assert refused.keys() == {"lb-b", "x"}
    assert "No comma" in str(refused["lb-b"])
    (sent,) = shop.requests("loyalty-bridge/vouchers")
    assert sent["vouchers"] == [
        {"code": "lb-a", "customer_ids": [9, 17], "email": ""},
        {"code": "lb-b", "customer_ids": [], "email": "eva@example.com"},
    ]


def test_a_shop_with_limits_is_told_in_pieces(shop: Any, magento: MagentoConnector) -> None:
    """PLATFORM_FACTS Magento 10."""
    limit = {"message": 'Maximum items of type "%type" is %max', "parameters": {"max": 2}}
    shop.mock.post("https://shop.test/rest/all/V1/loyalty-bridge/balances", json=limit, status=400)
    shop.answers("POST", "loyalty-bridge/balances", [])
    assert magento.balances is not None
    assert magento.balances.write({str(one): Balance(1, 0) for one in range(1, 4)}) == {}
    sizes = [len(one["balances"]) for one in shop.requests("loyalty-bridge/balances")]
    assert sizes == [3, 2, 1]


@pytest.mark.parametrize(
    ("tier", "told"),
    [
        ("Gold & Söhne", "Gold & Söhne"),
        ("🥇 Gold 👨‍👩‍👧", "Gold"),
        ("🥇", "gold"),
        ("金 ☆️", "金 ☆"),
    ],
)
def test_what_magentos_tables_would_cut_is_left_out(
    shop: Any, magento: MagentoConnector, tier: str, told: str
) -> None:
    shop.answers("POST", "loyalty-bridge/balances", [])
    balance = Balance(1, 0, tier, "gold")
    assert magento.balances is not None
    magento.balances.write({"1": balance})
    (sent,) = shop.requests("loyalty-bridge/balances")
    assert sent["balances"][0]["tier"] == told
    assert as_held(magento.balances, balance) == replace(balance, tier=told)


def test_a_gifts_rule_is_ascii(shop: Any, magento: MagentoConnector) -> None:
    said = said_by_module(replace(MUG, name="Mug 🎁", label="Tasse für dich"), VIEWS)
    own = gift_key("acme/shop", MUG.key)
    shop.answers("PUT", f"loyalty-bridge/gifts/{own}", {})
    ModuleGifts(magento._client, InstalledModule(magento._client), "acme/shop").put(MUG.key, said)
    (sent,) = shop.requests(f"loyalty-bridge/gifts/{own}")
    assert sent["gift"]["rule"].isascii()
    assert json.loads(sent["gift"]["rule"])["says"] == said


def test_what_is_no_id_is_nobodys(shop: Any, magento: MagentoConnector) -> None:
    assert magento.balances is not None
    assert magento.balances.read(["x", "0", "99999999999", ""]) == {}
    refused = magento.balances.write({"x": Balance(1, 0)})
    assert isinstance(refused["x"], NotFound)
    assert shop.paths == []


def test_without_it_nothing_can_be_told_and_all_can_be_forgotten(
    shop: Any, magento: MagentoConnector
) -> None:
    for method, path in (
        ("GET", MODULE),
        ("GET", "loyalty-bridge/balances"),
        ("POST", "loyalty-bridge/balances"),
        ("DELETE", "loyalty-bridge/balances"),
        ("DELETE", "loyalty-bridge/settings"),
        ("POST", "loyalty-bridge/vouchers"),
        ("POST", "loyalty-bridge/vouchers/forget"),
        ("POST", "loyalty-bridge/hello"),
    ):
        shop.answers(method, path, NO_ROUTE, status=404)
    balances = magento.balances
    assert balances is not None
    for ask in (
        lambda: magento.tell(PluginSettings()),
        lambda: magento.own({"A": Owner()}),
        lambda: magento.knock("n" * 12),
        lambda: balances.write({"1": Balance(1, 0)}),
        lambda: balances.read(["1"]),
        balances.prepare,
    ):
        with pytest.raises(NotFound, match="not in the shop"):
            ask()
    magento.forget()
    magento.disown(["A"])
    balances.remove()


# --- gifts ---------------------------------------------------------------------------------

VIEWS = [View("1", "default", "1", UTC, "EUR")]
MUG = Promotion(
    key="gift:mug:1",
    kind=PromotionKind.GIFT,
    name="A mug",
    label="A gift",
    store_id="1",
    currency="EUR",
    discount=Discount(percent=Decimal(100)),
    product_ids=("MUG/1",),
    most_pieces=2,
    threshold=Threshold(Decimal("99.95"), is_gross=True, after_discounts=True),
    group_ids=("2", "10"),
    starts_at=datetime(2026, 5, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_active": False},
        {"kind": PromotionKind.AUTOMATIC},
        {"key": "auto:mug:1"},
        {"discount": Discount(percent=Decimal(50))},
        {"discount": Discount(amount=Decimal(5))},
        {"discount": Discount(percent=Decimal(100), maximum=Decimal(5))},
        {"product_ids": ("A", "B")},
        {"threshold": None},
        {"threshold": Threshold(Decimal(0))},
        {"most_pieces": 100},
        {"most_pieces": 0},
        {"needs_product_ids": ("A",)},
        {"first_order_only": True},
    ],
)
def test_what_the_module_cannot_give_is_left_to_the_shop(changes: dict[str, Any]) -> None:
    assert can_be_by_module(MUG)
    assert not can_be_by_module(replace(MUG, **changes))


def test_the_rule_as_the_module_reads_it() -> None:
    said = said_by_module(MUG, VIEWS)
    rule = json.loads(text_of(rule_of("acme/shop", MUG.key, said)))
    assert rule == {
        "v": 1,
        "mark": "acme/shop",
        "key": gift_key("acme/shop", MUG.key),
        "rule": "gift:mug:1",
        "sku": "MUG/1",
        "quantity": 2,
        "amount": "99.9500",
        "currency": "EUR",
        "gross": True,
        "after_discounts": True,
        "groups": ["2", "10"],
        "tiers": [],
        "from": 1777593600,
        "until": None,
        "says": said,
    }
    assert len(rule["key"]) <= 64
    assert gift_key("acme/shop", "x") != gift_key("acme/shop-2", "x")
    assert read_said(text_of(said)) == said
    assert read_said('{"name": "a cart price rule"}') is None


def test_what_neither_can_say_is_refused() -> None:
    with pytest.raises(Rejected, match="counts in EUR"):
        said_by_module(replace(MUG, currency="CHF"), VIEWS)
    with pytest.raises(Rejected, match="no website"):
        said_by_module(MUG, [])


def test_one_that_cannot_be_seen_is_not_given_by_other_means(
    shop: Any, groups: None, magento: MagentoConnector
) -> None:
    shop.answers("GET", MODULE, CLOSED, status=401)
    own = gift_key("acme/shop", MUG.key)
    shop.answers("DELETE", f"loyalty-bridge/gifts/{own}", CLOSED, status=401)
    shop.answers("GET", "store/websites", [])
    shop.answers(
        "GET",
        "store/storeConfigs",
        [{"id": 1, "code": "default", "website_id": 1, "base_currency_code": "EUR"}],
    )
    assert magento.promotions is not None
    plain = replace(MUG, threshold=Threshold(Decimal(50)), group_ids=())
    native = magento.promotions.compile(plain)
    with pytest.raises(Forbidden, match="given twice") as caught:
        magento.promotions.write(MUG.key, native)
    assert caught.value.privileges == (RESOURCE,)
    assert "POST salesRules" not in shop.paths


# --- orders --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "mark", "is_gift"),
    [("0", "gift-1", True), ("0", "", False), ("5", "gift-1", False), ("0", None, False)],
)
def test_a_gift_costs_nothing_and_bears_the_modules_mark(
    price: str, mark: str | None, is_gift: bool
) -> None:
    """A mark on a line with a price says nothing: it was bought, and earns points."""
    extra: Any = [] if mark is None else {"loyalty_bridge_gift": mark}
    amounts = {"base_price": price, "base_row_total": price, "base_row_total_incl_tax": price}
    item = {"item_id": 7, "sku": "MUG", "qty_ordered": 1, **amounts, "extension_attributes": extra}
    row = {
        "entity_id": 1,
        "created_at": "2026-05-01 10:00:00",
        "base_subtotal": price,
        "items": [item],
        "extension_attributes": {"loyalty_bridge_referral": " ANNA7 "},
    }
    order = order_record(row, Belongings(), store_id="1")
    assert [line.is_gift for line in order.lines] == [is_gift]
    assert order.referral_code == "ANNA7"
    assert order_record({**row, "extension_attributes": []}, Belongings(), store_id="1") == replace(
        order, referral_code=""
    )


def test_its_file_says_how_to_install_it_and_holds_the_module_alone() -> None:
    module = MagentoModule()
    with zipfile.ZipFile(io.BytesIO(module.package())) as packed:
        inside = {name: packed.read(name).decode() for name in packed.namelist()}
    for command in module.commands:
        assert f"\n{command.removesuffix(f':{module.version}')}\n" in inside["README.md"]
    assert f"'{module.version}'" in inside["Model/Version.php"]
    at_the_root = {name for name in inside if "/" not in name}
    assert at_the_root == {"LICENSE", "README.md", "composer.json", "registration.php"}
    folders = {name.partition("/")[0] for name in inside} - at_the_root
    assert not folders & {"Test", "Tests", "stubs", "unit", "vendor"}


def test_both_marks_are_asked_for() -> None:
    assert "extension_attributes[coupon_codes,loyalty_bridge_referral]" in ORDER_FIELDS
    assert ORDER_FIELDS.endswith("extension_attributes[loyalty_bridge_gift]]")
