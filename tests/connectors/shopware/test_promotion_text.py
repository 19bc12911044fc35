"""What a Shopware promotion can say of what the bridge wants, and what it cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.shopware import ids
from connectors.shopware.promotion_text import compiled, read_text, text_of

from .conftest import MARK

D = Decimal
TEN = Discount(amount=D(10))
PERCENT = Discount(percent=D(10))
FREE = Discount(percent=D(100))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def wanted(**fields: Any) -> Promotion:
    usual: dict[str, Any] = {
        "key": "pool.1",
        "kind": PromotionKind.CODES,
        "name": "Vouchers of March",
        "label": "Voucher",
        "store_id": "channel",
        "currency": "EUR",
        "discount": TEN,
    }
    return Promotion(**{**usual, **fields})


def said(**fields: Any) -> dict[str, Any]:
    return compiled(wanted(**fields), MARK)


def test_a_voucher() -> None:
    assert said() == {
        "active": True,
        "basket": None,
        "codes": True,
        "currency": "EUR",
        "discounts": [
            {"type": "absolute", "value": "10", "maximum": None, "products": [], "pieces": None}
        ],
        "from": None,
        "groups": [],
        "kind": "codes",
        "name": "Voucher",
        "priority": 100,
        "store": "channel",
        "title": "Vouchers of March",
        "until": None,
    }


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"is_active": False}, "active", False),
        ({"starts_at": NOON}, "from", "2026-03-01T12:00:00.000+00:00"),
        (
            {"ends_at": NOON.astimezone(timezone(timedelta(hours=2)))},
            "until",
            "2026-03-01T12:00:00.000+00:00",
        ),
        (
            {"ends_at": NOON + timedelta(microseconds=1999)},
            "until",
            "2026-03-01T12:00:00.001+00:00",
        ),
        ({"group_ids": ("g1",), "audience_ids": ("r2", "r1")}, "groups", ["r1", "r2"]),
        ({"group_ids": ("g1",)}, "groups", [ids.rule_id(MARK, "g1")]),
        ({"label": "x" * 300}, "name", "x" * 255),
        ({"kind": PromotionKind.AUTOMATIC}, "codes", False),
        ({"kind": PromotionKind.AUTOMATIC}, "priority", 1),
        ({"threshold": Threshold(D(50), after_discounts=True)}, "priority", 0),
        ({"first_order_only": True}, "basket", {"first_order": True}),
        ({"needs_product_ids": ("b", "a")}, "basket", {"needs": ["a", "b"]}),
        ({"threshold": Threshold(D(0))}, "basket", None),
        (
            {"threshold": Threshold(D("50.50"), is_gross=True)},
            "basket",
            {"threshold": {"amount": "50.5", "basis": "gross", "after_discounts": False}},
        ),
    ],
)
def test_what_else_is_said(fields: dict[str, Any], name: str, value: object) -> None:
    assert said(**fields)[name] == value


def test_a_gift_does_not_count_towards_its_own_threshold() -> None:
    gift = said(
        kind=PromotionKind.GIFT, discount=FREE, product_ids=("mug",), threshold=Threshold(D(50))
    )
    assert gift["basket"]["threshold"]["but_for"] == ["mug"]


def test_so_many_pieces_of_each_are_a_discount_for_each() -> None:
    """The shop counts the pieces of one discount together."""
    discounts = said(discount=PERCENT, product_ids=("b", "a"), most_pieces=2)["discounts"]
    assert [(one["products"], one["pieces"]) for one in discounts] == [(["a"], 2), (["b"], 2)]
    together = said(discount=PERCENT, product_ids=("b", "a"))["discounts"]
    assert [(one["products"], one["pieces"]) for one in together] == [(["a", "b"], None)]


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"discount": Discount()}, "percentage or an amount"),
        ({"discount": Discount(percent=D(10), amount=D(10))}, "percentage or an amount"),
        ({"discount": Discount(percent=D("100.01"))}, "at most 100"),
        ({"discount": Discount(percent=D(0))}, "above 0"),
        ({"discount": Discount(amount=D(0))}, "above 0"),
        ({"discount": Discount(amount=D(5), maximum=D(3))}, "limits a percentage"),
        ({"discount": Discount(percent=D(5), maximum=D(0))}, "limits a percentage"),
        ({"store_id": ""}, "sales channel"),
        ({"label": " "}, "label"),
        ({"starts_at": NOON, "ends_at": NOON}, "before it begins"),
        ({"kind": PromotionKind.GIFT, "discount": FREE}, "needs a product"),
        (
            {
                "kind": PromotionKind.GIFT,
                "discount": FREE,
                "product_ids": ("mug",),
                "threshold": Threshold(D(50), after_discounts=True),
            },
            "after_discounts",
        ),
        ({"most_pieces": 1}, "products that are named"),
        ({"product_ids": ("a",), "most_pieces": 0}, "one or more"),
        ({"product_ids": ("a", "b"), "most_pieces": 1}, "a promotion for each product"),
        (
            {
                "discount": Discount(percent=D(5), maximum=D(3)),
                "product_ids": ("a", "b"),
                "most_pieces": 1,
            },
            "a promotion for each product",
        ),
    ],
)
def test_what_cannot_be_said_is_refused(fields: dict[str, Any], about: str) -> None:
    with pytest.raises(Rejected, match=about):
        said(**fields)


def test_texts_are_canonical() -> None:
    one = text_of(compiled(wanted(discount=Discount(amount=D("10.00"))), MARK))
    other = text_of(compiled(replace(wanted(), discount=Discount(amount=D("1E+1"))), MARK))
    assert one == other == text_of(read_text(one))
    assert list(json.loads(one)) == sorted(json.loads(one))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"discounts": 1}', "rule 7"])
def test_a_text_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="not the text"):
        read_text(text)
