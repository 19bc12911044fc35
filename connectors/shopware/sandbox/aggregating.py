"""Aggregations over everything that matches: counts, sums, buckets and the like.

After Shopware's AggregationParser and EntityAggregator. What a post-filter leaves out is counted
all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from connectors.shopware.sandbox import errors, filters
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import Definition, definitions
from connectors.shopware.sandbox.fieldvalues import is_numeric, number
from connectors.shopware.sandbox.values import Access, Reader

Result = dict[str, Any]
Show = Callable[[Definition, Row], Result]
"""How a row is shown, for aggregations that list rows."""


def aggregate(reader: Reader, criteria: Criteria, rows: list[Row], show: Show) -> Any:
    """Results by name; the empty list where none was asked for, as the shop's JSON has it.

    Raises ShopError 400 for what cannot be read.
    """
    results: Result = {}
    for place, query in enumerate(criteria.aggregations):
        _check(query, f"/aggregations/{place}")
        aggregation = _Aggregation(reader, criteria.definition, show)
        name, result = aggregation.named(query, rows)
        results[name] = result
    return results or []


def _check(query: Any, pointer: str) -> None:
    name = query.get("name") if isinstance(query, dict) else None
    if not name or is_numeric(name):
        raise _mistake("The aggregation name should be a non-empty string.", pointer)
    kind = query.get("type")
    if not kind or is_numeric(kind):
        raise _mistake('The aggregations of "%s" should be a non-empty string.', pointer)
    if kind == "filter":
        if not query.get("filter") or not query.get("aggregation"):
            text = 'The aggregation should contain an array of filters in property "filter".'
            raise _mistake(text, f"{pointer}/filter/field")
        _check(query["aggregation"], pointer)
        return
    if not query.get("field"):
        raise _mistake('The aggregation should contain a "field".', f"{pointer}/{kind}/field")
    if kind not in (*_METRICS, *_BUCKETS, "entity"):
        raise _mistake(f'The aggregation type "{kind}" used as key does not exists.', pointer)
    if kind == "entity" and not query.get("definition"):
        text = 'The aggregation should contain a "definition".'
        raise _mistake(text, f"{pointer}/entity/field")
    if kind == "histogram" and not query.get("interval"):
        text = "The aggregation should contain an date interval."
        raise _mistake(text, f"{pointer}/histogram/interval")
    if query.get("aggregation"):
        _check(query["aggregation"], pointer)


def _mistake(text: str, pointer: str) -> errors.ShopError:
    return errors.coded(400, "FRAMEWORK__INVALID_AGGREGATION_QUERY", text, None, pointer)


class _Aggregation:
    def __init__(self, reader: Reader, definition: Definition, show: Show) -> None:
        self._reader = reader
        self._definition = definition
        self._show = show

    def named(self, query: Result, rows: list[Row]) -> tuple[str, Result]:
        """A filter's result goes by the name of what is inside."""
        if query["type"] == "filter":
            tests = [
                filters.parse(self._reader, self._definition, one, f"/filter/{place}")
                for place, one in enumerate(query["filter"])
            ]
            test = filters.both(tests)
            return self.named(query["aggregation"], [row for row in rows if test(row)])
        name, kind = str(query["name"]), query["type"]
        access = self._reader.access(self._definition, str(query["field"]))
        found: Result = {}
        if kind == "entity":
            found = {"entities": self._entities(query, access, rows)}
        elif kind in _METRICS:
            found = _METRICS[kind]([one for row in rows for one in _values(access, row)])
        else:
            found = {"buckets": self._buckets(query, access, rows)}
        return name, {"extensions": [], **found, "apiAlias": f"{name}_aggregation"}

    def _entities(self, query: Result, access: Access, rows: list[Row]) -> list[Result]:
        definition = definitions().get(str(query["definition"]))
        if definition is None:
            return []
        ids = dict.fromkeys(str(one) for row in rows for one in _values(access, row))
        table = self._reader.database[definition.entity]
        return [self._show(definition, table.rows[key]) for key in ids if key in table.rows]

    def _buckets(self, query: Result, access: Access, rows: list[Row]) -> list[Result]:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            for key in _BUCKETS[query["type"]](query, _all_values(access, row)):
                groups.setdefault(key, []).append(row)
        if query["type"] == "range":
            return [self._bucket(query, key, groups.get(key, [])) for key in _range_keys(query)]
        keys = _in_order(groups, query)
        return [self._bucket(query, key, groups[key]) for key in keys]

    def _bucket(self, query: Result, key: str, rows: list[Row]) -> Result:
        nested = dict([self.named(query["aggregation"], rows)]) if query.get("aggregation") else {}
        return {
            "extensions": [],
            "key": key,
            "count": len(rows),
            **nested,
            "apiAlias": "aggregation_bucket",
        }


