"""What is wrong in the books, and between them and the shops: looked for in the background, told
with its cause, and mended where the bridge can."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request

from bridge.audit.service import Actor, Subject, record
from bridge.kit.progress import Progress
from bridge.reconciling.findings import Finding, Report, Severity
from bridge.reconciling.service import reconcile
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import AlreadyRunning, Job, JobState, jobs
from bridge.web.speaking import _

pages = Pages()

NAME = "reconcile"
EACH = 50
DAYS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Asked:
    is_repair: bool
    ask_shops: bool
    days: int


@dataclass(frozen=True, slots=True)
class Done:
    """The result of the job."""

    asked: Asked
    report: Report


@pages.get("/work/reconcile", Permission.LOOK)
def reconciliation(visit: Visit) -> Any:
    job = jobs().newest(visit.app.workspace_id, NAME)
    if job is None or job.state is not JobState.DONE:
        return page("work_reconcile.html", job=job, done=None, days=DAYS)
    return _result(job)


@pages.post("/work/reconcile", Permission.RETRY)
def start_reconciliation(visit: Visit) -> Any:
    asked = Asked(
        request.form.get("do") == "repair",
        request.form.get("where") != "books",
        min(max(request.form.get("days", DAYS[0], type=int), 1), 36_500),
    )
    app, actor = visit.app, visit.actor

    def work(progress: Progress) -> Done:
        report = reconcile(
            app,
            repair=asked.is_repair,
            ask_shops=asked.ask_shops,
            window=timedelta(days=asked.days),
            progress=progress,
        )
        if asked.is_repair:
            _note(app, actor, report)
        return Done(asked, report)

    try:
        jobs().start(
            NAME, app.workspace_id, work, visit.user.name, lambda _id: visit.url("reconciliation")
        )
    except AlreadyRunning as running:
        flash(_("%(name)s has started it already.", name=running.job.by), "warning")
    return redirect(visit.url("reconciliation"), 303)


def _note(app: Any, actor: Actor, report: Report) -> None:
    with app.database.writing() as session:
        record(
            session,
            app.workspace_id,
            actor,
            "books.repaired",
            Subject("work", "", "reconcile"),
            app.now(),
            after={"repaired": len(report.repaired), "left": len(report.left)},
        )


def _result(job: Job) -> Any:
    done: Done = job.result
    report, check = done.report, request.args.get("check", "")
    found = _sorted(report)
    if check:
        found = [one for one in found if one[0].check == check]
        if not found:
            abort(404)
    start = number("start") or 0
    wrong = [one for one in report.left if one.severity is Severity.WRONG]
    return page(
        "work_reconcile.html",
        job=job,
        done=done,
        days=DAYS,
        rows=found[start : start + EACH],
        start=start,
        following=start + EACH if len(found) > start + EACH else None,
        each=EACH,
        check=check,
        checks=sorted(Counter(one.check for one, _is in _sorted(report)).items()),
        wrong=len(wrong),
        waiting=len(report.left) - len(wrong),
        can_mend=sum(one.fix is not None for one in report.left),
    )


def _sorted(report: Report) -> list[tuple[Finding, bool]]:
    """Each with whether it was repaired: what is wrong first, what waits next."""
    left = sorted(report.left, key=lambda one: one.severity is Severity.WAITS)
    return [*((one, False) for one in left), *((one, True) for one in report.repaired)]
