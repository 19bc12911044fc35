"""Changing groups and price lists from a page: each change is a new version of the programme, with
an entry of the audit log that says what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, request
from werkzeug.exceptions import NotFound

from bridge.audit.service import Subject, record
from bridge.programme.document import PriceList, Programme
from bridge.programme.editing import ChangedMeanwhile, Present, from_fields, present, save
from bridge.programme.issues import Issue, Loc, ProgrammeError, field_path
from bridge.programme.source import Plain
from bridge.web.admin.programme.saving import changed_meanwhile
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said
from connectors.base import Severity

MANY = 5_000
"""Tiers from which on a programme's own text, with its author's remarks, is not kept: to write so
many into it, and to read it again, takes longer than a person waits."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person changes."""

    changes: Mapping[Loc, Plain]
    """See :func:`bridge.programme.editing.from_fields`."""
    why: str
    """Stands with the version: what was changed, in a few words."""
    subject: Subject
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def newest(visit: Visit) -> Present:
    with visit.app.database.reading() as session:
        return present(session, visit.app.workspace_id)


def programme_of(found: Present) -> Programme:
    """Raises NotFound while there is none."""
    if found.programme is None:
        raise NotFound
    return found.programme


def list_of(found: Present, key: str) -> PriceList:
    """Raises NotFound when there is none of that name."""
    try:
        return programme_of(found).price_lists[key]
    except KeyError:
        raise NotFound from None


def version_typed() -> int:
    """Of the programme that a form was filled in for."""
    return request.form.get("version", -1, type=int)


def problem_of(visit: Visit, wish: Wish) -> str:
    """Stores what was wished for; why it cannot be, and nothing when it is."""
    try:
        _store(visit, wish, version_typed())
    except ChangedMeanwhile as error:
        return changed_meanwhile(error)
    except ProgrammeError as error:
        return " ".join(_told(one) for one in error.problems[:5])
    return ""


def _store(visit: Visit, wish: Wish, version: int) -> None:
    app = visit.app
    with app.database.reading() as session:
        basis = present(session, app.workspace_id)
        if basis.number != version:
            raise ChangedMeanwhile(version, basis.number, basis.made_by)
        basis = _without_text(basis)
        draft = from_fields(session, app.workspace_id, basis, wish.changes)
    with app.database.writing() as session:
        saved = save(session, app.workspace_id, draft, version, visit.actor, wish.why, app.now())
        if saved.stored.is_new and (wish.before or wish.after):
            record(
                session,
                app.workspace_id,
                visit.actor,
                f"{wish.subject.kind}.changed",
                wish.subject,
                app.now(),
                before=wish.before,
                after={**wish.after, "version": saved.stored.number},
            )
    if not saved.stored.is_new:
        flash(_("Nothing was different: no version was made."), "info")
        return
    number = saved.stored.number
    flash(
        _("Saved as version %(number)s. The shops get it with the next plan.", number=number),
        "success",
    )
    for one in _remarks(draft.problems, wish.changes)[:5]:
        flash(_told(one), "warning")


def _without_text(basis: Present) -> Present:
    if not basis.source or basis.programme is None:
        return basis
    tiers = sum(len(one.prices) for one in basis.programme.price_lists.values())
    if tiers < MANY:
        return basis
    return Present(basis.number, basis.programme, "", basis.made_by, basis.loaded_at)


def _remarks(problems: tuple[Issue, ...], changes: Mapping[Loc, Plain]) -> list[Issue]:
    """Of what was changed: what is odd elsewhere was told when it was written."""
    places = tuple(field_path(loc[:2]) for loc in changes)
    return [
        one
        for one in problems
        if one.severity is not Severity.NOTE and one.field.startswith(places)
    ]


def _told(one: Issue) -> str:
    told = said(one.message)
    return f"{one.field}: {told}" if one.field else told
