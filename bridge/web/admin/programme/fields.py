"""From an entry of the programme to the fields of its form, and back. Pure.

An entry is what a file says of it: names, texts, lists (:data:`bridge.programme.source.Plain`).
What a form has no field for stays as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from bridge.programme.issues import Issue
from bridge.programme.source import Plain
from bridge.web.admin.programme.sheets import Item, Kind

Data: TypeAlias = Mapping[str, Any]
"""By an item's path: text, list of texts, or whether it is ticked."""

_YES = frozenset({"yes", "true", "on", "1", "y", "t"})
_POSITION = re.compile(r"\[\d+\]")


def shown(entry: Plain, item: Item) -> Any:
    """What its field shows."""
    value = _at(entry, item.path)
    match item.kind:
        case Kind.TICK:
            return isinstance(value, str) and value.lower() in _YES
        case Kind.KEYS:
            return _texts(value)
        case Kind.LIST:
            return "\n".join(_texts(value))
        case Kind.STEPS:
            return "\n".join(f"{one.get('at')} = {one.get('points')}" for one in _steps(value))
        case Kind.CHOICE if isinstance(value, str) and value.lower() in _YES | {"no", "false"}:
            return "yes" if value.lower() in _YES else "no"
    return value if isinstance(value, str) else ""


def entry_with(entry: Plain, items: Iterable[Item], data: Data) -> Plain:
    """The entry as the form says it; ``None``: nothing is left of it."""
    found = copy.deepcopy(entry) if isinstance(entry, dict) else {}
    for item in items:
        if item.path in data and data[item.path] != _as_sent(shown(entry, item), item):
            _put(found, item.path.split("."), _written(item, data[item.path]))
    return found or None


def items_at(problem: Issue, prefix: str, items: Sequence[Item]) -> Item | None:
    """The field that a message is about; ``prefix``: of the entry, like ``points.rules.base``."""
    field = _POSITION.sub("", problem.field)
    if prefix:
        if field != prefix and not field.startswith(f"{prefix}."):
            return None
        field = field[len(prefix) :].lstrip(".")
    matching = [item for item in items if field == item.path or field.startswith(f"{item.path}.")]
    return max(matching, key=lambda item: len(item.path), default=None)


def _as_sent(value: Any, item: Item) -> Any:
    """What a browser sends of a field that nobody touched."""
    if item.kind is Kind.CHOICE and not value and item.choices:
        return item.choices[0][0]
    return value


def _written(item: Item, value: Any) -> Plain:
    match item.kind:
        case Kind.TICK:
            return "yes" if value else None
        case Kind.KEYS:
            return list(value) or None
        case Kind.LIST:
            lines: list[Plain] = [line.strip() for line in str(value).splitlines() if line.strip()]
            return lines or None
        case Kind.STEPS:
            steps = [_step(line) for line in str(value).splitlines() if line.strip()]
            return list(steps) or None
        case Kind.NUMBER:
            return _number(str(value)) or None
    return str(value).strip() or None


def _step(line: str) -> Plain:
    at, _, points = line.partition("=")
    return {"at": _number(at), "points": points.strip()}


def _number(text: str) -> str:
    """``1,5`` and ``1 000`` as the programme's file has them. A comma with three digits behind it
    could be either: it stays, and is refused."""
    found = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if re.fullmatch(r"\d+,(\d{1,2}|\d{4,})", found):
        return found.replace(",", ".")
    return found


def _at(entry: Plain, path: str) -> Plain:
    value: Plain = entry
    for part in path.split("."):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]  # the one way of a list of ways
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _put(entry: dict[str, Plain], way: Sequence[str], value: Plain) -> None:
    name, *below = way
    if not below:
        if value is None:
            entry.pop(name, None)
        else:
            entry[name] = value
        return
    inner = entry.get(name)
    if isinstance(inner, list) and len(inner) == 1:
        inner = entry[name] = inner[0]
    if not isinstance(inner, dict):
        inner = entry[name] = {}
    _put(inner, below, value)
    if not inner:
        del entry[name]


def _texts(value: Plain) -> list[str]:
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return [value] if isinstance(value, str) else []


def _steps(value: Plain) -> list[dict[str, Plain]]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def has_many_ways(entry: Plain, name: str) -> bool:
    """Whether a tier is reached in several ways: a form shows one."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return isinstance(value, list) and len(value) > 1
