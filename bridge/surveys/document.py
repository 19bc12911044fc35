"""What a survey asks, in which languages. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridge.languages.catalogues import MEMBER_NAMES

MOST_QUESTIONS = 20
MOST_OPTIONS = 20
LONGEST_TEXT = 500


class Kind(StrEnum):
    RECOMMEND = "recommend"
    """The standard question, from 0 to 10, and why: what the net promoter score is made of."""
    SCALE = "scale"
    """0 to 10."""
    YES_NO = "yes-no"
    CHOICE = "choice"
    """One of several."""
    CHOICES = "choices"
    """Any of several."""
    TEXT = "text"


WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.CHOICES})


def _told(texts: dict[str, str]) -> dict[str, str]:
    found = {}
    for language, text in texts.items():
        if language not in MEMBER_NAMES:
            raise ValueError(f'"{language}" is none of {", ".join(MEMBER_NAMES)}')
        clean = plain(text)
        if len(clean) > LONGEST_TEXT:
            raise ValueError(f"has {len(clean)} characters: at most {LONGEST_TEXT} are possible")
        if clean:
            found[language] = clean
    return {language: found[language] for language in MEMBER_NAMES if language in found}


def plain(text: str) -> str:
    """Trimmed, with line ends as they are everywhere, and without signs nobody can print."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")
    ).strip()


Told = Annotated[dict[str, str], AfterValidator(_told)]
"""A text by language; one that is empty is as if it were not there."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(_Part):
    key: str
    text: Told


class Question(_Part):
    key: str
    kind: Kind
    text: Told = Field(default_factory=dict)
    """Of the standard question it may be empty: it is there in every language."""
    is_required: bool = False
    options: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _has_options_where_they_belong(self) -> Question:
        if self.kind not in WITH_OPTIONS and self.options:
            raise ValueError("only a question with choices has options")
        if self.kind in WITH_OPTIONS and not 2 <= len(self.options) <= MOST_OPTIONS:
            raise ValueError(f"needs 2 to {MOST_OPTIONS} options")
        if len({one.key for one in self.options}) < len(self.options):
            raise ValueError("has two options of one key")
        return self


class Questionnaire(_Part):
    """What members read, in the order in which they read it."""

    language: str
    """Of members for whose language there is no text; every text is there in it."""
    title: Told
    intro: Told = Field(default_factory=dict)
    thanks: Told = Field(default_factory=dict)
    """Read after answering; empty: the bridge's own word of thanks."""
    questions: tuple[Question, ...] = ()
    numbered: int = 0
    """How many keys were given to questions so far: none is given to another one later."""

    @model_validator(mode="after")
    def _is_whole(self) -> Questionnaire:
        if self.language not in MEMBER_NAMES:
            raise ValueError(f'"{self.language}" is none of {", ".join(MEMBER_NAMES)}')
        if self.language not in self.title:
            raise ValueError("needs a title in its own language")
        if len(self.questions) > MOST_QUESTIONS:
            raise ValueError(f"has more than {MOST_QUESTIONS} questions")
        if len({one.key for one in self.questions}) < len(self.questions):
            raise ValueError("has two questions of one key")
        if sum(one.kind is Kind.RECOMMEND for one in self.questions) > 1:
            raise ValueError("asks the standard question twice")
        for question in self.questions:
            self._check_texts(question)
        return self

    def _check_texts(self, question: Question) -> None:
        may_be_empty = question.kind is Kind.RECOMMEND and not question.text
        if not may_be_empty and self.language not in question.text:
            raise ValueError(f"needs the question {question.key} in its own language")
        if any(self.language not in option.text for option in question.options):
            raise ValueError(f"needs the options of {question.key} in its own language")

    def said(self, texts: Mapping[str, str], language: str) -> str:
        """In this language, else in the survey's own; empty: there is none at all."""
        return texts.get(language) or texts.get(self.language, "")

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.key == key), None)

    @property
    def standard(self) -> Question | None:
        """The question that the net promoter score is made of."""
        return next((one for one in self.questions if one.kind is Kind.RECOMMEND), None)

    @property
    def languages(self) -> tuple[str, ...]:
        """In which every text can be read."""
        return tuple(one for one in MEMBER_NAMES if self._is_said_in(one))

    def _is_said_in(self, language: str) -> bool:
        asked = [
            text
            for question in self.questions
            for text in (question.text, *(option.text for option in question.options))
        ]
        given = [text for text in (self.title, self.intro, self.thanks, *asked) if text]
        return all(language in text for text in given)


def fingerprint(questionnaire: Questionnaire) -> str:
    """Of what is asked: a form says with it which questions its reader saw."""
    told = json.dumps(questionnaire.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
