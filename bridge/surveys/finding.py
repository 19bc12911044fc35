"""Surveys and what they ask, as they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from bridge.kit.errors import BridgeError
from bridge.surveys.document import Questionnaire
from bridge.surveys.models import Survey, SurveyAnswer, SurveyState, SurveyVersion
from bridge.surveys.scores import Standing
from connectors.sentences import sentence

_LARGEST = 2**31 - 1


class UnknownSurvey(BridgeError):
    def __init__(self, survey_id: int) -> None:
        super().__init__(
            sentence(
                "There is no survey %(number)s. See them with: loyalty-bridge surveys list",
                number=f"{survey_id}",
            )
        )


@dataclass(frozen=True, slots=True)
class Listed:
    survey: Survey
    answers: int
    to_handle: int
    """Answers of detractors that nobody has handled yet."""


def survey_with_id(session: Session, workspace_id: int, survey_id: int) -> Survey:
    """Raises :class:`UnknownSurvey`."""
    return _found(session, workspace_id, survey_id, is_locked=False, is_shared=False)


def shared(session: Session, workspace_id: int, survey_id: int) -> Survey:
    """Until the commit nobody changes what it asks. Take it before the member. Raises
    :class:`UnknownSurvey`."""
    return _found(session, workspace_id, survey_id, is_locked=True, is_shared=True)


def locked(session: Session, workspace_id: int, survey_id: int) -> Survey:
    """Until the commit nobody answers it. Raises :class:`UnknownSurvey`."""
    return _found(session, workspace_id, survey_id, is_locked=True, is_shared=False)


def _found(
    session: Session, workspace_id: int, survey_id: int, *, is_locked: bool, is_shared: bool
) -> Survey:
    statement = (
        select(Survey)
        .where(col(Survey.workspace_id) == workspace_id, col(Survey.id) == min(survey_id, _LARGEST))
        .execution_options(populate_existing=True)
    )
    if is_locked:
        statement = statement.with_for_update(read=is_shared)
    found = session.exec(statement).first()
    if found is None:
        raise UnknownSurvey(survey_id)
    return found


def identity(survey: Survey) -> int:
    """The id of a survey that was written."""
    assert survey.id is not None
    return survey.id


def questionnaire(session: Session, survey: Survey, number: int = 0) -> Questionnaire:
    """``number``: of an older version. Raises LookupError where there is none."""
    return Questionnaire.model_validate(version(session, survey, number).content)


def version(session: Session, survey: Survey, number: int = 0) -> SurveyVersion:
    """Raises LookupError."""
    wanted = number or survey.version
    found = session.get(SurveyVersion, (survey.id, min(wanted, _LARGEST)), populate_existing=True)
    if found is None or found.workspace_id != survey.workspace_id:
        raise LookupError(f"survey {survey.id} has no version {wanted}")
    return found


def open_surveys(session: Session, workspace_id: int) -> list[Survey]:
    """Those that are not closed; whether today is one of their days is not asked."""
    return list(
        session.exec(
            select(Survey)
            .where(
                col(Survey.workspace_id) == workspace_id,
                col(Survey.state) == SurveyState.OPEN.value,
            )
            .order_by(col(Survey.id))
        )
    )


def listed(session: Session, workspace_id: int) -> list[Listed]:
    """Every survey, the newest first."""
    surveys = session.exec(
        select(Survey)
        .where(col(Survey.workspace_id) == workspace_id)
        .order_by(col(Survey.id).desc())
    ).all()
    counts = _counts(session, workspace_id, [identity(one) for one in surveys])
    return [Listed(one, *counts.get(identity(one), (0, 0))) for one in surveys]


def _counts(
    session: Session, workspace_id: int, survey_ids: Iterable[int]
) -> dict[int, tuple[int, int]]:
    waits = (col(SurveyAnswer.standing) == int(Standing.DETRACTOR)) & col(
        SurveyAnswer.is_handled
    ).is_(False)
    rows = session.exec(
        select(col(SurveyAnswer.survey_id), func.count(), func.count().filter(waits))
        .where(
            col(SurveyAnswer.workspace_id) == workspace_id,
            col(SurveyAnswer.survey_id).in_(list(survey_ids)),
        )
        .group_by(col(SurveyAnswer.survey_id))
    )
    return {survey_id: (answers, waiting) for survey_id, answers, waiting in rows}


def has_answers(session: Session, survey: Survey, number: int = 0) -> bool:
    """To this version, or to any."""
    which = [
        col(SurveyAnswer.workspace_id) == survey.workspace_id,
        col(SurveyAnswer.survey_id) == survey.id,
    ]
    if number:
        which.append(col(SurveyAnswer.version) == number)
    return session.exec(select(SurveyAnswer.id).where(*which).limit(1)).first() is not None
