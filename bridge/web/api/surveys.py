"""Surveys, their results, and what each member answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from bridge.api_tokens.scopes import Scope
from bridge.surveys.document import Questionnaire
from bridge.surveys.exporting import questionnaires, said
from bridge.surveys.finding import UnknownSurvey, listed, questionnaire, survey_with_id
from bridge.surveys.looking import After, Given, Which, answers_page
from bridge.surveys.recording import ResultsOut, SurveyOut, results_out, survey_out
from bridge.surveys.results import results
from bridge.surveys.scores import Standing
from bridge.web.api.operations import Call, Nothing, Operations
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal

operations = Operations("Surveys")

STANDINGS = {one.name.lower(): one for one in Standing}


class ListedSurveyOut(SurveyOut):
    answers: int
    to_handle: int = Field(description="Of detractors, seen to by nobody yet.")


class SurveysOut(BaseModel):
    items: list[ListedSurveyOut]


class SurveyWithResultsOut(SurveyOut):
    results: ResultsOut


class AnswersQuery(Paging):
    standing: str = Field("", description="`detractor`, `passive`, `promoter` or `unasked`.")
    with_words: bool = Field(False, description="Only those in which something was written.")
    unhandled: bool = Field(False, description="Only those that nobody has seen to.")


class ReplyOut(BaseModel):
    question: str
    asked: str
    value: str | None
    told: str | None = Field(description="The value as it is read.")
    words: str | None


class AnswerOut(BaseModel):
    id: int
    member: int
    at: datetime
    version: int
    score: int | None
    standing: str
    language: str
    points: int
    is_handled: bool
    replies: list[ReplyOut]


@operations.get("/surveys", Scope.READ_PROGRAMME, SurveysOut)
def list_surveys(call: Call, query: Nothing) -> SurveysOut:
    """Every survey, the newest first."""
    with call.app.database.reading() as session:
        found = listed(session, call.app.workspace_id)
    return SurveysOut(
        items=[
            ListedSurveyOut(
                **survey_out(one.survey).model_dump(),
                answers=one.answers,
                to_handle=one.to_handle,
            )
            for one in found
        ]
    )


@operations.get("/surveys/{survey}", Scope.READ_FIGURES, SurveyWithResultsOut)
def get_survey(call: Call, query: Nothing, survey: int) -> SurveyWithResultsOut:
    """A survey, and how many answered what to the newest version of its questions."""
    with call.app.database.reading() as session:
        try:
            found = survey_with_id(session, call.app.workspace_id, survey)
        except UnknownSurvey:
            raise Refusal(404, f"There is no survey {survey}.") from None
        told = questionnaire(session, found)
        counted = results(session, found)
    return SurveyWithResultsOut(
        **survey_out(found).model_dump(), results=results_out(told, counted)
    )


@operations.get(
    "/surveys/{survey}/answers", Scope.READ_MEMBERS, Page[AnswerOut], query=AnswersQuery
)
def list_survey_answers(call: Call, query: AnswersQuery, survey: int) -> Page[AnswerOut]:
    """What members answered, the unhappy first.

    Detractors come before passives and promoters, then who was not asked for a score; within each
    the newest first.
    """
    last = after(query, int, int)
    if query.standing and query.standing not in STANDINGS:
        raise Refusal(422, f"standing is one of {', '.join(STANDINGS)}.")
    which = Which(
        STANDINGS.get(query.standing),
        True if query.with_words else None,
        False if query.unhandled else None,
    )
    with call.app.database.reading() as session:
        try:
            found = survey_with_id(session, call.app.workspace_id, survey)
        except UnknownSurvey:
            raise Refusal(404, f"There is no survey {survey}.") from None
        asked_then = questionnaires(session, found)
        answers = answers_page(
            session,
            call.app.workspace_id,
            survey,
            which,
            after=After(*last) if last else None,
            most=query.limit + 1,
        )
    return page(
        answers,
        query,
        lambda one: _answer(one, asked_then[one.answer.version]),
        lambda one: (one.after.standing, one.after.answer_id),
    )


def _answer(one: Given, then: Questionnaire) -> AnswerOut:
    answer = one.answer
    told = [(reply, said(then, reply)) for reply in one.replies]
    return AnswerOut(
        id=answer.id or 0,
        member=one.member_id,
        at=answer.answered_at,
        version=answer.version,
        score=answer.score,
        standing=Standing(answer.standing).name.lower(),
        language=answer.language,
        points=answer.points,
        is_handled=answer.is_handled,
        replies=[
            ReplyOut(
                question=reply.question,
                asked=as_read.question,
                value=reply.value or None,
                told=as_read.value or None,
                words=reply.words or None,
            )
            for reply, as_read in told
        ],
    )
