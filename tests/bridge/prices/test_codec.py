"""Keys and values as text: equal texts mean equal things."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.kit.money import to_millionths
from bridge.prices.codec import (
    amounts_from,
    amounts_text,
    key_from_text,
    key_text,
    tier_price,
    value_from_text,
    value_text,
)
from connectors.base import ALL_STORES, Amount, TierKey, TierPrice, TierValue

quantities = st.one_of(
    st.integers(1, 10**9).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1000, max_value=10**6),
)
names = st.text(st.characters(blacklist_characters="\t", blacklist_categories=["Cs"]), min_size=1)
keys = st.builds(TierKey, names, st.one_of(st.just(ALL_STORES), names), names, quantities)
money = st.decimals(
    allow_nan=False, allow_infinity=False, places=8, min_value=-(10**6), max_value=10**9
)
currencies = st.sampled_from(["CHF", "EUR", "PLN", "USD"])
amounts = st.builds(Amount, currencies, money, st.none() | money) | st.builds(
    Amount, currencies, st.none(), money
)
untils = st.none() | st.integers(1, 10**6)
values = st.one_of(
    st.builds(TierValue, percent=money, until=untils),
    st.builds(
        TierValue,
        amounts=st.lists(amounts, unique_by=lambda one: one.currency, max_size=4).map(
            lambda found: tuple(sorted(found, key=lambda one: one.currency))
        ),
        until=untils,
    ),
)


@given(keys)
def test_a_key_comes_back(key: TierKey) -> None:
    assert key_from_text(key_text(key)) == key


@given(keys, keys)
def test_equal_keys_are_equal_texts(one: TierKey, other: TierKey) -> None:
    assert (key_text(one) == key_text(other)) is (one == other)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("1", "1"),
        ("1.0000", "1"),
        ("1E+2", "100"),
        ("100", "100"),
        ("2.5000", "2.5"),
        ("0", "0"),
        ("0.0000", "0"),
        ("-3", "-3"),
        ("-0.5", "-0.5"),
        ("0.0001", "0.0001"),
    ],
)
def test_a_quantity_has_one_spelling(quantity: str, text: str) -> None:
    assert key_text(TierKey("A", "", "4", Decimal(quantity))) == f"A\t\t4\t{text}"


def test_minus_zero_is_zero() -> None:
    zero = TierKey("A", "", "4", Decimal("-0"))
    assert key_text(zero) == key_text(TierKey("A", "", "4", Decimal(0)))


def _rounded(value: TierValue) -> object:
    """What two values are compared by: each number in millionths."""
    return (
        None if value.percent is None else to_millionths(value.percent),
        tuple(
            (
                one.currency,
                None if one.net is None else to_millionths(one.net),
                None if one.gross is None else to_millionths(one.gross),
            )
            for one in value.amounts
        ),
        value.until,
    )


@given(values)
def test_a_value_comes_back_as_far_as_shops_keep_it(value: TierValue) -> None:
    assert _rounded(value_from_text(value_text(value))) == _rounded(value)


@given(values)
def test_a_text_comes_back_as_it_is(value: TierValue) -> None:
    text = value_text(value)
    assert value_text(value_from_text(text)) == text


@given(values, values)
def test_values_are_equal_when_their_texts_are(one: TierValue, other: TierValue) -> None:
    assert (value_text(one) == value_text(other)) is (_rounded(one) == _rounded(other))


@given(values)
def test_trailing_zeros_and_the_order_of_currencies_do_not_matter(value: TierValue) -> None:
    longer = TierValue(
        percent=None if value.percent is None else value.percent + Decimal("0E-12"),
        amounts=tuple(reversed(value.amounts)),
        until=value.until,
    )
    assert value_text(longer) == value_text(value)


def test_a_price_of_nothing_is_not_no_price() -> None:
    free = TierValue(amounts=(Amount("EUR", net=Decimal(0)),))
    missing = TierValue(amounts=(Amount("EUR", gross=Decimal(0)),))
    assert len({value_text(free), value_text(missing), value_text(TierValue())}) == 3


def test_a_percentage_is_not_an_amount() -> None:
    assert value_text(TierValue(percent=Decimal(9))) != value_text(
        TierValue(amounts=(Amount("EUR", net=Decimal(9)),))
    )


@given(keys, values, names)
def test_a_row_comes_back(key: TierKey, value: TierValue, native_id: str) -> None:
    row = tier_price(key_text(key), value_text(value), native_id)
    assert row == TierPrice(key, value_from_text(value_text(value)), native_id)


@given(st.lists(amounts, unique_by=lambda one: one.currency))
def test_a_products_prices_come_back(found: list[Amount]) -> None:
    import json

    text = amounts_text(found)
    assert amounts_text(amounts_from(json.loads(text))) == text