def _in_order(groups: dict[str, list[Row]], query: Result) -> list[str]:
    sort = query.get("sort") or {}
    keys = sorted(groups)
    downwards = str(sort.get("order", "")).upper() == "DESC"
    if sort.get("field") == "_count":
        keys.sort(key=lambda key: len(groups[key]), reverse=downwards)
    elif downwards:
        keys.reverse()
    limit = query.get("limit")
    return keys[: int(limit)] if limit else keys


# -- values ----------------------------------------------------------------------------------


def _all_values(access: Access, row: Row) -> list[Any]:
    """As the database joins them: a row without any counts once, with nothing."""
    found = access.get(row)
    values = found if access.many else [found]
    return [_stored(access, value) for value in values]


def _values(access: Access, row: Row) -> list[Any]:
    return [value for value in _all_values(access, row) if value is not None]


def _stored(access: Access, value: Any) -> Any:
    """As the database gives it: times without the form JSON has for them, truth as 0 and 1."""
    if access.field.type == "date" and isinstance(value, str):
        return value[:23].replace("T", " ")
    return int(value) if isinstance(value, bool) else value


def _terms(query: Result, values: list[Any]) -> Iterator[str]:
    for value in dict.fromkeys(values):
        yield "" if value is None else str(value)


_HISTOGRAM = {
    "minute": (16, ":00"),
    "hour": (13, ":00:00"),
    "day": (10, " 00:00:00"),
    "month": (7, "-01 00:00:00"),
    "year": (4, "-01-01 00:00:00"),
}


def _histogram(query: Result, values: list[Any]) -> Iterator[str]:
    length, rest = _HISTOGRAM.get(str(query["interval"]), _HISTOGRAM["day"])
    for value in dict.fromkeys(values):
        if value is not None:
            yield str(value)[:length] + rest


def _range_keys(query: Result) -> list[str]:
    return [_range_key(one) for one in query.get("ranges") or ()]


def _range_key(bounds: Result) -> str:
    ends = [bounds.get("from"), bounds.get("to")]
    return str(bounds.get("key") or "-".join("*" if end is None else str(end) for end in ends))


def _ranges(query: Result, values: list[Any]) -> Iterator[str]:
    for bounds in query.get("ranges") or ():
        low, high = bounds.get("from"), bounds.get("to")
        if any(
            isinstance(value, int | float)
            and (low is None or value >= low)
            and (high is None or value < high)
            for value in values
        ):
            yield _range_key(bounds)


_BUCKETS: dict[str, Callable[[Result, list[Any]], Iterable[str]]] = {
    "terms": _terms,
    "histogram": _histogram,
    "range": _ranges,
}

# -- single figures ---------------------------------------------------------------------------


def _numbers(values: list[Any]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]


def _sum(values: list[Any]) -> float | int:
    return number(sum(_numbers(values)))


def _mean(values: list[Any]) -> float | int:
    numbers = _numbers(values)
    return number(sum(numbers) / len(numbers)) if numbers else 0


def _least(values: list[Any]) -> Any:
    return min(values, default=None)


def _most(values: list[Any]) -> Any:
    return max(values, default=None)


def _stats(values: list[Any]) -> Result:
    return {
        "min": _least(values),
        "max": _most(values),
        "avg": _mean(values) if values else None,
        "sum": _sum(values) if values else None,
    }


_METRICS: dict[str, Callable[[list[Any]], Result]] = {
    "count": lambda values: {"count": len(set(map(str, values)))},
    "sum": lambda values: {"sum": _sum(values)},
    "avg": lambda values: {"avg": _mean(values)},
    "min": lambda values: {"min": _least(values)},
    "max": lambda values: {"max": _most(values)},
    "stats": _stats,
}
