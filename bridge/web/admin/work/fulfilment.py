"""Rewards of the catalogue that members took: to be provided, or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from wtforms import StringField
from wtforms.validators import Optional

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.members.addressees import names_of
from bridge.points.models import Holder
from bridge.rewards import fulfilling
from bridge.rewards.claiming import Claimed
from bridge.rewards.listing import claims_page
from bridge.rewards.models import FulfilmentState
from bridge.users.roles import Permission
from bridge.web.admin import asked
from bridge.web.admin.forms import Form
from bridge.web.admin.members.forms import one_line
from bridge.web.admin.members.texts import CLAIM_STATES
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

EACH = 50
OPEN, DONE = "open", "done"
_STATES = {
    OPEN: (FulfilmentState.OPEN.value,),
    DONE: (FulfilmentState.FULFILLED.value, FulfilmentState.CANCELLED.value),
}


class NoteForm(Form):
    note = StringField(lazy("Note"), [Optional(), one_line])


@pages.get("/fulfilment", Permission.SEE_MEMBERS)
def fulfilment(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/fulfilment/<int:number>/provided", Permission.FULFIL)
def claim_provided(visit: Visit, number: int) -> Any:
    return _decide(visit, number, fulfilling.fulfil, "reward.provided", _("It is provided."))


@pages.post("/fulfilment/<int:number>/cancelled", Permission.FULFIL)
def claim_cancelled(visit: Visit, number: int) -> Any:
    done = _("It is cancelled; the member has his points again.")
    return _decide(visit, number, fulfilling.cancel, "reward.cancelled", done)


def _decide(visit: Visit, number: int, do: Callable[..., Claimed], action: str, told: str) -> Any:
    form = NoteForm()
    if not form.validate():
        return _page(visit, 422, str(form.note.errors[0]))
    note = form.note.data or ""
    try:
        with visit.app.database.writing() as session:
            workspace_id, now = visit.app.workspace_id, visit.app.now()
            number = min(number, 2**31 - 1)
            done = do(session, workspace_id, number, visit.actor.name, note, now)
            if done.is_new:
                record(
                    session,
                    workspace_id,
                    visit.actor,
                    action,
                    Subject("member", str(done.claim.member_id), done.claim.name),
                    now,
                    after={"claim": number, "points": done.claim.points, "note": note},
                )
    except BridgeError as error:
        return _page(visit, 422, said(error))
    flash(told, "success")
    return redirect(visit.url("fulfilment"), 303)


def _page(visit: Visit, status: int = 200, problem: str = "") -> Any:
    which = request.args.get("show", OPEN)
    which = which if which in _STATES else OPEN
    below = asked.number("below")
    with visit.app.database.reading() as session:
        workspace_id = visit.app.workspace_id
        found = claims_page(session, workspace_id, _STATES[which], below=below, limit=EACH + 1)
        shown = found[:EACH]
        holders = [(Holder.MEMBER, one) for one in sorted({one.member_id for one in shown})]
        names = names_of(session, workspace_id, holders)
    return page(
        "fulfilment.html",
        status,
        claims=shown,
        names={member: name for (_kind, member), name in names.items()},
        below=shown[-1].id if len(found) > EACH else None,
        show=which,
        states=CLAIM_STATES,
        problem=problem,
    )
