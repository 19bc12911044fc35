"""What the staff does with surveys: makes, changes, opens, closes and removes them.

Each writes into the audit log, in the same unit of work.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session, col, delete

from bridge.audit.service import Actor, Subject, record
from bridge.kit.calendar import day_of
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.programme.document import Programme
from bridge.programme.kinds import Day
from bridge.programme.service import current
from bridge.surveys.document import Questionnaire
from bridge.surveys.finding import has_answers, identity, locked, questionnaire, version
from bridge.surveys.models import Survey, SurveyState, SurveyVersion
from bridge.surveys.standard import standard_question
from connectors.sentences import sentence

LONGEST_NAME = 100
_MOST_DAYS = 3_650


class SurveyRefused(BridgeError):
    """It cannot be done, for the reason it says; nothing was changed."""


class Settings(BaseModel):
    """Everything about a survey but its questions; as :class:`Survey` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    starts_on: Day | None = None
    ends_on: Day | None = None
    tiers: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    again_days: int | None = Field(default=None, ge=1, le=_MOST_DAYS)
    activity: str = Field(default="", max_length=100)
    ask_days: int | None = Field(default=None, ge=0, le=365)
    pause_days: int = Field(default=90, ge=1, le=_MOST_DAYS)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Settings:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(f"ends on {self.ends_on}, before it begins on {self.starts_on}")
        return self


def settings_of(survey: Survey) -> Settings:
    return Settings.model_validate({name: getattr(survey, name) for name in Settings.model_fields})


def make(
    session: Session, workspace_id: int, name: str, language: str, actor: Actor, now: datetime
) -> Survey:
    """A draft with the standard question. ``language``: of its texts, and of members for whose
    language nobody writes one."""
    survey = Survey(workspace_id=workspace_id, name=Settings(name=name).name, made_at=now)
    session.add(survey)
    session.flush()
    first = Questionnaire(
        language=language, title={language: name}, questions=(standard_question(),)
    )
    session.add(_version(survey, first, now))
    session.flush()
    _record(session, survey, "survey.made", actor, now)
    return survey


def change_settings(
    session: Session,
    workspace_id: int,
    survey_id: int,
    wanted: Settings,
    actor: Actor,
    now: datetime,
) -> Survey:
    """Raises :class:`SurveyRefused` for a tier, a segment or an activity that the programme does
    not know, UnknownSurvey."""
    survey = locked(session, workspace_id, survey_id)
    before = settings_of(survey)
    if wanted != before:
        found = current(session, workspace_id)
        _check_known(found[1] if found else None, wanted)
        for name, value in wanted.model_dump().items():
            setattr(survey, name, list(value) if isinstance(value, tuple) else value)
        session.add(survey)
        was, is_ = before.model_dump(mode="json"), wanted.model_dump(mode="json")
        _record(session, survey, "survey.settings", actor, now, before=was, after=is_)
    return survey


def change_questions(
    session: Session,
    workspace_id: int,
    survey_id: int,
    wanted: Questionnaire,
    actor: Actor,
    now: datetime,
) -> Survey:
    """What was answered stays as it was asked: after an answer, a change makes a new version.

    Raises :class:`SurveyRefused` while it is open: members would answer what changes under their
    hands. Raises UnknownSurvey.
    """
    survey = locked(session, workspace_id, survey_id)
    if survey.state == SurveyState.OPEN:
        raise SurveyRefused(
            sentence(
                "Members are answering this survey now. Close it, change the questions, and open "
                "it again."
            )
        )
    before = questionnaire(session, survey)
    if wanted == before:
        return survey
    if has_answers(session, survey, survey.version):
        survey.version += 1
        session.add(survey)
        session.add(_version(survey, wanted, now))
    else:
        stored = version(session, survey)
        stored.content, stored.made_at = wanted.model_dump(mode="json"), now
        session.add(stored)
    was, is_ = before.model_dump(mode="json"), wanted.model_dump(mode="json")
    _record(session, survey, "survey.questions", actor, now, before=was, after=is_)
    session.flush()
    return survey


