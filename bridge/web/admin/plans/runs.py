"""Runs: what was sent to the shops, what became of each row, taking a run back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import abort, flash, make_response, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.outbox.models import DeliveryState, Run
from bridge.outbox.review import retry
from bridge.plans.keeping import keep_undo
from bridge.plans.run_reading import (
    DeliveryWanted,
    refused_of,
    some_deliveries,
    some_runs,
    states_of,
    way_of,
)
from bridge.plans.runs import run_numbered
from bridge.users.roles import Permission
from bridge.web.admin import asked
from bridge.web.admin.plans import values as plan_values
from bridge.web.admin.plans.approval import send
from bridge.web.admin.plans.pages import begin
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import jobs
from bridge.web.speaking import _, ngettext

pages = Pages()
RUNS_AT_ONCE = 20
AT_ONCE = 50


@pages.get("/runs", Permission.LOOK)
def runs(visit: Visit) -> Any:
    below = asked.number("below")
    with visit.app.database.reading() as session:
        workspace_id = visit.app.workspace_id
        found = some_runs(session, workspace_id, below=below, limit=RUNS_AT_ONCE + 1)
        shown = found[:RUNS_AT_ONCE]
        states = states_of(session, workspace_id, [one.id or 0 for one in shown])
    return page(
        "runs.html",
        runs=shown,
        ways={one.id: way_of(states[one.id or 0]) for one in shown},
        below=shown[-1].number if len(found) > RUNS_AT_ONCE else None,
        is_older=below is not None,
    )


@pages.get("/runs/<int:number>", Permission.LOOK)
def run(visit: Visit, number: int) -> Any:
    wanted = _wanted()
    above = asked.number("above")
    with visit.app.database.reading() as session:
        found = _run(session, visit, number)
        workspace_id, run_id = visit.app.workspace_id, found.id or 0
        states = states_of(session, workspace_id, [run_id])[run_id]
        rows = some_deliveries(
            session, workspace_id, run_id, wanted, above=above, limit=AT_ONCE + 1
        )
        shops = installations(session, workspace_id)
    return page(
        "run.html",
        run=found,
        states=states,
        way=way_of(states),
        rows=rows[:AT_ONCE],
        older=rows[AT_ONCE - 1].id if len(rows) > AT_ONCE else None,
        is_older=above is not None,
        wanted=wanted,
        filters={name: value for name, value in asdict(wanted).items() if value},
        shops=shops,
        values=plan_values,
        order=[state.value for state in DeliveryState],
    )


@pages.get("/runs/<int:number>/progress", Permission.LOOK)
def run_progress(visit: Visit, number: int) -> Any:
    """The part of the page that is loaded again each second; the whole page once it is over."""
    with visit.app.database.reading() as session:
        found = _run(session, visit, number)
        run_id = found.id or 0
        states = states_of(session, visit.app.workspace_id, [run_id])[run_id]
    way = way_of(states)
    if way.is_over:
        onward = make_response("", 200)
        onward.headers["HX-Redirect"] = visit.url("run", number=number)
        return onward
    return page("run_progress.html", run=found, way=way)


@pages.post("/runs/<int:number>/continue", Permission.APPLY)
def continue_run(visit: Visit, number: int) -> Any:
    with visit.app.database.reading() as session:
        _run(session, visit, number)
    visit.wake("deliver")
    send(jobs(), visit.app, visit.user.name, visit.url("run", number=number))
    return redirect(visit.url("run", number=number), 303)


@pages.post("/runs/<int:number>/retry", Permission.RETRY)
def retry_run(visit: Visit, number: int) -> Any:
    """Gives what the shops refused another try."""
    with visit.app.database.writing() as session:
        found = _run(session, visit, number)
        ids = refused_of(session, visit.app.workspace_id, found.id or 0)
        count = retry(session, visit.app.workspace_id, ids)
        if count:
            _record(session, visit, "run.retried", number, {"count": count})
    if not count:
        flash(_("Nothing of this run was refused."), "info")
        return redirect(visit.url("run", number=number), 303)
    told = ngettext("%(number)s row is tried again.", "%(number)s rows are tried again.", count)
    flash(told, "success")
    visit.wake("deliver")
    send(jobs(), visit.app, visit.user.name, visit.url("run", number=number))
    return redirect(visit.url("run", number=number), 303)


@pages.post("/runs/<int:number>/undo", Permission.APPLY)
def plan_undo(visit: Visit, number: int) -> Any:
    """Shows what taking the run back would do; nothing is sent before somebody approves that."""
    with visit.app.database.reading() as session:
        _run(session, visit, number)
    app, by = visit.app, visit.user.name

    def work(progress: Progress) -> int:
        return keep_undo(app, number, by, progress)

    return begin(visit, work)


def _wanted() -> DeliveryWanted:
    told = request.args
    return DeliveryWanted(
        told.get("state", ""),
        told.get("store", ""),
        told.get("kind", ""),
        told.get("text", "").strip()[:100],
    )


def _run(session: Session, visit: Visit, number: int) -> Run:
    try:
        return run_numbered(session, visit.app.workspace_id, number)
    except BridgeError:
        abort(404)


def _record(
    session: Session, visit: Visit, action: str, number: int, after: dict[str, Any]
) -> None:
    subject = Subject("run", str(number), f"run {number}")
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        subject,
        visit.app.now(),
        after=after,
    )
