"""Replays recorded exchanges against a running shop and says where its answers differ.

Ids differ from day to day: what an answer calls an id is learnt beside the recorded one, and
put in its place in later requests and expectations. Names can be changed throughout, to tell a
shop that thinks from one that recites.

A platform's test says, in a :class:`Rules`, what is an id, what is compared by value, and how
bodies that were shortened in the recording are made whole again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).parent.parent / "contracts"

KeyPath = tuple[str, ...]
"""Where a value stands in a body: keys, and ``[]`` for any place in a list."""


@dataclass(frozen=True)
class Exchange:
    scenario: str
    index: int
    name: str
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    authorized: bool
    body: Any
    status: int
    answer: Any
    note: str = ""

    @property
    def key(self) -> tuple[str, int]:
        return self.scenario, self.index

    def __str__(self) -> str:
        return f"{self.scenario}#{self.index} {self.name}"


def load(shop: str, scenario: str) -> list[Exchange]:
    """The exchanges of ``contracts/<shop>/<scenario>.json``."""
    recording = json.loads((CONTRACTS / shop / f"{scenario}.json").read_text("utf-8"))
    found = []
    for index, one in enumerate(recording["exchanges"]):
        asked, said = one["request"], one["response"]
        found.append(
            Exchange(
                scenario,
                index,
                one["name"],
                asked["method"],
                asked["path"],
                asked.get("query") or {},
                asked.get("headers") or {},
                bool(asked.get("authorized")),
                asked.get("body"),
                said["status"],
                said.get("body"),
                one.get("note") or "",
            )
        )
    return found


# -- comparing ------------------------------------------------------------------------------


class How(Enum):
    VALUE = "the same value, lists in the same order"
    FORMAT = "the same type; of a text, digits where there were digits"
    SHAPE = "the same keys and types; of a list, each entry like one of the recorded ones"


def differences(
    expected: Any, actual: Any, how: Callable[[KeyPath], How], at: KeyPath = ()
) -> list[str]:
    """What is wrong with ``actual``, one line each, naming the place."""
    if _kind(expected) != _kind(actual):
        return [f"{_place(at)}: {_short(actual)} instead of {_short(expected)}"]
    if isinstance(expected, dict):
        return _of_objects(expected, actual, how, at)
    if isinstance(expected, list):
        return _of_lists(expected, actual, how, at)
    mode = how(at)
    if mode is How.VALUE and expected != actual:
        return [f"{_place(at)}: {_short(actual)} instead of {_short(expected)}"]
    if mode is How.FORMAT and _digits(expected) != _digits(actual):
        return [f"{_place(at)}: {_short(actual)} is not written like {_short(expected)}"]
    return []


def _of_objects(
    expected: dict[str, Any], actual: dict[str, Any], how: Callable[[KeyPath], How], at: KeyPath
) -> list[str]:
    found = [f"{_place(at)}: lacks {key!r}" for key in expected if key not in actual]
    found += [f"{_place(at)}: has {key!r} besides" for key in actual if key not in expected]
    for key in expected:
        if key in actual:
            found += differences(expected[key], actual[key], how, (*at, key))
    return found


def _of_lists(
    expected: list[Any], actual: list[Any], how: Callable[[KeyPath], How], at: KeyPath
) -> list[str]:
    below = (*at, "[]")
    if how(at) is not How.SHAPE:
        if len(expected) != len(actual):
            return [f"{_place(at)}: {len(actual)} entries instead of {len(expected)}"]
        pairs = zip(expected, actual, strict=True)
        return [line for one, other in pairs for line in differences(one, other, how, below)]
    if bool(expected) != bool(actual):
        return [f"{_place(at)}: {len(actual)} entries instead of {len(expected)}"]
    found = []
    for entry in actual:
        tries = [differences(one, entry, how, below) for one in expected]
        if tries and all(tries):
            found += min(tries, key=len)
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list, str)):
        return type(value).__name__
    return "number"


def _digits(value: Any) -> Any:
    return re.sub(r"\d+", "0", value) if isinstance(value, str) else None


def _place(at: KeyPath) -> str:
    return ".".join(at) or "answer"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


# -- replaying ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    status: int
    body: Any
    """Parsed JSON, or the text of anything else."""


def everything_by_value(exchange: Exchange, at: KeyPath) -> How:
    return How.VALUE


def no_id(exchange: Exchange, at: KeyPath) -> str:
    return ""


@dataclass(frozen=True)
class Rules:
    """What a platform's test knows about its recordings.

    Paths given to ``id_kind`` begin with ``request`` or ``answer``.
    """

    id_kind: Callable[[Exchange, KeyPath], str] = no_id
    """The kind of id that stands at a place of a body, ``""`` for none."""
    path_ids: Sequence[tuple[str, str]] = ()
    """Regular expressions whose first group is an id in a request's path, with its kind."""
    how: Callable[[Exchange, KeyPath], How] = everything_by_value
    expand: Callable[[Exchange], Exchange] = lambda exchange: exchange
    """Makes shortened bodies whole, before names are changed."""
    check: Callable[[Exchange, Said], list[str] | None] = lambda exchange, said: None
    """An own comparison for exchanges whose answer was shortened; None: compare as usual."""


