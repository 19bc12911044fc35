"""Changing what a survey asks: what is kept, and what is wrong with what was typed."""

from __future__ import annotations

import pytest

from bridge.surveys import editing
from bridge.surveys.document import MOST_QUESTIONS, Kind, Questionnaire
from bridge.surveys.editing import Draft, Slip, Slipped
from bridge.surveys.standard import standard_question

BARE = Questionnaire(language="en", title={"en": "Happy?"}, questions=(standard_question(),))
QUICK = Draft(Kind.YES_NO, {"en": "Was it quick?"})
COLOUR = Draft(Kind.CHOICE, {"en": "Which?"}, True, {"en": "Red\n\n Blue ", "de": "Rot\nBlau"})


def keys(asked: Questionnaire) -> list[str]:
    return [one.key for one in asked.questions]


def test_a_key_is_given_once() -> None:
    two = editing.add(editing.add(BARE, QUICK), COLOUR)
    assert keys(two) == ["recommend", "q1", "q2"]
    assert keys(editing.add(editing.remove(two, "q2"), QUICK)) == ["recommend", "q1", "q3"]
    assert keys(editing.move_up(two, "q2")) == ["recommend", "q2", "q1"]
    assert keys(editing.move_up(two, "recommend")) == keys(two)


def test_the_standard_question_comes_first_and_may_be_in_own_words() -> None:
    without = editing.add(editing.remove(BARE, "recommend"), QUICK)
    back = editing.add(without, Draft(Kind.RECOMMEND, {"en": "Would you?", "de": "Würden Sie?"}))
    assert keys(back) == ["recommend", "q1"]
    assert editing.change(back, "recommend", Draft(Kind.RECOMMEND, {})).questions[0].text == {}


def test_options_are_lines() -> None:
    (_first, question) = editing.add(BARE, COLOUR).questions
    assert [one.text for one in question.options] == [
        {"en": "Red", "de": "Rot"},
        {"en": "Blue", "de": "Blau"},
    ]
    assert editing.lines_of(question, "de") == "Rot\nBlau"
    assert editing.lines_of(question, "ja") == ""


@pytest.mark.parametrize(
    ("draft", "slip", "place", "language"),
    [
        (Draft(Kind.TEXT, {"de": "Was noch?"}), Slip.EMPTY, "text", "en"),
        (Draft(Kind.RECOMMEND, {"de": "Würden Sie?"}), Slip.EMPTY, "text", "en"),
        (Draft(Kind.TEXT, {"en": "x" * 501}), Slip.TOO_LONG, "text", "en"),
        (
            Draft(Kind.CHOICES, {"en": "Which?"}, False, {"en": "Red"}),
            Slip.TOO_FEW_OPTIONS,
            "options",
            "en",
        ),
        (
            Draft(Kind.CHOICE, {"en": "Which?"}, False, {"en": "x\n" * 21}),
            Slip.TOO_MANY_OPTIONS,
            "options",
            "en",
        ),
        (
            Draft(Kind.CHOICE, {"en": "Which?"}, False, {"en": "a\nb", "de": "a"}),
            Slip.OTHER_NUMBER_OF_OPTIONS,
            "options",
            "de",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    draft: Draft, slip: Slip, place: str, language: str
) -> None:
    with pytest.raises(Slipped) as told:
        editing.change(editing.add(BARE, QUICK), "q1", draft)
    assert (told.value.slip, told.value.place, told.value.language) == (slip, place, language)


def test_there_is_an_end_to_questions() -> None:
    asked = BARE
    for _ in range(MOST_QUESTIONS - 1):
        asked = editing.add(asked, QUICK)
    with pytest.raises(Slipped, match="too-many-questions"):
        editing.add(asked, QUICK)


def test_another_own_language_needs_every_question_in_it() -> None:
    asked = editing.add(BARE, COLOUR)
    title = {"en": "Happy?", "de": "Zufrieden?"}
    with pytest.raises(Slipped, match="not-in-this-language"):
        editing.with_texts(asked, "de", title, {}, {})
    with pytest.raises(Slipped, match="title"):
        editing.with_texts(asked, "it", title, {}, {})
    german = editing.with_texts(BARE, "de", title, {"de": "Kurz."}, {})
    assert (german.language, german.intro) == ("de", {"de": "Kurz."})
