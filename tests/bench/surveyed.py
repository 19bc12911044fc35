"""What members answered: one open survey, and an answer of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bridge.surveys.document import Kind, Option, Question, Questionnaire
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply, SurveyVersion
from bridge.surveys.scores import standing_of
from bridge.surveys.standard import RECOMMEND, standard_question
from tests.bench.points import Merchant

_DAYS = 360
_ASKED = Questionnaire(
    language="en",
    title={"en": "Are you happy?"},
    questions=(
        standard_question(),
        Question(
            key="q1",
            kind=Kind.CHOICE,
            text={"en": "How did you find us?"},
            options=tuple(Option(key=str(one), text={"en": f"Way {one}"}) for one in range(1, 6)),
        ),
        Question(key="q2", kind=Kind.YES_NO, text={"en": "Was it quick?"}),
    ),
    numbered=2,
)

Rows = Iterator[dict[str, Any]]


def tables(full: Merchant, members: int, now: datetime) -> tuple[tuple[Any, Rows], ...]:
    return (
        (Survey, _survey(full, now)),
        (SurveyVersion, _version(full, now)),
        (SurveyAnswer, _answers(full, members, now)),
        (SurveyReply, _replies(full, members)),
    )


def _survey(full: Merchant, now: datetime) -> Rows:
    yield {
        "id": 1,
        "workspace_id": full.workspace,
        "name": "Are you happy?",
        "state": "open",
        "version": 1,
        "tiers": [],
        "segments": [],
        "activity": "",
        "again_days": 90,
        "pause_days": 90,
        "made_at": now,
    }


def _version(full: Merchant, now: datetime) -> Rows:
    yield {
        "survey_id": 1,
        "number": 1,
        "workspace_id": full.workspace,
        "content": _ASKED.model_dump(mode="json"),
        "made_at": now,
    }


def _answers(full: Merchant, members: int, now: datetime) -> Rows:
    for number in range(1, members + 1):
        at = now - timedelta(days=number % _DAYS)
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "survey_id": 1,
            "version": 1,
            "member_id": number,
            "nth": 1,
            "answered_at": at,
            "answered_on": at.date(),
            "language": "en",
            "way": "letter",
            "installation_id": full.shops[number % 2],
            "store_id": "1",
            "score": number % 11,
            "standing": int(standing_of(number % 11)),
            "has_words": number % 3 == 0,
            "is_handled": number % 2 == 0,
            "handled_by": "",
            "points": 0,
        }


def _replies(full: Merchant, members: int) -> Rows:
    for number in range(1, members + 1):
        said = (
            (RECOMMEND, str(number % 11), "" if number % 3 else "Quick and friendly."),
            ("q1", str(number % 5 + 1), ""),
            ("q2", "yes" if number % 4 else "no", ""),
        )
        for question, value, words in said:
            yield {
                "workspace_id": full.workspace,
                "survey_id": 1,
                "version": 1,
                "answer_id": number,
                "question": question,
                "value": value,
                "words": words,
            }
