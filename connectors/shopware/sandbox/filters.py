"""Filters: from what a request says to a test of rows, with the database's three truth values.

A comparison with nothing (``null``) is neither true nor false, so ``not`` leaves such rows out
as well, as SQL does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import Definition, Field
from connectors.shopware.sandbox.fieldvalues import is_numeric
from connectors.shopware.sandbox.identifiers import HEX_ID, parse_time
from connectors.shopware.sandbox.values import Access, Reader

Truth = bool | None
Test = Callable[[Row], Truth]
Compare = Callable[[Any], Truth]

TRUE_WORDS = (True, 1, "1", "true")


class FilterMistake(Exception):
    """A filter that cannot be read; ``path`` points into the request."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


def parse(reader: Reader, definition: Definition, query: Any, path: str) -> Test:
    """Raises FilterMistake for what cannot be read, ShopError for an unknown field."""
    if not isinstance(query, dict) or not query.get("type"):
        raise FilterMistake("Value for filter type is required.")
    kind = query["type"]
    if kind in ("multi", "and", "or", "not", "nand", "nor"):
        return _logical(reader, definition, query, path)
    build = _COMPARISONS.get(kind)
    if build is None:
        raise FilterMistake(f"Unsupported filter type: {kind}", f"{path}/type")
    name = query.get("field")
    if not name or not isinstance(name, str):
        raise FilterMistake(f'Parameter "field" for {kind} filter is missing.', f"{path}/field")
    access = reader.access(definition, name)
    return _tested(access, build(access.field, query, path))


def _tested(access: Access, compare: Compare) -> Test:
    get = access.get
    if not access.many:
        return lambda row: compare(get(row))
    return lambda row: _any([compare(value) for value in get(row)])


# -- combining -------------------------------------------------------------------------------


def _logical(reader: Reader, definition: Definition, query: dict[str, Any], path: str) -> Test:
    kind = query["type"]
    queries = query.get("queries") or []
    parts = [
        parse(reader, definition, one, f"{path}/queries/{index}")
        for index, one in enumerate(queries)
    ]
    if kind in ("and", "or", "multi"):
        disjunction = kind == "or" or (
            kind == "multi" and str(query.get("operator", "")).upper() == "OR"
        )
        return either(parts) if disjunction else both(parts)
    disjunction = kind == "nor" or (
        kind == "not" and str(query.get("operator", "")).upper() == "OR"
    )
    inner = either(parts) if disjunction else both(parts)
    return lambda row: _not(inner(row))


def both(parts: list[Test]) -> Test:
    if len(parts) == 1:
        return parts[0]

    def test(row: Row) -> Truth:
        unknown = False
        for part in parts:
            truth = part(row)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    return test


def either(parts: list[Test]) -> Test:
    if not parts:
        return lambda row: True
    return lambda row: _any([part(row) for part in parts])


def _any(truths: list[Truth]) -> Truth:
    if any(truths):
        return True
    return None if None in truths else False


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


# -- comparing -------------------------------------------------------------------------------


def operand(field: Field, value: Any) -> Any:
    """A value as it compares with what is stored in this field.

    Raises ShopError 400 for a value that is no id where one is needed.
    """
    if value is None:
        return None
    if field.type == "uuid":
        if not isinstance(value, str) or not HEX_ID.match(value):
            raise errors.not_a_uuid(value)
        return value
    if field.type == "boolean":
        return value in TRUE_WORDS
    if field.type in ("int", "float"):
        return float(value) if is_numeric(value) else 0.0
    if field.type == "date" and isinstance(value, str):
        return comparable(parse_time(value) or value)
    return comparable(value)


def comparable(value: Any) -> Any:
    """What the database's collation sees: letters regardless of case, numbers as numbers."""
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, list | dict):
        return str(value).casefold()
    return value


def _equals(field: Field, query: dict[str, Any], path: str) -> Compare:
    if "value" not in query or query["value"] == "":
        raise FilterMistake('Parameter "value" for equals filter is missing.', f"{path}/value")
    if isinstance(query["value"], list | dict):
        raise FilterMistake("The value for equals filter must be scalar.", f"{path}/value")
    wanted = operand(field, query["value"])
    if wanted is None:
        return lambda value: value is None
    if field.type == "json_list":
        return lambda value: None if value is None else query["value"] in value
    return lambda value: None if value is None else comparable(value) == wanted


def _equals_any(field: Field, query: dict[str, Any], path: str) -> Compare:
    wanted = {operand(field, one) for one in listed(query, path)}
    if field.type == "json_list":
        return lambda value: None if value is None else bool({*map(comparable, value)} & wanted)
    return lambda value: None if value is None else comparable(value) in wanted


def listed(query: dict[str, Any], path: str) -> list[Any]:
    """The values of an ``equalsAny``: a list, or a text with bars between."""
    values = query.get("value")
    if isinstance(values, str):
        values = [part for part in values.split("|") if part]
    if values in (None, 0, False, [], {}):
        kind = query["type"]
        raise FilterMistake(f'Parameter "value" for {kind} filter is missing.', f"{path}/value")
    if isinstance(values, dict):
        values = list(values.values())
    return values if isinstance(values, list) else [values]


def _text(test: Callable[[str, str], bool]) -> Callable[[Field, dict[str, Any], str], Compare]:
    def build(field: Field, query: dict[str, Any], path: str) -> Compare:
        if query.get("value") is None or query["value"] == "":
            kind = query["type"]
            message = f'Parameter "value" for {kind} filter is missing.'
            raise FilterMistake(message, f"{path}/value")
        wanted = str(query["value"]).casefold()
        return lambda value: None if value is None else test(_spelled(value), wanted)

    return build


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return str(value).casefold()


def _range(field: Field, query: dict[str, Any], path: str) -> Compare:
    parameters = query.get("parameters")
    if not isinstance(parameters, dict) or not parameters:
        message = 'Parameter "parameters" for range filter is missing.'
        raise FilterMistake(message, f"{path}/parameters")
    bounds = [
        (_BOUNDS[name], operand(field, limit))
        for name, limit in parameters.items()
        if name in _BOUNDS
    ]

    def compare(value: Any) -> Truth:
        if value is None or any(limit is None for _, limit in bounds):
            return None
        seen = comparable(value)
        try:
            return all(within(seen, limit) for within, limit in bounds)
        except TypeError:
            return all(within(_spelled(seen), _spelled(limit)) for within, limit in bounds)

    return compare


_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda value, limit: bool(value >= limit),
    "gt": lambda value, limit: bool(value > limit),
    "lte": lambda value, limit: bool(value <= limit),
    "lt": lambda value, limit: bool(value < limit),
}

_COMPARISONS: dict[str, Callable[[Field, dict[str, Any], str], Compare]] = {
    "equals": _equals,
    "equalsAny": _equals_any,
    "contains": _text(lambda value, wanted: wanted in value),
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "range": _range,
}
