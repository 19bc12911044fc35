"""Storing a changed programme from a page, and saying what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from sqlmodel import Session

from bridge.programme.editing import ChangedMeanwhile, Draft, save
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _
from connectors.base import Severity

_MOST_SAID = 5


def stored(
    visit: Visit,
    draft: Draft,
    based_on: int,
    why: str,
    *,
    also: Callable[[Session], None] | None = None,
) -> Any:
    """Goes back to the programme's page. ``also``: what a new version is noted with elsewhere, in
    the same unit of work. Raises :class:`ChangedMeanwhile`."""
    with visit.app.database.writing() as session:
        saved = save(
            session,
            visit.app.workspace_id,
            draft,
            based_on,
            visit.actor,
            why,
            visit.app.now(),
        )
        if also is not None and saved.stored.is_new:
            also(session)
    if not saved.stored.is_new:
        flash(_("Nothing was different: no version was made."), "info")
        return redirect(visit.url("programme"), 303)
    visit.wake("terms")
    number = saved.stored.number
    flash(_("Saved as version %(number)s; it holds from now on.", number=number), "success")
    if saved.left_out:
        gone = "; ".join(saved.left_out)
        flash(_("The version before also had: %(gone)s.", gone=gone), "warning")
    remarks = [one for one in draft.problems if one.severity is not Severity.NOTE]
    for one in remarks[:_MOST_SAID]:
        flash(str(one), "warning")
    if len(remarks) > _MOST_SAID:
        more = len(remarks) - _MOST_SAID
        flash(_("And %(more)s more remarks: see the version.", more=more), "warning")
    return redirect(visit.url("programme"), 303)


def changed_meanwhile(error: ChangedMeanwhile) -> str:
    """For the one who comes second."""
    return _(
        "%(who)s stored version %(newest)s while you changed version %(yours)s. What you typed "
        "is kept: look at what is different, and save again to put yours on top.",
        who=error.made_by or _("Somebody at the command line"),
        newest=error.newest,
        yours=error.based_on,
    )
