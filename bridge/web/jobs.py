"""Work that takes longer than a request: done by threads of this process, watched on a page.

A job lives as long as the process: work that must survive a restart belongs into the database
(runs, the inbox) and only *starts* here. Its result is kept for an hour.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import structlog
from flask import current_app

from bridge.kit.clock import Clock
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress, Task
from connectors.sentences import text_of

log = structlog.get_logger(__name__)

EXTENSION = "loyalty_bridge.jobs"
KEPT = timedelta(hours=1)
"""How long a finished job can be asked for."""
MOST_KEPT = 5
"""Of one name in one workspace: what a job made of a large file takes memory."""

Work = Callable[[Progress], Any]


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a job's work, as :class:`bridge.kit.progress.Progress` was told of it."""

    label: str
    done: int
    total: int | None
    unit: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Job:
    """As it is at one moment."""

    id: str
    name: str
    workspace_id: int
    by: str
    """Who started it, as pages show him."""
    then: str
    """The address of the page that shows its result."""
    started_at: datetime
    state: JobState
    steps: tuple[Step, ...]
    result: Any
    """What the work returned, once it is done."""
    problem: str
    """Why it failed, in one line; empty where that is a defect of ours: the log names it."""

    @property
    def is_running(self) -> bool:
        return self.state is JobState.RUNNING


class AlreadyRunning(BridgeError):
    """Only one of a name runs at a time; ``job`` is that one."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"{job.by} started this a moment ago, and it is still running.")
        self.job = job


class Jobs:
    """Of all workspaces of this process. Share it between threads."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}

    def start(
        self, name: str, workspace_id: int, work: Work, by: str, then: Callable[[str], str]
    ) -> str:
        """Begins ``work(progress)`` in a thread and answers with the job's id.

        ``then`` makes, from that id, the address to go to when it is done. ``work`` has no
        request: take out of it before what is needed. Raises :class:`AlreadyRunning`.
        """
        job_id = secrets.token_urlsafe(12)
        job = _Running(job_id, name, workspace_id, by, then(job_id), self._now())
        with self._lock:
            self._forget()
            before = list(self._of(workspace_id, name))
            for other in before:
                if other.state is JobState.RUNNING:
                    raise AlreadyRunning(other.shown())
            for other in before[: 1 - MOST_KEPT]:
                del self._running[other.id]
            self._running[job_id] = job
        job.thread = threading.Thread(
            target=self._run, args=(job, work), name=f"job-{name}", daemon=True
        )
        job.thread.start()
        return job_id

    def find(self, workspace_id: int, job_id: str) -> Job | None:
        """``None``: there is none, or it is forgotten, or it ended with its process."""
        with self._lock:
            self._forget()
            found = self._running.get(job_id)
        if found is None or found.workspace_id != workspace_id:
            return None
        return found.shown()

    def newest(self, workspace_id: int, name: str) -> Job | None:
        """The last one started of this name that is not forgotten."""
        with self._lock:
            self._forget()
            found = list(self._of(workspace_id, name))
        return found[-1].shown() if found else None

    def wait(self, job_id: str, seconds: float = 60.0) -> None:
        """Until it is over: for tests and commands, not for pages."""
        with self._lock:
            found = self._running.get(job_id)
        if found is not None and found.thread is not None:
            found.thread.join(seconds)

    def _of(self, workspace_id: int, name: str) -> Iterable[_Running]:
        return [
            one
            for one in self._running.values()
            if one.workspace_id == workspace_id and one.name == name
        ]

    def _run(self, job: _Running, work: Work) -> None:
        try:
            result = work(job)
        except BridgeError as error:
            job.end(JobState.FAILED, self._now(), problem=text_of(error))
        except Exception as error:  # noqa: BLE001 - a defect must end on the page as well
            # Its text may hold a person's data; the log gets its kind and place.
            log.error("job failed", job=job.name, reason=type(error).__name__, place=_place(error))
            job.end(JobState.FAILED, self._now())
        else:
            job.end(JobState.DONE, self._now(), result=result)

    def _forget(self) -> None:
        limit = self._now() - KEPT
        gone = [key for key, one in self._running.items() if one.ended_by(limit)]
        for key in gone:
            del self._running[key]


@dataclass
class _Running:
    """A job with its thread; also the :class:`Progress` its work reports to."""

    id: str
    name: str
    workspace_id: int
    by: str
    then: str
    started_at: datetime
    state: JobState = JobState.RUNNING
    thread: threading.Thread | None = None
    _result: Any = None
    _problem: str = ""
    _ended_at: datetime | None = None
    _steps: list[_Step] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        step = _Step(self._lock, label, total, unit)
        with self._lock:
            self._steps.append(step)
        return step

    def end(self, state: JobState, now: datetime, *, result: Any = None, problem: str = "") -> None:
        with self._lock:
            self._result, self._problem, self._ended_at = result, problem, now
            self.state = state

    def ended_by(self, moment: datetime) -> bool:
        return self._ended_at is not None and self._ended_at <= moment

    def shown(self) -> Job:
        with self._lock:
            return Job(
                self.id,
                self.name,
                self.workspace_id,
                self.by,
                self.then,
                self.started_at,
                self.state,
                tuple(step.shown() for step in self._steps),
                self._result,
                self._problem,
            )


class _Step:
    """One task of a job."""

    def __init__(self, lock: threading.Lock, label: str, total: int | None, unit: str) -> None:
        self._lock = lock
        self._label, self._total, self._unit = label, total, unit
        self._done = 0
        self._is_over = False

    def advance(self, count: int = 1) -> None:
        with self._lock:
            self._done += count

    def expect(self, total: int) -> None:
        with self._lock:
            self._total = total

    def shown(self) -> Step:
        """The caller holds the lock."""
        return Step(self._label, self._done, self._total, self._unit, self._is_over)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_over = True


def jobs() -> Jobs:
    """Of the application that answers this request."""
    found: Jobs = current_app.extensions[EXTENSION]
    return found


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
