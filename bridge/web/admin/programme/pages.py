"""What the programme says, in words, and one form for each entry of it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, request

from bridge.programme.editing import ChangedMeanwhile, Draft, from_fields
from bridge.programme.issues import Loc, ProgrammeError
from bridge.programme.source import Plain
from bridge.users.roles import Permission
from bridge.web.admin.asked import whole
from bridge.web.admin.programme.entries import Desk, desk, sheet_of
from bridge.web.admin.programme.forms import Entry, EntryForm
from bridge.web.admin.programme.previewing import begin, months
from bridge.web.admin.programme.saving import changed_meanwhile, stored
from bridge.web.admin.programme.sections import SHEETS
from bridge.web.admin.programme.sheets import Sheet
from bridge.web.admin.programme.summaries import summary
from bridge.web.admin.programme.words import Line, lines
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _

pages = Pages()


@pages.get("/programme", Permission.LOOK)
def programme(visit: Visit) -> Any:
    found = desk(visit)
    used: list[tuple[Sheet, list[Line], list[str]]] = []
    unused: list[Sheet] = []
    for sheet in SHEETS.values():
        entries, sentences = _told(visit, found, sheet)
        if entries or sentences:
            used.append((sheet, entries, sentences))
        elif found.present.number:
            unused.append(sheet)
    return page("programme.html", present=found.present, used=used, unused=unused)


def _told(visit: Visit, found: Desk, sheet: Sheet) -> tuple[list[Line], list[str]]:
    """Its entries, or what it says as a whole."""
    programme, said = found.present.programme, found.section(sheet)
    if programme is None:
        return [], []
    if not sheet.is_keyed:
        return [], summary(sheet.name, programme)
    today = visit.app.now().astimezone(ZoneInfo(programme.timezone)).date()
    return lines(sheet, said, programme, today), []


@pages.get("/programme/sections/<section>", Permission.CHANGE_PROGRAMME)
def programme_section(visit: Visit, section: str) -> Any:
    """The form of a section that is one entry; of one with kinds of entries, the choice."""
    sheet = sheet_of(section)
    if sheet.is_keyed:
        return page("programme_kinds.html", sheet=sheet)
    return _page(visit, desk(visit), section)


@pages.post("/programme/sections/<section>", Permission.CHANGE_PROGRAMME)
def change_section(visit: Visit, section: str) -> Any:
    if sheet_of(section).is_keyed:
        abort(404)
    return _changed(visit, section)


@pages.get("/programme/sections/<section>/new", Permission.CHANGE_PROGRAMME)
def new_entry(visit: Visit, section: str) -> Any:
    if not sheet_of(section).is_keyed:
        abort(404)
    return _page(visit, desk(visit), section)


@pages.post("/programme/sections/<section>/new", Permission.CHANGE_PROGRAMME)
def add_entry(visit: Visit, section: str) -> Any:
    if not sheet_of(section).is_keyed:
        abort(404)
    return _changed(visit, section)


@pages.get("/programme/sections/<section>/entries/<key>", Permission.CHANGE_PROGRAMME)
def one_entry(visit: Visit, section: str, key: str) -> Any:
    return _page(visit, desk(visit), section, key)


@pages.post("/programme/sections/<section>/entries/<key>", Permission.CHANGE_PROGRAMME)
def change_entry(visit: Visit, section: str, key: str) -> Any:
    return _changed(visit, section, key)


@pages.post("/programme/sections/<section>/remove", Permission.CHANGE_PROGRAMME)
def remove_entry(visit: Visit, section: str) -> Any:
    found, key = desk(visit), request.form.get("key", "")
    entry = found.entry(section, key)
    if not entry.loc or (entry.sheet.is_keyed and not key):
        abort(404)
    form = entry.form(is_sent=False)
    changes: dict[Loc, Plain] = {entry.loc: None}
    return _saved(visit, found, entry, form, changes, request.form.get("version", ""))


# --- one form ------------------------------------------------------------------------------


def _page(
    visit: Visit,
    found: Desk,
    section: str,
    key: str = "",
    *,
    form: EntryForm | None = None,
    status: int = 200,
) -> Any:
    entry = found.entry(section, key, request.args.get("kind", ""))
    if form is None:
        form = entry.form(is_sent=False)
        form.version.data = str(found.present.number)
    return page(
        "programme_entry.html",
        status,
        entry=entry,
        form=form,
        groups=entry.sections(form),
        months=months(visit, found.present),
        present=found.present,
    )


def _changed(visit: Visit, section: str, key: str = "") -> Any:
    found = desk(visit)
    entry = found.entry(section, key, request.args.get("kind", ""))
    form = entry.form(is_sent=True)
    if not form.validate():
        return _page(visit, found, section, key, form=form, status=422)
    said = entry.sent(form)
    if not entry.sheet.is_keyed:
        return _saved(visit, found, entry, form, _section_changes(entry, said), form.version.data)
    name = key or (form.key.data or "").strip()
    if not key and (problem := _bad_key(found, entry, name)):
        form.key.errors = [problem]
        return _page(visit, found, section, form=form, status=422)
    changes: dict[Loc, Plain] = {(*entry.sheet.loc, name): said if said is not None else {}}
    return _saved(visit, found, entry, form, changes, form.version.data)


def _bad_key(found: Desk, entry: Entry, name: str) -> str:
    if not name:
        return _("Please fill this in.")
    there = found.section(entry.sheet)
    if isinstance(there, dict) and name in there:
        return _("There is one of this name already: choose another.")
    return ""


def _section_changes(entry: Entry, said: Plain) -> dict[Loc, Plain]:
    if entry.loc:
        return {entry.loc: said}
    fields = said if isinstance(said, dict) else {}
    names = {item.path.partition(".")[0] for item in entry.items}
    return {(name,): fields.get(name) for name in names}


def _saved(
    visit: Visit,
    found: Desk,
    entry: Entry,
    form: EntryForm,
    changes: dict[Loc, Plain],
    version: str | None,
) -> Any:
    try:
        with visit.app.database.reading() as session:
            draft = from_fields(session, visit.app.workspace_id, found.present, changes)
        if request.form.get("do") == "preview":
            return begin(visit, found.present, draft, form.why.data or "", request.form["month"])
        return _stored(visit, found, draft, form, version)
    except ProgrammeError as error:
        entry.place(
            form, error.problems, ".".join(map(str, next(iter(changes)))) if entry.loc else ""
        )
    except ChangedMeanwhile as error:
        form.problem = changed_meanwhile(error)
        # Typed on what was there; from now on it is meant on top of what is there.
        form.version.data = form.version.raw_data = str(error.newest)
    if (request.endpoint or "").endswith("remove_entry"):
        flash(form.problem, "error")
    return _page(visit, desk(visit), entry.sheet.name, entry.key, form=form, status=422)


def _path(loc: Loc) -> str:
    return ".".join(map(str, loc))


def _stored(visit: Visit, found: Desk, draft: Draft, form: EntryForm, version: str | None) -> Any:
    told, present = whole(version), found.present
    if told != present.number:
        raise ChangedMeanwhile(-1 if told is None else told, present.number, present.made_by)
    return stored(visit, draft, present.number, form.why.data or "")
