"""Work in the background of the web process: one of a name, watched, kept for an hour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.web.jobs import MOST_KEPT, AlreadyRunning, Jobs, JobState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
A_MINUTE = 60.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Held:
    """Work that has counted three of ten, and waits to be let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> str:
        with progress.task("shop-de: reading orders", 10, "orders") as task:
            task.advance(3)
            self.has_begun.set()
            assert self.may_end.wait(A_MINUTE)
        return "the result"


def start(jobs: Jobs, work: Callable[[Progress], object], *, workspace: int = 1) -> str:
    return jobs.start("preview", workspace, work, "Ada", lambda job_id: f"/result/{job_id}")


def test_a_job_tells_how_far_it_is_and_keeps_its_result() -> None:
    jobs, held = Jobs(Clock()), Held()
    job_id = start(jobs, held)
    assert held.has_begun.wait(A_MINUTE)

    found = jobs.find(1, job_id)
    assert found is not None and found.is_running
    (step,) = found.steps
    assert (step.label, step.done, step.total, step.unit) == (
        "shop-de: reading orders",
        3,
        10,
        "orders",
    )
    assert found.then == f"/result/{job_id}"

    held.may_end.set()
    jobs.wait(job_id)
    found = jobs.find(1, job_id)
    assert found is not None
    assert (found.state, found.result) == (JobState.DONE, "the result")
    assert found.steps[0].is_over


def test_one_of_a_name_runs_at_a_time_in_a_workspace() -> None:
    jobs, held = Jobs(Clock()), Held()
    first = start(jobs, held)
    with pytest.raises(AlreadyRunning, match="Ada started this") as refused:
        start(jobs, held)
    assert refused.value.job.id == first

    elsewhere = start(jobs, held, workspace=2)
    assert jobs.find(1, elsewhere) is None, "a job of another workspace does not exist"

    held.may_end.set()
    jobs.wait(first)
    jobs.wait(elsewhere)
    assert start(jobs, lambda progress: None) != first


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BridgeError("The shop does not answer."), "The shop does not answer."),
        (ValueError("ada@example.com"), ""),
    ],
)
def test_a_job_that_fails_says_why_but_nothing_that_only_a_trace_knows(
    error: Exception, told: str
) -> None:
    def work(progress: Progress) -> None:
        raise error

    jobs = Jobs(Clock())
    job_id = start(jobs, work)
    jobs.wait(job_id)
    found = jobs.find(1, job_id)
    assert found is not None
    assert (found.state, found.problem) == (JobState.FAILED, told)


def test_a_job_is_forgotten_an_hour_after_its_end() -> None:
    clock = Clock()
    jobs = Jobs(clock)
    job_id = start(jobs, lambda progress: "kept")
    jobs.wait(job_id)
    clock.now += timedelta(minutes=59)
    assert jobs.find(1, job_id) is not None
    newest = jobs.newest(1, "preview")
    assert newest is not None and newest.id == job_id
    clock.now += timedelta(minutes=1)
    assert jobs.find(1, job_id) is None
    assert jobs.newest(1, "preview") is None


def test_of_one_name_the_last_ones_are_kept() -> None:
    """Each may hold what was in a large file."""
    jobs = Jobs(Clock())
    other = start(jobs, lambda _progress: "theirs", workspace=2)
    ids = []
    for _ in range(MOST_KEPT + 2):
        ids.append(start(jobs, lambda _progress: "the result"))
        jobs.wait(ids[-1])
    assert [one for one in ids if jobs.find(1, one) is not None] == ids[2:]
    assert jobs.find(2, other) is not None
