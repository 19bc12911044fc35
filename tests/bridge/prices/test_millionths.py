"""Money as integers: what goes in comes out, to the sixth decimal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.kit.money import from_millionths, to_millionths

small = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)
fine = st.decimals(
    allow_nan=False, allow_infinity=False, places=12, min_value=-(10**6), max_value=10**6
)


@given(st.integers(-(10**18), 10**18))
def test_millionths_come_back(value: int) -> None:
    assert to_millionths(from_millionths(value)) == value


@given(small)
def test_six_decimals_are_kept(value: Decimal) -> None:
    assert from_millionths(to_millionths(value)) == value


@given(fine)
def test_rounding_moves_a_price_by_half_a_millionth_at_most(value: Decimal) -> None:
    assert abs(from_millionths(to_millionths(value)) - value) <= Decimal("0.0000005")


@given(fine, fine)
def test_order_is_kept(one: Decimal, other: Decimal) -> None:
    if one <= other:
        assert to_millionths(one) <= to_millionths(other)


@given(fine)
def test_the_sign_changes_nothing_else(value: Decimal) -> None:
    assert to_millionths(-value) == -to_millionths(value)


@pytest.mark.parametrize(
    ("price", "millionths"),
    [
        ("0.0000005", 1),
        ("0.00000049", 0),
        ("-0.0000005", -1),
        ("19.99", 19_990_000),
        ("1E+3", 1_000_000_000),
        ("123456789012.123456", 123_456_789_012_123_456),
    ],
)
def test_half_is_rounded_up(price: str, millionths: int) -> None:
    assert to_millionths(Decimal(price)) == millionths


@given(st.integers(-(10**12), 10**12))
def test_a_price_is_written_without_exponent_and_without_needless_zeros(value: int) -> None:
    text = str(from_millionths(value))
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
