"""What an engine is asked to run, and what every engine does. It knows no scheduler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bridge.engine.bench import Bench
from bridge.installations.models import Installation


class Scope(StrEnum):
    SHOP = "shop"
    """Once for each installation; several installations at the same time."""
    WORKSPACE = "workspace"
    """Once for the merchant."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one run of a step came to."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """What was done, by what people call it; zeros may be left out."""
    problems: tuple[str, ...] = ()
    """What a person should hear of, one line each."""
    remarks: tuple[str, ...] = ()
    follow: frozenset[str] = frozenset()
    """Steps that have something to do because of it."""
    failed: bool = False
    """It came to nothing, and is left alone for a while that grows."""


NOTHING_DONE = Done()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done again and again. Each is safe to run beside itself, in other
    threads and processes, and may end at any moment: the next run goes on."""

    name: str
    scope: Scope
    shop: Callable[[Bench, Installation], Done] | None = None
    """For :attr:`Scope.SHOP`,"""
    workspace: Callable[[Bench], Done] | None = None
    """and for :attr:`Scope.WORKSPACE`. Either may raise: that is told, and tried again."""
    every: timedelta | None = None
    """How often it runs by itself; ``None``: at the start, and when another step asks for it."""
    rests: int = 0
    """After a run it pauses for so many times as long as that run took: for steps that look at
    everybody, so that a busy shop does not keep them running without end."""


class Engine(Protocol):
    """Runs steps until it is stopped. A step never runs twice at once for one installation in
    one engine; asked for while it runs, it runs once more."""

    def start(self) -> None:
        """Every step runs once now, and from then on when it is due."""
        ...

    def wake(self, step: str, installation_id: int | None = None) -> None:
        """Something is there to do; returns at once. ``None``: in every installation."""
        ...

    def problem(self) -> str:
        """Why it does not work as it should; empty: it does."""
        ...

    def stop(self, grace: float) -> bool:
        """Begins nothing new, lets what runs come to a good place, and says whether all of it
        ended within ``grace`` seconds. What did not is taken up by the next engine."""
        ...
