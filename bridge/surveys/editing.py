"""Changing what a survey asks, a question at a time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.surveys.document import (
    LONGEST_TEXT,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    WITH_OPTIONS,
    Kind,
    Option,
    Question,
    Questionnaire,
    plain,
)
from bridge.surveys.standard import RECOMMEND


class Slip(StrEnum):
    """What is wrong with what was typed."""

    EMPTY = "empty"
    """It is needed in the survey's own language."""
    TOO_LONG = "too-long"
    TOO_FEW_OPTIONS = "too-few-options"
    TOO_MANY_OPTIONS = "too-many-options"
    OTHER_NUMBER_OF_OPTIONS = "other-number-of-options"
    """A translation has more or fewer lines than the survey's own language."""
    TOO_MANY_QUESTIONS = "too-many-questions"
    NOT_IN_THIS_LANGUAGE = "not-in-this-language"
    """Something else is not written in the language that shall be the survey's own."""


class Slipped(ValueError):
    """``place``: ``text``, ``options``, ``title``, ``intro``, ``thanks`` or ``language``;
    ``language``: in which it is, empty: in none."""

    def __init__(self, slip: Slip, place: str, language: str = "") -> None:
        super().__init__(f"{place} {language}: {slip}")
        self.slip, self.place, self.language = slip, place, language


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as it was typed."""

    kind: Kind
    text: Mapping[str, str]
    """By language."""
    is_required: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """By language: one a line."""


def add(asked: Questionnaire, draft: Draft) -> Questionnaire:
    """At the end. Raises :class:`Slipped`."""
    if len(asked.questions) >= MOST_QUESTIONS:
        raise Slipped(Slip.TOO_MANY_QUESTIONS, "text")
    if draft.kind is Kind.RECOMMEND:
        return _with(asked, (_question(asked, RECOMMEND, draft), *asked.questions))
    number = asked.numbered + 1
    added = _question(asked, f"q{number}", draft)
    return _with(asked, (*asked.questions, added), numbered=number)


def change(asked: Questionnaire, key: str, draft: Draft) -> Questionnaire:
    """Raises :class:`Slipped`."""
    changed = _question(asked, key, draft)
    return _with(asked, tuple(changed if one.key == key else one for one in asked.questions))


def remove(asked: Questionnaire, key: str) -> Questionnaire:
    return _with(asked, tuple(one for one in asked.questions if one.key != key))


def move_up(asked: Questionnaire, key: str) -> Questionnaire:
    """The first one stays where it is."""
    found = list(asked.questions)
    place = next((at for at, one in enumerate(found) if one.key == key), 0)
    if place:
        found[place - 1], found[place] = found[place], found[place - 1]
    return _with(asked, tuple(found))


def with_texts(
    asked: Questionnaire,
    language: str,
    title: Mapping[str, str],
    intro: Mapping[str, str],
    thanks: Mapping[str, str],
) -> Questionnaire:
    """Raises :class:`Slipped`."""
    told = {
        name: _told(texts, name)
        for name, texts in (("title", title), ("intro", intro), ("thanks", thanks))
    }
    if language not in told["title"]:
        raise Slipped(Slip.EMPTY, "title", language)
    for question in asked.questions:
        for texts in (question.text, *(option.text for option in question.options)):
            if texts and language not in texts:
                raise Slipped(Slip.NOT_IN_THIS_LANGUAGE, "language")
    return Questionnaire.model_validate(asked.model_dump() | {"language": language, **told})


def lines_of(question: Question, language: str) -> str:
    """Its options as they are typed: one a line; empty: none is written in this language."""
    told = [option.text.get(language, "") for option in question.options]
    return "\n".join(told) if any(told) else ""


def _with(
    asked: Questionnaire, questions: tuple[Question, ...], *, numbered: int | None = None
) -> Questionnaire:
    """Validated once more: what is stored can always be read."""
    told = asked.model_dump() | {
        "questions": [one.model_dump() for one in questions],
        "numbered": asked.numbered if numbered is None else numbered,
    }
    return Questionnaire.model_validate(told)


def _question(asked: Questionnaire, key: str, draft: Draft) -> Question:
    text = _told(draft.text, "text")
    if asked.language not in text and (draft.kind is not Kind.RECOMMEND or text):
        raise Slipped(Slip.EMPTY, "text", asked.language)
    options = _options(asked.language, draft) if draft.kind in WITH_OPTIONS else ()
    return Question(
        key=key, kind=draft.kind, text=text, is_required=draft.is_required, options=options
    )


def _told(texts: Mapping[str, str], place: str) -> dict[str, str]:
    found = {}
    for language in MEMBER_NAMES:
        text = plain(texts.get(language, ""))
        if len(text) > LONGEST_TEXT:
            raise Slipped(Slip.TOO_LONG, place, language)
        if text:
            found[language] = text
    return found


def _options(own: str, draft: Draft) -> tuple[Option, ...]:
    lines = {language: _lines(draft.options.get(language, "")) for language in MEMBER_NAMES}
    number = len(lines[own])
    if number < 2:
        raise Slipped(Slip.TOO_FEW_OPTIONS, "options", own)
    if number > MOST_OPTIONS:
        raise Slipped(Slip.TOO_MANY_OPTIONS, "options", own)
    for language, told in lines.items():
        if told and len(told) != number:
            raise Slipped(Slip.OTHER_NUMBER_OF_OPTIONS, "options", language)
        if any(len(line) > LONGEST_TEXT for line in told):
            raise Slipped(Slip.TOO_LONG, "options", language)
    return tuple(
        Option(
            key=str(place + 1),
            text={language: told[place] for language, told in lines.items() if told},
        )
        for place in range(number)
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in plain(text).split("\n") if line.strip()]
