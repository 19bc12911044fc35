"""The programme's versions: who made each and why, what two say differently, and the way back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect

from bridge.kit.errors import BridgeError
from bridge.programme import service
from bridge.programme.differing import differences
from bridge.programme.editing import ChangedMeanwhile, from_version, present
from bridge.programme.issues import ProgrammeError
from bridge.programme.writing import dump
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.programme.saving import changed_meanwhile, stored
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _

pages = Pages()

EACH = 50


@pages.get("/programme/versions", Permission.LOOK)
def programme_versions(visit: Visit) -> Any:
    below = number("below")
    with visit.app.database.reading() as session:
        found = service.listed(session, visit.app.workspace_id, below=below, limit=EACH + 1)
        newest = service.listed(session, visit.app.workspace_id, limit=1)
    return page(
        "programme_versions.html",
        versions=found[:EACH],
        newest=newest[0].number if newest else 0,
        below=found[EACH - 1].number if len(found) > EACH else None,
        is_first=below is None,
    )


@pages.get("/programme/differences", Permission.LOOK)
def programme_differences(visit: Visit) -> Any:
    """Between two versions, the older first."""
    numbers = sorted(number(name) or 0 for name in ("before", "after"))
    try:
        with visit.app.database.reading() as session:
            older, newer = (
                service.version(session, visit.app.workspace_id, one) for one in numbers
            )
    except BridgeError:
        abort(404)
    return page(
        "programme_differences.html",
        before=numbers[0],
        after=numbers[1],
        found=differences(older, newer),
    )


@pages.get("/programme/versions/<int:number>", Permission.LOOK)
def programme_version(visit: Visit, number: int) -> Any:
    with visit.app.database.reading() as session:
        found = service.stored_version(session, visit.app.workspace_id, number)
        newest = service.listed(session, visit.app.workspace_id, limit=1)
    if found is None:
        abort(404)
    return page(
        "programme_version.html",
        version=found,
        text=found.source or dump(service.content(found)),
        problems=service.problems_of(found),
        newest=newest[0].number,
    )


@pages.post("/programme/versions/<int:number>/restore", Permission.CHANGE_PROGRAMME)
def restore_version(visit: Visit, number: int) -> Any:
    """What it says holds again, as a new version."""
    try:
        with visit.app.database.reading() as session:
            draft = from_version(session, visit.app.workspace_id, number)
            based_on = present(session, visit.app.workspace_id).number
        return stored(visit, draft, based_on, _("Back to version %(number)s", number=number))
    except ProgrammeError as error:
        flash(_("It cannot be used any more: %(why)s", why=str(error.problems[0])), "error")
    except ChangedMeanwhile as error:
        flash(changed_meanwhile(error), "error")
    except BridgeError:
        abort(404)
    return redirect(visit.url("programme_versions"), 303)
