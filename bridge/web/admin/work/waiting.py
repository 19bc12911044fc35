"""Changes above a limit: what waits for a second person, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from sqlmodel import Session, col, select
from wtforms import StringField
from wtforms.validators import Length, Optional

from bridge.approvals.models import WaitingChange, WaitingState
from bridge.approvals.service import NotWaiting, decide, decided, one, waiting, withdraw
from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.users.administrations import nobodies
from bridge.users.models import User
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.forms import Form
from bridge.web.admin.members import approval as member_approval
from bridge.web.admin.plans import approval as plan_approval
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.deciding import Action
from bridge.web.speaking import _, lazy, said
from connectors.sentences import sentence

pages = Pages()

ACTIONS: dict[str, Action] = {
    plan_approval.NAME: plan_approval.ACTION,
    member_approval.NAME: member_approval.ACTION,
}
"""By the name that was asked for."""
STATES = {
    WaitingState.WAITING.value: lazy("waits"),
    WaitingState.APPROVED.value: lazy("approved"),
    WaitingState.REFUSED.value: lazy("refused"),
    WaitingState.WITHDRAWN.value: lazy("withdrawn"),
}
AT_ONCE = 50


class OwnerNeeded(BridgeError):
    """Who decides may be the very person who came from the shop's administration and asked. An
    owner can do that as well, but he could let in a second person of his own, too."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Somebody who came from a shop's administration asked for this, and nobody knows "
                "who it was: an owner must decide it."
            )
        )


class Decision(Form):
    note = StringField(lazy("A word to who asked"), [Optional(), Length(max=500)])


@pages.get("/waiting", Permission.LOOK)
def waiting_changes(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/waiting/<int:change_id>/approve", Permission.DECIDE)
def approve_change(visit: Visit, change_id: int) -> Any:
    return _decide(visit, change_id, is_approved=True)


@pages.post("/waiting/<int:change_id>/refuse", Permission.DECIDE)
def refuse_change(visit: Visit, change_id: int) -> Any:
    return _decide(visit, change_id, is_approved=False)


@pages.post("/waiting/<int:change_id>/withdraw", Permission.LOOK)
def withdraw_change(visit: Visit, change_id: int) -> Any:
    """By who asked for it, whatever his role is by now."""
    try:
        with visit.app.database.writing() as session:
            change = withdraw(
                session, visit.app.workspace_id, change_id, visit.user_id, visit.app.now()
            )
            action = ACTIONS.get(change.action)
            if action is not None:
                action.let_go(session, visit, change)
            _record(session, visit, change, "withdrawn")
    except BridgeError as error:
        return _page(visit, _status(error), problem=said(error))
    flash(_("It is withdrawn."), "success")
    return redirect(visit.url("waiting_changes"), 303)


def _decide(visit: Visit, change_id: int, *, is_approved: bool) -> Any:
    form = Decision()
    if not form.validate():
        return _page(visit, 422, problem=" ".join(form.note.errors))
    try:
        change, action = _decided(visit, change_id, form.note.data or "", is_approved=is_approved)
    except BridgeError as error:
        return _page(visit, _status(error), problem=said(error))
    flash(_("It is approved.") if is_approved else _("It is refused."), "success")
    onward = action.then(visit, change) if action is not None and is_approved else ""
    return redirect(onward or visit.url("waiting_changes"), 303)


def _decided(
    visit: Visit, change_id: int, note: str, *, is_approved: bool
) -> tuple[WaitingChange, Action | None]:
    app = visit.app

    def performing(action: Action) -> Any:
        return lambda session, change: action.perform(session, visit, change)

    with app.database.writing() as session:
        asked_by = one(session, app.workspace_id, change_id).asked_by
        if nobodies(session, [asked_by]) and not visit.may(Permission.CHANGE_USERS):
            raise OwnerNeeded
        change = decide(
            session,
            app.workspace_id,
            change_id,
            is_approved=is_approved,
            user_id=visit.user_id,
            now=app.now(),
            handlers={name: performing(action) for name, action in ACTIONS.items()},
            note=note.strip(),
        )
        action = ACTIONS.get(change.action)
        if action is not None and not is_approved:
            action.let_go(session, visit, change)
        _record(session, visit, change, "approved" if is_approved else "refused")
    return change, action


def _record(session: Session, visit: Visit, change: WaitingChange, what: str) -> None:
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        f"waiting.{what}",
        Subject(change.subject_kind, change.subject_id, change.subject),
        visit.app.now(),
        after={"change": change.action, "note": change.note} | dict(change.arguments),
    )


def _status(error: BridgeError) -> int:
    return 404 if isinstance(error, NotWaiting) else 409


def _page(visit: Visit, status: int = 200, *, problem: str = "") -> Any:
    below = number("below")
    with visit.app.database.reading() as session:
        workspace_id = visit.app.workspace_id
        open_ = waiting(session, workspace_id, limit=200) if below is None else []
        past = decided(session, workspace_id, below=below, limit=AT_ONCE + 1)
        names = _names(session, [*open_, *past])
        nameless = nobodies(session, {change.asked_by for change in open_})
    return page(
        "waiting.html",
        status,
        open=open_,
        past=past[:AT_ONCE],
        below=past[AT_ONCE - 1].id if len(past) > AT_ONCE else None,
        is_older=below is not None,
        names=names,
        nameless=nameless,
        actions=ACTIONS,
        states=STATES,
        problem=problem,
    )


def _names(session: Session, changes: list[WaitingChange]) -> dict[int, str]:
    ids = {change.asked_by for change in changes}
    ids |= {change.decided_by for change in changes if change.decided_by is not None}
    rows = session.exec(select(User.id, User.name).where(col(User.id).in_(ids)))
    return {id_: name for id_, name in rows if id_ is not None}
