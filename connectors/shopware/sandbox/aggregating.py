"""Aggregations over everything that matches: counts, sums, terms and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.shopware.sandbox import errors, filters
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import Definition
from connectors.shopware.sandbox.fieldvalues import number
from connectors.shopware.sandbox.values import Reader

Result = dict[str, Any]


def aggregate(reader: Reader, criteria: Criteria, rows: list[Row]) -> Any:
    """Results by name; the empty list where none was asked for, as the shop's JSON has it."""
    if not criteria.aggregations:
        return []
    return {
        str(one.get("name")): _one(reader, criteria.definition, one, rows)
        for one in criteria.aggregations
    }


def _one(reader: Reader, definition: Definition, query: Result, rows: list[Row]) -> Result:
    if not query.get("name") or not query.get("type"):
        raise errors.coded(
            400,
            "FRAMEWORK__INVALID_AGGREGATION_NAME",
            "The aggregation name should be a non-empty string.",
            {"path": "/aggregations"},
        )
    kind = str(query["type"])
    if kind == "filter":
        return _filtered(reader, definition, query, rows)
    build = _KINDS.get(kind)
    if build is None:
        raise errors.coded(
            400,
            "FRAMEWORK__INVALID_AGGREGATION_QUERY",
            f'The aggregation of type "{kind}" is not supported.',
        )
    values = _values(reader, definition, str(query.get("field", "id")), rows)
    return {"extensions": [], **build(values, query), "apiAlias": f"{query['name']}_aggregation"}


def _values(reader: Reader, definition: Definition, path: str, rows: list[Row]) -> list[Any]:
    access = reader.access(definition, path)
    found = [access.get(row) for row in rows]
    if access.many:
        found = [value for values in found for value in values]
    return [value for value in found if value is not None]


def _filtered(reader: Reader, definition: Definition, query: Result, rows: list[Row]) -> Result:
    tests = [
        filters.parse(reader, definition, one, f"/filter/{index}")
        for index, one in enumerate(query.get("filter") or ())
    ]
    test = filters.both(tests)
    inner = query.get("aggregation") or {}
    return _one(reader, definition, inner, [row for row in rows if test(row)])


def _numbers(values: list[Any]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]


def _mean(values: list[Any]) -> float | int:
    numbers = _numbers(values)
    return number(sum(numbers) / len(numbers)) if numbers else 0


def _least(values: list[Any]) -> Any:
    return min(values, default=None)


def _most(values: list[Any]) -> Any:
    return max(values, default=None)


def _stats(values: list[Any], query: Result) -> Result:
    total = number(sum(_numbers(values)))
    return {"min": _least(values), "max": _most(values), "avg": _mean(values), "sum": total}


def _terms(values: list[Any], query: Result) -> Result:
    counts: dict[Any, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    keys = sorted(counts, key=str)[: query.get("limit")]
    return {"buckets": [_bucket(key, counts[key]) for key in keys]}


def _bucket(key: Any, count: int) -> Result:
    return {
        "extensions": [],
        "key": str(key),
        "count": count,
        "apiAlias": "aggregation_bucket",
    }


_KINDS: dict[str, Callable[[list[Any], Result], Result]] = {
    "count": lambda values, query: {"count": len(set(map(str, values)))},
    "sum": lambda values, query: {"sum": number(sum(_numbers(values)))},
    "avg": lambda values, query: {"avg": _mean(values)},
    "min": lambda values, query: {"min": _least(values)},
    "max": lambda values, query: {"max": _most(values)},
    "stats": _stats,
    "terms": _terms,
}
