"""How far long work is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from bridge.kit.progress import Task

SOONEST = 5.0
"""Seconds between two lines, at least."""
LATEST = 30.0
"""Seconds between two lines, at most, while anything moves."""
STEP = 0.1
"""The share of the whole that is worth a line."""


class PlainProgress:
    """One line when a task begins, one when it ends, and between them one for each tenth of it:
    not more often than every 5 seconds, not less often than every 30."""

    def __init__(
        self, say: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._monotonic = monotonic

    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        return _PlainTask(label, total, unit, self._say, self._monotonic)


class _PlainTask:
    def __init__(
        self,
        label: str,
        total: int | None,
        unit: str,
        say: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._say, self._monotonic = say, monotonic
        self._lock = threading.Lock()
        self._done = 0
        self._said = 0

    def __enter__(self) -> Self:
        self._began = self._spoke = self._monotonic()
        self._say(f"{self._label} …")
        return self

    def expect(self, total: int) -> None:
        with self._lock:
            self._total = total

    def advance(self, count: int = 1) -> None:
        with self._lock:
            self._done += count
            if not self._is_due():
                return
            self._spoke, self._said = self._monotonic(), self._done
            text = f"{self._label}: {self._count()}"
        self._say(text)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        seconds = self._monotonic() - self._began
        ending = "done" if error is None else "stopped"
        count = f", {self._count()}" if self._done or self._total is not None else ""
        self._say(f"{self._label}: {ending}{count} in {seconds:.1f} s")

    def _is_due(self) -> bool:
        silence = self._monotonic() - self._spoke
        if silence < SOONEST:
            return False
        return silence >= LATEST or self._done - self._said >= (self._total or 0) * STEP

    def _count(self) -> str:
        unit = f" {self._unit}" if self._unit else ""
        if not self._total:
            return f"{self._done:,}{unit}"
        return f"{self._done:,} of {self._total:,}{unit} ({100 * self._done // self._total} %)"


class LiveProgress:
    """Bars that move; each stays when its task is done."""

    def __init__(self, console: Console) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._started = False

    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        return _LiveTask(self, self._bars, label, total, unit)

    def start(self) -> None:
        if not self._started:
            self._started = True
            self._bars.start()

    def close(self) -> None:
        if self._started:
            self._bars.stop()
            self._started = False


class _LiveTask:
    def __init__(
        self, owner: LiveProgress, bars: RichProgress, label: str, total: int | None, unit: str
    ) -> None:
        self._owner, self._bars = owner, bars
        self._label, self._total, self._unit = label, total, unit
        self._id = TaskID(-1)

    def __enter__(self) -> Self:
        self._owner.start()
        # A bracket in a shop's name must not be read as markup.
        label = Text(self._label).markup
        self._id = self._bars.add_task(label, total=self._total, unit=self._unit)
        return self

    def expect(self, total: int) -> None:
        self._bars.update(self._id, total=total)

    def advance(self, count: int = 1) -> None:
        self._bars.advance(self._id, count)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and self._bars.tasks:
            task = next(task for task in self._bars.tasks if task.id == self._id)
            self._bars.update(self._id, total=task.completed)
        self._bars.stop_task(self._id)
        if all(task.finished or task.stop_time is not None for task in self._bars.tasks):
            self._owner.close()
