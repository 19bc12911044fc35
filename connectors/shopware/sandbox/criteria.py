"""What a search asks for, read and checked as the shop does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.shopware.sandbox import errors, filters
from connectors.shopware.sandbox.definitions import Association, Definition, definitions
from connectors.shopware.sandbox.fieldvalues import is_numeric
from connectors.shopware.sandbox.filters import FilterMistake, Test
from connectors.shopware.sandbox.identifiers import HEX_ID, parse_time
from connectors.shopware.sandbox.values import Access, Reader

MAX_LIMIT = 500
_COUNT_MODES = {"none": 0, "exact": 1, "next-pages": 2}


_TIMES = ("createdAt", "updatedAt")


@dataclass(frozen=True, slots=True)
class Bound:
    """What an index can answer: the values a field must have, or the time it starts at."""

    name: str
    values: list[str] = field(default_factory=list)
    start: str = ""


@dataclass(slots=True)
class Sorting:
    access: Access
    descending: bool
    path: str


@dataclass(slots=True)
class Criteria:
    definition: Definition
    tests: list[Test] = field(default_factory=list)
    """Every one must be true."""
    post_tests: list[Test] = field(default_factory=list)
    """Every one must be true of what is shown; aggregations count without them."""
    scores: list[tuple[Test, float]] = field(default_factory=list)
    """What each test is worth; rows worth less than the least of them are left out."""
    hints: list[list[Bound]] = field(default_factory=list)
    """Of each, every matching row keeps at least one."""
    first_id: str = ""
    """No row before this id can match."""
    sorting: list[Sorting] = field(default_factory=list)
    ids: list[str] | None = None
    limit: int | None = None
    offset: int = 0
    count_mode: int = 0
    """0: what the answer holds, 1: all, 2: up to six pages ahead."""
    includes: dict[str, list[str]] = field(default_factory=dict)
    associations: dict[str, Criteria] = field(default_factory=dict)
    aggregations: list[dict[str, Any]] = field(default_factory=list)
    searched: bool = False
    """More was asked than rows by their ids: the shop searches first, which shows."""
    entities: set[str] = field(default_factory=set)
    """Every entity that is read, for the privileges."""


def read_criteria(
    reader: Reader,
    definition: Definition,
    payload: dict[str, Any],
    *,
    max_limit: int | None = MAX_LIMIT,
) -> Criteria:
    """Raises ShopError 400 with every part of the request that cannot be read."""
    criteria = Criteria(definition, entities={definition.entity})
    mistakes: list[dict[str, Any]] = []
    if payload.get("ids") is not None:
        criteria.ids = _ids(payload["ids"])
    else:
        _read_paging(criteria, payload, mistakes, max_limit)
    includes = payload.get("includes")
    criteria.includes = includes if isinstance(includes, dict) else {}
    for name, tests in (("filter", criteria.tests), ("post-filter", criteria.post_tests)):
        if payload.get(name) is not None:
            found = _read_filters(reader, criteria, payload[name], f"/{name}", mistakes)
            tests += found
    _read_queries(reader, criteria, payload.get("query"), mistakes)
    _read_term(reader, criteria, payload.get("term"))
    if payload.get("sort") is not None:
        _read_sorting(reader, criteria, payload["sort"], mistakes)
    aggregations = payload.get("aggregations") or []
    if isinstance(aggregations, dict):
        aggregations = list(aggregations.values())
    criteria.aggregations = aggregations if isinstance(aggregations, list) else []
    _read_associations(reader, criteria, payload.get("associations") or {})
    if mistakes:
        raise errors.ShopError(400, mistakes)
    criteria.searched = criteria.ids is None or bool(
        criteria.tests or criteria.sorting or criteria.post_tests or criteria.scores
    )
    return criteria


def _ids(value: Any) -> list[str]:
    ids = [one for one in value.split("|") if one] if isinstance(value, str) else list(value)
    for one in ids:
        if not isinstance(one, str) or not HEX_ID.match(one):
            raise errors.not_a_uuid(one)
    return ids


# -- paging ----------------------------------------------------------------------------------


def _read_paging(
    criteria: Criteria,
    payload: dict[str, Any],
    mistakes: list[dict[str, Any]],
    max_limit: int | None,
) -> None:
    mode = payload.get("total-count-mode", 0)
    if is_numeric(mode):
        criteria.count_mode = int(float(mode)) if int(float(mode)) in (0, 1, 2) else 0
    else:
        criteria.count_mode = _COUNT_MODES.get(str(mode), 0)
    criteria.limit = max_limit
    if payload.get("limit") is not None:
        limit = _whole(payload["limit"], "limit", mistakes)
        if limit is not None and max_limit and limit > max_limit:
            mistakes += errors.coded(
                400,
                "FRAMEWORK__QUERY_LIMIT_EXCEEDED",
                f"The limit must be lower than or equal to MAX_LIMIT(={max_limit}). Given: {limit}",
                {"maxLimit": max_limit, "limit": limit},
                "/limit",
            ).errors
        criteria.limit = limit
    if payload.get("page") is not None:
        page = _whole(payload["page"], "page", mistakes)
        asked = payload.get("limit", 0)
        limit = int(float(asked)) if is_numeric(asked) else 0
        criteria.offset = limit * ((page or 1) - 1)


def _whole(value: Any, name: str, mistakes: list[dict[str, Any]]) -> int | None:
    if is_numeric(value) and int(float(value)) > 0:
        return int(float(value))
    given = "(empty)" if value == "" else value
    hint = " greater or equals than 1" if name == "limit" else ""
    mistakes += errors.coded(
        400,
        f"FRAMEWORK__INVALID_{name.upper()}_QUERY",
        f"The {name} parameter must be a positive integer{hint}. Given: {given}",
        {name: given},
        f"/{name}",
    ).errors
    return None


# -- filters ---------------------------------------------------------------------------------


def _mistake(error: FilterMistake) -> dict[str, Any]:
    code, parameters = "FRAMEWORK__INVALID_FILTER_QUERY", {"path": error.path}
    told = errors.coded(400, code, str(error), parameters).errors[0]
    return {**told, "source": {"pointer": error.path}}


def _read_filters(
    reader: Reader,
    criteria: Criteria,
    given: Any,
    path: str,
    mistakes: list[dict[str, Any]],
) -> list[Test]:
    if not isinstance(given, list | dict):
        mistake = FilterMistake("The filter parameter has to be a list of filters.", path)
        mistakes.append(_mistake(mistake))
        return []
    tests = []
    queries = given if isinstance(given, list) else _simple(given, path, mistakes)
    for index, query in enumerate(queries):
        try:
            test = filters.parse(reader, criteria.definition, query, f"{path}/{index}")
        except FilterMistake as error:
            mistakes.append(_mistake(error))
            continue
        tests.append(test)
        criteria.entities |= entities_of(criteria.definition, query)
        if path == "/filter":
            _hint(reader, criteria, query)
    return tests


def _read_queries(
    reader: Reader, criteria: Criteria, given: Any, mistakes: list[dict[str, Any]]
) -> None:
    """``[{"query": <filter>, "score": 500}]``."""
    for place, one in enumerate(given if isinstance(given, list) else ()):
        query = one.get("query") if isinstance(one, dict) else None
        tests = _read_filters(reader, criteria, [query], f"/query/{place}", mistakes)
        score = one.get("score", 1) if isinstance(one, dict) else 1
        criteria.scores += [(test, float(score)) for test in tests if is_numeric(score)]


def _simple(
    given: dict[str, Any], path: str, mistakes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """``{"name": "x"}`` is short for an equals filter."""
    queries = []
    for name, value in given.items():
        if value == "":
            text = f'The value for filter "{name}" must not be blank.'
            mistakes.append(_mistake(FilterMistake(text, f"{path}/{name}")))
        else:
            queries.append({"type": "equals", "field": name, "value": value})
    return queries


def _hint(reader: Reader, criteria: Criteria, query: dict[str, Any]) -> None:
    bounds = _bounds(reader, criteria.definition, query)
    if bounds:
        criteria.hints.append(bounds)
    if query.get("type") == "range" and query["field"] == "id":
        start = query["parameters"].get("gt") or query["parameters"].get("gte")
        if isinstance(start, str):
            criteria.first_id = max(criteria.first_id, start)


def _bounds(reader: Reader, definition: Definition, query: Any) -> list[Bound]:
    """Bounds one of which every matching row keeps; none: no index can answer."""
    kind = query.get("type") if isinstance(query, dict) else None
    if kind in ("and", "or", "multi"):
        parts = [_bounds(reader, definition, one) for one in query.get("queries") or ()]
        if kind == "or" or str(query.get("operator", "")).upper() == "OR":
            return [bound for part in parts for bound in part] if all(parts) else []
        return next((part for part in parts if part), [])
    if kind not in ("equals", "equalsAny", "range"):
        return []
    access = reader.access(definition, query["field"])
    name = access.field.name
    if not access.direct:
        return []
    if kind == "range":
        start = query["parameters"].get("gt") or query["parameters"].get("gte")
        at = parse_time(start) if isinstance(start, str) and name in _TIMES else None
        return [Bound(name, start=at)] if at else []
    values = [query.get("value")] if kind == "equals" else filters.listed(query, "")
    if access.field.type == "date" and name in _TIMES and kind == "equals":
        at = parse_time(values[0]) if isinstance(values[0], str) else None
        return [Bound(name, start=at)] if at else []
    if access.field.type != "uuid" or None in values:
        return []
    return [Bound(name, values)]


def entities_of(definition: Definition, query: Any) -> set[str]:
    """The entities a filter joins."""
    if not isinstance(query, dict):
        return set()
    found: set[str] = set()
    for one in query.get("queries") or ():
        found |= entities_of(definition, one)
    parts = str(query.get("field", "")).split(".")
    current: Definition | None = definition
    for part in parts:
        association = current.associations.get(part) if current else None
        if association is None:
            continue
        found.add(association.entity)
        current = definitions().get(association.entity)
    return found


def _read_term(reader: Reader, criteria: Criteria, term: Any) -> None:
    """A free-text search: each word in one of the fields the entity is searched by."""
    definition = criteria.definition
    words = str(term or "").casefold().split()
    fields = [f.name for f in definition.stored.values() if f.has("search_ranking")]
    if not words or not fields:
        return
    getters: list[Callable[[Any], Any]] = [reader.access(definition, f).get for f in fields]

    def test(row: Any) -> bool:
        text = " ".join(str(get(row) or "") for get in getters).casefold()
        return all(word in text for word in words)

    criteria.tests.append(test)


# -- order and associations ------------------------------------------------------------------


def _read_sorting(
    reader: Reader, criteria: Criteria, given: Any, mistakes: list[dict[str, Any]]
) -> None:
    if isinstance(given, str):
        given = [_signed(part) for part in given.split(",") if part]
        if not given:
            text = "A value for the sort parameter is required."
            mistakes += errors.coded(
                400, "FRAMEWORK__INVALID_SORT_QUERY", text, {"key": "value"}, "/sort"
            ).errors
    if isinstance(given, dict):
        given = [given]
    for one in given:
        path = str(one.get("field", "")) if isinstance(one, dict) else ""
        if path == "_score":
            continue
        access = reader.access(criteria.definition, path)
        descending = str(one.get("order", "")).upper() == "DESC"
        criteria.sorting.append(Sorting(access, descending, path))
        criteria.entities |= entities_of(criteria.definition, {"field": path})


def _signed(part: str) -> dict[str, str]:
    return {"field": part.removeprefix("-"), "order": "DESC" if part.startswith("-") else "ASC"}


def _read_associations(reader: Reader, criteria: Criteria, given: Any) -> None:
    if not isinstance(given, dict):
        return
    for name, nested in given.items():
        association = criteria.definition.associations.get(name)
        if not isinstance(association, Association):
            raise errors.no_association(name)
        target = definitions().get(association.entity)
        if target is None:
            criteria.entities.add(association.entity)
            # Nothing is known of it but that it was asked for: it is shown as empty.
            criteria.associations[name] = Criteria(criteria.definition)
            continue
        payload = nested if isinstance(nested, dict) else {}
        inner = read_criteria(reader, target, payload, max_limit=None)
        criteria.associations[name] = inner
        criteria.entities |= inner.entities
