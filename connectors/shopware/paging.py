"""Walking long lists. A pager is given a ``search`` function, so that none needs HTTP to be
tried.

Ranges over ids are not used: the shop compares ids as bytes, and that its order agrees with
its sorting is unproved. ``autoIncrement`` is an integer and only grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import Mismatch, NotAShop, TooMany
from connectors.sentences import sentence

Row = dict[str, Any]
Criteria = dict[str, Any]
Search = Callable[[Criteria], "Page"]

MAX_LIMIT = 500
"""Recorded: products_and_advanced_prices.json #21. A shop may be set to less and says so."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    total: int
    """Depends on ``total-count-mode``: 0 the rows of this page, 1 all rows."""


def page_of(body: object, where: str) -> Page:
    """Reads the answer of ``POST /api/search/…``. Raises NotAShop when it is none."""
    if isinstance(body, dict):
        rows, total = body.get("data"), body.get("total")
        if isinstance(rows, list) and isinstance(total, int):
            return Page([row for row in rows if isinstance(row, dict)], total)
    raise NotAShop(sentence("The answer is not a list of Shopware's"), where=where)


def by_auto_increment(search: Search, criteria: Mapping[str, Any]) -> Iterator[Row]:
    """Every row once, in the order it was made; rows made meanwhile are walked too.

    ``autoIncrement`` must be among the fields that are asked for.
    """
    given = list(criteria.get("filter", ()))
    last, limit = 0, MAX_LIMIT
    while True:
        after = {"type": "range", "field": "autoIncrement", "parameters": {"gt": last}}
        page_criteria = {
            **criteria,
            "filter": [*given, after],
            "sort": [{"field": "autoIncrement", "order": "ASC"}],
            "limit": limit,
            "total-count-mode": 0,
        }
        try:
            page = search(page_criteria)
        except TooMany as refusal:
            limit = _smaller(limit, refusal)
            continue
        for row in page.rows:
            number = row.get("autoIncrement")
            if not isinstance(number, int) or number <= last:
                raise NotAShop(sentence("The shop does not sort by autoIncrement as asked"))
            last = number
            yield row
        if len(page.rows) < limit:
            return


def whole_list(search: Search, criteria: Mapping[str, Any]) -> list[Row]:
    """All rows that match, sorted by id; for lists without ``autoIncrement``.

    Rows that come or go between two pages shift the pages: what was read is counted against
    the shop's total, and read anew when it differs. Raises Mismatch when it never agrees.
    """
    limit = MAX_LIMIT
    attempts = 0
    while attempts < _ATTEMPTS:
        try:
            rows = _pages(search, criteria, limit)
        except TooMany as refusal:
            limit = _smaller(limit, refusal)
            continue
        if rows is not None:
            return rows
        attempts += 1
    raise Mismatch("The list changed while it was read", advice="Run it again in a while.")


def _pages(search: Search, criteria: Mapping[str, Any], limit: int) -> list[Row] | None:
    rows: dict[str, Row] = {}
    total: int | None = None
    number = 1
    while True:
        page = search(
            {
                **criteria,
                "sort": [{"field": "id", "order": "ASC"}],
                "limit": limit,
                "page": number,
                "total-count-mode": 1,
            }
        )
        if total is not None and page.total != total:
            return None
        total = page.total
        rows.update((str(row.get("id")), row) for row in page.rows)
        if not page.rows or number * limit >= total:
            return list(rows.values()) if len(rows) == total else None
        number += 1


def parts(things: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """What fits into one call, one call after another."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def _smaller(limit: int, refusal: TooMany) -> int:
    if refusal.limit >= limit:
        raise refusal
    return refusal.limit
