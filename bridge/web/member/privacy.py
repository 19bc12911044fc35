"""What is known of a member: for himself. Which letters he wants, whether he takes part, and his
wish to be forgotten, which a person carries out."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.consents.service import MEMBERSHIP, consents
from bridge.kit.errors import BridgeError
from bridge.letters import choosing
from bridge.letters.models import OFFERED, LetterKind
from bridge.members.joining import leave, merged_into, take_in
from bridge.privacy import erasing
from bridge.privacy.preview import preview
from bridge.privacy.telling import as_zip, tell
from bridge.web.member.forms import Form
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

WAY = "member page"
KINDS = {
    LetterKind.WELCOME: lazy("A welcome"),
    LetterKind.EARNED: lazy("New points"),
    LetterKind.EXPIRING: lazy("Points that are about to expire"),
    LetterKind.TIER: lazy("A higher level"),
    LetterKind.VOUCHER: lazy("Vouchers"),
    LetterKind.REFERRAL: lazy("Thanks for a friend"),
    LetterKind.SURVEY: lazy("Questions to me"),
}


@pages.get("/privacy", Needs.MEMBER)
def privacy(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        everyone = _everyone(visit, session)
        known = preview(session, visit.app.workspace_id, visit.member_id)
        wanted = choosing.wanted(session, visit.app.workspace_id, everyone)
        asked = erasing.open_of(session, visit.app.workspace_id, visit.member_id)
        comes_back = not visit.takes_part and _left_himself(visit, session)
    return page(
        "privacy.html",
        form=Form(formdata=None),
        known=known,
        kinds=_kinds(visit),
        wanted=wanted,
        labels=KINDS,
        asked=asked,
        comes_back=comes_back,
    )


@pages.post("/privacy/file", Needs.MEMBER)
def own_file(visit: Visit) -> Any:
    """All of it; it lies nowhere on the server."""
    app, now = visit.app, visit.app.now()
    with app.database.reading() as session:
        told = tell(session, app.workspace_id, visit.merchant.name, visit.member_id, now)
    with app.database.writing() as session:
        _note(visit, session, "privacy.exported")
    response = make_response(as_zip(told))
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/privacy/letters", Needs.MEMBER)
def choose_letters(visit: Visit) -> Any:
    """What is not offered at the moment stays as he left it."""
    offered = _kinds(visit)
    chosen = {kind for kind in offered if kind.value in request.form.getlist("kind")}
    with visit.app.database.writing() as session:
        everyone = _everyone(visit, session)
        before = choosing.wanted(session, visit.app.workspace_id, everyone)
        wanted = chosen | (before - set(offered))
        choosing.choose(session, visit.app.workspace_id, everyone, wanted, visit.app.now(), WAY)
    flash(_("Your choice is kept."), "success")
    return redirect(visit.url("privacy"), 303)


@pages.post("/privacy/leave", Needs.MEMBER)
def leave_programme(visit: Visit) -> Any:
    app = visit.app
    with app.database.writing() as session:
        said = leave(
            session, app.workspace_id, visit.member_id, visit.actor.name, app.now(), way=WAY
        )
        if said.is_new:
            _note(visit, session, "member.left")
    flash(_("You take no part any more."), "success")
    return redirect(visit.url("privacy"), 303)


@pages.post("/privacy/return", Needs.MEMBER)
def return_to_programme(visit: Visit) -> Any:
    """Only who left himself: whom the staff let go is taken in again by the staff."""
    app = visit.app
    try:
        with app.database.writing() as session:
            if _left_himself(visit, session):
                take_in(
                    session,
                    app.workspace_id,
                    visit.member_id,
                    visit.actor.name,
                    app.now(),
                    way=WAY,
                )
                _note(visit, session, "member.joined")
    except BridgeError:
        flash(_("You cannot join by yourself. Please ask us."), "error")
        return redirect(visit.url("privacy"), 303)
    flash(_("You take part again."), "success")
    return redirect(visit.url("privacy"), 303)


@pages.post("/privacy/erasure", Needs.MEMBER)
def ask_for_erasure(visit: Visit) -> Any:
    with visit.app.database.writing() as session:
        erasing.ask(session, visit.app.workspace_id, visit.member_id, "member", visit.app.now())
        _note(visit, session, "privacy.asked")
    flash(_("We got your request. We will carry it out within a month."), "success")
    return redirect(visit.url("privacy"), 303)


@pages.post("/privacy/erasure/withdraw", Needs.MEMBER)
def withdraw_erasure(visit: Visit) -> Any:
    with visit.app.database.writing() as session:
        if erasing.withdraw_request(session, visit.app.workspace_id, visit.member_id):
            _note(visit, session, "privacy.withdrawn")
    flash(_("Your request is withdrawn. Nothing was erased."), "success")
    return redirect(visit.url("privacy"), 303)


def _everyone(visit: Visit, session: Session) -> list[int]:
    """Himself first."""
    others = merged_into(session, visit.app.workspace_id, [visit.member_id])
    return [visit.member_id, *sorted(set(others) - {visit.member_id})]


def _kinds(visit: Visit) -> list[LetterKind]:
    """Those that this merchant sends."""
    return [kind for kind in OFFERED if kind in visit.merchant.letters.kinds]


def _left_himself(visit: Visit, session: Session) -> bool:
    said = [
        one
        for one in consents(session, visit.app.workspace_id, _everyone(visit, session))
        if one.purpose == MEMBERSHIP
    ]
    return bool(said) and not said[-1].is_given and said[-1].way == WAY


def _note(visit: Visit, session: Session, action: str) -> None:
    subject = Subject("member", str(visit.member_id), f"member #{visit.member_id}")
    record(session, visit.app.workspace_id, visit.actor, action, subject, visit.app.now())
