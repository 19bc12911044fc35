"""A row of opening balances: what a file may say, and what it means. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_start

COLUMNS = (
    "email",
    "company",
    "points",
    "state",
    "earned_on",
    "available_on",
    "expires_on",
    "reference",
    "note",
)
MOST_POINTS = 1_000_000_000
"""Of one row; more is a slip."""
LONGEST = 255
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
_LAST_YEAR = 9000


class State(StrEnum):
    AVAILABLE = "available"
    PENDING = "pending"
    RESERVED = "reserved"
    """Held for a voucher of the workspace it was exported from."""
    OWED = "owed"


class Who(NamedTuple):
    kind: str
    """``email`` (also ``#12``, a member's number) or ``company``."""
    name: str
    """As it is compared."""

    def __str__(self) -> str:
        return self.name if self.kind == "email" else f"company {self.name}"


@dataclass(frozen=True, slots=True)
class OpeningRow:
    line: int
    who: Who
    points: int
    state: State
    earned_at: datetime | None
    ripens_at: datetime | None
    expires_at: datetime | None
    reference: str
    note: str
    terms: Mapping[str, str]
    """Dates as they were written: what the same row must say when it is imported again."""

    @property
    def key(self) -> str:
        """What makes it one row, however often it is imported: a digest, so that no entry
        keeps an address."""
        text = "\n".join((*self.who, self.reference, self.state.value))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def change(self) -> int:
        """Of what is the member's, taken together."""
        return -self.points if self.state is State.OWED else self.points


@dataclass(slots=True)
class Totals:
    """Control totals: what a file says in all."""

    rows: int = 0
    points: int = 0
    """Less what is owed."""
    by_state: Counter[str] = field(default_factory=Counter)
    by_expiry: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Rows and points by month (``2026-12``), and under ``never``."""
    _holders: set[bytes] = field(default_factory=set)

    @property
    def holders(self) -> int:
        """Members and companies."""
        return len(self._holders)

    def add(self, who: Who, state: State, points: int, last_day: date | None) -> None:
        self.rows += 1
        self.points += -points if state is State.OWED else points
        self.by_state[state.value] += points
        self._holders.add(hashlib.sha256("\n".join(who).encode()).digest()[:16])
        if state is not State.OWED:
            month = f"{last_day:%Y-%m}" if last_day else "never"
            rows, sum_ = self.by_expiry.get(month, (0, 0))
            self.by_expiry[month] = (rows + 1, sum_ + points)


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are understood."""

    zone: ZoneInfo
    now: datetime
    normal_email: Callable[[str], str]
    """Raises ValueError."""


class RowProblems(Exception):
    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def opening_row(line: int, cells: Mapping[str, str], reading: Reading) -> OpeningRow:
    """Raises :class:`RowProblems` with everything that is wrong with the row."""
    found: list[str] = []

    def tried(column: str, read: Callable[[str], object]) -> object:
        try:
            return read(cells.get(column, ""))
        except ValueError as error:
            found.append(str(error))
            return None

    who = tried("email", lambda text: _who(text, cells.get("company", ""), reading))
    points = tried("points", _points)
    state = tried("state", _state)
    earned = tried("earned_on", lambda text: _begins("earned_on", text, reading))
    ripens = tried("available_on", lambda text: _begins("available_on", text, reading))
    expires = tried("expires_on", lambda text: _ends(text, reading))
    for column in ("reference", "note"):
        tried(column, lambda text, column=column: _short(column, text))  # type: ignore[misc]
    if not found:
        found += _contradictions(state, cells)
    if found:
        raise RowProblems(found)
    assert isinstance(who, Who) and isinstance(points, int) and isinstance(state, State)
    assert not isinstance(earned, str | int) and not isinstance(ripens, str | int)
    dates = {name: cells.get(name, "") for name in ("earned_on", "available_on", "expires_on")}
    return OpeningRow(
        line,
        who,
        points,
        state,
        earned if isinstance(earned, datetime) else None,
        ripens if isinstance(ripens, datetime) else None,
        expires if isinstance(expires, datetime) else None,
        cells.get("reference") or "/".join((dates["earned_on"], dates["expires_on"])),
        cells.get("note", ""),
        {name: text for name, text in dates.items() if text},
    )


def last_day(expires_at: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day on which points can be spent."""
    if expires_at is None:
        return None
    return (expires_at - timedelta(microseconds=1)).astimezone(zone).date()


def written_expiry(expires_at: datetime | None, zone: ZoneInfo) -> str:
    """A day, where it is the end of one in the zone; else the very moment."""
    day = last_day(expires_at, zone)
    if expires_at is None or day is None:
        return ""
    return day.isoformat() if day_end(day, zone) == expires_at else expires_at.isoformat()


def written_begin(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    day = moment.astimezone(zone).date()
    return day.isoformat() if day_start(day, zone) == moment else moment.isoformat()


# -- cells ----------------------------------------------------------------------------------


def _who(email: str, company: str, reading: Reading) -> Who:
    if bool(email) == bool(company):
        raise ValueError("needs either an email or a company")
    if company:
        return Who("company", " ".join(company.split()).casefold())
    if email.startswith("#") and email[1:].isdecimal():
        return Who("email", email)
    return Who("email", reading.normal_email(email))


def _points(text: str) -> int:
    if not text:
        raise ValueError("the column points is empty")
    if text.startswith("-") and _WHOLE.fullmatch(text[1:]):
        raise ValueError(f"{text} points are fewer than none; for what a member owes, state owed")
    if not _WHOLE.fullmatch(text):
        raise ValueError(f'"{text}" is not a number of points: write digits alone, like 1200')
    if int(text) > MOST_POINTS:
        raise ValueError(f"{text} points are more than {MOST_POINTS:,}: is it a slip?")
    return int(text)


def _state(text: str) -> State:
    try:
        return State(text.lower() or State.AVAILABLE.value)
    except ValueError:
        known = ", ".join(state.value for state in State)
        raise ValueError(f'the state "{text}" is not known; known are {known}') from None


def _ends(text: str, reading: Reading) -> datetime | None:
    moment = _moment("expires_on", text, lambda day: day_end(day, reading.zone))
    if moment is not None and moment <= reading.now:
        raise ValueError(f"expires_on {text} is past: these points are gone, leave the row out")
    return moment


def _begins(column: str, text: str, reading: Reading) -> datetime | None:
    moment = _moment(column, text, lambda day: day_start(day, reading.zone))
    if column == "earned_on" and moment is not None and moment > reading.now:
        raise ValueError(f"earned_on {text} is still to come")
    return moment


def _moment(column: str, text: str, of_day: Callable[[date], datetime]) -> datetime | None:
    if not text:
        return None
    wrong = f'{column} "{text}" is not a date: write it like 2026-12-31'
    try:
        day, moment = date.fromisoformat(text), None
    except ValueError:
        try:
            day, moment = date.min, datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(wrong) from None
    if moment is None:
        if not 1900 <= day.year <= _LAST_YEAR:
            raise ValueError(wrong)
        return of_day(day)
    if moment.tzinfo is None or not 1900 <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{wrong}, or with a time and its zone, like 2026-12-31T23:00:00+00:00")
    return moment


def _short(column: str, text: str) -> None:
    if len(text) > LONGEST:
        raise ValueError(f"{column} has {len(text)} characters: at most {LONGEST} are possible")


def _contradictions(state: object, cells: Mapping[str, str]) -> list[str]:
    if state is State.OWED and (cells.get("expires_on") or cells.get("available_on")):
        return ["what is owed has no dates: leave expires_on and available_on empty"]
    if state is not State.PENDING and cells.get("available_on"):
        return [f"available_on belongs to state pending, not to {state}"]
    return []
