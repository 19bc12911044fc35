"""A merchant who asks his members, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from letter_world import TIERS, LetterWorld
from sqlmodel import col, select

from bridge.audit.service import Actor
from bridge.db import Database
from bridge.letters.models import LetterKind
from bridge.surveys import defining
from bridge.surveys.answering import Again, NotNow, Offered, Sent, Stored, Way, answer, offered
from bridge.surveys.defining import settings_of
from bridge.surveys.document import Questionnaire
from bridge.surveys.finding import identity, questionnaire, survey_with_id
from bridge.surveys.models import SurveyAnswer

ACTOR = Actor("test")
FEEDBACK = {"rules": {"answer": {"activity": {"name": "feedback", "points": 50}}}}


class SurveyWorld(LetterWorld):
    """An answer can earn 50 points; letters about surveys are sent, and no others."""

    def __init__(self, database: Database, home: Path, smtp_url: str) -> None:
        super().__init__(database, home, smtp_url)
        self.programme(tiers=TIERS, points=FEEDBACK)
        self.prefer(kinds=frozenset({LetterKind.SURVEY}))

    def survey(self, *, is_open: bool = True, **settings: Any) -> int:
        """One that asks the standard question."""
        with self.database.writing() as session:
            made = defining.make(session, self.workspace, "Are you happy?", "en", ACTOR, self.now)
            number = identity(made)
            wanted = settings_of(made).model_copy(update=settings)
            defining.change_settings(session, self.workspace, number, wanted, ACTOR, self.now)
            if is_open:
                defining.open_survey(session, self.workspace, number, ACTOR, self.now)
        return number

    def asks(self, survey: int, **changed: Any) -> None:
        """It asks something else from now on."""
        with self.database.writing() as session:
            defining.close_survey(session, self.workspace, survey, ACTOR, self.now)
            told = self.questions(survey).model_dump(mode="json") | changed
            wanted = Questionnaire.model_validate(told)
            defining.change_questions(session, self.workspace, survey, wanted, ACTOR, self.now)
            defining.open_survey(session, self.workspace, survey, ACTOR, self.now)

    def questions(self, survey: int) -> Questionnaire:
        with self.database.reading() as session:
            return questionnaire(session, survey_with_id(session, self.workspace, survey))

    def offered(self, survey: int, member: int) -> Offered | NotNow:
        with self.database.reading() as session:
            return offered(session, self.workspace, survey, member, self.now)

    def answers(
        self, survey: int, member: int, score: int, words: str = ""
    ) -> Stored | Again | NotNow:
        """As a form sends it that he looked at before."""
        found = self.offered(survey, member)
        fields = {"recommend": [str(score)], "recommend-words": [words]}
        seen = found.fingerprint if isinstance(found, Offered) else ""
        return self.send(Sent(survey, member, fields, seen, "en", Way.PAGE))

    def send(self, sent: Sent) -> Stored | Again | NotNow:
        with self.database.writing() as session:
            return answer(session, self.workspace, sent, self.now)

    def stored(self) -> Sequence[SurveyAnswer]:
        with self.database.reading() as session:
            return session.exec(select(SurveyAnswer).order_by(col(SurveyAnswer.id))).all()
