"""Shopware's rows as the port's records."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Amount, Currency, ProductKind, TierKey, TierPrice, TierValue
from connectors.http import dumps, loads
from connectors.shopware import ids, mapping
from connectors.shopware.mapping import CatalogueFacts, Currencies

from .conftest import MARK, Recordings

EUR_ID = mapping.SYSTEM_CURRENCY
CURRENCIES = Currencies((Currency("EUR", EUR_ID, True), Currency("CHF", "c" * 32, False)))
FACTS = CatalogueFacts(CURRENCIES, {"t19": Decimal(19), "t7": Decimal(7)})


def exact(body: Any) -> Any:
    """As HTTP gives it: numbers with a fraction are Decimal."""
    return loads(json.dumps(body))


def price(net: str, gross: str, currency_id: str = EUR_ID) -> dict[str, Any]:
    return {"currencyId": currency_id, "net": Decimal(net), "gross": Decimal(gross)}


# --- rules ---------------------------------------------------------------------------------


def conditions(*tree: tuple[str, str, str | None, Any]) -> list[dict[str, Any]]:
    return [{"id": i, "type": t, "parentId": p, "value": v} for i, t, p, v in tree]


def groups(operator: str, *group_ids: str) -> dict[str, Any]:
    return {"operator": operator, "customerGroupIds": list(group_ids)}


def test_the_recorded_rule_is_about_one_group(recorded: Recordings) -> None:
    row = recorded.body("products_and_advanced_prices", 4)["data"][0]
    audience = mapping.audience(row, MARK)
    assert audience.group_ids == ("7240d241a02f45b0a54530aeeaa64743",)
    assert (audience.priority, audience.ours) == (100, False)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ([("o", "orContainer", None, [])], ()),
        ([], ()),
        ([("c", "customerCustomerGroup", None, groups("=", "a"))], ("a",)),
        (
            [
                ("o", "orContainer", None, []),
                ("x", "andContainer", "o", []),
                ("y", "andContainer", "o", []),
                ("1", "customerCustomerGroup", "x", groups("=", "b")),
                ("2", "customerCustomerGroup", "y", groups("=", "a", "b")),
            ],
            ("a", "b"),
        ),
        (
            [
                ("o", "orContainer", None, []),
                ("x", "andContainer", "o", []),
                ("1", "customerCustomerGroup", "x", groups("=", "a")),
                ("2", "cartCartAmount", "x", {"operator": ">=", "amount": 100}),
            ],
            (),
        ),
        (
            [
                ("o", "orContainer", None, []),
                ("1", "customerCustomerGroup", "o", groups("=", "a")),
                ("2", "alwaysValid", "o", {}),
            ],
            (mapping.EVERYONE,),
        ),
        ([("c", "alwaysValid", None, None)], (mapping.EVERYONE,)),
        (
            [
                ("x", "andContainer", None, []),
                ("1", "alwaysValid", "x", None),
                ("2", "dayOfWeek", "x", {"operator": "=", "dayOfWeek": 7}),
            ],
            (),
        ),
        ([("c", "customerCustomerGroup", None, groups("!=", "a"))], ()),
        (
            [
                ("c", "customerCustomerGroup", None, groups("=", "a")),
                ("d", "dayOfWeek", None, {"operator": "=", "dayOfWeek": 7}),
            ],
            (),
        ),
    ],
)
def test_only_rules_about_groups_alone_hold_for_groups(
    tree: list[tuple[str, str, str | None, Any]], expected: tuple[str, ...]
) -> None:
    assert mapping.groups_of_rule(conditions(*tree)) == expected


def test_a_rule_is_ours_by_its_mark_or_its_id() -> None:
    condition = conditions(("c", "customerCustomerGroup", None, groups("=", "g")))
    marked = {"id": "x", "customFields": {"loyalty_bridge": {"mark": MARK}}}
    derived = {"id": ids.rule_id(MARK, "g"), "conditions": condition}
    other = {"id": "x", "customFields": {"loyalty_bridge": {"mark": "acme/other"}}}
    assert mapping.audience(marked, MARK).ours
    assert mapping.audience(derived, MARK).ours
    assert not mapping.audience(derived, "acme/other").ours
    assert not mapping.audience(other, MARK).ours


# --- prices --------------------------------------------------------------------------------


def test_recorded_price_rows(recorded: Recordings) -> None:
    rows = exact(recorded.body("products_and_advanced_prices", 8))["data"]
    first = mapping.tier_price(rows[0], CURRENCIES)
    assert first == TierPrice(
        TierKey(
            "0009f964978456518617e13b4a9d1108",
            "",
            "b9d05bd43d3a4153aeccccd11d49d9f2",
            Decimal(1),
        ),
        TierValue(amounts=(Amount("EUR", Decimal(50), Decimal("59.5")),), until=9),
        "045a2a4ddfdf4377ab6700ad488512cc",
    )


def test_odd_price_rows_are_read_all_the_same() -> None:
    row = {
        "id": "i",
        "productId": "p",
        "ruleId": "r",
        "quantityStart": -1,
        "quantityEnd": None,
        "price": [
            {**price("1", "1.19"), "linked": True, "listPrice": {"net": 2}},
            price("2", "2.38", "c" * 32),
            price("3", "3.57", "gone"),
        ],
    }
    read = mapping.tier_price(row, CURRENCIES)
    assert read.key.quantity == Decimal(-1)
    assert [amount.currency for amount in read.value.amounts] == ["CHF", "EUR", "gone"]


def test_a_written_row_reads_back_as_it_was() -> None:
    row = TierPrice(
        TierKey("p", "", "r", Decimal(10)),
        TierValue(amounts=(Amount("EUR", Decimal("1.005"), Decimal("1.20")),), until=19),
    )
    payload = loads(dumps(mapping.price_payload(row, MARK, CURRENCIES)))
    read = mapping.tier_price(payload, CURRENCIES)
    assert (read.key, read.value) == (row.key, row.value)
    assert read.native_id == ids.price_id(MARK, row.key)


# --- products ------------------------------------------------------------------------------


def raw(product_id: str, **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": product_id,
        "productNumber": product_id.upper(),
        "name": product_id,
        "parentId": None,
        "childCount": 0,
        "taxId": "t19",
        "active": True,
        "price": [price("100", "119")],
        "categoryTree": ["root", "leaf"],
        "createdAt": "2026-11-22T14:17:54.144+00:00",
        "updatedAt": None,
    }
    return {**fields, **more}


INHERITED = {"name": None, "taxId": None, "active": None, "price": None, "categoryTree": None}


def test_a_variant_is_what_its_parent_makes_of_it() -> None:
    rows = [
        raw("parent", childCount=2),
        raw("red", parentId="parent", **INHERITED),
        raw("blue", parentId="parent", **{**INHERITED, "price": [price("120", "142.8")]}),
    ]
    parent, red, blue = mapping.products(rows, FACTS)
    assert (parent.kind, red.kind) == (ProductKind.PARENT, ProductKind.VARIANT)
    assert red.prices == parent.prices
    assert (red.name, red.tax_rate, red.is_active) == ("parent", Decimal(19), True)
    assert red.category_ids == ("leaf", "root")
    assert blue.prices == (Amount("EUR", Decimal(120), Decimal("142.8")),)


def test_a_variant_may_come_before_its_parent() -> None:
    rows = [raw("red", parentId="parent", **INHERITED), raw("parent", childCount=1), raw("solo")]
    found = {product.id: product for product in mapping.products(rows, FACTS)}
    assert found["red"].prices == found["parent"].prices
    assert found["solo"].kind is ProductKind.SIMPLE


def test_a_product_without_price_tax_or_parent_does_not_crash() -> None:
    rows = [raw("bare", price=None, taxId="gone"), raw("orphan", parentId="none", **INHERITED)]
    bare, orphan = mapping.products(rows, FACTS)
    assert (bare.prices, bare.tax_rate) == ((), None)
    assert (orphan.prices, orphan.tax_rate, orphan.kind) == ((), None, ProductKind.VARIANT)


def test_prices_in_currencies_that_are_gone_are_no_prices() -> None:
    (product,) = mapping.products([raw("p", price=[price("1", "1.19", "gone")])], FACTS)
    assert product.prices == ()


def test_recorded_variants_without_inheritance(recorded: Recordings) -> None:
    rows = exact(recorded.body("variants_and_prices_seen", 2))["data"]
    found = {product.sku: product for product in mapping.products(rows, FACTS)}
    assert found["V-359613.2"].prices == (Amount("EUR", Decimal(120), Decimal("142.8")),)
    assert found["V-359613.1"].prices == ()


# --- customers, reference data -------------------------------------------------------------


def test_a_recorded_customer(recorded: Recordings) -> None:
    customer = mapping.customer(recorded.body("customers", 3)["data"])
    assert customer.email == "buyer359613@example.com"
    assert (customer.company, customer.vat_id) == ("Muster GmbH", "DE123456789")
    assert customer.updated_at == customer.created_at
    assert customer.created_at.isoformat() == "2026-11-22T15:00:14.861000+00:00"
    assert (customer.is_guest, customer.is_active, customer.is_confirmed) == (False, True, True)


def test_double_opt_in_counts_once_it_is_confirmed() -> None:
    row = {"id": "c", "createdAt": "2026-11-22T15:00:14+00:00", "doubleOptInRegistration": True}
    assert not mapping.customer(row).is_confirmed
    confirmed = {**row, "doubleOptInConfirmDate": "2026-11-22T16:00:00+00:00"}
    assert mapping.customer(confirmed).is_confirmed


def test_recorded_reference_data(recorded: Recordings) -> None:
    codes = {r["isoCode"]: mapping.currency(r) for r in recorded.body("reference_data", 0)["data"]}
    assert [code for code, currency in codes.items() if currency.is_default] == ["EUR"]
    store = mapping.store(recorded.body("reference_data", 1)["data"][0], CURRENCIES)
    assert (store.name, store.currency, store.url) == ("B2B Demo", "EUR", "http://127.0.0.1:8000")
    headless = mapping.store(recorded.body("reference_data", 1)["data"][1], CURRENCIES)
    assert headless.url == ""


# --- ids -----------------------------------------------------------------------------------


def test_ids_never_change() -> None:
    """They are in shops by now: another derivation would orphan what was written."""
    key = TierKey("a" * 32, "", "b" * 32, Decimal(10))
    assert ids.group_id("acme/shop", "gold") == "39e8831357db58038f6e19b726a7ab72"
    assert ids.rule_id("acme/shop", "c" * 32) == "4df0786502a9586c98cc4b20e6653bfb"
    assert ids.price_id("acme/shop", key) == "c6facd046c0152168a8b5a5e22179081"
    assert ids.price_id("acme/shop", key) != ids.price_id("acme/other", key)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("59.490000000000002", "59.49"),
        ("59.49", "59.49"),
        ("19.989999999999998", "19.99"),
        ("16.80672268907563", "16.80672268907563"),
        ("11.90", "11.9"),
        ("0.0000001", "0.0000001"),
        ("10", "10"),
    ],
)
def test_a_price_is_what_the_shop_means_however_php_writes_it(sent: str, meant: str) -> None:
    """``serialize_precision=17`` in a php.ini writes doubles with all their digits."""
    assert mapping.number(loads(sent)) == Decimal(meant)
