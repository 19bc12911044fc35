"""Numbers survive the way there and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import dumps, loads


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_a_decimal_survives(value: Decimal) -> None:
    assert Decimal(str(loads(dumps({"price": value}))["price"])) == value


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_the_rest_survives_too(value: object) -> None:
    assert loads(dumps({"a": value})) == {"a": value}


def test_an_exponent_is_written_out() -> None:
    assert dumps([Decimal("1E+3"), Decimal("1E-6")]) == "[1000,0.000001]"


@pytest.mark.parametrize("value", [1.1, {1: 2}, object(), Decimal("1").__float__()])
def test_a_float_or_a_stranger_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dumps({"price": value})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "{", ""])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        loads(text)


def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        dumps(Decimal("NaN"))
