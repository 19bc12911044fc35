"""What members are written to: settings, and how each letter looks with them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from wtforms import SelectField

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.mail import mail_server
from bridge.letters.models import OFFERED, LetterKind
from bridge.mailing.sampling import sample
from bridge.mailing.sending import send_test
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences, set_preferences
from bridge.users.roles import Permission
from bridge.vouchers.stores import stores_of
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.letters.form import LettersForm, kind_name, letters_form
from bridge.web.admin.letters.frame import framed, with_frame
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()


class SampleForm(Form):
    """Which letter is looked at."""

    kind = SelectField(
        lazy("Letter"), choices=choices((one.value, kind_name(one)) for one in OFFERED)
    )
    language = SelectField(lazy("Language"), choices=choices(MEMBER_NAMES.items()))


@pages.get("/settings/letters", Permission.CHANGE_SETTINGS)
def letters(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/settings/letters", Permission.CHANGE_SETTINGS)
def set_letters(visit: Visit) -> Any:
    app = visit.app
    with app.database.reading() as session:
        form = letters_form(stores_of(session, app.workspace_id))
    if not form.validate():
        return _page(visit, 422, form=form)
    with app.database.writing() as session:
        wanted = form.wanted(preferences(session, app.workspace_id, Letters))
        set_preferences(session, app.workspace_id, wanted, visit.actor, app.now())
    flash(_("Saved."), "success")
    return redirect(visit.url("letters"), 303)


@pages.get("/settings/letters/sample", Permission.CHANGE_SETTINGS)
def sample_letter(visit: Visit) -> Any:
    """What the frame of the settings' page shows."""
    with visit.app.database.reading() as session:
        kind, language = _asked(preferences(session, visit.app.workspace_id, Letters))
        return framed(sample(session, visit.app, kind, language).html)


@pages.post("/settings/letters/test", Permission.CHANGE_SETTINGS)
def send_test_letter(visit: Visit) -> Any:
    """To who asks for it, and nobody else."""
    form = SampleForm()
    if not form.validate():
        return _page(visit, 422)
    kind, language, to = LetterKind(form.kind.data), form.language.data, visit.user.email
    try:
        answer = send_test(visit.app, to, language, kind)
    except BridgeError as error:
        form.problem = said(error)
        return _page(visit, 422, test=form)
    with visit.app.database.writing() as session:
        record(
            session,
            visit.app.workspace_id,
            visit.actor,
            "letter.tested",
            Subject("preferences", "letters", "letters"),
            visit.app.now(),
            after={"kind": kind.value, "language": language, "to": to},
        )
    flash(
        _("The mail server took the letter to %(address)s: %(answer)s", address=to, answer=answer),
        "success",
    )
    return redirect(visit.url("letters", kind=kind.value, language=language), 303)


def _asked(found: Letters) -> tuple[LetterKind, str]:
    """Which letter is looked at: by the address, else the first that is sent."""
    on = [one for one in OFFERED if one in found.kinds] or list(OFFERED)
    kind = next((one for one in OFFERED if one.value == request.args.get("kind")), on[0])
    told = request.args.get("language", "")
    return kind, told if told in MEMBER_NAMES else found.language


def _page(
    visit: Visit,
    status: int = 200,
    *,
    form: LettersForm | None = None,
    test: SampleForm | None = None,
) -> Any:
    app = visit.app
    with app.database.reading() as session:
        found = preferences(session, app.workspace_id, Letters)
        stores = stores_of(session, app.workspace_id)
        kind, language = _asked(found)
        if test is not None:
            kind, language = LetterKind(test.kind.data), test.language.data
        mail = sample(session, app, kind, language)
    chosen = test or SampleForm(formdata=None, kind=kind.value, language=language)
    return with_frame(
        page(
            "letters.html",
            status,
            form=form or letters_form(stores, formdata=None).show(found),
            test=chosen,
            found=found,
            mail=mail,
            kind=kind.value,
            language=language,
            server=_server(visit),
        )
    )


def _server(visit: Visit) -> str:
    """Why nothing can be sent at all; empty: it can."""
    try:
        mail_server(visit.app.settings)
    except BridgeError as error:
        return said(error)
    return ""
