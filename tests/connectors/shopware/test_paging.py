"""Pagers over a list that changes while it is walked, without HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Mismatch, NotAShop, TooMany
from connectors.shopware.paging import Page, by_auto_increment, whole_list


class Table:
    """A list in a shop; ``after`` is called after each page."""

    def __init__(self, size: int, *, max_limit: int = 500) -> None:
        self.rows = [{"id": f"{n:032x}", "autoIncrement": n * 2} for n in range(1, size + 1)]
        self.max_limit = max_limit
        self.asked: list[dict[str, Any]] = []
        self.after: Callable[[], None] = lambda: None

    def search(self, criteria: dict[str, Any]) -> Page:
        if criteria["limit"] > self.max_limit:
            raise TooMany("too many", limit=self.max_limit)
        self.asked.append(criteria)
        field = criteria["sort"][0]["field"]
        rows = sorted(self.rows, key=lambda row: row[field])
        for condition in criteria.get("filter", ()):
            rows = [r for r in rows if r[condition["field"]] > condition["parameters"]["gt"]]
        start = criteria["limit"] * (criteria.get("page", 1) - 1)
        page = rows[start : start + criteria["limit"]]
        total = len(rows) if criteria["total-count-mode"] == 1 else len(page)
        self.after()
        return Page(page, total)


@pytest.mark.parametrize("size", [0, 1, 499, 500, 501, 1000, 1203])
def test_every_row_is_walked_once(size: int) -> None:
    table = Table(size)
    assert list(by_auto_increment(table.search, {})) == table.rows
    assert whole_list(table.search, {}) == table.rows


def test_rows_that_go_while_walking_hide_no_other() -> None:
    table = Table(1200)
    last = table.rows[-1]
    table.after = lambda: table.rows.__delitem__(slice(0, 100))
    assert list(by_auto_increment(table.search, {}))[-1] == last


def test_a_list_that_shifted_is_read_again() -> None:
    table = Table(1200)
    changes = [lambda: table.rows.pop(0)]
    table.after = lambda: changes.pop()() if changes else None
    assert whole_list(table.search, {}) == table.rows


def test_a_list_that_never_holds_still_is_an_error() -> None:
    table = Table(1200)
    table.after = lambda: table.rows.pop(0)
    with pytest.raises(Mismatch):
        whole_list(table.search, {})


def test_a_smaller_limit_of_the_shop_is_learnt() -> None:
    table = Table(250, max_limit=100)
    assert list(by_auto_increment(table.search, {})) == table.rows
    assert whole_list(table.search, {}) == table.rows
    assert {criteria["limit"] for criteria in table.asked} == {100}


def test_given_filters_are_kept() -> None:
    table = Table(3)
    only = {"type": "range", "field": "autoIncrement", "parameters": {"gt": 2}}
    assert list(by_auto_increment(table.search, {"filter": [only]})) == table.rows[1:]


def test_a_shop_that_does_not_sort_is_not_walked_for_ever() -> None:
    table = Table(3)
    with pytest.raises(NotAShop):
        list(by_auto_increment(lambda _: Page([*table.rows, *table.rows], 6), {}))
