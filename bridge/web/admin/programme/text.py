"""The programme as the text of its file: to read, to change, to load and to take away."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from bridge.programme.editing import NAME, ChangedMeanwhile, Draft, Present, from_text, present
from bridge.programme.issues import Issue, ProgrammeError
from bridge.users.roles import Permission
from bridge.web.admin.asked import whole
from bridge.web.admin.forms import Form
from bridge.web.admin.programme.previewing import begin, months
from bridge.web.admin.programme.saving import changed_meanwhile, stored
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

LONGEST = 300_000
"""Characters that stand in a text field; longer programmes come as files."""


class TextForm(Form):
    text = TextAreaField(lazy("The programme as YAML"), [Optional()])
    file = FileField(
        lazy("Or a file"), description=lazy("A YAML file: it takes the place of all of this.")
    )
    why = StringField(
        lazy("Why"),
        [Optional(), Length(max=500)],
        description=lazy("For whoever looks at the versions later."),
    )
    version = HiddenField()


@pages.get("/programme/text", Permission.LOOK)
def programme_text(visit: Visit) -> Any:
    found = _present(visit)
    form = TextForm(formdata=None, version=str(found.number))
    form.text.data = found.text if len(found.text) <= LONGEST else ""
    return _page(visit, found, form)


@pages.post("/programme/text", Permission.CHANGE_PROGRAMME)
def change_text(visit: Visit) -> Any:
    found, form = _present(visit), TextForm()
    if not form.validate():
        return _page(visit, found, form, status=422)
    try:
        text = _sent(form)
        with visit.app.database.reading() as session:
            draft = from_text(session, visit.app.workspace_id, text)
        if request.form.get("do") == "preview":
            return begin(visit, found, draft, form.why.data or "", request.form["month"])
        return _stored(visit, found, form, draft)
    except UnicodeDecodeError:
        form.file.errors = [_("This is no UTF-8 text.")]
    except ProgrammeError as error:
        form.problem = _("It cannot be used as it is: see below. Nothing was saved.")
        return _page(visit, found, form, error.problems, status=422)
    except ChangedMeanwhile as error:
        form.problem = changed_meanwhile(error)
        form.version.data = str(error.newest)
    return _page(visit, found, form, status=422)


@pages.get("/programme/file", Permission.LOOK)
def programme_file(visit: Visit) -> Any:
    found = _present(visit)
    response = make_response(found.text)
    response.headers["Content-Type"] = "application/yaml; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return response


def _present(visit: Visit) -> Present:
    with visit.app.database.reading() as session:
        return present(session, visit.app.workspace_id)


def _sent(form: TextForm) -> str:
    """The file where there is one: it then stands in the text field, to be mended there. Raises
    UnicodeDecodeError."""
    sent = form.file.data
    if isinstance(sent, FileStorage) and sent.filename:
        form.text.data = sent.read().decode("utf-8-sig")
    return str(form.text.data or "").replace("\r\n", "\n")


def _stored(visit: Visit, found: Present, form: TextForm, draft: Draft) -> Any:
    based_on = whole(form.version.data)
    if based_on != found.number:
        raise ChangedMeanwhile(-1 if based_on is None else based_on, found.number, found.made_by)
    return stored(visit, draft, found.number, form.why.data or "")


def _page(
    visit: Visit,
    found: Present,
    form: TextForm,
    problems: tuple[Issue, ...] = (),
    *,
    status: int = 200,
) -> Any:
    text = str(form.text.data or "")
    lines = text.splitlines()
    told = [
        (one, lines[one.line - 1] if one.line and one.line <= len(lines) else "")
        for one in problems
    ]
    return page(
        "programme_text.html",
        status,
        form=form,
        present=found,
        problems=told,
        is_too_long=not text and len(found.text) > LONGEST,
        months=months(visit, found),
        rows=min(max(len(lines) + 2, 12), 40),
    )
