"""What a survey decides without a database: who may answer, what an answer is, whose link it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from bridge.members.meant import Qualities
from bridge.surveys.document import Kind, Option, Question, Questionnaire, fingerprint
from bridge.surveys.links import Link, is_genuine, is_over, last_day_of, named, token_of
from bridge.surveys.models import SurveyState
from bridge.surveys.reading import MOST_WORDS, Problem, Reply, read
from bridge.surveys.rules import Days, is_for, is_open, may_answer
from bridge.surveys.scores import Standing, standing_of
from bridge.surveys.standard import standard_question

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)
DAY = NOON.date()
ASKED = Questionnaire(
    language="en",
    title={"en": "Are you happy?", "de": "Sind Sie zufrieden?"},
    questions=(
        standard_question(),
        Question(
            key="q1",
            kind=Kind.CHOICE,
            text={"en": "How did you find us?"},
            options=(
                Option(key="1", text={"en": "A friend"}),
                Option(key="2", text={"en": "By chance"}),
            ),
        ),
        Question(
            key="q2",
            kind=Kind.CHOICES,
            text={"en": "What do you buy?"},
            options=(
                Option(key="1", text={"en": "Tea"}),
                Option(key="2", text={"en": "Coffee"}),
            ),
        ),
        Question(key="q3", kind=Kind.YES_NO, text={"en": "Was it quick?"}),
        Question(key="q4", kind=Kind.TEXT, text={"en": "What else?"}),
    ),
)


@pytest.mark.parametrize(
    ("scores", "standing"),
    [
        ((0, 6), Standing.DETRACTOR),
        ((7, 8), Standing.PASSIVE),
        ((9, 10), Standing.PROMOTER),
        ((None,), Standing.UNASKED),
    ],
)
def test_what_a_score_makes_of_a_member(scores: tuple[int, ...], standing: Standing) -> None:
    assert {standing_of(score) for score in scores} == {standing}


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        ("open", Days(), True),
        ("open", Days(DAY, DAY), True),
        ("open", Days(DAY + timedelta(1), None), False),
        ("open", Days(None, DAY - timedelta(1)), False),
        ("draft", Days(), False),
        ("closed", Days(), False),
    ],
)
def test_when_a_survey_is_open(state: str, days: Days, expected: bool) -> None:
    assert is_open(SurveyState(state), days, DAY) is expected


@pytest.mark.parametrize(
    ("last", "again_days", "expected"),
    [
        (None, None, True),
        (NOON - timedelta(days=3650), None, False),
        (NOON - timedelta(days=90), 90, True),
        (NOON - timedelta(days=90) + timedelta(seconds=1), 90, False),
    ],
)
def test_who_may_answer_again(last: datetime | None, again_days: int, expected: bool) -> None:
    assert may_answer(last, again_days, NOON) is expected


@pytest.mark.parametrize(
    ("tiers", "segments", "expected"),
    [
        ((), (), True),
        (("gold",), (), True),
        (("silver", "gold"), ("friends",), True),
        (("silver",), (), False),
        (("gold",), ("press",), False),
    ],
)
def test_for_whom_it_is(tiers: tuple[str, ...], segments: tuple[str, ...], expected: bool) -> None:
    he = Qualities(segments=frozenset({"friends"}), tier="gold")
    assert is_for(tiers, segments, he) is expected


@pytest.mark.parametrize(
    ("sent", "problems"),
    [
        ({"recommend": ["9"]}, {}),
        ({"recommend": ["0"], "q1": ["2"], "q2": ["1", "2"], "q3": ["no"], "q4": ["Tea!"]}, {}),
        ({}, {"recommend": Problem.MISSING}),
        ({"recommend": [""]}, {"recommend": Problem.MISSING}),
        ({"recommend": ["11"]}, {"recommend": Problem.NOT_OFFERED}),
        ({"recommend": ["9.5"]}, {"recommend": Problem.NOT_OFFERED}),
        ({"recommend": ["9", "10"]}, {"recommend": Problem.NOT_OFFERED}),
        ({"recommend-words": ["Why not"]}, {"recommend": Problem.MISSING}),
        ({"recommend": ["9"], "q1": ["1", "2"]}, {"q1": Problem.NOT_OFFERED}),
        ({"recommend": ["9"], "q2": ["3"]}, {"q2": Problem.NOT_OFFERED}),
        ({"recommend": ["9"], "q3": ["maybe"]}, {"q3": Problem.NOT_OFFERED}),
        ({"recommend": ["9"], "q4": ["x" * (MOST_WORDS + 1)]}, {"q4": Problem.TOO_LONG}),
    ],
)
def test_an_answer_is_what_was_asked(
    sent: dict[str, list[str]], problems: dict[str, Problem]
) -> None:
    assert read(ASKED, sent).problems == problems


def test_what_an_answer_holds() -> None:
    sent = {"recommend": ["3"], "recommend-words": [" Slow\r\n\x00and dear "], "q2": ["2", "2"]}
    found = read(ASKED, sent)
    assert found.replies == (Reply("recommend", "3", "Slow\nand dear"), Reply("q2", "2"))
    assert (found.score, found.has_words) == (3, True)


def test_where_nothing_is_required_something_is_said() -> None:
    free = ASKED.model_copy(update={"questions": ASKED.questions[1:]})
    assert read(free, {"q4": ["  "]}).problems == {"": Problem.NOTHING_SAID}


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": {"de": "Sind Sie zufrieden?"}},
        {"title": {"en": "Happy?", "tlh": "Qapla'"}},
        {"questions": [{"key": "q1", "kind": "scale", "text": {"de": "Wie war es?"}}]},
        {"questions": [{"key": "q1", "kind": "choice", "text": {"en": "Which?"}}]},
        {"questions": [{"key": "a", "kind": "recommend"}, {"key": "b", "kind": "recommend"}]},
        {"questions": [{"key": "a", "kind": "recommend"}, {"key": "a", "kind": "yes-no"}]},
    ],
)
def test_what_cannot_be_asked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Questionnaire.model_validate({"language": "en", "title": {"en": "Happy?"}} | wrong)


def test_texts_fall_back_to_the_surveys_own_language() -> None:
    assert ASKED.said(ASKED.title, "de") == "Sind Sie zufrieden?"
    assert ASKED.said(ASKED.title, "ja") == "Are you happy?"
    assert ASKED.languages == ("en",), "German lacks questions"


def test_another_text_is_another_form() -> None:
    other = ASKED.model_copy(update={"title": {"en": "Are you well?"}})
    assert fingerprint(other) != fingerprint(ASKED)
    kept = Questionnaire.model_validate(ASKED.model_dump(mode="json"))
    assert fingerprint(kept) == fingerprint(ASKED)


LINK = Link(1, 27, 3, date(2027, 5, 4))
SECRET = b"s" * 32


def test_a_link_names_its_member_and_survey() -> None:
    token = token_of(SECRET, LINK)
    assert named(token) == LINK and is_genuine(SECRET, token)


@pytest.mark.parametrize(
    "forged",
    [
        token_of(b"t" * 32, LINK),
        token_of(SECRET, LINK).replace("1-27-3", "1-28-3"),
        token_of(SECRET, LINK).replace("1-27-3", "1-27-4"),
        token_of(SECRET, LINK)[:-1],
        token_of(SECRET, LINK) + "A",
        token_of(SECRET, Link(1, 27, 3, date(2027, 5, 5))).replace("-2681-", "-2682-"),
        "1-27-3",
        "",
    ],
)
def test_nobody_else_makes_one(forged: str) -> None:
    assert not is_genuine(SECRET, forged)


def test_a_link_ends() -> None:
    made = datetime(2027, 3, 5, 23, 30, tzinfo=UTC)
    link = Link(1, 27, 3, last_day_of(made))
    assert not is_over(link, made + timedelta(days=60))
    assert is_over(link, made + timedelta(days=61))
