"""Price lists as CSV files: out, and in with a look at what would change before anything does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField

from bridge.audit.service import Subject
from bridge.kit.progress import Progress
from bridge.programme.issues import ProgrammeError
from bridge.programme.price_lists import (
    HEADS,
    FileChanges,
    PriceFile,
    file_changes,
    file_rows,
    prices_after,
    read_file,
)
from bridge.users.roles import Permission
from bridge.web.admin.csv_files import csv_file
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.prices.changes import Wish, list_of, newest, problem_of, programme_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.jobs import AlreadyRunning, JobState, jobs
from bridge.web.speaking import _, lazy, said

pages = Pages()
JOB = "price-file"
LARGEST = 10 * 1024 * 1024
"""Bytes: some 300,000 prices."""
SHOWN = 200
"""Problems and SKUs that are named on the page; the rest is counted."""
_WAYS = (
    ("add", lazy("Add and change: what the file does not name stays as it is")),
    ("replace", lazy("Replace: what the file does not name is taken out of the list")),
)


class FileForm(Form):
    file = FileField(lazy("CSV file"), [FileRequired(lazy("Choose a file."))])
    way = RadioField(lazy("What the file does"), choices=choices(_WAYS), default="add")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that somebody sent."""

    key: str
    name: str
    replaces: bool
    found: PriceFile | None
    problem: str = ""
    """Why the file as a whole cannot be read."""


@pages.get("/price-lists/<key>/prices.csv", Permission.LOOK)
def price_file(visit: Visit, key: str) -> Any:
    return csv_file(f"prices-{key}", HEADS, file_rows(list_of(newest(visit), key)))


@pages.get("/price-lists/<key>/file", Permission.CHANGE_PRICES)
def send_price_file(visit: Visit, key: str) -> Any:
    return _page(visit, key, FileForm(formdata=None))


@pages.post("/price-lists/<key>/file", Permission.CHANGE_PRICES, largest=LARGEST)
def look_at_price_file(visit: Visit, key: str) -> Any:
    """Reads it in the background, and shows what it would change. Stores nothing."""
    found = newest(visit)
    programme, entry = programme_of(found), list_of(found, key)
    form = FileForm()
    if not form.validate():
        return _page(visit, key, form, 422)
    name = (form.file.data.filename or "file.csv")[:100]
    try:
        text = form.file.data.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        form.problem = _("This is not UTF-8 text. Save it as UTF-8 (in Excel: CSV UTF-8).")
        return _page(visit, key, form, 422)
    replaces, currency = form.way.data == "replace", entry.currency or programme.currency

    def work(progress: Progress) -> Looked:
        with progress.task("reading"):
            try:
                read = read_file(text, name, entry, currency)
            except ProgrammeError as error:
                told = " ".join(str(one) for one in error.problems[:5])
                return Looked(key, name, replaces, None, told)
            return Looked(key, name, replaces, read)

    def then(job_id: str) -> str:
        return visit.url("looked_at_price_file", key=key, job_id=job_id)

    try:
        job_id = jobs().start(JOB, visit.app.workspace_id, work, visit.user.name, then)
    except AlreadyRunning as error:
        form.problem = said(error)
        return _page(visit, key, form, 422)
    return redirect(visit.url("job", job_id=job_id), 303)


@pages.get("/price-lists/<key>/file/<job_id>", Permission.CHANGE_PRICES)
def looked_at_price_file(visit: Visit, key: str, job_id: str) -> Any:
    return _looked_page(visit, key, job_id)


@pages.post("/price-lists/<key>/file/<job_id>", Permission.CHANGE_PRICES)
def take_price_file(visit: Visit, key: str, job_id: str) -> Any:
    """Stores what was looked at, on the version it was compared with."""
    looked = _looked(visit, key, job_id)
    entry = list_of(newest(visit), key)
    if looked.found is None:
        abort(404)
    changes = file_changes(looked.found, entry, replaces=looked.replaces)
    wish = Wish(
        {
            ("price_lists", key, "prices"): {
                **prices_after(looked.found, entry, replaces=looked.replaces)
            }
        },
        f"price list {key}: file {looked.name}",
        Subject("price-list", key, key),
        {"products": len(entry.prices)},
        {
            "file": looked.name,
            "new": len(changes.new),
            "changed": len(changes.changed),
            "removed": len(changes.removed),
        },
    )
    problem = problem_of(visit, wish)
    if problem:
        return _looked_page(visit, key, job_id, 422, problem=problem)
    return redirect(visit.url("price_list", key=key), 303)


def _looked(visit: Visit, key: str, job_id: str) -> Looked:
    job = jobs().find(visit.app.workspace_id, job_id)
    if job is None or job.name != JOB or job.state is not JobState.DONE:
        abort(404)
    looked: Looked = job.result
    if looked.key != key:
        abort(404)
    return looked


def _looked_page(
    visit: Visit, key: str, job_id: str, status: int = 200, *, problem: str = ""
) -> Any:
    """Against the list as it is by now."""
    looked = _looked(visit, key, job_id)
    found = newest(visit)
    changes: FileChanges | None = None
    if looked.found is not None:
        changes = file_changes(looked.found, list_of(found, key), replaces=looked.replaces)
    return page(
        "price_file_looked.html",
        status,
        key=key,
        job_id=job_id,
        looked=looked,
        changes=changes,
        shown=SHOWN,
        problem=problem,
        based_on=found.number,
    )


def _page(visit: Visit, key: str, form: FileForm, status: int = 200) -> Any:
    entry = list_of(newest(visit), key)
    told = {"key": key, "entry": entry, "form": form, "heads": HEADS, "ways": _WAYS}
    return page("price_file.html", status, **told, megabytes=LARGEST >> 20)
