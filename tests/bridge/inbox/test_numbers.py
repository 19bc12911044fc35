"""Order numbers: which belong together, and what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.inbox.numbers import Counted, counted, noticed, number


@pytest.mark.parametrize(
    ("text", "series", "value"),
    [
        ("000000004", "{9}", 4),
        ("2000000017", "2{9}", 17),  # Magento's second store
        ("10034", "{5}", 10034),
        ("B2B-1004-X", "B2B-{4}-X", 1004),
        ("ORD-2024-00017", "ORD-2024-{5}", 17),
        ("A{7}0012", "A{{7}}{4}", 12),
    ],
)
def test_a_number_has_a_series_and_a_place_in_it(text: str, series: str, value: int) -> None:
    assert counted(text) == Counted(series, value)
    assert number(Counted(series, value)) == text


@pytest.mark.parametrize("text", ["", "none", "000000004-1", "10034-2", "B2B-10034-11"])
def test_what_follows_no_count(text: str) -> None:
    assert counted(text) is None


@given(st.text(max_size=20), st.integers(0, 10**20), st.text(max_size=5))
def test_what_can_be_counted_can_be_written_again(before: str, count: int, after: str) -> None:
    place = counted(f"{before}{count}{after}")
    assert place is None or number(place) == f"{before}{count}{after}"


@pytest.mark.parametrize(
    ("highest", "arrived", "missing", "now"),
    [
        ({}, ["10034"], (), {"{5}": 10034}),
        ({}, ["10036", "10034"], ("10035",), {"{5}": 10036}),
        ({"{5}": 10034}, ["10035"], (), {"{5}": 10035}),
        ({"{5}": 10034}, ["10038", "10036"], ("10035", "10037"), {"{5}": 10038}),
        ({"{5}": 10034}, ["10031"], (), {}),
        ({"{9}": 4}, ["000000006", "2000000009"], ("000000005",), {"{9}": 6, "2{9}": 9}),
        ({"{5}": 10034}, ["11034"], None, {"{5}": 11034}),
        ({"{5}": 10034}, ["11035"], (), {"{5}": 11035}),
    ],
)
def test_missing_numbers(
    highest: dict[str, int],
    arrived: list[str],
    missing: tuple[str, ...] | None,
    now: dict[str, int],
) -> None:
    news = noticed(highest, [place for text in arrived if (place := counted(text))])
    assert dict(news.highest) == now
    if missing is None:
        assert len(news.missing) == 999
    else:
        assert news.missing == missing
    assert len(news.jumps) == (arrived == ["11035"])
