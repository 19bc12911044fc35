"""Answers as the staff reads them: the unhappy first, a page at a time; and done with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from bridge.audit.service import Actor, Subject, record
from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.members.models import Member
from bridge.members.qualities import chunks
from bridge.surveys.finding import survey_with_id
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply
from bridge.surveys.scores import Standing
from connectors.sentences import sentence

_LARGEST = 2**31 - 1
_TOGETHER = 500


class UnknownAnswer(BridgeError):
    def __init__(self, answer_id: int) -> None:
        super().__init__(
            sentence("There is no answer %(number)s to this survey.", number=f"{answer_id}")
        )


@dataclass(frozen=True, slots=True)
class Which:
    """Answers that are looked for; ``None``: whatever they are."""

    standing: Standing | None = None
    has_words: bool | None = None
    is_handled: bool | None = None


ALL = Which()


@dataclass(frozen=True, slots=True)
class After:
    """The last answer of the page before."""

    standing: int
    answer_id: int


@dataclass(frozen=True, slots=True)
class Given:
    """One answer with everything in it."""

    answer: SurveyAnswer
    member_id: int
    """As he is now: who answered may have been merged into another since."""
    replies: tuple[SurveyReply, ...]

    @property
    def after(self) -> After:
        assert self.answer.id is not None
        return After(self.answer.standing, self.answer.id)


def answers_page(
    session: Session,
    workspace_id: int,
    survey_id: int,
    which: Which = ALL,
    *,
    after: After | None = None,
    most: int = 50,
) -> list[Given]:
    """Detractors first, then passives and promoters, then who was not asked for a score; within
    each the newest first."""
    statement = select(SurveyAnswer).where(*_conditions(workspace_id, survey_id, which, after))
    rows = session.exec(
        statement.order_by(col(SurveyAnswer.standing).desc(), col(SurveyAnswer.id).desc()).limit(
            most
        )
    ).all()
    return _with_replies(session, workspace_id, rows)


def all_answers(
    database: Database, workspace_id: int, survey_id: int, which: Which = ALL
) -> Iterator[Given]:
    """For a file: in the same order, read a part at a time."""
    after: After | None = None
    while True:
        with database.reading() as session:
            found = answers_page(
                session, workspace_id, survey_id, which, after=after, most=_TOGETHER
            )
        yield from found
        if len(found) < _TOGETHER:
            return
        after = found[-1].after


def handle(
    session: Session,
    workspace_id: int,
    survey_id: int,
    answer_id: int,
    actor: Actor,
    now: datetime,
    *,
    is_handled: bool = True,
) -> Survey:
    """Somebody has seen to it; or has not after all. Done twice is done once. Raises UnknownSurvey
    and :class:`UnknownAnswer`."""
    survey = survey_with_id(session, workspace_id, survey_id)
    found = session.exec(
        select(SurveyAnswer)
        .where(
            col(SurveyAnswer.workspace_id) == workspace_id,
            col(SurveyAnswer.survey_id) == survey_id,
            col(SurveyAnswer.id) == min(answer_id, _LARGEST),
        )
        .with_for_update()
    ).first()
    if found is None:
        raise UnknownAnswer(answer_id)
    if found.is_handled is not is_handled:
        found.is_handled = is_handled
        found.handled_at = now if is_handled else None
        found.handled_by = actor.name if is_handled else ""
        session.add(found)
        subject = Subject("survey", str(survey_id), survey.name)
        after: dict[str, Any] = {"answer": answer_id, "handled": is_handled}
        before = {"answer": answer_id, "handled": not is_handled}
        action = "survey.handled"
        record(session, workspace_id, actor, action, subject, now, before=before, after=after)
    return survey


def _conditions(
    workspace_id: int, survey_id: int, which: Which, after: After | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        col(SurveyAnswer.workspace_id) == workspace_id,
        col(SurveyAnswer.survey_id) == survey_id,
    ]
    if which.standing is not None:
        found.append(col(SurveyAnswer.standing) == int(which.standing))
    if which.has_words is not None:
        found.append(col(SurveyAnswer.has_words).is_(which.has_words))
    if which.is_handled is not None:
        found.append(col(SurveyAnswer.is_handled).is_(which.is_handled))
    if after is not None:
        standing, number = col(SurveyAnswer.standing), col(SurveyAnswer.id)
        later = and_(standing == after.standing, number < after.answer_id)
        found += [standing <= after.standing, or_(standing < after.standing, later)]
    return found


def _with_replies(
    session: Session, workspace_id: int, answers: Sequence[SurveyAnswer]
) -> list[Given]:
    replies: defaultdict[int, list[SurveyReply]] = defaultdict(list)
    for some in chunks([one.id for one in answers if one.id is not None]):
        rows = session.exec(
            select(SurveyReply)
            .where(
                col(SurveyReply.workspace_id) == workspace_id,
                col(SurveyReply.answer_id).in_(some),
            )
            .order_by(col(SurveyReply.id))
        )
        for one in rows:
            replies[one.answer_id].append(one)
    now_called = _now_called(session, workspace_id, {one.member_id for one in answers})
    return [
        Given(one, now_called.get(one.member_id, one.member_id), tuple(replies[one.id or 0]))
        for one in answers
    ]


def _now_called(session: Session, workspace_id: int, member_ids: Iterable[int]) -> dict[int, int]:
    """Those that were merged, with whom they are now."""
    found: dict[int, int] = {}
    newest = {one: one for one in member_ids}
    while newest:
        into = _merged_into(session, workspace_id, set(newest.values()))
        newest = {first: into[last] for first, last in newest.items() if last in into}
        found.update(newest)
    return found


def _merged_into(session: Session, workspace_id: int, member_ids: set[int]) -> dict[int, int]:
    found = {}
    for some in chunks(sorted(member_ids)):
        rows = session.exec(
            select(Member.id, Member.merged_into).where(
                col(Member.workspace_id) == workspace_id,
                col(Member.id).in_(some),
                col(Member.merged_into).is_not(None),
            )
        )
        found.update({one: into for one, into in rows if one is not None and into is not None})
    return found
