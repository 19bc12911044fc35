"""What is known of a member: told to him in a file, or taken away for good."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect
from sqlmodel import Session
from wtforms import StringField, ValidationError
from wtforms.validators import InputRequired, Length

from bridge.audit.service import Subject, record
from bridge.consents.service import LETTERS, MEMBERSHIP, TERMS, consents
from bridge.kit.errors import BridgeError
from bridge.letters.models import LetterKind
from bridge.members.joining import merged_into
from bridge.privacy import erasing
from bridge.privacy.preview import preview
from bridge.privacy.telling import as_zip, tell
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form
from bridge.web.admin.members.scope import require
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

PURPOSES = {
    MEMBERSHIP: lazy("Taking part in the programme"),
    LETTERS: lazy("Letters of every kind"),
    TERMS: lazy("The terms of the programme"),
    f"{LETTERS}/{LetterKind.WELCOME}": lazy("Letters of welcome"),
    f"{LETTERS}/{LetterKind.EARNED}": lazy("Letters about points that became available"),
    f"{LETTERS}/{LetterKind.EXPIRING}": lazy("Letters about points that expire"),
    f"{LETTERS}/{LetterKind.TIER}": lazy("Letters about a higher tier"),
    f"{LETTERS}/{LetterKind.VOUCHER}": lazy("Letters with a voucher"),
    f"{LETTERS}/{LetterKind.REFERRAL}": lazy("Letters of thanks for a friend"),
    f"{LETTERS}/{LetterKind.SURVEY}": lazy("Letters with a survey"),
}
WAYS = {
    "staff": lazy("Written down by the staff"),
    "member page": lazy("On his own page"),
    "link in a letter": lazy("By the link in a letter"),
    "erasure": lazy("With the erasure"),
}


class EraseForm(Form):
    number = StringField(
        lazy("His number, with the # in front of it"),
        [InputRequired(), Length(max=20)],
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, member_id: int, **more: Any) -> None:
        super().__init__(**more)
        self._member_id = member_id

    def validate_number(self, field: StringField) -> None:
        if (field.data or "").strip().lstrip("#") != str(self._member_id):
            raise ValidationError(_("This is not his number: nothing was erased."))


@pages.get("/members/<int:member_id>/privacy", Permission.CHANGE_MEMBERS)
def member_privacy(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, EraseForm(member_id, formdata=None))


@pages.post("/members/<int:member_id>/privacy/file", Permission.CHANGE_MEMBERS)
def export_member(visit: Visit, member_id: int) -> Any:
    """The file itself: it lies nowhere on the server."""
    app, now = visit.app, visit.app.now()
    with app.database.reading() as session:
        require(visit, session, member_id)
    with app.database.reading() as session:
        told = tell(session, app.workspace_id, app.workspace, member_id, now)
    with app.database.writing() as session:
        subject = Subject("member", str(member_id), f"member #{member_id}")
        record(session, app.workspace_id, visit.actor, "privacy.exported", subject, now)
    response = make_response(as_zip(told))
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="member-{member_id}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/members/<int:member_id>/privacy/erase", Permission.CHANGE_MEMBERS)
def erase_member_now(visit: Visit, member_id: int) -> Any:
    form = EraseForm(member_id)
    app = visit.app
    with app.database.reading() as session:
        require(visit, session, member_id)
        if not form.validate():
            return _page(visit, session, member_id, form, 422)
    try:
        erasing.erase(app.database, app.workspace_id, member_id, visit.actor, app.now)
    except BridgeError as error:
        form.problem = said(error)
        with app.database.reading() as session:
            return _page(visit, session, member_id, form, 422)
    visit.wake("privacy")
    visit.wake("due")
    flash(
        _("He is erased. Erase him in the shops as well: there he is still a customer."), "success"
    )
    return redirect(visit.url("member_privacy", member_id=member_id), 303)


def _page(
    visit: Visit, session: Session, member_id: int, form: EraseForm, status: int = 200
) -> Any:
    found = require(visit, session, member_id)
    workspace_id = visit.app.workspace_id
    return page(
        "member_privacy.html",
        status,
        member=found,
        form=form,
        known=preview(session, workspace_id, member_id),
        asked=erasing.open_of(session, workspace_id, member_id),
        consents=consents(session, workspace_id, merged_into(session, workspace_id, [member_id])),
        purposes=PURPOSES,
        ways=WAYS,
    )
