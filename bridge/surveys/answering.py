"""A member answers: once, or once in a while; and what that earns him.

Locks: the survey (shared), then the member, then what points lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from bridge.earning.reporting import Report, is_known, record
from bridge.kit.calendar import day_of
from bridge.members import standing
from bridge.members.joining import merged_into, takes_part
from bridge.members.meant import NO_QUALITIES
from bridge.members.qualities import qualities_of
from bridge.orders.models import HandledOrder
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.surveys.document import Questionnaire, fingerprint
from bridge.surveys.finding import (
    UnknownSurvey,
    identity,
    open_surveys,
    questionnaire,
    shared,
    survey_with_id,
)
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply, SurveyState
from bridge.surveys.reading import Reading, read
from bridge.surveys.rules import Days, is_for, is_open, may_answer
from bridge.surveys.scores import standing_of


class Way(StrEnum):
    """How an answer came."""

    LETTER = "letter"
    PAGE = "page"


class NotNow(StrEnum):
    """Why a member cannot answer."""

    CLOSED = "closed"
    """It is not open, or there is no such survey."""
    NOT_FOR_HIM = "not-for-him"
    """He takes no part in the programme, or it is for others."""
    ANSWERED = "answered"
    """He has, and may not yet do so again."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A survey that a member can answer now."""

    survey_id: int
    asked: Questionnaire

    @property
    def fingerprint(self) -> str:
        """Goes into the form: an answer is taken only to what was shown."""
        return fingerprint(self.asked)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a member sent."""

    survey_id: int
    member_id: int
    fields: Mapping[str, Sequence[str]]
    """See :func:`bridge.surveys.reading.read`."""
    fingerprint: str
    language: str
    way: Way


@dataclass(frozen=True, slots=True)
class Stored:
    answer_id: int
    points: int
    """What it earned."""
    asked: Questionnaire


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing was stored: the form is to be shown once more."""

    offered: Offered
    reading: Reading | None
    """``None``: the questions have changed since he saw them."""


def offered(
    session: Session, workspace_id: int, survey_id: int, member_id: int, now: datetime
) -> Offered | NotNow:
    """``member_id``: as he is now, not merged into another."""
    try:
        survey = survey_with_id(session, workspace_id, survey_id)
    except UnknownSurvey:
        return NotNow.CLOSED
    return _offered(session, survey, member_id, now)


def open_for(session: Session, workspace_id: int, member_id: int, now: datetime) -> list[Offered]:
    """Every survey that the member can answer now, the oldest first."""
    found = [_offered(session, one, member_id, now) for one in open_surveys(session, workspace_id)]
    return [one for one in found if isinstance(one, Offered)]


def last_answer(
    session: Session, workspace_id: int, survey_id: int, member_id: int
) -> SurveyAnswer | None:
    """The member's, or of those he was before he was merged."""
    everyone = merged_into(session, workspace_id, [member_id])
    return session.exec(
        select(SurveyAnswer)
        .where(
            col(SurveyAnswer.workspace_id) == workspace_id,
            col(SurveyAnswer.survey_id) == survey_id,
            col(SurveyAnswer.member_id).in_(list(everyone)),
        )
        .order_by(col(SurveyAnswer.answered_at).desc())
        .limit(1)
    ).first()


def answer(
    session: Session, workspace_id: int, sent: Sent, now: datetime
) -> Stored | Again | NotNow:
    """Stores it and reports the survey's activity once, in this unit of work. Sent twice, also at
    the same moment, it is stored once: the second gets :attr:`NotNow.ANSWERED`.

    Raises KeyError when there is no such member.
    """
    try:
        survey = shared(session, workspace_id, sent.survey_id)
    except UnknownSurvey:
        return NotNow.CLOSED
    member = standing.locked(session, workspace_id, sent.member_id)
    if member.erased_at is not None:  # while this waited for him
        return NotNow.NOT_FOR_HIM
    member_id = standing.identity(member)
    found = _offered(session, survey, member_id, now)
    if not isinstance(found, Offered):
        return found
    if found.fingerprint != sent.fingerprint:
        return Again(found, None)
    reading = read(found.asked, sent.fields)
    if reading.problems:
        return Again(found, reading)
    stored = _store(session, survey, member_id, reading, sent, now)
    stored.points = _report(session, survey, stored, now)
    session.add(stored)
    session.flush()
    assert stored.id is not None
    return Stored(stored.id, stored.points, found.asked)


