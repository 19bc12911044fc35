"""Answers as rows of a table: one row an answer, one column a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bridge.languages.speech import Speech
from bridge.surveys.document import Kind, Question, Questionnaire
from bridge.surveys.looking import Given
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply, SurveyVersion
from bridge.surveys.scores import Standing
from bridge.surveys.wording import DOMAIN, asked, choice_text
from bridge.vouchers.stores import stores_of

FIRST = ("answer", "answered_at", "member", "store", "language", "version", "standing")
LAST = ("points", "handled_at", "handled_by")
_WHY = ": why"
_BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Told:
    """One answer to one question, as it is read."""

    question: str
    """The question's text."""
    value: str
    words: str


class Sheet:
    """Every version's questions have their columns; texts are those of the survey's language."""

    def __init__(
        self, versions: Mapping[int, Questionnaire], store: Callable[[SurveyAnswer], str]
    ) -> None:
        """``store``: the name of the one that an answer counts for."""
        self._versions = versions
        self._store = store
        self._questions: dict[str, tuple[Questionnaire, Question]] = {}
        for number in sorted(versions):
            for question in versions[number].questions:
                self._questions[question.key] = (versions[number], question)

    @property
    def heads(self) -> list[str]:
        found = []
        for questionnaire, question in self._questions.values():
            text = asked(questionnaire, question, speech_of(questionnaire))
            found.append(text)
            if question.kind is Kind.RECOMMEND:
                found.append(text + _WHY)
        return [*FIRST, *found, *LAST]

    def row(self, given: Given) -> list[object]:
        answer = given.answer
        cells: list[object] = [
            answer.id,
            answer.answered_at.isoformat(),
            given.member_id,
            self._store(answer),
            answer.language,
            answer.version,
            Standing(answer.standing).name.lower(),
        ]
        for key, (_questionnaire, question) in self._questions.items():
            mine = [one for one in given.replies if one.question == key]
            cells.append(self._value(answer.version, key, mine))
            if question.kind is Kind.RECOMMEND:
                cells.append(" ".join(one.words for one in mine))
        handled = "" if answer.handled_at is None else answer.handled_at.isoformat()
        return [*cells, answer.points, handled, answer.handled_by]

    def _value(self, number: int, key: str, replies: list[SurveyReply]) -> object:
        told = [said(self._versions[number], one) for one in replies]
        values = [one.value or one.words for one in told]
        if len(values) == 1 and values[0].isdecimal():
            return int(values[0])
        return _BETWEEN.join(values)


def sheet(session: Session, survey: Survey) -> Sheet:
    """Reads only."""
    names = {
        (one.installation_id, one.store_id): one.name
        for one in stores_of(session, survey.workspace_id)
    }

    def store(answer: SurveyAnswer) -> str:
        key = (answer.installation_id or 0, answer.store_id)
        return names.get(key, "" if answer.installation_id is None else "/".join(map(str, key)))

    return Sheet(questionnaires(session, survey), store)


def said(questionnaire: Questionnaire, reply: SurveyReply, speech: Speech | None = None) -> Told:
    """``speech``: of the domain ``surveys``; ``None``: in the survey's own language."""
    speech = speech or speech_of(questionnaire)
    question = questionnaire.question(reply.question)
    if question is None:
        return Told(reply.question, reply.value, reply.words)
    value = choice_text(questionnaire, question, reply.value, speech) if reply.value else ""
    return Told(asked(questionnaire, question, speech), value, reply.words)


def speech_of(questionnaire: Questionnaire) -> Speech:
    return Speech(questionnaire.language, DOMAIN)


def questionnaires(session: Session, survey: Survey) -> dict[int, Questionnaire]:
    """Every version, by its number. Reads only."""
    rows = session.exec(
        select(SurveyVersion).where(
            col(SurveyVersion.workspace_id) == survey.workspace_id,
            col(SurveyVersion.survey_id) == survey.id,
        )
    )
    return {one.number: Questionnaire.model_validate(one.content) for one in rows}
