"""Walks that neither miss nor repeat, and end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.magento.paging import Page, TimeStep, by_change, by_id, by_page

Rows = list[dict[str, Any]]


def table(count: int) -> Rows:
    return [{"id": number} for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 35])
def test_by_id_sees_each_row_once(count: int) -> None:
    rows = table(count)
    calls = []

    def fetch(after: int) -> Page:
        calls.append(after)
        above = [row for row in rows if row["id"] > after]
        return Page(above[:10], len(above))

    assert list(by_id(fetch)) == rows
    assert len(calls) == max(1, -(-count // 10))


def test_by_id_begins_below_the_lowest_id() -> None:
    """Magento's group 0 is NOT LOGGED IN."""
    assert list(by_id(lambda after: Page([{"id": 0}] if after < 0 else [], 1))) == [{"id": 0}]


def test_by_id_ends_when_a_shop_ignores_the_filter() -> None:
    rows = table(30)
    assert list(by_id(lambda after: Page(rows[:10], 30))) == rows[:10]


def test_by_id_ends_when_the_count_is_wrong() -> None:
    rows = table(5)
    pages = by_id(lambda after: Page([row for row in rows if row["id"] > after], 2046))
    assert list(pages) == rows


def test_by_page_ends_when_the_last_page_repeats() -> None:
    """Old versions answer the last page again past the end; new ones ``items: null``."""
    rows = table(7)
    pages = [rows[:3], rows[3:6], rows[6:], rows[6:]]
    assert list(by_page(lambda number: Page(pages[number - 1], 8))) == rows


def changes(table: Rows, size: int, step: TimeStep) -> Page:
    tests = {
        "gteq": lambda row: row["updated_at"] >= step.time,
        "gt": lambda row: row["updated_at"] > step.time,
        "eq": lambda row: row["updated_at"] == step.time and row["id"] > step.after,
    }
    found = sorted(
        filter(tests[step.condition], table), key=lambda row: (row["updated_at"], row["id"])
    )
    return Page(found[:size], len(found))


seconds = st.lists(st.integers(0, 4), max_size=40)


@given(seconds, st.integers(1, 6), st.integers(0, 4))
def test_by_change_sees_each_row_once_however_many_share_a_second(
    times: list[int], size: int, since: int
) -> None:
    rows = [
        {"id": number, "updated_at": f"2026-11-22 15:00:0{time}"}
        for number, time in enumerate(times, start=1)
    ]
    start = f"2026-11-22 15:00:0{since}"
    calls = []

    def fetch(step: TimeStep) -> Page:
        calls.append(step)
        return changes(rows, size, step)

    seen = list(by_change(fetch, start))
    wanted = [row for row in rows if row["updated_at"] >= start]
    assert seen == sorted(wanted, key=lambda row: (row["updated_at"], row["id"]))
    assert len(calls) <= 2 * len(wanted) + 2


def test_by_change_takes_one_call_a_page_when_seconds_differ() -> None:
    rows = [{"id": n, "updated_at": f"2026-11-22 15:{n:02}:00"} for n in range(50)]
    calls = []

    def fetch(step: TimeStep) -> Page:
        calls.append(step)
        return changes(rows, 10, step)

    assert list(by_change(fetch, "2026-01-01 00:00:00")) == rows
    assert len(calls) == 6


def test_a_row_that_changes_during_the_walk_comes_again_later() -> None:
    rows = [{"id": n, "updated_at": f"2026-11-22 15:00:0{n}"} for n in range(6)]
    calls = 0

    def fetch(step: TimeStep) -> Page:
        nonlocal calls
        calls += 1
        if calls == 2:
            rows[0] = {"id": 0, "updated_at": "2026-11-22 15:00:09"}
        return changes(rows, 3, step)

    seen = [row["id"] for row in by_change(fetch, "2026-11-22 15:00:00")]
    assert seen == [0, 1, 2, 3, 4, 5, 0]