# -- may he? ----------------------------------------------------------------------------------


def _offered(session: Session, survey: Survey, member_id: int, now: datetime) -> Offered | NotNow:
    workspace_id = survey.workspace_id
    found = current(session, workspace_id)
    if found is None or not _is_open(survey, found[1], now):
        return NotNow.CLOSED
    if not is_meant_for(session, survey, found[1], member_id, now):
        return NotNow.NOT_FOR_HIM
    last = last_answer(session, workspace_id, identity(survey), member_id)
    if not may_answer(last.answered_at if last else None, survey.again_days, now):
        return NotNow.ANSWERED
    return Offered(identity(survey), questionnaire(session, survey))


def _is_open(survey: Survey, programme: Programme, now: datetime) -> bool:
    today = day_of(now, ZoneInfo(programme.timezone))
    return is_open(SurveyState(survey.state), Days(survey.starts_on, survey.ends_on), today)


def is_meant_for(
    session: Session, survey: Survey, programme: Programme, member_id: int, now: datetime
) -> bool:
    """Whether he takes part, and the survey is for members like him."""
    if not takes_part(session, survey.workspace_id, [member_id], now):
        return False
    if not survey.tiers and not survey.segments:
        return True
    found = qualities_of(session, survey.workspace_id, programme, [member_id])
    return is_for(survey.tiers, survey.segments, found.get(member_id, NO_QUALITIES))


# -- storing ----------------------------------------------------------------------------------


def _store(
    session: Session, survey: Survey, member_id: int, reading: Reading, sent: Sent, now: datetime
) -> SurveyAnswer:
    workspace_id, survey_id = survey.workspace_id, identity(survey)
    found = current(session, workspace_id)
    assert found is not None, "without a programme no survey is open"
    installation_id, store_id = _last_store(session, workspace_id, member_id)
    stored = SurveyAnswer(
        workspace_id=workspace_id,
        survey_id=survey_id,
        version=survey.version,
        member_id=member_id,
        nth=_times(session, survey, member_id) + 1,
        answered_at=now,
        answered_on=day_of(now, ZoneInfo(found[1].timezone)),
        language=sent.language,
        way=sent.way.value,
        installation_id=installation_id,
        store_id=store_id,
        score=reading.score,
        standing=int(standing_of(reading.score)),
        has_words=reading.has_words,
    )
    session.add(stored)
    session.flush()
    assert stored.id is not None
    session.add_all(
        SurveyReply(
            workspace_id=workspace_id,
            survey_id=survey_id,
            version=survey.version,
            answer_id=stored.id,
            question=one.question,
            value=one.value,
            words=one.words,
        )
        for one in reading.replies
    )
    return stored


def _times(session: Session, survey: Survey, member_id: int) -> int:
    return session.exec(
        select(func.coalesce(func.max(SurveyAnswer.nth), 0)).where(
            col(SurveyAnswer.workspace_id) == survey.workspace_id,
            col(SurveyAnswer.survey_id) == survey.id,
            col(SurveyAnswer.member_id) == member_id,
        )
    ).one()


def _last_store(session: Session, workspace_id: int, member_id: int) -> tuple[int | None, str]:
    """Where he ordered last."""
    found = session.exec(
        select(HandledOrder.installation_id, HandledOrder.store_id)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id) == member_id,
        )
        .order_by(col(HandledOrder.placed_at).desc())
        .limit(1)
    ).first()
    return (None, "") if found is None else (found[0], found[1])


def _report(session: Session, survey: Survey, stored: SurveyAnswer, now: datetime) -> int:
    """The points. A programme that no longer knows the activity gives none, and the answer is
    kept all the same."""
    name = survey.activity
    if not name or not is_known(session, survey.workspace_id, name, now):
        return 0
    report = Report(f"survey {survey.id}/{stored.id}", name, now, stored.member_id)
    return record(session, survey.workspace_id, report, now).points
