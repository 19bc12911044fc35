"""Search criteria: read from the query, applied to rows the way MySQL compares, echoed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

from connectors.magento.sandbox.errors import Refused, internal, required, while_reading
from connectors.magento.sandbox.values import collated, whole

Row = TypeVar("Row")
Value = Any
"""Of a column: None, bool, int, Decimal, text, or a tuple of several."""
Columns = Mapping[str, Callable[[Any], Value]]
"""What a list can be filtered and sorted by."""
Test = Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    value: str | None
    condition: str = "eq"

    def as_json(self) -> dict[str, Any]:
        given = {} if self.value is None else {"value": self.value}
        return {"field": self.field, **given, "condition_type": self.condition}


@dataclass(frozen=True, slots=True)
class Criteria:
    groups: tuple[tuple[Filter, ...], ...] = ()
    """All groups must hold; of a group, one filter."""
    sort: tuple[tuple[str, str], ...] = ()
    """Field and direction; without one (``""``) the shop sorts downwards."""
    page_size: int | None = None
    page: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What the shop repeats in its answer; what was not given is left out."""
        echo: dict[str, Any] = {
            "filter_groups": [
                {"filters": [one.as_json() for one in group]} for group in self.groups
            ]
        }
        if self.sort:
            echo["sort_orders"] = [
                {"field": name, **({"direction": way} if way else {})} for name, way in self.sort
            ]
        if self.page_size is not None:
            echo["page_size"] = self.page_size
        if self.page is not None:
            echo["current_page"] = self.page
        return echo


# -- reading --------------------------------------------------------------------------------


def criteria_from(query: Mapping[str, Any], *, largest_page: int = 0) -> Criteria:
    """Reads ``searchCriteria[…]``. ``largest_page``: the shop's limit, 0 for none.

    Raises Refused when the criteria are missing, a number is none, or the page is too large.
    """
    raw = query.get("searchCriteria", query.get("search_criteria"))
    if raw is None:
        raise required("searchCriteria")
    tree = raw if isinstance(raw, dict) else {}
    if not set(tree) <= _KNOWN:
        raise internal()
    size = _whole(tree, "pageSize", "page_size")
    if largest_page and size is not None and size > largest_page:
        raise Refused(400, "Maximum SearchCriteria pageSize is %max", {"max": largest_page})
    return Criteria(
        groups=tuple(
            _group(one) for one in _listed(_either(tree, "filter_groups", "filterGroups"))
        ),
        sort=tuple(_order(one) for one in _listed(_either(tree, "sortOrders", "sort_orders"))),
        page_size=size,
        page=_whole(tree, "currentPage", "current_page"),
    )


_KNOWN = frozenset(
    (
        *("filterGroups", "sortOrders", "pageSize", "currentPage"),
        *("filter_groups", "sort_orders", "page_size", "current_page"),
    )
)
"""Any other key is one that the shop's data object has no setter for."""


def _either(tree: Mapping[str, Any], *names: str) -> Any:
    return next((tree[name] for name in names if name in tree), None)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """A PHP array in the order it was written in."""
    entries = value.values() if isinstance(value, dict) else ()
    return [entry for entry in entries if isinstance(entry, dict)]


def _whole(tree: Mapping[str, Any], *names: str) -> int | None:
    name = next((one for one in names if one in tree), "")
    value = tree.get(name)
    if value is None:
        return None
    try:
        return whole("Array" if isinstance(value, dict) else value)
    except Refused as refusal:
        raise while_reading(name, refusal) from None


def _group(tree: Mapping[str, Any]) -> tuple[Filter, ...]:
    return tuple(
        Filter(
            str(one.get("field", "")),
            str(one["value"]) if "value" in one else None,
            str(_either(one, "condition_type", "conditionType") or "eq"),
        )
        for one in _listed(tree.get("filters"))
    )


def _order(tree: Mapping[str, Any]) -> tuple[str, str]:
    way = str(tree.get("direction", "")).upper()
    if "direction" in tree and way not in ("ASC", "DESC"):
        raise Refused(
            400,
            "The sort order has to be specified as %1 for ascending order or %2 for descending "
            "order.",
            ["ASC", "DESC"],
        )
    return str(tree.get("field", "")), way


# -- applying -------------------------------------------------------------------------------


def select(
    rows: Iterable[Row], criteria: Criteria, columns: Columns, unknown: Callable[[str], Exception]
) -> tuple[list[Row], int]:
    """The rows of the page, and how many there are on all pages.

    ``unknown`` gives the error for a field that is none. Past the end the page is empty; page
    size 0 or none means all, below 0 one; pages below 1 are the first (recorded: paging.json).
    """
    tests = [_any_of(group, columns, unknown) for group in criteria.groups if group]
    found = [row for row in rows if all(test(row) for test in tests)]
    for name, way in reversed(criteria.sort):
        if name not in columns:
            raise unknown(name)
        found.sort(key=_ranked_by(columns[name]), reverse=way != "ASC")
    total = len(found)
    if criteria.page_size:
        size = max(criteria.page_size, 1)
        start = (max(criteria.page or 1, 1) - 1) * size
        found = found[start : start + size]
    return found, total


