"""Points given once are shared out without one being lost or made."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.earning.sharing import share_out

weights = st.lists(st.fractions(min_value=0, max_value=10_000), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (10, [1, 1], [5, 5]),
        (10, [1, 1, 1], [4, 3, 3]),
        (10, [2, 1, 1], [5, 3, 2]),
        (1, [1, 1, 1], [1, 0, 0]),
        (1, [1, 2, 1], [0, 1, 0]),
        (7, [0, 3, 0], [0, 7, 0]),
        (5, [0, 0], [3, 2]),
        (0, [4, 4], [0, 0]),
        (100, ["33.34", "33.33", "33.33"], [34, 33, 33]),
        (0, [], []),
    ],
)
def test_largest_remainders_get_what_is_left(
    total: int, parts: list[int | str], shares: list[int]
) -> None:
    assert share_out(total, [Fraction(part) for part in parts]) == shares


@given(st.integers(0, 1_000_000), weights)
def test_the_shares_are_the_whole_and_each_is_nearly_exact(
    total: int, parts: list[Fraction]
) -> None:
    shares = share_out(total, parts)
    assert sum(shares) == total
    whole = sum(parts)
    for share, part in zip(shares, parts, strict=True):
        exact = total * part / whole if whole else Fraction(total, len(parts))
        assert abs(share - exact) < 1


@pytest.mark.parametrize(("total", "parts"), [(-1, [1]), (1, [1, -1]), (3, [])])
def test_what_cannot_be_shared_is_refused(total: int, parts: list[int]) -> None:
    with pytest.raises(ValueError, match="shared out"):
        share_out(total, [Fraction(part) for part in parts])
