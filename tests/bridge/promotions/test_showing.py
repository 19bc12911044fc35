"""Promotions in words."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from bridge.promotions.showing import described, differences
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold

GIFT = Promotion(
    "gift:mug:1",
    PromotionKind.GIFT,
    "Acme: mug",
    "Mug",
    "1",
    "EUR",
    Discount(percent=Decimal(100)),
    threshold=Threshold(Decimal("50.00"), is_gross=True, after_discounts=True),
    most_pieces=2,
)
SALE = Promotion(
    "auto:sale:1",
    PromotionKind.AUTOMATIC,
    "Acme: sale",
    "Sale",
    "1",
    "EUR",
    Discount(percent=Decimal("12.50"), maximum=Decimal(30)),
)

KIT = replace(SALE, needs_product_ids=("A", "B"))


@pytest.mark.parametrize(
    ("promotion", "said"),
    [
        (GIFT, "gift mug in main: Mug free, 2 pieces from 50.00 EUR gross after discounts"),
        (SALE, "discount sale in main: 12.5 % off, 30 EUR at most"),
        (KIT, "discount sale in main: 12.5 % off, 30 EUR at most, for products bought together"),
    ],
)
def test_a_promotion_in_words(promotion: Promotion, said: str) -> None:
    assert described(promotion, "main") == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"a": 1, "b": {"c": "x"}}, {"a": 1, "b": {"c": "y"}}, ['b.c: "x" -> "y"']),
        ({"a": [1, 2]}, {"a": [1]}, ["a: [1, 2] -> [1]"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["a[0].b: 1 -> 2"]),
        ({}, {"a": None}, ["a: - -> null"]),
        ({"a": 1}, {"by_app": []}, ["promotion of the shop -> rule of the plugin in the shop"]),
        (
            {"halfway": True, "a": 1},
            {"a": 2},
            ["what a plugin that went, or a write that broke off, left -> promotion of the shop"],
        ),
        ({"by_module": True, "a": 1}, {"by_module": True, "a": 2}, ["a: 1 -> 2"]),
        ({str(n): 1 for n in range(8)}, {}, [f"{n}: 1 -> -" for n in range(5)] + ["and 3 more"]),
    ],
)
def test_what_differs(before: object, after: object, said: list[str]) -> None:
    found = differences(json.dumps(before), json.dumps(after))
    assert found == said


def test_a_text_that_is_no_json_is_shown_whole() -> None:
    assert differences("one", "two") == ['text: "one" -> "two"']
