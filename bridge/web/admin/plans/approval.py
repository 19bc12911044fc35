"""Approving a plan, alone or as the second person, and starting what it does."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlmodel import Session

from bridge.application import Application
from bridge.approvals.models import WaitingChange
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.plans.approving import ACTION as NAME
from bridge.plans.approving import approve_second, carry_out, let_go
from bridge.plans.service import chosen, deliver
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.deciding import Action
from bridge.web.jobs import AlreadyRunning, Jobs, jobs
from bridge.web.speaking import lazy, ngettext

JOB = "plan"
"""Making, approving and taking back: one at a time in a workspace."""
DELIVERY = "deliver"


def start(visit: Visit, plan_id: int) -> str:
    """Makes the approved plan into a run and sends it; the address where one can watch.

    Raises :class:`AlreadyRunning`.
    """
    app, found, wake, by = visit.app, jobs(), visit.wake, visit.user.name
    onward = visit.url("plan_outcome", plan_id=plan_id)

    def work(progress: Progress) -> int | None:
        run = carry_out(app, plan_id, progress)
        if run is not None:
            wake("deliver")
            send(found, app, by, onward)
        return run

    job_id = found.start(JOB, app.workspace_id, work, by, lambda _id: onward)
    return visit.url("job", job_id=job_id)


def send(found: Jobs, app: Application, by: str, onward: str) -> None:
    """Delivers what is queued, in a job of its own. The engine, where it runs, may do it first:
    rows are leased, none goes out twice."""

    def work(progress: Progress) -> None:
        deliver(app, chosen(app, ()), progress)

    with suppress(AlreadyRunning):  # that one goes on until nothing is left
        found.start(DELIVERY, app.workspace_id, work, by, lambda _id: onward)


def _perform(session: Session, visit: Visit, change: WaitingChange) -> None:
    running = jobs().newest(visit.app.workspace_id, JOB)
    if running is not None and running.is_running:
        raise BridgeError("Work on a plan is going on. Decide this when it is finished.")
    approve_second(session, visit.app, change, visit.actor)


def _told(_visit: Visit, change: WaitingChange) -> list[tuple[Any, str]]:
    changes = int(change.arguments["changes"])
    return [(lazy("It sends"), ngettext("%(number)s change", "%(number)s changes", changes))]


def _let_go(session: Session, visit: Visit, change: WaitingChange) -> None:
    let_go(session, visit.app, change)


def _where(visit: Visit, change: WaitingChange) -> str:
    return visit.url("plan", id=change.arguments["plan"])


def _then(visit: Visit, change: WaitingChange) -> str:
    return start(visit, int(change.arguments["plan"]))


ACTION = Action(
    title=lazy("Apply a plan"),
    perform=_perform,
    told=_told,
    let_go=_let_go,
    where=_where,
    then=_then,
)
__all__ = ["ACTION", "DELIVERY", "JOB", "NAME", "send", "start"]
