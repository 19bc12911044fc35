"""What two versions of a programme say differently, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bridge.programme.document import Programme
from bridge.programme.writing import value_text

MOST = 500
"""Differences that are told one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    path: tuple[str, ...]
    """Names from the programme's root, as in its file; positions in lists count from 1."""
    before: str
    """As the file says it; empty: nothing."""
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    told: tuple[Difference, ...]
    is_all: bool
    """Whether there are no more than :data:`MOST`."""


def differences(before: Programme, after: Programme) -> Differences:
    """In the programme's order."""
    told = tuple(islice(_sections(before, after), MOST + 1))
    return Differences(told[:MOST], len(told) <= MOST)


@dataclass(frozen=True, slots=True)
class _Said:
    """A value, and how people write it: without what is as by default."""

    value: Any
    lean: Any

    def below(self, name: str | int) -> _Said:
        return _Said(_item(self.value, name), _item(self.lean, name))

    def text(self, name: str) -> str:
        shown = self.value if self.lean is None else self.lean
        return "" if shown is None else value_text(name, shown)


def _item(value: Any, name: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple) and isinstance(name, int) and name < len(value):
        return value[name]
    return None


def _sections(before: Programme, after: Programme) -> Iterator[Difference]:
    for name, field in Programme.model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new and _order(old) == _order(new):
            continue  # price lists may hold 100,000 rows
        alias = field.alias or name
        yield from _compared((alias,), _said(before, name, alias), _said(after, name, alias))


def _said(programme: Programme, name: str, alias: str) -> _Said:
    full, lean = (
        programme.model_dump(
            include={name}, by_alias=True, exclude_none=True, exclude_defaults=is_lean
        ).get(alias)
        for is_lean in (False, True)
    )
    return _Said(full, lean)


def _compared(path: tuple[str, ...], old: _Said, new: _Said) -> Iterator[Difference]:
    was, is_now = old.value, new.value
    if was == is_now and _order(was) == _order(is_now):
        return
    if isinstance(was, Mapping) and isinstance(is_now, Mapping):
        for key in [*was, *(key for key in is_now if key not in was)]:
            yield from _compared((*path, str(key)), old.below(key), new.below(key))
        if was.keys() == is_now.keys() and _order(was) != _order(is_now):
            yield Difference(path, ", ".join(map(str, was)), ", ".join(map(str, is_now)))
    elif _is_list_of_sections(was) and _is_list_of_sections(is_now):
        for place in range(max(len(was), len(is_now))):
            yield from _compared((*path, str(place + 1)), old.below(place), new.below(place))
    else:
        yield Difference(path, old.text(path[-1]), new.text(path[-1]))


def _order(value: Any) -> list[Any]:
    """Of groups and tiers: the order says which wins."""
    return list(value) if isinstance(value, Mapping) else []


def _is_list_of_sections(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value)
