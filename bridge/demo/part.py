"""What every part of the demo's story is made of: steps, checks, and a way to the visitor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bridge.application import Application
from bridge.demo.stage import Shop, Stage
from bridge.plans.summary import PlanSummary

Rows = Sequence[tuple[str, ...]]
PATIENCE, _LOOK_EVERY = 30, 0.05
"""Seconds."""


class Teller(Protocol):
    """How the story reaches the visitor."""

    def step(self, number: int, of: int, title: str, why: str) -> None: ...

    def command(self, *command: str) -> None:
        """Shows a command that the story does the work of by itself."""
        ...

    def run(self, *command: str) -> int:
        """Runs a command of the bridge in full view; returns its exit code."""
        ...

    def plan(self, summary: PlanSummary) -> None: ...

    def table(self, columns: Sequence[str], rows: Rows, right: Sequence[str]) -> None:
        """``right``: the columns that hold numbers."""
        ...

    def live(
        self, columns: Sequence[str], rows: Callable[[], Rows], right: Sequence[str]
    ) -> AbstractContextManager[None]:
        """On a terminal a table that follows what happens meanwhile; elsewhere the table as it
        is at the end. ``rows`` is called from another thread."""
        ...

    def say(self, text: str) -> None: ...

    def passed(self, text: str) -> None: ...


class Step(NamedTuple):
    title: str
    why: str
    do: Callable[[], None]


class StepFailed(Exception):
    """A step did not do what it should."""

    def __init__(self, what: str, expected: object, found: object) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


@dataclass
class Part:
    """Some steps of the story. Each raises StepFailed when it does not do what it should."""

    stage: Stage
    teller: Teller

    def steps(self) -> list[Step]:
        raise NotImplementedError

    def shops(self) -> Sequence[Shop]:
        return list(self.stage.shops.values())

    def open(self) -> Application:
        return Application.open(self.stage.settings)

    def run(self, *command: str, code: int = 0) -> None:
        found = self.teller.run(*command)
        self.check_quietly(f"exit code of `{' '.join(command)}`", code, found)

    def check(self, what: str, expected: object, found: object) -> None:
        self.check_quietly(what, expected, found)
        self.teller.passed(what)

    def wait_for(self, what: str, expected: object, found: Callable[[], object]) -> float:
        """Until it is so; the seconds it took."""
        began = time.monotonic()
        while (now := found()) != expected:
            if time.monotonic() - began > PATIENCE:
                raise StepFailed(f"{what}, after {PATIENCE} seconds", expected, now)
            time.sleep(_LOOK_EVERY)
        return time.monotonic() - began

    @staticmethod
    def check_quietly(what: str, expected: object, found: object) -> None:
        if expected != found:
            raise StepFailed(what, expected, found)
