"""What a survey asks, in each language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from wtforms import BooleanField, SelectField

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.surveys import defining, editing
from bridge.surveys.document import WITH_OPTIONS, Kind, Question, Questionnaire
from bridge.surveys.editing import Draft, Slipped, lines_of
from bridge.surveys.finding import UnknownSurvey, has_answers, questionnaire
from bridge.surveys.models import Survey, SurveyState
from bridge.surveys.wording import asked
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.surveys.pages import required
from bridge.web.admin.surveys.texts import KINDS, STATES, members_speech, slip_text
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

Change = Callable[[Questionnaire], Questionnaire]
_MOVES: dict[str, Callable[[Questionnaire, str], Questionnaire]] = {
    "remove": editing.remove,
    "up": editing.move_up,
}
_PARTS = ("title", "intro", "thanks")


class QuestionForm(Form):
    """Its texts are read from the request: there is one for each language."""

    is_required = BooleanField(lazy("Must be answered"))


class TextsForm(Form):
    language = SelectField(
        lazy("The survey's own language"),
        choices=choices(MEMBER_NAMES.items()),
        render_kw={"data-told": ""},
        description=lazy("Members read it where nothing is written in theirs."),
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language, as a form has it."""

    name: str
    language: str
    """As its speakers call it."""
    code: str
    value: str
    problem: str = ""


@pages.get("/surveys/<int:survey_id>/questions", Permission.LOOK)
def survey_questions(visit: Visit, survey_id: int) -> Any:
    return _list(visit, survey_id)


@pages.get("/surveys/<int:survey_id>/texts", Permission.CHANGE_PROGRAMME)
def survey_texts(visit: Visit, survey_id: int) -> Any:
    return _texts_page(visit, survey_id)


@pages.post("/surveys/<int:survey_id>/texts", Permission.CHANGE_PROGRAMME)
def set_survey_texts(visit: Visit, survey_id: int) -> Any:
    form = TextsForm()
    if not form.validate():
        return _texts_page(visit, survey_id, 422, form)
    title, intro, thanks = (_sent(name) for name in _PARTS)

    def change(told: Questionnaire) -> Questionnaire:
        return editing.with_texts(told, form.language.data, title, intro, thanks)

    try:
        _change(visit, survey_id, change)
    except Slipped as slip:
        if slip.place == "language":
            form.language.errors = [slip_text(slip.slip)]
        return _texts_page(visit, survey_id, 422, form, slip)
    except defining.SurveyRefused as error:
        form.problem = said(error)
        return _texts_page(visit, survey_id, 422, form)
    return _saved(visit, survey_id)


@pages.get("/surveys/<int:survey_id>/questions/new/<kind>", Permission.CHANGE_PROGRAMME)
def new_survey_question(visit: Visit, survey_id: int, kind: str) -> Any:
    return _question_page(visit, survey_id, _kind(kind))


@pages.post("/surveys/<int:survey_id>/questions/new/<kind>", Permission.CHANGE_PROGRAMME)
def add_survey_question(visit: Visit, survey_id: int, kind: str) -> Any:
    wanted = _kind(kind)
    return _save(visit, survey_id, wanted, "", lambda told, draft: editing.add(told, draft))


@pages.get("/surveys/<int:survey_id>/questions/<key>", Permission.CHANGE_PROGRAMME)
def survey_question(visit: Visit, survey_id: int, key: str) -> Any:
    return _question_page(visit, survey_id, _present(visit, survey_id, key).kind, key)


@pages.post("/surveys/<int:survey_id>/questions/<key>", Permission.CHANGE_PROGRAMME)
def change_survey_question(visit: Visit, survey_id: int, key: str) -> Any:
    kind = _present(visit, survey_id, key).kind
    return _save(visit, survey_id, kind, key, lambda told, draft: editing.change(told, key, draft))


@pages.post("/surveys/<int:survey_id>/questions/<key>/<how>", Permission.CHANGE_PROGRAMME)
def move_survey_question(visit: Visit, survey_id: int, key: str, how: str) -> Any:
    if how not in _MOVES:
        abort(404)
    _present(visit, survey_id, key)
    do = _MOVES[how]
    try:
        _change(visit, survey_id, lambda told: do(told, key))
    except defining.SurveyRefused as error:
        return _list(visit, survey_id, 422, said(error))
    return _saved(visit, survey_id)


# -- saving ---------------------------------------------------------------------------------


