"""The plan: what would change in the shops, what it moves, and approving it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session
from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.validators import InputRequired

from bridge.audit.service import Subject, record
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.plans.approving import approve
from bridge.plans.keeping import CHANGE, keep_plan, kept_plan, newest_plan
from bridge.plans.models import KeptPlan, PlanRow, PlanState
from bridge.plans.parts import RemarkKind
from bridge.plans.reading import Wanted, all_rows, plan_rows, rows_at
from bridge.plans.resolving import Choice
from bridge.plans.service import pull_all, resolve
from bridge.plans.summary import Operation
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, numbers
from bridge.web.admin.csv_files import csv_file
from bridge.web.admin.forms import Form
from bridge.web.admin.plans import values as plan_values
from bridge.web.admin.plans.approval import JOB, send, start
from bridge.web.admin.plans.shown import around_plan, counted, money_lines, with_a_default
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import AlreadyRunning, Work, jobs
from bridge.web.speaking import _, lazy, said

pages = Pages()
AT_ONCE = 50
_OPERATIONS = [one.value for one in Operation]


class Making(Form):
    stores = SelectMultipleField(
        lazy("Stores"),
        description=lazy("None chosen: all of them."),
        validate_choice=False,
    )
    pull = BooleanField(lazy("Read the shops first: takes longer, and knows what changed there"))


class Approval(Form):
    digest = HiddenField(validators=[InputRequired()])


@pages.get("/plan", Permission.LOOK)
def plan(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/plan/make", Permission.CHANGE_PRICES)
def make_plan(visit: Visit) -> Any:
    form = _making(visit)
    stores = [name for name in (form.stores.data or ()) if name]
    app, by, reads = visit.app, visit.user.name, bool(form.pull.data)

    def work(progress: Progress) -> int:
        if reads:
            _read_shops(visit, stores, progress)
        return keep_plan(app, stores, by, progress)

    return begin(visit, work)


@pages.post("/plan/<int:plan_id>/approve", Permission.APPLY)
def approve_plan(visit: Visit, plan_id: int) -> Any:
    form = Approval()
    if not form.validate():
        abort(400)
    running = jobs().newest(visit.app.workspace_id, JOB)
    if running is not None and running.is_running:
        return redirect(visit.url("job", job_id=running.id), 303)
    try:
        with visit.app.database.writing() as session:
            state = approve(session, visit.app, plan_id, form.digest.data, visit.actor)
    except BridgeError as error:
        return _page(visit, 409, problem=said(error))
    if state is PlanState.WAITING:
        flash(_("It waits for a second person now: it moves more money than one may."), "warning")
        return redirect(visit.url("waiting_changes"), 303)
    return redirect(start(visit, plan_id), 303)


@pages.get("/plan/<int:plan_id>/outcome", Permission.LOOK)
def plan_outcome(visit: Visit, plan_id: int) -> Any:
    """Where an approved plan leads: to its run."""
    with visit.app.database.reading() as session:
        found = kept_plan(session, visit.app.workspace_id, plan_id)
    if found.run_number is None:
        return redirect(visit.url("plan", id=plan_id), 303)
    return redirect(visit.url("run", number=found.run_number), 303)


@pages.post("/plan/<int:plan_id>/resolve", Permission.APPLY)
def resolve_conflicts(visit: Visit, plan_id: int) -> Any:
    """Those that were ticked, or all; then the plan is made anew."""
    if request.form.get("take") not in [choice.value for choice in Choice]:
        abort(400)
    choice = Choice(request.form["take"])
    positions = numbers("row")
    with visit.app.database.reading() as session:
        found = kept_plan(session, visit.app.workspace_id, plan_id)
        rows = _conflicts(session, visit, plan_id, positions, every="all" in request.form)
        stores = list(found.stores)
    if not rows:
        return _page(visit, 422, problem=_("Tick the conflicts that you want to decide."))
    only = {(row.store, row.kind, row.key) for row in rows}
    app, actor, by = visit.app, visit.actor, visit.user.name

    def work(progress: Progress) -> int:
        decided = resolve(app, choice, stores, only=only)
        with app.database.writing() as session:
            record(
                session,
                app.workspace_id,
                actor,
                "conflicts.resolved",
                Subject("plan", str(plan_id), f"plan {plan_id}"),
                app.now(),
                after={"take": choice.value, "what": [one.label for one in decided][:20]}
                | {"count": len(decided)},
            )
        return keep_plan(app, stores, by, progress)

    return begin(visit, work)


@pages.post("/plan/finish", Permission.APPLY)
def finish_deliveries(visit: Visit) -> Any:
    """Sends what earlier runs left."""
    send(jobs(), visit.app, visit.user.name, visit.url("plan"))
    running = jobs().newest(visit.app.workspace_id, "deliver")
    assert running is not None
    return redirect(visit.url("job", job_id=running.id), 303)


@pages.get("/plan/<int:plan_id>/rows.csv", Permission.LOOK)
def plan_file(visit: Visit, plan_id: int) -> Any:
    wanted = _wanted()
    heads = (_("Store"), _("What"), _("Name"), _("From"), _("To"), _("A piece"), _("Why"))

    def rows() -> Any:
        with visit.app.database.reading() as session:
            for row in all_rows(session, visit.app.workspace_id, plan_id, wanted):
                yield (
                    row.store,
                    str(plan_values.OPERATIONS.get(row.operation, row.what)),
                    row.label,
                    plan_values.told(row.kind, row.before),
                    plan_values.told(row.kind, row.after),
                    plan_values.effect(row),
                    row.message or row.source,
                )

    with visit.app.database.reading() as session:
        kept_plan(session, visit.app.workspace_id, plan_id)
    return csv_file(f"plan-{plan_id}", heads, rows())


def begin(visit: Visit, work: Work) -> Any:
    """Work about plans, one at a time, and on to the page that shows how far it is."""
    onward = visit.url("plan")
    try:
        job_id = jobs().start(
            JOB, visit.app.workspace_id, work, visit.user.name, lambda _id: onward
        )
    except AlreadyRunning as error:
        flash(said(error), "warning")
        job_id = error.job.id
    return redirect(visit.url("job", job_id=job_id), 303)


def _read_shops(visit: Visit, stores: list[str], progress: Progress) -> None:
    failures = pull_all(visit.app, stores, progress).failures
    if failures:
        told = "; ".join(f"{one.installation}: {one.message}" for one in failures)
        raise BridgeError(f"Not every shop could be read, so that no plan was made. {told}")


# --- what the page shows --------------------------------------------------------------------


def _page(visit: Visit, status: int = 200, *, problem: str = "") -> Any:
    wanted = _wanted()
    above, below = (number(name) for name in ("above", "below"))
    with visit.app.database.reading() as session:
        found = _chosen(session, visit)
        rows: list[PlanRow] = []
        if found is not None:
            wanted = with_a_default(found, wanted)
            rows = plan_rows(
                session,
                visit.app.workspace_id,
                found.id or 0,
                wanted,
                above=above,
                below=below,
                limit=AT_ONCE + 1,
            )
        around = around_plan(session, visit, found)
    # One row more than is shown tells whether there is another page, on the far side.
    more = len(rows) > AT_ONCE
    shown = rows[-AT_ONCE:] if below is not None else rows[:AT_ONCE]
    has_newer = above is not None or (below is not None and more)
    return page(
        "plan.html",
        status,
        plan=found,
        rows=shown,
        newer=shown[0].position if shown and has_newer else None,
        older=shown[-1].position if shown and (more or below is not None) else None,
        wanted=wanted,
        filters={name: value for name, value in asdict(wanted).items() if value},
        around=around,
        counted=counted(found) if found else [],
        money=money_lines(found) if found else [],
        making=_making(visit, around.shops),
        approval=Approval(formdata=None, digest=found.digest if found else ""),
        values=plan_values,
        operations=_OPERATIONS,
        change=CHANGE,
        problem=problem,
        running=_running(visit),
    )


def _running(visit: Visit) -> Any:
    found = jobs().newest(visit.app.workspace_id, JOB)
    return found if found is not None and found.is_running else None


def _chosen(session: Session, visit: Visit) -> KeptPlan | None:
    asked = number("id")
    if asked is None:
        return newest_plan(session, visit.app.workspace_id)
    try:
        return kept_plan(session, visit.app.workspace_id, asked)
    except BridgeError:
        abort(404)


def _wanted() -> Wanted:
    told = request.args
    what = told.get("what", "")
    known = {CHANGE, *(kind.value for kind in RemarkKind)}
    return Wanted(
        what if what in known else "",
        told.get("store", ""),
        told.get("kind", ""),
        told.get("operation", ""),
        told.get("text", "").strip()[:100],
    )


def _making(visit: Visit, shops: list[Installation] | None = None) -> Making:
    if shops is None:
        with visit.app.database.reading() as session:
            shops = installations(session, visit.app.workspace_id)
    form = Making() if request.method == "POST" else Making(formdata=None)
    form.stores.choices = [(shop.name, shop.name) for shop in shops]
    return form


def _conflicts(
    session: Session, visit: Visit, plan_id: int, positions: list[int], *, every: bool
) -> list[PlanRow]:
    workspace_id = visit.app.workspace_id
    if every:
        wanted = replace(_wanted(), what=RemarkKind.CONFLICT.value)
        return list(all_rows(session, workspace_id, plan_id, wanted))
    found = rows_at(session, workspace_id, plan_id, positions)
    return [row for row in found if row.what == RemarkKind.CONFLICT.value]
