"""What came of a survey: for each question how many answered what. Counted when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from bridge.surveys.document import Kind, Question
from bridge.surveys.finding import questionnaire
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply
from bridge.surveys.reading import values_of
from bridge.surveys.scores import Standing, standing_of


@dataclass(frozen=True, slots=True)
class Result:
    """Of one question."""

    question: Question
    counts: tuple[tuple[str, int], ...]
    """Each possible value and how many chose it, in the order of the form; none for free text."""
    answers: int
    """How many answered this question; of several choices, how many answered the survey."""


@dataclass(frozen=True, slots=True)
class Results:
    version: int
    answers: int
    results: tuple[Result, ...]


def results(session: Session, survey: Survey, number: int = 0) -> Results:
    """``number``: of an older version of the questions. Raises LookupError where there is none."""
    wanted = number or survey.version
    asked = questionnaire(session, survey, wanted)
    answers = session.exec(
        select(func.count())
        .select_from(SurveyAnswer)
        .where(
            col(SurveyAnswer.workspace_id) == survey.workspace_id,
            col(SurveyAnswer.survey_id) == survey.id,
            col(SurveyAnswer.version) == wanted,
        )
    ).one()
    counts = _counts(session, survey, wanted)
    return Results(
        wanted,
        answers,
        tuple(_result(question, counts[question.key], answers) for question in asked.questions),
    )


def standings(result: Result) -> dict[Standing, int]:
    """How many of the standard question's answers made promoters, passives and detractors."""
    found = {Standing.PROMOTER: 0, Standing.PASSIVE: 0, Standing.DETRACTOR: 0}
    for value, count in result.counts:
        found[standing_of(int(value))] += count
    return found


def _counts(session: Session, survey: Survey, number: int) -> defaultdict[str, dict[str, int]]:
    rows = session.exec(
        select(col(SurveyReply.question), col(SurveyReply.value), func.count())
        .where(
            col(SurveyReply.workspace_id) == survey.workspace_id,
            col(SurveyReply.survey_id) == survey.id,
            col(SurveyReply.version) == number,
        )
        .group_by(col(SurveyReply.question), col(SurveyReply.value))
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for question, value, count in rows:
        found[question][value] = count
    return found


def _result(question: Question, counts: dict[str, int], answers: int) -> Result:
    if question.kind is Kind.TEXT:
        return Result(question, (), counts.get("", 0))
    told = tuple((value, counts.get(value, 0)) for value in values_of(question))
    if question.kind is not Kind.CHOICES:
        answers = sum(count for _value, count in told)
    return Result(question, told, answers)
