"""The baskets' script, run in real Twig: points that a customer pays with are taken off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .baskets import (
    BOUGHT,
    CHANNEL,
    MUG,
    USD,
    given,
    line,
    reserved,
    rule,
    shop,
    total_of,
)
from .conftest import RealTwig

FREE_MUG = [(MUG, 1, 0)]


@pytest.mark.parametrize(
    ("what", "fields", "off"),
    [
        ("as reserved", {}, "-12.50"),
        ("no more than the goods cost", {"redeem_worth": 500}, "-60.00"),
        ("over", {"redeem_until": 1}, None),
        ("nothing reserved", {"redeem_key": None, "redeem_worth": None}, None),
        ("a key that is none", {"redeem_key": "r' or 1"}, None),
        ("a key with a line's end", {"redeem_key": "r1234567\n"}, None),
        ("a list", {"redeem_key": ["r1234567"]}, None),
        ("a text for an amount", {"redeem_worth": "much"}, None),
        ("below zero", {"redeem_worth": -12}, None),
        ("an amount that is a list", {"redeem_worth": [12]}, None),
        ("no moment", {"redeem_until": None}, None),
        ("another sales channel", {"redeem_channel": "7" * 32}, None),
        ("a channel that is a list", {"redeem_channel": [CHANNEL]}, None),
        ("no channel", {"redeem_channel": None}, None),
        ("another currency", {"redeem_currency": USD}, None),
        ("a share of the goods at most", {"redeem_share": 20}, "-12.00"),
        ("a share above all", {"redeem_share": 999, "redeem_worth": 500}, "-60.00"),
        ("a share that is none", {"redeem_share": "half"}, None),
        ("a share that is a list", {"redeem_share": [20]}, None),
    ],
)
def test_points_that_are_held_back_are_taken_off(
    twig: RealTwig, what: str, fields: dict[str, Any], off: str | None
) -> None:
    answer = twig.cart(shop([], line(), context=reserved(**fields)))
    found = total_of(answer, "lbpoints-r1234567")
    assert found == (None if off is None else Decimal(off)), what


@pytest.mark.parametrize(("factor", "decimals"), [(1.17, None), (160.5, 0), (0.91, 2)])
def test_points_pay_a_basket_of_another_currency_to_its_last_cent(
    twig: RealTwig, factor: float, decimals: int | None
) -> None:
    seen = reserved(redeem_worth=500, redeem_currency=USD)
    seen["currency"] = {"id": USD, "factor": factor}
    if decimals is not None:
        seen["itemRounding"] = {"decimals": decimals}
    answer = twig.cart(shop([], line(), context=seen))
    assert total_of(answer, "lbpoints-r1234567") == Decimal("-60.00")
    assert answer["lines"][-1]["told"] == {USD: 60}, "else an edited order takes the day's rate"


@pytest.mark.parametrize("percent", [5, 7.5, 12, 33])
def test_points_pay_all_that_a_promotion_leaves_beside_a_gift(
    twig: RealTwig, percent: float
) -> None:
    """To the cent: one more, and the shop drops the discount."""
    for cents in range(40):
        promotion = {"id": "5" * 32, "type": "percentage", "value": percent}
        described = shop(
            [rule(amount=10, base=10)],
            line(),
            promotions=[promotion],
            context=reserved(redeem_worth=500),
        )
        described["products"][BOUGHT]["price"] = 60 + cents / 100
        described["products"][MUG]["price"] = 20.33 - cents / 100
        answer = twig.cart(described)
        assert given(answer) == FREE_MUG
        assert round(sum(one["total"] for one in answer["lines"]), 2) == 0, cents


def test_points_are_named_as_the_bridge_says_and_a_broken_name_fails_nothing(
    twig: RealTwig,
) -> None:
    for label, shown in (("Punkte", "Punkte"), (["x"], "Loyalty points"), (True, "Loyalty points")):
        described = shop([], line(), context=reserved())
        described["config"]["pointsLabel"] = label
        assert twig.cart(described)["lines"][-1]["label"] == shown


def test_a_line_of_points_that_somebody_posted_or_that_is_over_goes(twig: RealTwig) -> None:
    posted = {**line(BOUGHT), "id": "lbpoints-r1234567"}
    stale = {"id": "lbpoints-old12345", "type": "discount", "quantity": 1, "good": False}
    answer = twig.cart(shop([], line(), posted, stale))
    assert [one["id"] for one in answer["lines"]] == [BOUGHT]
