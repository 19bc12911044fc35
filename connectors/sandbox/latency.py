"""How long a sandbox takes, after what live shops took.

A shop does not scale without end: calls that run together share what it can do. Each call has
an amount of work (milliseconds alone on the shop); while *n* calls run, the shop works
``speedup[n - 1]`` times as fast as for one, shared evenly between them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

WORK = "sandbox.work"
"""Where in the WSGI environment a shop says what a call amounted to."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one call asked the shop to do. ``kind`` names a row of the latency profile."""

    kind: str = ""
    rows: int = 0
    skus: int = 0


def note_work(environ: dict[str, Any], kind: str, rows: int = 0, skus: int = 0) -> None:
    """Called by a shop's handler: what this call amounts to, for the latency and the log."""
    environ[WORK] = Work(kind, rows, skus)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call costs when it runs alone, in milliseconds."""

    per_call_ms: float = 0.0
    per_row_ms: float = 0.0
    per_sku_ms: float = 0.0
    minimum_ms: float = 0.0

    def of(self, work: Work) -> float:
        total = self.per_call_ms + work.rows * self.per_row_ms + work.skus * self.per_sku_ms
        return max(total, self.minimum_ms)


@dataclass(frozen=True, slots=True)
class Latency:
    """Costs by kind of call (``""`` for all others) and how the shop scales.

    ``speedup``: how many times faster than one call *n* calls together are done, for n = 1, 2,
    …; the last value holds for more. Empty: calls do not hinder each other.
    """

    costs: Mapping[str, Cost] = field(default_factory=dict)
    speedup: tuple[float, ...] = ()

    def cost_ms(self, work: Work) -> float:
        cost = self.costs.get(work.kind) or self.costs.get("")
        return cost.of(work) if cost else 0.0

    def rate(self, running: int) -> float:
        """The share of the shop's single-call speed that each of ``running`` calls gets."""
        if not self.speedup or running < 1:
            return 1.0
        together = self.speedup[min(running, len(self.speedup)) - 1]
        return min(1.0, together / running)

    def as_json(self) -> dict[str, Any]:
        costs = {kind: asdict(cost) for kind, cost in self.costs.items()}
        return {"costs": costs, "speedup": list(self.speedup)}


NO_LATENCY = Latency()


def latency_from(value: object, recorded: Latency) -> Latency:
    """Reads a latency switch: ``"none"``, ``"recorded"``, or an object.

    The object is either ``{per_call_ms, per_row_ms, per_sku_ms, minimum_ms, speedup}`` for all
    calls alike, or what :meth:`Latency.as_json` gives. Raises ValueError for anything else.
    """
    if isinstance(value, Latency):
        return value
    if value in ("none", None):
        return NO_LATENCY
    if value == "recorded":
        return recorded
    if not isinstance(value, Mapping):
        raise ValueError(f'latency must be "none", "recorded" or an object, not {value!r}')
    fields = dict(value)
    speedup = tuple(float(step) for step in fields.pop("speedup", ()))
    costs = fields.pop("costs", None)
    try:
        if costs is None:
            return Latency({"": Cost(**fields)}, speedup)
        if fields:
            raise TypeError(f"unexpected {sorted(fields)}")
        return Latency({kind: Cost(**cost) for kind, cost in costs.items()}, speedup)
    except TypeError as error:
        raise ValueError(f"latency: {error}") from error


class Workbench:
    """Where the calls of one shop wait together, sharing its speed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0

    def spend(self, latency: Latency, milliseconds: float) -> None:
        """Returns once ``milliseconds`` of single-call work are done."""
        if milliseconds <= 0:
            return
        with self._changed:
            self._running += 1
            self._changed.notify_all()
            try:
                self._work_off(latency, milliseconds / 1000)
            finally:
                self._running -= 1
                self._changed.notify_all()

    def _work_off(self, latency: Latency, remaining: float) -> None:
        while remaining > 1e-5:
            rate = latency.rate(self._running)
            began = time.monotonic()
            self._changed.wait(remaining / rate)
            remaining -= (time.monotonic() - began) * rate