def _save(
    visit: Visit,
    survey_id: int,
    kind: Kind,
    key: str,
    do: Callable[[Questionnaire, Draft], Questionnaire],
) -> Any:
    form = QuestionForm()
    form.validate()
    draft = Draft(kind, _sent("text"), bool(form.is_required.data), _sent("options"))
    try:
        _change(visit, survey_id, lambda told: do(told, draft))
    except Slipped as slip:
        return _question_page(visit, survey_id, kind, key, 422, form, slip)
    except (defining.SurveyRefused, ValueError) as error:
        form.problem = said(error)
        return _question_page(visit, survey_id, kind, key, 422, form)
    return _saved(visit, survey_id)


def _change(visit: Visit, survey_id: int, change: Change) -> None:
    """404 where there is none. Raises SurveyRefused, and what ``change`` does."""
    app = visit.app
    try:
        with app.database.writing() as session:
            found = required(visit, session, survey_id)
            wanted = change(questionnaire(session, found))
            defining.change_questions(
                session, app.workspace_id, survey_id, wanted, visit.actor, app.now()
            )
    except UnknownSurvey:
        abort(404)


def _saved(visit: Visit, survey_id: int) -> Any:
    flash(_("Saved."), "success")
    return redirect(visit.url("survey_questions", survey_id=survey_id), 303)


def _sent(name: str) -> dict[str, str]:
    """By language."""
    return {code: request.form.get(f"{name}_{code}", "") for code in MEMBER_NAMES}


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        abort(404)
    return Kind(text)


# -- showing --------------------------------------------------------------------------------


def _list(visit: Visit, survey_id: int, status: int = 200, problem: str = "") -> Any:
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        told = questionnaire(session, found)
        is_answered = has_answers(session, found, found.version)
    return page(
        "survey_questions.html",
        status,
        survey=found,
        state=STATES[found.state],
        told=told,
        texts=[(one, asked(told, one, members_speech(told.language))) for one in told.questions],
        kinds=KINDS,
        addable=[(one.value, KINDS[one]) for one in Kind if _can_be_added(told, one)],
        languages_of=[MEMBER_NAMES[one] for one in told.languages],
        own_language=MEMBER_NAMES[told.language],
        can_change=_can_change(visit, found),
        is_answered=is_answered,
        problem=problem,
    )


def _can_change(visit: Visit, found: Survey) -> bool:
    return found.state != SurveyState.OPEN and visit.may(Permission.CHANGE_PROGRAMME)


def _can_be_added(told: Questionnaire, kind: Kind) -> bool:
    return kind is not Kind.RECOMMEND or told.standard is None


def _question_page(
    visit: Visit,
    survey_id: int,
    kind: Kind,
    key: str = "",
    status: int = 200,
    form: QuestionForm | None = None,
    slip: Slipped | None = None,
) -> Any:
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        told = questionnaire(session, found)
    present = told.question(key)
    shown = form or QuestionForm(
        formdata=None, is_required=present.is_required if present else kind is Kind.RECOMMEND
    )
    texts = dict(present.text) if present else {}
    lines = {code: lines_of(present, code) for code in MEMBER_NAMES} if present else {}
    if form is not None:
        texts, lines = _sent("text"), _sent("options")
    return page(
        "survey_question.html",
        status,
        survey=found,
        state=STATES[found.state],
        form=shown,
        kind=kind.value,
        kind_text=KINDS[kind],
        key=key,
        texts=_ordered(told.language, "text", texts, slip),
        options=_ordered(told.language, "options", lines, slip) if kind in WITH_OPTIONS else [],
        problem="" if slip is None or slip.language else slip_text(slip.slip),
    )


def _texts_page(
    visit: Visit,
    survey_id: int,
    status: int = 200,
    form: TextsForm | None = None,
    slip: Slipped | None = None,
) -> Any:
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        told = questionnaire(session, found)
    stored = {"title": told.title, "intro": told.intro, "thanks": told.thanks}
    parts = {
        name: _ordered(told.language, name, stored[name] if form is None else _sent(name), slip)
        for name in _PARTS
    }
    return page(
        "survey_texts.html",
        status,
        survey=found,
        state=STATES[found.state],
        form=form or TextsForm(formdata=None, language=told.language),
        parts_of=parts,
    )


def _ordered(own: str, name: str, texts: dict[str, str], slip: Slipped | None) -> list[Text]:
    """The survey's own language first."""
    codes = [own, *(code for code in MEMBER_NAMES if code != own)]
    return [
        Text(
            f"{name}_{code}",
            MEMBER_NAMES[code],
            code,
            texts.get(code, ""),
            slip_text(slip.slip) if slip and (slip.place, slip.language) == (name, code) else "",
        )
        for code in codes
    ]


def _present(visit: Visit, survey_id: int, key: str) -> Question:
    with visit.app.database.reading() as session:
        found = questionnaire(session, required(visit, session, survey_id)).question(key)
    if found is None:
        abort(404)
    return found
