"""What a member sent, read against what he was asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge.surveys.document import Kind, Question, Questionnaire, plain
from bridge.surveys.scores import BEST, WORST

MOST_WORDS = 2_000
"""Signs of one text."""
YES, NO = "yes", "no"
WORDS = "-words"
"""Behind a question's key: the field of the text beside it."""
NOTHING = ""
"""In place of a question's key: what is wrong with all of it."""
_NUMBERS = tuple(str(number) for number in range(WORST, BEST + 1))


class Problem(StrEnum):
    MISSING = "missing"
    NOT_OFFERED = "not-offered"
    """What no form of ours sends."""
    TOO_LONG = "too-long"
    NOTHING_SAID = "nothing-said"


@dataclass(frozen=True, slots=True)
class Reply:
    question: str
    value: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    replies: tuple[Reply, ...]
    score: int | None
    problems: Mapping[str, Problem]
    """By the question's key, or :data:`NOTHING`; with any, nothing is to be stored."""

    @property
    def has_words(self) -> bool:
        return any(one.words for one in self.replies)


def values_of(question: Question) -> tuple[str, ...]:
    """What can be answered, in the order in which it is shown; none for free text."""
    if question.kind in (Kind.RECOMMEND, Kind.SCALE):
        return _NUMBERS
    if question.kind is Kind.YES_NO:
        return (YES, NO)
    return tuple(option.key for option in question.options)


def read(asked: Questionnaire, sent: Mapping[str, Sequence[str]]) -> Reading:
    """``sent``: by a question's key what was chosen or written; by its key and :data:`WORDS`
    what was written beside the standard question."""
    replies: list[Reply] = []
    problems: dict[str, Problem] = {}
    for question in asked.questions:
        found, problem = _of(question, sent)
        replies += found
        if problem is not None:
            problems[question.key] = problem
    if not replies and not problems:
        problems[NOTHING] = Problem.NOTHING_SAID
    standard = asked.standard
    score = next(
        (int(one.value) for one in replies if standard and one.question == standard.key), None
    )
    return Reading(tuple(replies), score, problems)


def _of(
    question: Question, sent: Mapping[str, Sequence[str]]
) -> tuple[list[Reply], Problem | None]:
    key = question.key
    if question.kind is Kind.TEXT:
        words = _words(sent, key)
        found = [Reply(key, words=words)] if words else []
        chosen: list[str] = []
    else:
        chosen = list(dict.fromkeys(one for one in sent.get(key, ()) if one))
        words = _words(sent, key + WORDS) if question.kind is Kind.RECOMMEND else ""
        found = [Reply(key, value, words) for value in chosen]
    if len(words) > MOST_WORDS:
        return [], Problem.TOO_LONG
    if not set(chosen) <= set(values_of(question)):
        return [], Problem.NOT_OFFERED
    if len(chosen) > 1 and question.kind is not Kind.CHOICES:
        return [], Problem.NOT_OFFERED
    if not found and (question.is_required or words):
        return [], Problem.MISSING
    return found, None


def _words(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return plain(next(iter(sent.get(name, ())), ""))
