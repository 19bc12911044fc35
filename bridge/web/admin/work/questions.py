"""What somebody has to decide: who is who, and referrals that look odd."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import StringField
from wtforms.validators import Optional

from bridge.audit.service import Subject, record
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.members import deciding
from bridge.members.addresses import standing_for
from bridge.members.models import IdentityQuestion
from bridge.members.questions import Kind, questions_page
from bridge.members.standing import binding
from bridge.referrals import reviewing
from bridge.referrals.looking import listed
from bridge.referrals.models import ReferralState
from bridge.users.roles import Permission
from bridge.web.admin.asked import number as number_asked
from bridge.web.admin.forms import Form
from bridge.web.admin.members.forms import one_line
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

EACH = 50


class WhyForm(Form):
    why = StringField(lazy("Why"), [Optional(), one_line])


@pages.get("/questions", Permission.SEE_MEMBERS)
def questions(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/questions/<int:number>/<reply>", Permission.CHANGE_MEMBERS)
def answer_question(visit: Visit, number: int, reply: str) -> Any:
    if reply not in ("yes", "no"):
        return _page(visit, 422, _("Answer yes or no."))
    try:
        with visit.app.database.writing() as session:
            workspace_id, now = visit.app.workspace_id, visit.app.now()
            number = min(number, 2**31 - 1)
            asked = deciding.question(session, workspace_id, number)
            about, is_yes = asked.about, reply == "yes"
            by = visit.actor.name
            deciding.answer(session, workspace_id, number, yes=is_yes, by=by, now=now)
            subject = Subject("question", str(number), about)
            told = {"answer": reply}
            record(
                session,
                workspace_id,
                visit.actor,
                "member.question-answered",
                subject,
                now,
                after=told,
            )
    except BridgeError as error:
        return _page(visit, 422, said(error))
    flash(_("Decided."), "success")
    return redirect(visit.url("questions"), 303)


@pages.get("/questions/referrals", Permission.SEE_MEMBERS)
def referral_questions(visit: Visit) -> Any:
    return _referrals(visit)


@pages.post("/questions/referrals/<int:number>/accept", Permission.CHANGE_MEMBERS)
def accept_referral(visit: Visit, number: int) -> Any:
    return _decide(visit, number, is_accepted=True)


@pages.post("/questions/referrals/<int:number>/refuse", Permission.CHANGE_MEMBERS)
def refuse_referral(visit: Visit, number: int) -> Any:
    return _decide(visit, number, is_accepted=False)


# -- who is who -----------------------------------------------------------------------------


def _page(visit: Visit, status: int = 200, problem: str = "") -> Any:
    after = number_asked("after") or 0
    with visit.app.database.reading() as session:
        workspace_id = visit.app.workspace_id
        found = questions_page(session, workspace_id, after=after, limit=EACH + 1)
        shown = [_told(session, workspace_id, one) for one in found[:EACH]]
        referrals = reviewing.how_many(session, workspace_id)
    return page(
        "questions.html",
        status,
        asked=shown,
        after=found[EACH - 1].id if len(found) > EACH else None,
        referrals=referrals,
        problem=problem,
    )


def _told(session: Session, workspace_id: int, one: IdentityQuestion) -> dict[str, Any]:
    """What the page says of a question."""
    if one.kind == Kind.COMPANY:
        return {"question": one, "member": int(one.subject), "store": "", "customer": ""}
    shop, customer = deciding.customer_of(one)
    linked = binding(session, workspace_id, shop, customer)
    standing = standing_for(session, workspace_id, one.about)
    found = session.get(Installation, shop)
    return {
        "question": one,
        "member": linked.member_id if linked else None,
        "store": found.name if found else "",
        "customer": customer,
        "other": standing.member_id if standing else None,
    }


# -- referrals ------------------------------------------------------------------------------


def _decide(visit: Visit, number: int, *, is_accepted: bool) -> Any:
    form = WhyForm()
    if not form.validate():
        return _referrals(visit, 422, str(form.why.errors[0]))
    why = form.why.data or ""
    if not is_accepted and not why:
        return _referrals(visit, 422, _("Say why it is refused: that is kept with the decision."))
    words = f"{visit.actor.name}: {why}" if why else visit.actor.name
    app, number = visit.app, min(number, 2**31 - 1)
    try:
        with app.database.writing() as session:
            now = app.now()
            if is_accepted:
                reviewing.accept(session, app.workspace_id, number, app.keyring, words, now)
            else:
                reviewing.refuse(session, app.workspace_id, number, words, now)
            action = "referral.accepted" if is_accepted else "referral.refused"
            subject = Subject("referral", str(number), f"#{number}")
            told = {"why": why}
            record(session, app.workspace_id, visit.actor, action, subject, now, after=told)
    except BridgeError as error:
        return _referrals(visit, 422, said(error))
    visit.wake("letters")
    flash(_("Decided."), "success")
    return redirect(visit.url("referral_questions"), 303)


def _referrals(visit: Visit, status: int = 200, problem: str = "") -> Any:
    below = number_asked("below")
    with visit.app.database.reading() as session:
        found = listed(
            session,
            visit.app.workspace_id,
            [ReferralState.REVIEW.value],
            EACH + 1,
            below=below,
        )
    return page(
        "questions_referrals.html",
        status,
        found=found[:EACH],
        below=found[EACH - 1].id if len(found) > EACH else None,
        problem=problem,
    )
