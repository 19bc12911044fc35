"""Templates of programmes: saved here, and applied here in three steps: which sections, what
stands for what, what would be different."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session

from bridge.programme.document import Programme
from bridge.programme.editing import ChangedMeanwhile, present
from bridge.programme.issues import ProgrammeError
from bridge.programme.writing import dump
from bridge.programme_templates import applying, service
from bridge.programme_templates.applying import CannotApply, Prepared, Proposal
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.programme_templates.sections import SECTIONS, cut, filled, usual
from bridge.users.roles import Permission, may
from bridge.users.service import granted
from bridge.web.admin.asked import whole
from bridge.web.admin.programme.saving import changed_meanwhile, stored
from bridge.web.admin.programme_templates.forms import (
    ApplyForm,
    Row,
    SaveForm,
    chosen,
    offered,
    rows,
)
from bridge.web.admin.programme_templates.words import SECTIONS as WORDS
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said
from bridge.workspaces.models import Workspace

pages = Pages()

REPLACE = "replace"
_MOST_PRICES = 200
"""Products with prices that a page shows."""


@pages.get("/programme/templates", Permission.CHANGE_PROGRAMME)
def programme_templates(visit: Visit) -> Any:
    return _list(visit)


@pages.post("/programme/templates", Permission.CHANGE_PROGRAMME)
def save_programme_template(visit: Visit) -> Any:
    form = SaveForm()
    form.offer(_filled(visit))
    if not form.validate():
        return _list(visit, form, status=422)
    try:
        with visit.app.database.writing() as session:
            name = service.save_template(
                session,
                visit.app.workspace_id,
                form.name.data or "",
                form.sections.data or (),
                visit.actor,
                visit.app.now(),
                about=form.about.data or "",
            ).name
    except service.TemplateRefused as error:
        form.problem = said(error)
        return _list(visit, form, status=422)
    flash(_("The template %(name)s is saved.", name=name), "success")
    return redirect(visit.url("programme_templates"), 303)


@pages.post("/programme/templates/<int:template_id>/remove", Permission.CHANGE_PROGRAMME)
def remove_programme_template(visit: Visit, template_id: int) -> Any:
    """From its own workspace alone."""
    try:
        with visit.app.database.writing() as session:
            name = service.remove_template(
                session, visit.app.workspace_id, template_id, visit.actor, visit.app.now()
            ).name
    except service.UnknownTemplate:
        abort(404)
    flash(_("The template %(name)s is removed.", name=name), "success")
    return redirect(visit.url("programme_templates"), 303)


@pages.get("/programme/templates/<int:template_id>", Permission.CHANGE_PROGRAMME)
def programme_template(visit: Visit, template_id: int) -> Any:
    """The first step: what it says, and what of it is taken."""
    with visit.app.database.reading() as session:
        found = _template(session, visit, template_id)
        possible = applying.applicable(session, visit.app.workspace_id, found)
        source = session.get_one(Workspace, found.workspace_id).key
    content = service.content(found)
    return page(
        "programme_template.html",
        saved=found,
        source=source,
        possible=[(name, WORDS[name]) for name in possible],
        usual=[one for one in possible if one in usual(content)] or possible,
        impossible=[WORDS[one] for one in found.sections if one not in possible],
        text=dump(_brief(content)),
        is_brief=_brief(content) is not content,
    )


@pages.get("/programme/templates/<int:template_id>/names", Permission.CHANGE_PROGRAMME)
def template_names(visit: Visit, template_id: int) -> Any:
    """The second step: what stands for what."""
    form = ApplyForm(formdata=None)
    return _names(visit, template_id, form, is_sent=False)


@pages.post("/programme/templates/<int:template_id>/names", Permission.CHANGE_PROGRAMME)
def apply_template(visit: Visit, template_id: int) -> Any:
    """The third step: what would be different; and then the version."""
    form = ApplyForm()
    if request.form.get("do") == "names" or not form.validate():
        return _names(visit, template_id, form, is_sent=True)
    try:
        proposal, found = _proposal(visit, template_id, form)
        if request.form.get("do") == "store":
            return _stored(visit, form, proposal)
        return _differences(form, proposal, found)
    except ProgrammeError as error:
        form.problem = " ".join(
            [_("It cannot be used as it is. Nothing was saved."), *map(str, error.problems[:5])]
        )
    except ChangedMeanwhile as error:
        form.problem = changed_meanwhile(error)
    except CannotApply as error:
        form.problem = _reason(error, form)
    return _names(visit, template_id, form, is_sent=True, status=422)


# --- the steps -----------------------------------------------------------------------------


def _list(visit: Visit, form: SaveForm | None = None, *, status: int = 200) -> Any:
    with visit.app.database.reading() as session:
        found = service.listed(session, _workspaces(session, visit))
        programme = present(session, visit.app.workspace_id).programme
    if form is None:
        form = SaveForm(formdata=None, sections=usual(programme) if programme else ())
        form.offer(filled(cut(programme, SECTIONS)) if programme else ())
    return page("programme_templates.html", status, templates=found, form=form, words=WORDS)


def _names(
    visit: Visit, template_id: int, form: ApplyForm, *, is_sent: bool, status: int = 200
) -> Any:
    with visit.app.database.reading() as session:
        template = _template(session, visit, template_id)
        try:
            prepared = _prepared(session, visit, template, form.beginning() if is_sent else None)
        except applying.BadBeginning:  # said at the form already
            prepared = _prepared(session, visit, template, None)
        except CannotApply as error:
            flash(said(error), "error")
            return redirect(visit.url("programme_template", template_id=template_id), 303)
    if not is_sent:
        form.name.data = visit.workspace
        form.currency.data, form.timezone.data = prepared.content.currency, prepared.target.timezone
    return page(
        "programme_template_names.html",
        status,
        saved=template,
        prepared=prepared,
        form=form,
        rows=rows(prepared, is_sent=is_sent),
        offered=offered(prepared),
        replaces=_replaces(),
        words=WORDS,
    )


def _proposal(visit: Visit, template_id: int, form: ApplyForm) -> tuple[Proposal, list[Row]]:
    """Raises CannotApply, ProgrammeError."""
    with visit.app.database.reading() as session:
        template = _template(session, visit, template_id)
        prepared = _prepared(session, visit, template, form.beginning())
        found = rows(prepared, is_sent=True)
        missing = [row.reference for row in found if row.is_missing]
        if missing:
            raise applying.NotChosen(missing)
        names = chosen(found, form.read_factor())
        return (
            applying.propose(
                session, visit.app.workspace_id, prepared, names, replaces=_replaces()
            ),
            found,
        )


def _differences(form: ApplyForm, proposal: Proposal, found: list[Row]) -> Any:
    form.version.data = form.version.raw_data = str(proposal.prepared.present.number)
    return page(
        "programme_template_differences.html",
        proposal=proposal,
        prepared=proposal.prepared,
        saved=proposal.prepared.template,
        form=form,
        rows=found,
        replaces=_replaces(),
    )


def _stored(visit: Visit, form: ApplyForm, proposal: Proposal) -> Any:
    told, now = whole(form.version.data), proposal.prepared.present
    if told != now.number:
        raise ChangedMeanwhile(-1 if told is None else told, now.number, now.made_by)
    name = proposal.prepared.template.name
    why = (form.why.data or "").strip() or _("Template %(name)s", name=name)

    def note(session: Session) -> None:
        applying.note_use(session, proposal, visit.actor, visit.app.now())

    return stored(visit, proposal.draft, now.number, why, also=note)


def _brief(content: Programme) -> Programme:
    """Without its prices where they would fill a book."""
    prices = sum(len(one.prices) for one in content.price_lists.values())
    return content.model_copy(update={"price_lists": {}}) if prices > _MOST_PRICES else content


# --- parts ---------------------------------------------------------------------------------


def _workspaces(session: Session, visit: Visit) -> list[int]:
    """Where he may change the programme, and so see its templates."""
    return [
        one.workspace_id
        for one in granted(session, visit.user_id)
        if may(one.role, Permission.CHANGE_PROGRAMME)
    ]


def _template(session: Session, visit: Visit, template_id: int) -> ProgrammeTemplate:
    try:
        return service.template_of(session, _workspaces(session, visit), template_id)
    except service.UnknownTemplate:
        abort(404)


def _prepared(
    session: Session,
    visit: Visit,
    template: ProgrammeTemplate,
    beginning: applying.Beginning | None,
) -> Prepared:
    return applying.prepare(
        session,
        visit.app.workspace_id,
        template,
        request.values.getlist("section"),
        beginning=beginning or applying.Beginning(visit.workspace),
    )


def _filled(visit: Visit) -> tuple[str, ...]:
    with visit.app.database.reading() as session:
        programme = present(session, visit.app.workspace_id).programme
    return filled(cut(programme, SECTIONS)) if programme else ()


def _replaces() -> bool:
    return request.values.get("entries") == REPLACE


def _reason(error: CannotApply, form: ApplyForm) -> str:
    if isinstance(error, applying.NotChosen):
        return _("Some names stand for nothing here yet: choose what does, or leave them out.")
    return "" if form.factor.errors else said(error)