def open_survey(
    session: Session, workspace_id: int, survey_id: int, actor: Actor, now: datetime
) -> Survey:
    """Members can answer from now on, or from its first day on. Opened twice is opened once.

    Raises :class:`SurveyRefused` when it asks nothing, when its last day is over, and for what
    the programme does not know any more; UnknownSurvey.
    """
    survey = locked(session, workspace_id, survey_id)
    if survey.state == SurveyState.OPEN:
        return survey
    if not questionnaire(session, survey).questions:
        raise SurveyRefused(sentence("This survey asks nothing yet. Add a question first."))
    found = current(session, workspace_id)
    if found is None:
        raise SurveyRefused(sentence("There is no programme yet in which anybody could take part."))
    today = day_of(now, ZoneInfo(found[1].timezone))
    if survey.ends_on is not None and survey.ends_on < today:
        raise SurveyRefused(
            sentence(
                "Its last day was %(last)s, and today is %(today)s. Set another last day first.",
                last=survey.ends_on,
                today=today,
            )
        )
    _check_known(found[1], settings_of(survey))
    return _turn(session, survey, SurveyState.OPEN, "survey.opened", actor, now)


def close_survey(
    session: Session, workspace_id: int, survey_id: int, actor: Actor, now: datetime
) -> Survey:
    """Nobody can answer any more. Raises :class:`SurveyRefused` for a draft, UnknownSurvey."""
    survey = locked(session, workspace_id, survey_id)
    if survey.state == SurveyState.DRAFT:
        raise SurveyRefused(sentence("This survey was not opened yet."))
    if survey.state == SurveyState.CLOSED:
        return survey
    return _turn(session, survey, SurveyState.CLOSED, "survey.closed", actor, now)


def remove_survey(
    session: Session, workspace_id: int, survey_id: int, actor: Actor, now: datetime
) -> None:
    """Raises :class:`SurveyRefused` while it is open and once somebody has answered;
    UnknownSurvey."""
    survey = locked(session, workspace_id, survey_id)
    if survey.state == SurveyState.OPEN:
        raise SurveyRefused(sentence("Members are answering this survey now. Close it first."))
    if has_answers(session, survey):
        raise SurveyRefused(
            sentence("Members have answered this survey: it is kept with their answers.")
        )
    _record(session, survey, "survey.removed", actor, now)
    session.exec(
        delete(SurveyVersion).where(
            col(SurveyVersion.workspace_id) == workspace_id,
            col(SurveyVersion.survey_id) == survey.id,
        )
    )
    session.delete(survey)
    session.flush()


def activities_of(programme: Programme | None) -> list[str]:
    """What the programme has rules for: an answer can be one of these."""
    points = programme.points if programme else None
    rules = points.rules.values() if points else ()
    return sorted({rule.activity.name for rule in rules if rule.activity})


def _check_known(programme: Programme | None, wanted: Settings) -> None:
    tiers = list(programme.tiers) if programme else []
    for tier in sorted({*wanted.tiers} - {*tiers}):
        hint = did_you_mean(tier, tiers, nothing=sentence("It has no tiers."))
        raise SurveyRefused(
            sentence("The programme knows no tier `%(name)s`. %(hint)s", name=tier, hint=hint)
        )
    segments = list(programme.segments) if programme else []
    for one in sorted({*wanted.segments} - {*segments}):
        hint = did_you_mean(one, segments, nothing=sentence("It has no segments."))
        raise SurveyRefused(
            sentence("The programme knows no segment `%(name)s`. %(hint)s", name=one, hint=hint)
        )
    activities, name = activities_of(programme), wanted.activity
    if name and name not in activities:
        hint = did_you_mean(name, activities, nothing=sentence("It has no rules for activities."))
        raise SurveyRefused(
            sentence("The programme knows no activity `%(name)s`. %(hint)s", name=name, hint=hint)
        )


def _turn(
    session: Session,
    survey: Survey,
    state: SurveyState,
    action: str,
    actor: Actor,
    now: datetime,
) -> Survey:
    survey.state = state.value
    session.add(survey)
    session.flush()
    _record(session, survey, action, actor, now)
    return survey


def _version(survey: Survey, asked: Questionnaire, now: datetime) -> SurveyVersion:
    return SurveyVersion(
        survey_id=identity(survey),
        number=survey.version,
        workspace_id=survey.workspace_id,
        content=asked.model_dump(mode="json"),
        made_at=now,
    )


def _record(
    session: Session, survey: Survey, action: str, actor: Actor, now: datetime, **sides: Any
) -> None:
    subject = Subject("survey", str(survey.id), survey.name)
    record(session, survey.workspace_id, actor, action, subject, now, **sides)
