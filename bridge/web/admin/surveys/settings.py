"""Whom a survey asks, when, how often, and what answering is worth."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from pydantic import ValidationError as Invalid
from sqlmodel import Session
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from bridge.letters.models import LetterKind
from bridge.letters.queue import is_sent
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.surveys import defining
from bridge.surveys.defining import LONGEST_NAME, Settings, activities_of, settings_of
from bridge.surveys.finding import UnknownSurvey
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.members.forms import one_line
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.surveys.pages import required
from bridge.web.admin.surveys.texts import STATES
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

_MOST_DAYS = 3_650


class SurveySettingsForm(Form):
    name = StringField(lazy("Name"), [DataRequired(), Length(max=LONGEST_NAME), one_line])
    starts_on = DateField(
        lazy("First day"), [Optional()], description=lazy("Empty: as soon as it is opened.")
    )
    ends_on = DateField(
        lazy("Last day"), [Optional()], description=lazy("Empty: until somebody closes it.")
    )
    tiers = SelectMultipleField(
        lazy("Only for members of these tiers"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=lazy("None chosen: of any tier."),
    )
    segments = SelectMultipleField(
        lazy("Only for members of these segments"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=lazy("None chosen: whatever segment they are in."),
    )
    again_days = IntegerField(
        lazy("May answer again after so many days"),
        [Optional(), NumberRange(1, _MOST_DAYS)],
        description=lazy("Empty: each member answers once."),
    )
    activity = SelectField(
        lazy("Points for answering: by the activity"),
        description=lazy(
            "What the programme gives for it. Write a rule for an activity on the page Programme "
            "to have one to choose."
        ),
    )
    ask_days = IntegerField(
        lazy("Write to buyers so many days after an order"),
        [Optional(), NumberRange(0, 365)],
        description=lazy("Empty: nobody gets a letter."),
    )
    pause_days = IntegerField(
        lazy("No member is asked twice within so many days"),
        [DataRequired(), NumberRange(1, _MOST_DAYS)],
        description=lazy("By letters of any survey."),
    )

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day is before the first."))

    def wanted(self) -> Settings:
        told = {name: getattr(self, name).data for name in Settings.model_fields}
        told["name"] = told["name"].strip()
        return Settings.model_validate(told)


@pages.get("/surveys/<int:survey_id>/settings", Permission.CHANGE_PROGRAMME)
def survey_settings(visit: Visit, survey_id: int) -> Any:
    return _page(visit, survey_id)


@pages.post("/surveys/<int:survey_id>/settings", Permission.CHANGE_PROGRAMME)
def set_survey(visit: Visit, survey_id: int) -> Any:
    app = visit.app
    form = SurveySettingsForm()
    with app.database.reading() as session:
        _fill(form, session, app.workspace_id)
    if not form.validate():
        return _page(visit, survey_id, 422, form)
    try:
        with app.database.writing() as session:
            defining.change_settings(
                session, app.workspace_id, survey_id, form.wanted(), visit.actor, app.now()
            )
    except UnknownSurvey:
        abort(404)
    except (defining.SurveyRefused, Invalid) as error:
        form.problem = said(error)
        return _page(visit, survey_id, 422, form)
    flash(_("Saved."), "success")
    return redirect(visit.url("survey", survey_id=survey_id), 303)


def _fill(form: SurveySettingsForm, session: Session, workspace_id: int) -> Programme | None:
    """Gives the form what the programme lets choose."""
    found = current(session, workspace_id)
    programme = found[1] if found else None
    tiers = programme.tiers if programme else {}
    form.tiers.choices = choices((key, tier.name) for key, tier in tiers.items())
    form.segments.choices = choices((key, key) for key in (programme.segments if programme else ()))
    named = [
        SelectChoice(name, name, render_kw={"data-told": ""}) for name in activities_of(programme)
    ]
    form.activity.choices = [*choices([("", lazy("No points"))]), *named]
    return programme


def _page(
    visit: Visit, survey_id: int, status: int = 200, form: SurveySettingsForm | None = None
) -> Any:
    with visit.app.database.reading() as session:
        found = required(visit, session, survey_id)
        form = form or SurveySettingsForm(formdata=None, data=settings_of(found).model_dump())
        _fill(form, session, visit.app.workspace_id)
        sends = is_sent(session, visit.app.workspace_id, LetterKind.SURVEY)
    return page(
        "survey_settings.html",
        status,
        survey=found,
        state=STATES[found.state],
        form=form,
        sends=sends,
    )
