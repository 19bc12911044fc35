"""The ``fields`` parameter: which parts of an answer the caller wants.

Written after Magento's FieldsFilter, with its quirk that an empty list below a bracket turns
into null (recorded: paging.json #3).
"""

from __future__ import annotations

import re
from typing import Any

Wanted = dict[str, Any]
"""Field name to True, or to what is wanted below it."""


def cut_down(answer: Any, expression: str | None) -> Any:
    """``items[id,sku],total_count`` keeps just these; an unreadable expression keeps nothing."""
    if expression is None or not isinstance(answer, (dict, list)):
        return answer
    wanted = _parse(expression)
    return [] if wanted is None else _apply(answer, wanted)


def _parse(expression: str) -> Wanted | None:
    if not expression or re.search(r"[^\w\[\],]", expression):
        return None
    current: Wanted = {}
    stack: list[tuple[Wanted, str]] = []
    name = ""
    for mark in re.findall(r"\w+|[\[\],]", expression):
        if mark == "[":
            stack.append((current, name))
            current = {}
        elif mark == "]":
            if not stack:
                return None
            above, key = stack.pop()
            above[key] = current
            current = above
        elif mark != ",":
            name = mark
            current[name] = True
    return None if stack else current


def _apply(answer: Any, wanted: Wanted) -> Any:
    if isinstance(answer, dict):
        return _kept(answer, wanted)
    return [_kept(item, wanted) for item in answer if isinstance(item, dict)] or None


def _kept(item: dict[str, Any], wanted: Wanted) -> dict[str, Any] | list[Any]:
    """PHP knows one kind of empty array, and writes it as a list."""
    kept = {}
    for name, value in item.items():
        if name not in wanted:
            continue
        below = wanted[name]
        if isinstance(value, (dict, list)) and isinstance(below, dict):
            value = _apply(value, below)
        kept[name] = value
    return kept or []
