"""Whether a member takes part, who looks after him, and his link for friends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed
from bridge.members.joining import Said, leave, take_in
from bridge.referrals.giving import own_code
from bridge.users.accounts import look_after, looking_after, sales_people
from bridge.users.roles import Permission
from bridge.web.admin.members.forms import AccountsForm
from bridge.web.admin.members.page import show
from bridge.web.admin.members.scope import require
from bridge.web.admin.routes import Pages
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said

pages = Pages()


@pages.post("/members/<int:member_id>/join", Permission.CHANGE_MEMBERS)
def join_programme(visit: Visit, member_id: int) -> Any:
    return _say(visit, member_id, take_in, "member.joined", _("He takes part in the programme."))


@pages.post("/members/<int:member_id>/leave", Permission.CHANGE_MEMBERS)
def leave_programme(visit: Visit, member_id: int) -> Any:
    return _say(visit, member_id, leave, "member.left", _("He takes no part any more."))


@pages.post("/members/<int:member_id>/looked-after", Permission.CHANGE_USERS)
def look_after_member(visit: Visit, member_id: int) -> Any:
    form = AccountsForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        present = looking_after(session, visit.app.workspace_id, member_id)
        form.offer(sales_people(session, visit.app.workspace_id), present)
        if not form.validate():
            return show(visit, session, member_id, 422, accounts=form)
    names = {one.value: str(one.label) for one in form.users.choices}
    chosen = list(form.users.data or ())
    with visit.app.database.writing() as session:
        look_after(session, visit.app.workspace_id, member_id, chosen, visit.app.now())
        _record(
            visit,
            session,
            found,
            "member.looked-after",
            before={"by": [one.name for one in present]},
            after={"by": [names[str(one)] for one in chosen]},
        )
    flash(_("Saved."), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


@pages.post("/members/<int:member_id>/referral-code", Permission.REDEEM)
def make_referral_code(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
    try:
        with visit.app.database.writing() as session:
            code = own_code(session, visit.app.workspace_id, member_id, visit.app.now())
            after = {"code": code.code}
            _record(visit, session, found, "referral.code-made", after=after)
    except BridgeError as error:
        return _refused(visit, member_id, error)
    flash(_("His code is %(code)s.", code=code.code), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


def _say(visit: Visit, member_id: int, do: Callable[..., Said], action: str, done: str) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
    try:
        with visit.app.database.writing() as session:
            said = do(session, visit.app.workspace_id, member_id, visit.actor.name, visit.app.now())
            if said.is_new:
                _record(visit, session, found, action)
    except BridgeError as error:
        return _refused(visit, member_id, error)
    flash(done, "success")
    return redirect(visit.url("member", member_id=member_id), 303)


def _refused(visit: Visit, member_id: int, error: BridgeError) -> Any:
    with visit.app.database.reading() as session:
        return show(visit, session, member_id, 422, problem=said(error))


def _record(
    visit: Visit,
    session: Session,
    found: Listed,
    action: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    subject = Subject("member", str(found.id), found.name)
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        subject,
        visit.app.now(),
        before=before,
        after=after,
    )
