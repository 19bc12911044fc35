"""Order numbers as shops count them: series, and what is missing in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LARGEST_GAP = 1_000
"""Numbers that can be missing at once. More is a jump: an import, a changed prefix."""
_COUNTING = 9
"""Digits that count, at most: Magento puts the store's number before nine of them (its
``sequence_profile`` and ``Sequence::DEFAULT_PATTERN``)."""
_NUMBER = re.compile(r"(?P<before>.*?)(?P<digits>[0-9]+)(?P<after>[^0-9]*)", re.DOTALL)
_EDITED = re.compile(r".*[0-9]{5,}-[0-9]{1,2}", re.DOTALL)
"""An order that was edited in Magento's admin: the former number and a counter."""


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """An order number: the series it belongs to, and its place in it."""

    series: str
    """What stands around the counting digits, and how many of those there are:
    ``B2B-{4}-X``."""
    value: int


def counted(number: str) -> Counted | None:
    """``None`` for what follows no count: no digits, or an edited order."""
    if _EDITED.fullmatch(number):
        return None
    match = _NUMBER.fullmatch(number)
    if match is None:
        return None
    head, digits = match["digits"][:-_COUNTING], match["digits"][-_COUNTING:]
    # A brace in a shop's prefix would read as the digits' place.
    before, after = (_escaped(text) for text in (match["before"] + head, match["after"]))
    return Counted(f"{before}{{{len(digits)}}}{after}", int(digits))


def number(place: Counted) -> str:
    """The order number at this place; the reverse of :func:`counted`."""
    before, width, after = _SERIES.fullmatch(place.series).groups()  # type: ignore[union-attr]
    return f"{_plain(before)}{place.value:0{int(width)}d}{_plain(after)}"


@dataclass(frozen=True, slots=True)
class Jump:
    """Too many numbers were skipped at once to ask for each."""

    series: str
    last: int
    next: int

    def __str__(self) -> str:
        return (
            f"Order numbers jumped from {number(Counted(self.series, self.last))} to "
            f"{number(Counted(self.series, self.next))}: those between were not asked for."
        )


@dataclass(frozen=True, slots=True)
class Noticed:
    highest: Mapping[str, int]
    """The series that grew or are new."""
    missing: tuple[str, ...] = ()
    """Order numbers that were skipped."""
    jumps: tuple[Jump, ...] = field(default=())


def noticed(highest: Mapping[str, int], arrived: Iterable[Counted]) -> Noticed:
    """What ``arrived`` says about the series whose highest values so far are given. The first
    number of a series skips nothing: nobody knows where it began."""
    now: dict[str, int] = {}
    missing: list[str] = []
    jumps: list[Jump] = []
    for place in sorted(set(arrived)):
        last = now.get(place.series, highest.get(place.series))
        if last is not None and place.value <= last:
            continue
        now[place.series] = place.value
        if last is None:
            continue
        if place.value - last > LARGEST_GAP:
            jumps.append(Jump(place.series, last, place.value))
            continue
        missing += [number(Counted(place.series, value)) for value in range(last + 1, place.value)]
    return Noticed(now, tuple(missing), tuple(jumps))


_SERIES = re.compile(r"((?:[^{}]|\{\{|\}\})*)\{(\d+)\}((?:[^{}]|\{\{|\}\})*)", re.DOTALL)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
