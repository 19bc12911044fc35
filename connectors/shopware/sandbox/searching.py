"""Finding rows: which match, in which order, which page, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.shopware.sandbox.criteria import Bound, Criteria, Sorting
from connectors.shopware.sandbox.database import Row, Table
from connectors.shopware.sandbox.definitions import DEFAULT_ORDER
from connectors.shopware.sandbox.filters import both, comparable
from connectors.shopware.sandbox.values import Reader


@dataclass(slots=True)
class Found:
    rows: list[Row]
    total: int
    """Counted as ``total-count-mode`` asks (recorded: customers.json #6, #7)."""
    matching: list[Row] | None = None
    """All rows that match, whatever page was asked for and post-filters leave out; only where
    aggregations need them."""


def search(reader: Reader, criteria: Criteria) -> Found:
    table = reader.database[criteria.definition.entity]
    if criteria.ids:
        return _by_ids(reader, table, criteria)
    stop = _needed(criteria)
    matching = _matching(table, criteria, stop if _is_in_key_order(criteria) else None)
    if not _is_in_key_order(criteria):
        matching = _sorted(reader, criteria, matching)
    counted = matching
    if criteria.post_tests:
        test = both(criteria.post_tests)
        matching = [row for row in matching if test(row)]
    page = matching[criteria.offset :]
    if criteria.limit is not None:
        page = page[: criteria.limit]
    return Found(page, _total(criteria, matching, page), counted)


def _by_ids(reader: Reader, table: Table, criteria: Criteria) -> Found:
    wanted = dict.fromkeys(criteria.ids or ())
    test = both(criteria.tests + criteria.post_tests)
    rows = [table.rows[key] for key in wanted if key in table.rows]
    rows = [row for row in rows if test(row)]
    if criteria.sorting:
        rows = _sorted(reader, criteria, rows)
    return Found(rows, len(rows), rows)


def _needed(criteria: Criteria) -> int | None:
    """How many matching rows are enough for page and total; ``None``: all."""
    if criteria.count_mode == 1 or criteria.aggregations or criteria.limit is None:
        return None
    if criteria.post_tests:
        return None
    pages = 6 * criteria.limit + 1 if criteria.count_mode == 2 else criteria.limit
    return criteria.offset + pages


def _total(criteria: Criteria, matching: list[Row], page: list[Row]) -> int:
    if criteria.count_mode == 1:
        return len(matching)
    if criteria.count_mode == 2 and criteria.limit is not None:
        return min(max(len(matching) - criteria.offset, 0), 6 * criteria.limit + 1)
    return len(page)


def _is_in_key_order(criteria: Criteria) -> bool:
    if not criteria.sorting:
        return criteria.definition.entity not in DEFAULT_ORDER and not criteria.scores
    first = criteria.sorting[0]
    return first.access.direct and first.access.field.name == "id" and not first.descending


def _matching(table: Table, criteria: Criteria, stop: int | None) -> list[Row]:
    test = both(criteria.tests)
    found: list[Row] = []
    for key in _candidates(table, criteria):
        row = table.rows[key]
        if test(row) and _is_worth_it(criteria, row):
            found.append(row)
            if stop is not None and len(found) >= stop:
                break
    return found


def _worth(criteria: Criteria, row: Row) -> float:
    return sum(score for test, score in criteria.scores if test(row))


def _is_worth_it(criteria: Criteria, row: Row) -> bool:
    scores = [score for _, score in criteria.scores]
    return not scores or _worth(criteria, row) >= min(scores)


def _candidates(table: Table, criteria: Criteria) -> Iterable[Any]:
    """Keys in ascending order that an index leaves over."""
    best: set[Any] | None = None
    for bounds in criteria.hints:
        keys = {key for bound in bounds for key in _within(table, bound)}
        if best is None or len(keys) < len(best):
            best = keys
    if best is not None:
        return sorted(best)
    return table.keys_from(criteria.first_id) if criteria.first_id else table.keys()


def _within(table: Table, bound: Bound) -> list[Any]:
    if bound.start:
        return table.since(bound.name, bound.start)
    if bound.name == "id":
        return [value for value in bound.values if value in table.rows]
    return [key for value in bound.values for key in table.where(bound.name, value)]


def _sorted(reader: Reader, criteria: Criteria, rows: list[Row]) -> list[Row]:
    sorting = list(criteria.sorting)
    if criteria.scores and not sorting:
        return sorted(rows, key=lambda row: -_worth(criteria, row))
    name = DEFAULT_ORDER.get(criteria.definition.entity)
    if not sorting and name:
        sorting.append(Sorting(reader.access(criteria.definition, name), False, name))
    for one in reversed(sorting):
        rows = sorted(rows, key=_sort_key(one), reverse=one.descending)
    return rows


def _sort_key(sorting: Sorting) -> Any:
    get, many = sorting.access.get, sorting.access.many

    def key(row: Row) -> tuple[bool, Any]:
        value = get(row)
        if many:
            values = [comparable(one) for one in value if one is not None]
            value = (max(values) if sorting.descending else min(values)) if values else None
        if value is None:
            return (False, 0)
        value = comparable(value)
        return (True, value if isinstance(value, int | float | str) else str(value))

    return key