def answer(items: Sequence[Any], criteria: Criteria, total: int) -> dict[str, Any]:
    return {"items": list(items), "search_criteria": criteria.as_json(), "total_count": total}


def _any_of(
    group: Sequence[Filter], columns: Columns, unknown: Callable[[str], Exception]
) -> Callable[[Any], bool]:
    tests = []
    for one in group:
        if one.field not in columns:
            raise unknown(one.field)
        tests.append((columns[one.field], _of_several(one.condition, _test(one))))
    return lambda row: any(test(column(row)) for column, test in tests)


def _ranked_by(column: Callable[[Any], Value]) -> Callable[[Any], tuple[bool, Any]]:
    return lambda row: _rank(column(row))


def _rank(value: Value) -> tuple[bool, Any]:
    """Nulls first, as MySQL sorts; text without regard to case."""
    if value is None:
        return (False, 0)
    return (True, value.lower() if isinstance(value, str) else value)


def _of_several(condition: str, test: Test) -> Test:
    """One of several values is enough, all of them where the condition denies."""
    several = all if condition in ("neq", "nin", "nlike") else any
    return lambda value: several(map(test, value)) if isinstance(value, tuple) else test(value)


def _test(one: Filter) -> Callable[[Value], bool]:
    """An unknown condition is taken for "equals", as the database adapter does."""
    make = _CONDITIONS.get(one.condition, _CONDITIONS["eq"])
    if one.value is None and one.condition not in ("null", "notnull"):
        return lambda value: False
    return make(one.value or "")


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[str], Test]:
    """A comparison that no null passes."""

    def make(wanted: str) -> Test:
        def test(value: Value) -> bool:
            return value is not None and holds(*_pair(value, wanted))

        return test

    return make


def _pair(value: Value, wanted: str) -> tuple[Any, Any]:
    if isinstance(value, str):
        if _MOMENT.fullmatch(value):
            return value, moment(wanted)
        return collated(value), collated(wanted)
    return value, _as_number(wanted)


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@lru_cache(maxsize=256)
def moment(wanted: str) -> str:
    """``2026-11-22``, ``2026-11-22T10:00:00Z`` and the shop's own form are the same kind."""
    plain = wanted.strip().replace("T", " ").removesuffix("Z").split("+")[0]
    return plain if len(plain) > 10 else f"{plain} 00:00:00"


@lru_cache(maxsize=4096)
def _as_number(wanted: str) -> Decimal:
    """As MySQL reads a number off a text: what stands at its beginning, else 0."""
    found = re.match(r"\s*[+-]?\d+(\.\d+)?", wanted)
    try:
        return Decimal(found.group().strip()) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _in(wanted: str) -> Test:
    options = wanted.split(",")
    equal = _compared(lambda value, option: value == option)
    tests = [equal(option) for option in options]
    words = {collated(option) for option in options}

    def test(value: Value) -> bool:
        if isinstance(value, str) and not _MOMENT.fullmatch(value):
            return collated(value) in words
        return any(one(value) for one in tests)

    return test


def _not_in(wanted: str) -> Test:
    inside = _in(wanted)
    return lambda value: value is not None and not inside(value)


def _like(wanted: str) -> Test:
    parts = [{"%": ".*", "_": "."}.get(char, re.escape(char)) for char in wanted]
    pattern = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)

    def test(value: Value) -> bool:
        return value is not None and pattern.fullmatch(str(value)) is not None

    return test


def _not_like(wanted: str) -> Test:
    like = _like(wanted)
    return lambda value: value is not None and not like(value)


def _matches(wanted: str) -> Test:
    try:
        pattern = re.compile(wanted, re.IGNORECASE)
    except re.error:
        raise internal() from None
    return lambda value: value is not None and pattern.search(str(value)) is not None


def _in_set(wanted: str) -> Test:
    return lambda value: value is not None and wanted.lower() in str(value).lower().split(",")


_CONDITIONS: dict[str, Callable[[str], Test]] = {
    "eq": _compared(lambda value, wanted: value == wanted),
    "neq": _compared(lambda value, wanted: value != wanted),
    "gt": _compared(lambda value, wanted: value > wanted),
    "gteq": _compared(lambda value, wanted: value >= wanted),
    "moreq": _compared(lambda value, wanted: value >= wanted),
    "from": _compared(lambda value, wanted: value >= wanted),
    "lt": _compared(lambda value, wanted: value < wanted),
    "lteq": _compared(lambda value, wanted: value <= wanted),
    "to": _compared(lambda value, wanted: value <= wanted),
    "like": _like,
    "nlike": _not_like,
    "in": _in,
    "nin": _not_in,
    "finset": _in_set,
    "nfinset": lambda wanted: lambda value: value is not None and not _in_set(wanted)(value),
    "regexp": _matches,
    "null": lambda wanted: lambda value: value is None,
    "notnull": lambda wanted: lambda value: value is not None,
}
