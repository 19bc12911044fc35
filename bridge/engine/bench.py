"""What steps work with."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from bridge.application import Application
from bridge.balances.pushing import Pusher
from bridge.engine.connectors import Connectors
from bridge.kit.progress import NoProgress, Progress, Task
from bridge.outbox.workers import Worker


class Stopped(Exception):
    """Work was broken off between two pieces of it, because the process ends."""


@dataclass
class Bench:
    """Made by :func:`open_bench`. Share it between threads; close it at the end."""

    app: Application
    worker: Worker
    progress: Progress = field(default_factory=NoProgress)
    since: datetime | None = None
    """Polls read from here on again."""
    at_once: bool = False
    """What pauses after a failure is tried all the same."""
    stopping: threading.Event = field(default_factory=threading.Event)
    connectors: Connectors = field(init=False)
    lease: timedelta = field(init=False)
    pusher: Pusher = field(init=False)

    def __post_init__(self) -> None:
        app = self.app
        self.connectors = Connectors(app)
        self.lease = timedelta(seconds=app.settings.lease_seconds)
        self.pusher = Pusher(app.database, app.workspace_id, app.now, self.worker.id, self.lease)

    def pause(self, seconds: float) -> None:
        """Waits, but not once it is to stop."""
        self.stopping.wait(seconds)

    @property
    def interruptible(self) -> Progress:
        """For work that tells its progress outside of any transaction: where it does so, it
        breaks off when it is to stop."""
        return _Interruptible(self.progress, self.stopping)

    def close(self) -> None:
        self.connectors.close()
        self.worker.close()


def open_bench(
    app: Application, *, progress: Progress | None = None, since: datetime | None = None
) -> Bench:
    return Bench(app, Worker(app.settings.home), progress or NoProgress(), since)


class _Interruptible:
    def __init__(self, progress: Progress, stopping: threading.Event) -> None:
        self._progress = progress
        self._stopping = stopping

    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        return _Task(self._progress.task(label, total, unit), self._stopping)


class _Task:
    def __init__(self, task: Task, stopping: threading.Event) -> None:
        self._task = task
        self._stopping = stopping

    def advance(self, count: int = 1) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._task.advance(count)

    def expect(self, total: int) -> None:
        self._task.expect(total)

    def __enter__(self) -> Self:
        self._task.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.__exit__(kind, error, trace)
