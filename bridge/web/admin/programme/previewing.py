"""What a change of the programme would have cost in a past month: reckoned in the background,
shown with what it does not include, and saved from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import abort, flash, redirect, request

from bridge.kit.progress import Progress
from bridge.programme.differing import Differences, differences
from bridge.programme.editing import ChangedMeanwhile, Draft, Present
from bridge.simulating.previewing import Preview, preview
from bridge.users.roles import Permission
from bridge.web.admin.programme.saving import changed_meanwhile, stored
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import AlreadyRunning, JobState, jobs
from bridge.web.speaking import _, speech

pages = Pages()

NAME = "programme-preview"
_OFFERED = 12
"""Months back."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """The result of the job: also what is saved when somebody likes it."""

    preview: Preview
    draft: Draft
    based_on: int
    why: str
    differences: Differences | None
    """``None``: there was no programme before."""


def months(visit: Visit, present: Present) -> list[tuple[str, str]]:
    """Those that can be chosen, the last whole one first."""
    if present.programme is None:
        return []
    zone = ZoneInfo(present.programme.timezone)
    day = visit.app.now().astimezone(zone).date().replace(day=1)
    found = []
    for _back in range(_OFFERED):
        day = date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
        found.append((f"{day:%Y-%m}", month_text(day)))
    return found


def month_text(day: date) -> str:
    return str(format_skeleton("yMMMM", day, locale=speech().locale))


def begin(visit: Visit, present: Present, draft: Draft, why: str, month: str) -> Any:
    """Starts the reckoning and goes to its progress."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    app, before = visit.app, present.programme
    if before is None:
        abort(404)

    def work(progress: Progress) -> Previewed:
        found = preview(app.database, app.workspace_id, before, draft.programme, first, progress)
        told = differences(before, draft.programme)
        return Previewed(found, draft, present.number, why, told)

    try:
        job_id = jobs().start(
            f"{NAME}-{visit.user_id}",
            app.workspace_id,
            work,
            visit.user.name,
            lambda job_id: visit.url("preview_result", job_id=job_id),
        )
    except AlreadyRunning as running:
        flash(_("Your preview before is still being reckoned: wait for it."), "warning")
        job_id = running.job.id
    return redirect(visit.url("job", job_id=job_id), 303)


@pages.get("/programme/previews/<job_id>", Permission.CHANGE_PROGRAMME)
def preview_result(visit: Visit, job_id: str) -> Any:
    return _page(visit, job_id)


@pages.post("/programme/previews/<job_id>", Permission.CHANGE_PROGRAMME)
def save_previewed(visit: Visit, job_id: str) -> Any:
    found = _result(visit, job_id)
    try:
        return stored(visit, found.draft, found.based_on, request.form.get("why", found.why))
    except ChangedMeanwhile as error:
        return _page(visit, job_id, 422, changed_meanwhile(error))


def _page(visit: Visit, job_id: str, status: int = 200, problem: str = "") -> Any:
    found = _result(visit, job_id)
    return page(
        "programme_preview.html",
        status,
        found=found,
        preview=found.preview,
        month=month_text(found.preview.month),
        job_id=job_id,
        problem=problem,
    )


def _result(visit: Visit, job_id: str) -> Previewed:
    job = jobs().find(visit.app.workspace_id, job_id)
    if job is None or not job.name.startswith(NAME) or job.state is not JobState.DONE:
        abort(404)
    found: Previewed = job.result
    return found
