"""What members are asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences
from bridge.surveys import defining
from bridge.surveys.defining import LONGEST_NAME
from bridge.surveys.document import Kind, Questionnaire
from bridge.surveys.finding import (
    UnknownSurvey,
    identity,
    listed,
    questionnaire,
    survey_with_id,
)
from bridge.surveys.models import Survey
from bridge.surveys.results import Result, results
from bridge.surveys.wording import asked
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.members.forms import one_line
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.surveys import charts
from bridge.web.admin.surveys.texts import KINDS, STATES, members_speech
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

_TURNS: dict[str, tuple[Callable[..., Survey], Any]] = {
    "open": (defining.open_survey, lazy("It is open: members can answer.")),
    "close": (defining.close_survey, lazy("It is closed: nobody can answer any more.")),
}


class NewSurveyForm(Form):
    name = StringField(
        lazy("Name"),
        [DataRequired(), Length(max=LONGEST_NAME), one_line],
        description=lazy("Members read it as the title, until you write another one."),
    )
    language = SelectField(
        lazy("Language in which you write"),
        choices=choices(MEMBER_NAMES.items()),
        render_kw={"data-told": ""},
        description=lazy(
            "Members read it where you write nothing in their own language. The question whether "
            "they recommend you is there in every language."
        ),
    )


@pages.get("/surveys", Permission.LOOK)
def surveys(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        found = listed(session, visit.app.workspace_id)
    return page("surveys.html", surveys=found, states=STATES)


@pages.get("/surveys/new", Permission.CHANGE_PROGRAMME)
def new_survey(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        usual = preferences(session, visit.app.workspace_id, Letters).language
    return page("survey_new.html", form=NewSurveyForm(formdata=None, language=usual))


@pages.post("/surveys/new", Permission.CHANGE_PROGRAMME)
def make_survey(visit: Visit) -> Any:
    form = NewSurveyForm()
    if not form.validate():
        return page("survey_new.html", 422, form=form)
    app = visit.app
    with app.database.writing() as session:
        made = defining.make(
            session,
            app.workspace_id,
            form.name.data.strip(),
            form.language.data,
            visit.actor,
            app.now(),
        )
    flash(_("The survey is there as a draft. Look through it, and open it."), "success")
    return redirect(visit.url("survey_questions", survey_id=identity(made)), 303)


@pages.get("/surveys/<int:survey_id>", Permission.LOOK)
def survey(visit: Visit, survey_id: int) -> Any:
    return survey_page(visit, survey_id)


@pages.post("/surveys/<int:survey_id>/<how>", Permission.CHANGE_PROGRAMME)
def turn_survey(visit: Visit, survey_id: int, how: str) -> Any:
    if how not in _TURNS:
        abort(404)
    do, done = _TURNS[how]
    app = visit.app
    try:
        with app.database.writing() as session:
            do(session, app.workspace_id, survey_id, visit.actor, app.now())
    except UnknownSurvey:
        abort(404)
    except defining.SurveyRefused as error:
        return survey_page(visit, survey_id, 422, said(error))
    flash(str(done), "success")
    return redirect(visit.url("survey", survey_id=survey_id), 303)


@pages.post("/surveys/<int:survey_id>/remove", Permission.CHANGE_PROGRAMME)
def remove_survey(visit: Visit, survey_id: int) -> Any:
    app = visit.app
    try:
        with app.database.writing() as session:
            defining.remove_survey(session, app.workspace_id, survey_id, visit.actor, app.now())
    except UnknownSurvey:
        abort(404)
    except defining.SurveyRefused as error:
        return survey_page(visit, survey_id, 422, said(error))
    flash(_("The survey is gone."), "success")
    return redirect(visit.url("surveys"), 303)


def required(visit: Visit, session: Session, survey_id: int) -> Survey:
    """404 where there is none."""
    try:
        return survey_with_id(session, visit.app.workspace_id, survey_id)
    except UnknownSurvey:
        abort(404)


def survey_page(visit: Visit, survey_id: int, status: int = 200, problem: str = "") -> Any:
    """Its results; ``problem``: what was just refused."""
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        wanted = (number("version") if request.method == "GET" else None) or found.version
        try:
            told = questionnaire(session, found, wanted)
            counted = results(session, found, wanted)
        except LookupError:
            abort(404)
    return page(
        "survey.html",
        status,
        survey=found,
        state=STATES[found.state],
        problem=problem,
        counted=counted,
        shown=[_shown(told, one) for one in counted.results],
        kinds=KINDS,
    )


def _shown(told: Questionnaire, found: Result) -> dict[str, Any]:
    is_standard = found.question.kind is Kind.RECOMMEND
    score = charts.score_of_result(found) if is_standard else None
    return {
        "title": asked(told, found.question, members_speech(told.language)),
        "kind": found.question.kind.value,
        "answers": found.answers,
        "chart": charts.result_chart(told, found),
        "score": score,
        "score_text": "" if score is None else charts.score_text(score),
    }
