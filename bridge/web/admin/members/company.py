"""Whose people a member belongs to, and who holds the points there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.members import companies
from bridge.members.finding import Listed
from bridge.members.models import Company, Member
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form
from bridge.web.admin.members.scope import require
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, ngettext, said

pages = Pages()

OFFERED = 500
"""Companies that the browser proposes; others can be typed."""


class CompanyForm(Form):
    company = StringField(
        lazy("Company"),
        [InputRequired(), Length(max=200)],
        description=lazy("Its name, or its VAT id."),
        render_kw={"list": "companies", "autocomplete": "off"},
    )
    is_new = BooleanField(lazy("It is new: make it"))
    vat_id = StringField(
        lazy("VAT id of a new one"),
        [Length(max=32)],
        description=lazy("Who bears it is asked about. It may be left empty."),
    )


class LeaveForm(Form):
    with_points = BooleanField(lazy("He takes along what he earned and nobody has spent yet"))


@pages.get("/members/<int:member_id>/company", Permission.CHANGE_MEMBERS)
def member_company(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id)


@pages.post("/members/<int:member_id>/company", Permission.CHANGE_MEMBERS)
def join_company(visit: Visit, member_id: int) -> Any:
    form = CompanyForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        if not form.validate():
            return _page(visit, session, member_id, 422, form=form)

    def join(session: Session) -> str:
        workspace_id, now = visit.app.workspace_id, visit.app.now()
        if form.is_new.data:
            told = form.company.data, form.vat_id.data or ""
            firm = companies.make(session, workspace_id, *told, now)
        else:
            firm = companies.company(session, workspace_id, form.company.data)
        member = session.get_one(Member, found.id)
        companies.add(session, firm, member, visit.actor.name, now)
        return firm.name

    done = lazy("He is one of its people now.")
    return _change(visit, found, "member.company-joined", join, form, "form", done)


@pages.post("/members/<int:member_id>/company/leave", Permission.CHANGE_MEMBERS)
def leave_company(visit: Visit, member_id: int) -> Any:
    form = LeaveForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        if not form.validate():
            return _page(visit, session, member_id, 422, leaving=form)

    def leave(session: Session) -> str:
        member, firm = _both(visit, session, found)
        companies.remove(
            session,
            firm,
            member,
            visit.actor.name,
            visit.app.now(),
            with_points=bool(form.with_points.data),
        )
        return firm.name

    done = lazy("He belongs to no company any more.")
    return _change(visit, found, "member.company-left", leave, form, "leaving", done)


@pages.post("/members/<int:member_id>/company/hold", Permission.CHANGE_MEMBERS)
def hold_company_points(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)

    def hold(session: Session) -> str:
        _member, firm = _both(visit, session, found)
        companies.hold_points(session, firm, visit.actor.name, visit.app.now())
        return firm.name

    done = lazy("The company holds the points of its people now.")
    return _change(visit, found, "company.points-held", hold, LeaveForm(), "leaving", done)


@pages.post("/members/<int:member_id>/company/release", Permission.CHANGE_MEMBERS)
def release_company_points(visit: Visit, member_id: int) -> Any:
    """What none of its people earned goes to this member."""
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)

    def release(session: Session) -> str:
        member, firm = _both(visit, session, found)
        now = visit.app.now()
        companies.release_points(session, firm, visit.actor.name, now, rest_to=member)
        return firm.name

    done = lazy("Its people hold their own points now.")
    return _change(visit, found, "company.points-released", release, LeaveForm(), "leaving", done)


def _both(visit: Visit, session: Session, found: Listed) -> tuple[Member, Company]:
    """The member, and the company he belongs to. Raises CompanyError when there is none."""
    member = session.get_one(Member, found.id, populate_existing=True)
    if member.company_id is None:
        raise companies.CompanyError(_("He belongs to no company."))
    return member, session.get_one(Company, member.company_id)


def _change(
    visit: Visit,
    found: Listed,
    action: str,
    do: Callable[[Session], str],
    form: Any,
    which: str,
    done: Any,
) -> Any:
    """Does it and records it in one unit of work; what is refused is told at its form."""
    try:
        with visit.app.database.writing() as session:
            name = do(session)
            subject = Subject("member", str(found.id), found.name)
            told: dict[str, Any] = {"company": name}
            if getattr(form, "with_points", None) is not None and which == "leaving":
                told |= {"with_points": bool(form.with_points.data)}
            record(
                session,
                visit.app.workspace_id,
                visit.actor,
                action,
                subject,
                visit.app.now(),
                after=told,
            )
    except BridgeError as error:
        form.problem = said(error)
        with visit.app.database.reading() as session:
            return _page(visit, session, found.id, 422, **{which: form})
    visit.wake("balances")
    flash(str(done), "success")
    return redirect(visit.url("member_company", member_id=found.id), 303)


def _page(
    visit: Visit,
    session: Session,
    member_id: int,
    status: int = 200,
    *,
    form: CompanyForm | None = None,
    leaving: LeaveForm | None = None,
) -> Any:
    found = require(visit, session, member_id)
    row = session.get_one(Member, member_id)
    workspace_id = visit.app.workspace_id
    firm = session.get(Company, row.company_id) if row.company_id is not None else None
    people = len(companies.people(session, workspace_id, row.company_id)) if row.company_id else 0
    known = [] if firm else companies.companies(session, workspace_id)[:OFFERED]
    return page(
        "member_company.html",
        status,
        member=found,
        firm=firm,
        people=ngettext("%(number)s member", "%(number)s members", people),
        known=[one.name for one in known],
        form=form or CompanyForm(formdata=None),
        leaving=leaving or LeaveForm(formdata=None),
    )
