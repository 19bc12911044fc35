"""Quantity, price, what one saves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.prices.table import price_lines
from bridge.programme.tiers import Tier


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("price", "percent", "usual", "costs", "saved", "share"),
    [
        ("8", None, "10", "8", "2", "0.2"),
        (None, "15", "10", "8.5", "1.5", "0.15"),
        ("12", None, "10", "12", "-2", "-0.2"),
        ("8", None, None, "8", None, None),
        (None, "15", None, None, None, "0.15"),
        ("8", None, "0", "8", "-8", None),
    ],
)
def test_against_the_usual_price(
    price: str | None,
    percent: str | None,
    usual: str | None,
    costs: str | None,
    saved: str | None,
    share: str | None,
) -> None:
    tier = Tier(1, amount(price), amount(percent))
    (line,) = price_lines([tier], amount(usual))
    assert (line.price, line.saved, line.share) == (amount(costs), amount(saved), amount(share))


def test_by_group_and_quantity_and_in_another_currency_without_comparison() -> None:
    tiers = [
        Tier(10, Decimal(7), group="gold"),
        Tier(10, Decimal(8)),
        Tier(1, Decimal(9)),
        Tier(1, Decimal(6), currency="CHF"),
    ]
    lines = price_lines(tiers, Decimal(10))
    assert [(one.group, one.currency, one.quantity, one.saved) for one in lines] == [
        (None, None, 1, Decimal(1)),
        (None, None, 10, Decimal(2)),
        (None, "CHF", 1, None),
        ("gold", None, 10, Decimal(3)),
    ]
