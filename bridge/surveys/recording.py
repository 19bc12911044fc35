"""Surveys and their results as JSON has them, on the command line and in the API alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bridge.surveys.document import Kind, Questionnaire
from bridge.surveys.exporting import speech_of
from bridge.surveys.models import Survey
from bridge.surveys.results import Results
from bridge.surveys.wording import asked, choice_text


class SurveyOut(BaseModel):
    id: int
    name: str
    state: str
    version: int
    starts_on: str | None
    ends_on: str | None
    tiers: list[str]
    segments: list[str]
    again_days: int | None
    activity: str | None
    ask_days: int | None
    pause_days: int


class CountOut(BaseModel):
    value: str
    told: str
    """As members read it, in the survey's own language."""
    count: int


class ResultOut(BaseModel):
    question: str
    kind: Kind
    asked: str
    answers: int
    counts: list[CountOut]


class ResultsOut(BaseModel):
    version: int
    answers: int
    questions: list[ResultOut]


def survey_out(survey: Survey) -> SurveyOut:
    return SurveyOut(
        id=survey.id or 0,
        name=survey.name,
        state=survey.state,
        version=survey.version,
        starts_on=None if survey.starts_on is None else survey.starts_on.isoformat(),
        ends_on=None if survey.ends_on is None else survey.ends_on.isoformat(),
        tiers=survey.tiers,
        segments=survey.segments,
        again_days=survey.again_days,
        activity=survey.activity or None,
        ask_days=survey.ask_days,
        pause_days=survey.pause_days,
    )


def results_out(told: Questionnaire, found: Results) -> ResultsOut:
    speech = speech_of(told)
    return ResultsOut(
        version=found.version,
        answers=found.answers,
        questions=[
            ResultOut(
                question=one.question.key,
                kind=one.question.kind,
                asked=asked(told, one.question, speech),
                answers=one.answers,
                counts=[
                    CountOut(
                        value=value,
                        told=choice_text(told, one.question, value, speech),
                        count=count,
                    )
                    for value, count in one.counts
                ],
            )
            for one in found.results
        ],
    )


def survey_record(survey: Survey) -> dict[str, Any]:
    return survey_out(survey).model_dump(mode="json")


def results_record(told: Questionnaire, found: Results) -> dict[str, Any]:
    return results_out(told, found).model_dump(mode="json")
