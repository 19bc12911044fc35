"""Conditions on baskets: what is compared with what, and that a change by hand is seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.shopware.promotion_rules import (
    TaxRates,
    Tree,
    basket_conditions,
    condition_rows,
    normal,
    product_conditions,
    products_of,
    tree_of,
)

from .conftest import MARK

EUR = "e" * 32
RATES = TaxRates(Decimal(7), Decimal(19))
Compared = dict[str, tuple[str, Any]]


def threshold(amount: str, basis: str, **more: Any) -> dict[str, Any]:
    return {"threshold": {"amount": amount, "basis": basis, "after_discounts": False, **more}}


def compared(basket: dict[str, Any]) -> Compared:
    """By what the buyer sees, the condition and its amount."""
    (both,) = basket_conditions(basket, EUR, RATES)["children"]
    found: Compared = {}
    for part in both["children"]:
        for branch in part["children"]:
            display, amount = branch["children"]
            seen = display["value"]["taxDisplay"]
            found[seen] = (amount["type"], amount["value"]["amount"])
        if part["type"] in ("cartCartAmount", "cartGoodsPrice"):
            found["all"] = (part["type"], part["value"]["amount"])
    return found


@pytest.mark.parametrize(
    ("basket", "expected"),
    [
        (  # net as seen; else never too early
            threshold("100", "net"),
            {
                "gross": ("cartGoodsPrice", 119),
                "net": ("cartGoodsPrice", 100),
                "tax-free": ("cartGoodsPrice", 100),
            },
        ),
        (  # gross as seen; else what is to be paid, which has the tax in it
            threshold("100", "gross"),
            {
                "gross": ("cartGoodsPrice", 100),
                "net": ("cartCartAmount", 100),
                "tax-free": ("cartCartAmount", 100),
            },
        ),
        (  # without the gift, which what is to be paid has in it
            threshold("100", "gross", but_for=["mug"]),
            {
                "gross": ("cartGoodsPrice", 100),
                "net": ("cartGoodsPrice", Decimal("93.46")),
                "tax-free": ("cartGoodsPrice", Decimal("93.46")),
            },
        ),
        (  # never too late
            threshold("100", "gross", but_for=["mug"], early=True),
            {
                "gross": ("cartGoodsPrice", 100),
                "net": ("cartGoodsPrice", Decimal("84.03")),
                "tax-free": ("cartGoodsPrice", Decimal("84.03")),
            },
        ),
        (
            threshold("100", "net", early=True),
            {
                "gross": ("cartGoodsPrice", 107),
                "net": ("cartGoodsPrice", 100),
                "tax-free": ("cartGoodsPrice", 100),
            },
        ),
        (threshold("100", "gross", after_discounts=True), {"all": ("cartCartAmount", 100)}),
        (
            threshold("99.99", "net", after_discounts=True),
            {
                "gross": ("cartCartAmount", Decimal("118.99")),
                "net": ("cartPositionPrice", Decimal("99.99")),
                "tax-free": ("cartPositionPrice", Decimal("99.99")),
            },
        ),
    ],
)
def test_what_a_threshold_compares(basket: dict[str, Any], expected: Compared) -> None:
    assert compared(basket) == expected


def kinds(tree: Tree) -> list[str]:
    return [tree["type"], *(kind for child in tree["children"] for kind in kinds(child))]


def test_a_threshold_holds_in_its_own_currency_alone() -> None:
    """A hundred crowns are no hundred euros."""
    tree = basket_conditions(threshold("100", "net"), EUR, RATES)
    (both,) = tree["children"]
    assert both["children"][0]["value"] == {"operator": "=", "currencyIds": [EUR]}
    assert "currency" not in kinds(basket_conditions({"first_order": True}, EUR, RATES))


def test_a_gift_is_left_out_of_what_it_needs() -> None:
    """By what it is not: a variant's parent is another product than the variant."""
    tree = basket_conditions(threshold("100", "gross", but_for=["mug"]), EUR, RATES)
    (both,) = tree["children"]
    gross = both["children"][1]["children"][0]["children"][1]
    (without,) = gross["children"]
    assert without["type"] == "notContainer"
    assert without["children"][0]["value"] == {"operator": "=", "identifiers": ["mug"]}


def test_all_that_is_needed_must_be_there() -> None:
    (both,) = basket_conditions({"needs": ["a", "b"], "first_order": True}, EUR, RATES)["children"]
    assert both["type"] == "andContainer"
    assert [part["value"] for part in both["children"]] == [
        {"operator": "=", "identifiers": ["a"]},
        {"operator": "=", "identifiers": ["b"]},
        {"operator": "<", "count": 1},
    ]


# --- from and to the shop ------------------------------------------------------------------


def flat(rows: list[dict[str, Any]], parent: str | None = None) -> list[dict[str, Any]]:
    """As the shop lists them: each with its parent, in no order."""
    found = []
    for row in rows:
        found.append({**row, "parentId": parent, "children": None})
        found += flat(row.get("children", []), row["id"])
    return found[::-1]


BASKET = {**threshold("99.99", "net"), "needs": ["b" * 32, "a" * 32], "first_order": True}


def test_what_was_written_is_read_again() -> None:
    tree = basket_conditions(BASKET, EUR, RATES)
    rows = condition_rows(tree, MARK, "rule")
    assert tree_of(flat(rows)) == normal(tree)
    seen = {row["id"] for row in flat(rows)}
    assert len(seen) == len(kinds(tree))


def test_the_shop_may_write_numbers_and_nothing_its_own_way() -> None:
    rows = flat(condition_rows(basket_conditions(BASKET, EUR, RATES), MARK, "rule"))
    for row in rows:
        value = row["value"]
        if isinstance(value, dict) and "amount" in value:
            row["value"] = {**value, "amount": Decimal(f"{value['amount']}0")}
        elif not value:
            row["value"] = None
    assert tree_of(rows) == normal(basket_conditions(BASKET, EUR, RATES))


def test_other_conditions_are_other_rows() -> None:
    """So that old ones can go and new ones come in one call."""
    one = condition_rows(basket_conditions(threshold("100", "net"), EUR, RATES), MARK, "rule")
    other = condition_rows(basket_conditions(threshold("101", "net"), EUR, RATES), MARK, "rule")
    assert not {row["id"] for row in flat(one)} & {row["id"] for row in flat(other)}
    assert one == condition_rows(
        basket_conditions(threshold("100", "net"), EUR, RATES), MARK, "rule"
    )


@pytest.mark.parametrize(
    ("tree", "products"),
    [
        (product_conditions(["b", "a"]), ["a", "b"]),
        (basket_conditions({"needs": ["a", "b"]}, EUR, RATES), None),
        (basket_conditions({"first_order": True}, EUR, RATES), None),
    ],
)
def test_products_are_read_where_nothing_else_is_said(
    tree: Tree, products: list[str] | None
) -> None:
    assert products_of(normal(tree)) == products


def test_no_conditions_are_none() -> None:
    assert tree_of(None) is None
    assert tree_of([]) is None
    assert products_of(None) is None


def test_two_roots_must_both_hold() -> None:
    """As a rule that was made with two conditions side by side (recorded: promotions.json #8)."""
    leaf = {"type": "cartGoodsCount", "value": {"operator": ">", "count": 1}, "parentId": None}
    tree = tree_of([{**leaf, "id": "1"}, {**leaf, "id": "2"}])
    assert tree is not None
    assert tree["type"] == "andContainer"
    assert len(tree["children"]) == 2
