"""What is wrong with a programme, said to the one who wrote it: where, what, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.base import Severity
from connectors.sentences import sentence

Loc = tuple[str | int, ...]
"""The way from the programme's root to a field: names, and list positions counted from 0."""


class Place(NamedTuple):
    """A line of a file; lines are counted from 1, ``None`` means the file as a whole."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One message about one field.

    ``ERROR``: what the field asks for is not done. ``WARNING``: it is done, and probably not
    what was meant. ``NOTE``: good to know.
    """

    severity: Severity
    file: str
    line: int | None
    field: str
    """``price_lists.gold-b2b.rules[2].tiers[1].percent``; positions are counted from 1."""
    message: str

    def __str__(self) -> str:
        place = str(Place(self.file, self.line))
        where = " ".join(part for part in (place, self.field) if part)
        return f"{where}: {self.message}" if where else self.message


@dataclass(frozen=True, slots=True)
class Fault:
    """A message about a field of which the line is not known here."""

    loc: Loc
    message: str
    severity: Severity = Severity.ERROR


class ProgrammeError(Exception):
    """The programme cannot be used. ``problems`` lists everything that was found at once."""

    def __init__(self, problems: Iterable[Issue]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def issue(place: Place, field: str, message: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(severity, place.file, place.line, field, message)


def field_path(loc: Loc) -> str:
    """``("rules", 0, "sku")`` -> ``rules[1].sku``: people count from one."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean …?`` with a leading space, or nothing when nothing comes close."""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.7)
    return sentence(" Did you mean %(name)s?", name=by_lower[near[0]]) if near else ""


def listed(words: Sequence[str], limit: int = 5) -> str:
    """``a, b and 3 more``"""
    if len(words) <= limit:
        return ", ".join(words)
    return f"{', '.join(words[:limit])} and {len(words) - limit} more"


def unknown(loc: Loc, what: str, name: str, known: Collection[str]) -> Fault:
    """A key of another section that is not there."""
    names = listed(list(known)) or "not given yet"
    return Fault(
        loc,
        sentence(
            'there is no %(what)s "%(name)s".%(did_you_mean)s %(title)ss are %(names)s',
            what=what,
            name=name,
            did_you_mean=did_you_mean(name, known),
            title=what.title(),
            names=names,
        ),
    )
