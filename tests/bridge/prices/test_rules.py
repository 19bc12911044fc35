"""What one piece costs under a tier price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.prices.rules import own_price, unit_price
from connectors.base import Amount, Basis, TierValue

BOTH = (Amount("EUR", net=Decimal("10.00"), gross=Decimal("11.90")),)
NET_ONLY = (Amount("EUR", net=Decimal("10.00")),)
GROSS_ONLY = (Amount("EUR", gross=Decimal("11.90")),)


@pytest.mark.parametrize(
    ("prices", "basis", "price"),
    [
        (BOTH, Basis.NET, "10.00"),
        (BOTH, Basis.GROSS, "11.90"),
        (NET_ONLY, Basis.GROSS, "10.00"),
        (GROSS_ONLY, Basis.NET, "11.90"),
    ],
)
def test_the_side_that_is_meant_or_the_one_there_is(
    prices: tuple[Amount, ...], basis: Basis, price: str
) -> None:
    assert own_price(prices, "EUR", basis) == Decimal(price)


def test_no_price_in_a_currency_is_not_nought() -> None:
    assert own_price(BOTH, "CHF", Basis.NET) is None
    assert own_price((), "EUR", Basis.NET) is None
    assert unit_price(TierValue(percent=Decimal(10)), (), "EUR", Basis.NET) is None
    assert unit_price(TierValue(amounts=BOTH), BOTH, "CHF", Basis.NET) is None


def test_an_amount_is_what_it_says_whatever_the_product_costs() -> None:
    value = TierValue(amounts=(Amount("EUR", net=Decimal("7.50")),))
    assert unit_price(value, BOTH, "EUR", Basis.NET) == Decimal("7.50")


@pytest.mark.parametrize(("percent", "price"), [("0", "10"), ("12.5", "8.75"), ("100", "0")])
def test_a_percentage_comes_off_the_products_own_price(percent: str, price: str) -> None:
    value = TierValue(percent=Decimal(percent))
    assert unit_price(value, NET_ONLY, "EUR", Basis.NET) == Decimal(price)
