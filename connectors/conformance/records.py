"""Whether a record is what its type says: to the last field, and all the way down."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any, Union, get_args, get_origin, get_type_hints

from connectors.sentences import Sentence


def wrong_fields(record: object, expected: type) -> list[str]:
    """One line for each field that breaks its annotation; empty when all is well.

    Stricter than ``isinstance`` where it matters: a bool is no int, a float is nothing, a time
    has to be aware and in UTC, a tuple is no list.
    """
    return _record(record, expected, expected.__name__)


def _record(record: object, expected: type, place: str) -> list[str]:
    if not isinstance(record, expected):
        return [f"{place} is {type(record).__name__}, not {expected.__name__}"]
    hints = get_type_hints(expected)
    return [
        wrong
        for field in fields(expected)
        for wrong in _value(getattr(record, field.name), hints[field.name], f"{place}.{field.name}")
    ]


def _value(value: object, hint: Any, place: str) -> list[str]:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return _one_of(value, get_args(hint), place)
    if origin is tuple:
        return _tuple(value, get_args(hint)[0], place)
    if origin is not None and issubclass(origin, Mapping):
        return [] if isinstance(value, Mapping) else [f"{place} is no mapping"]
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(value, hint, place)
    return _plain(value, hint, place)


def _one_of(value: object, hints: tuple[Any, ...], place: str) -> list[str]:
    tries = [_value(value, hint, place) for hint in hints]
    return [] if [] in tries else tries[0]


def _tuple(value: object, item: Any, place: str) -> list[str]:
    if not isinstance(value, tuple):
        return [f"{place} is {type(value).__name__}, not a tuple"]
    return [
        wrong
        for position, each in enumerate(value)
        for wrong in _value(each, item, f"{place}[{position}]")
    ]


def _plain(value: object, hint: type, place: str) -> list[str]:
    exact = {hint, Sentence} if hint is str else {hint}
    right = type(value) in exact if hint in {int, str, bool} else isinstance(value, hint)
    if not right:
        return [f"{place} is {value!r}, not {getattr(hint, '__name__', hint)}"]
    if isinstance(value, datetime) and value.utcoffset() != timedelta(0):
        return [f"{place} is {value!r}: not an aware time in UTC"]
    return []
