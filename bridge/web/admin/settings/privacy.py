"""Who asked to be erased, who was, and of whom nothing was heard for long; and the settings of
what is forgotten by itself."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import Length, NumberRange, Optional

from bridge.kit.errors import BridgeError
from bridge.members.finding import described
from bridge.preferences.sections import Retention
from bridge.preferences.service import preferences, set_preferences
from bridge.privacy import erasing, inactive
from bridge.privacy.models import ErasureState
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.forms import Form
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

EACH = 50
STATES = {
    ErasureState.ASKED: (lazy("Asked for by the member"), "bg-yellow-lt"),
    ErasureState.REFUSED: (lazy("Refused"), "bg-secondary-lt"),
    ErasureState.BEGUN: (lazy("Being erased"), "bg-blue-lt"),
    ErasureState.FINISHING: (lazy("Erased, shops are being told"), "bg-blue-lt"),
    ErasureState.DONE: (lazy("Erased"), "bg-green-lt"),
}


class RefusalForm(Form):
    note = StringField(
        lazy("What stands against it"),
        [Length(max=500)],
        description=lazy("For your own records, without names."),
    )


class RetentionForm(Form):
    inbox_days = IntegerField(
        lazy("What shops told and was handled, in days"),
        [Optional(), NumberRange(7, 3_650)],
        description=lazy("Empty: as the server is set up. The newest version of each stays."),
    )
    letters_months = IntegerField(
        lazy("What letters said, in months"),
        [Optional(), NumberRange(1, 120)],
        description=lazy("That they were sent stays. Empty: it is kept."),
    )
    addresses_months = IntegerField(
        lazy("Network addresses in the audit log, in months"),
        [Optional(), NumberRange(1, 120)],
        description=lazy("Who changed what stays. Empty: they are kept."),
    )
    inactive_months = IntegerField(
        lazy("Members who did nothing and have nothing left, in months"),
        [Optional(), NumberRange(6, 240)],
        description=lazy("They are listed on the page Privacy. Empty: nobody is looked for."),
    )
    erases_inactive = BooleanField(lazy("Erase those members by themselves, once a day"))


@pages.get("/privacy", Permission.CHANGE_MEMBERS)
def privacy(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session)


@pages.post("/privacy/requests/<int:erasure_id>/refuse", Permission.CHANGE_MEMBERS)
def refuse_erasure(visit: Visit, erasure_id: int) -> Any:
    form = RefusalForm()
    app = visit.app
    if not form.validate():
        with app.database.reading() as session:
            return _page(visit, session, 422, problem=_("Write at most 500 characters."))
    try:
        with app.database.writing() as session:
            erasing.refuse(
                session, app.workspace_id, erasure_id, visit.actor, form.note.data or "", app.now()
            )
    except BridgeError as error:
        with app.database.reading() as session:
            return _page(visit, session, 409, problem=said(error))
    flash(_("Refused. Tell the member why."), "success")
    return redirect(visit.url("privacy"), 303)


@pages.get("/settings/retention", Permission.CHANGE_SETTINGS)
def retention(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        found = preferences(session, visit.app.workspace_id, Retention)
    return page("retention.html", form=RetentionForm(data=found.model_dump()))


@pages.post("/settings/retention", Permission.CHANGE_SETTINGS)
def set_retention(visit: Visit) -> Any:
    form = RetentionForm()
    if not form.validate():
        return page("retention.html", 422, form=form)
    wanted = Retention(
        inbox_days=form.inbox_days.data,
        letters_months=form.letters_months.data,
        addresses_months=form.addresses_months.data,
        inactive_months=form.inactive_months.data,
        erases_inactive=bool(form.erases_inactive.data),
    )
    with visit.app.database.writing() as session:
        set_preferences(session, visit.app.workspace_id, wanted, visit.actor, visit.app.now())
    flash(_("Saved."), "success")
    return redirect(visit.url("retention"), 303)


def _page(visit: Visit, session: Session, status: int = 200, *, problem: str = "") -> Any:
    workspace_id = visit.app.workspace_id
    below = number("below")
    asked = erasing.erasures(session, workspace_id, states=[ErasureState.ASKED], limit=200)
    others = [one for one in ErasureState if one is not ErasureState.ASKED]
    found = erasing.erasures(session, workspace_id, states=others, below=below, limit=EACH + 1)
    silent = inactive.kept(session, workspace_id)
    first = list(silent.member_ids[:EACH]) if silent is not None else []
    return page(
        "privacy.html",
        status,
        asked=asked,
        erasures=found[:EACH],
        below=found[EACH - 1].id if len(found) > EACH else None,
        silent=silent,
        members=described(session, workspace_id, first),
        states=STATES,
        problem=problem,
    )