@dataclass
class Replay:
    """``send`` performs a request whose ids and names are those of the running shop."""

    send: Callable[[Exchange], Said]
    rules: Rules = field(default_factory=Rules)
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old text to new, replaced wherever it occurs; longest first."""
    ids: dict[tuple[str, str], Any] = field(default_factory=dict)
    """(kind, recorded id as text) to the running shop's id."""

    def run(self, exchanges: Iterable[Exchange]) -> dict[tuple[str, int], list[str]]:
        """The differences of each exchange; they are sent in the order given."""
        return {exchange.key: self.exchange(exchange) for exchange in exchanges}

    def exchange(self, exchange: Exchange) -> list[str]:
        whole = self.rules.expand(exchange)
        asked = self._asked(whole)
        said = self.send(asked)
        self._learn(whole, whole.answer, said.body, ("answer",))
        if said.status != exchange.status:
            return [f"status {said.status} instead of {exchange.status}: {_short(said.body)}"]
        expected = replace(asked, answer=self._translated(whole, whole.answer, ("answer",)))
        own = self.rules.check(expected, said)
        if own is not None:
            return own
        return differences(expected.answer, said.body, lambda at: self.rules.how(exchange, at))

    # -- names and ids ----------------------------------------------------------------------

    def renamed(self, text: str) -> str:
        if not self.renames:
            return text
        names = sorted(self.renames, key=len, reverse=True)
        pattern = "|".join(map(re.escape, names))
        return re.sub(pattern, lambda found: self.renames[found.group()], text)

    def _asked(self, exchange: Exchange) -> Exchange:
        query = {
            key: self.renamed(value) if isinstance(value, str) else value
            for key, value in exchange.query.items()
        }
        return replace(
            exchange,
            path=self.renamed(self._path(exchange.path)),
            query=query,
            body=self._translated(exchange, exchange.body, ("request",)),
        )

    def _path(self, path: str) -> str:
        for pattern, kind in self.rules.path_ids:
            found = re.search(pattern, path)
            if found and (kind, found[1]) in self.ids:
                own = str(self.ids[(kind, found[1])])
                return path[: found.start(1)] + own + path[found.end(1) :]
        return path

    def _translated(self, exchange: Exchange, value: Any, at: KeyPath) -> Any:
        if isinstance(value, dict):
            return {key: self._translated(exchange, one, (*at, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._translated(exchange, one, (*at, "[]")) for one in value]
        kind = self.rules.id_kind(exchange, at)
        if kind and (kind, str(value)) in self.ids:
            own = self.ids[(kind, str(value))]
            return type(value)(own)
        return self.renamed(value) if isinstance(value, str) else value

    def _learn(self, exchange: Exchange, recorded: Any, actual: Any, at: KeyPath) -> None:
        if isinstance(recorded, dict) and isinstance(actual, dict):
            for key in (key for key in recorded if key in actual):
                self._learn(exchange, recorded[key], actual[key], (*at, key))
        elif isinstance(recorded, list) and isinstance(actual, list):
            for one, other in zip(recorded, actual, strict=False):
                self._learn(exchange, one, other, (*at, "[]"))
        elif recorded is not None and actual is not None:
            kind = self.rules.id_kind(exchange, at)
            if kind:
                self.ids.setdefault((kind, str(recorded)), actual)
