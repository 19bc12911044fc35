"""What members read around a merchant's own questions, in their language. Pure.

Each sentence is a text of the catalogues ``surveys``; the English one is the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.languages.speech import Speech
from bridge.surveys.answering import NotNow
from bridge.surveys.document import Kind, Question, Questionnaire
from bridge.surveys.reading import MOST_WORDS, NO, NOTHING, WORDS, YES, Problem, values_of

DOMAIN = "surveys"


def asked(questionnaire: Questionnaire, question: Question, speech: Speech) -> str:
    """A question's text: the merchant's, or the standard one."""
    _ = speech.text
    if question.kind is Kind.RECOMMEND and not question.text:
        return _("How likely is it that you recommend us to a friend or colleague?")
    return questionnaire.said(question.text, speech.language)


def ends(speech: Speech) -> tuple[str, str]:
    """What the lowest and the highest number of the standard question mean."""
    _ = speech.text
    return _("Not at all likely"), _("Extremely likely")


def why(speech: Speech) -> str:
    """What is asked beside the standard question."""
    _ = speech.text
    return _("What is the main reason for your answer?")


def sample_title(speech: Speech) -> str:
    """Of a survey that nobody has written yet."""
    _ = speech.text
    return _("Tell us what you think")


# -- the form -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One question as the form shows it."""

    name: str
    """What it is sent under."""
    kind: Kind
    text: str
    is_required: bool
    choices: tuple[Choice, ...]
    words: str
    """What was written already; of free text."""
    beside: str
    """The name of the text beside the standard question; empty: there is none."""
    beside_text: str
    low: str
    high: str
    """What the ends of numbers mean; empty: nothing is said."""
    problem: str
    """What is wrong with what was sent; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Form:
    """A survey as a member sees it."""

    title: str
    intro: str
    fields: tuple[Field, ...]
    problem: str
    """Of the whole of it."""
    send: str
    required: str
    """What the mark beside a question says that must be answered."""


def form(
    questionnaire: Questionnaire,
    speech: Speech,
    *,
    sent: Mapping[str, list[str]] | None = None,
    problems: Mapping[str, Problem] | None = None,
    has_changed: bool = False,
) -> Form:
    """``sent``: what was chosen and typed before; ``has_changed``: it was to other questions."""
    _ = speech.text
    told = sent or {}
    found = problems or {}
    problem = ""
    if has_changed:
        problem = _("The questions have changed meanwhile. Please look through them once more.")
    elif NOTHING in found:
        problem = problem_text(found[NOTHING], speech)
    elif found:
        problem = _("Something is missing or not right. Please look at the marked questions.")
    return Form(
        questionnaire.said(questionnaire.title, speech.language),
        questionnaire.said(questionnaire.intro, speech.language),
        tuple(_field(questionnaire, one, speech, told, found) for one in questionnaire.questions),
        problem,
        _("Send my answer"),
        _("needed"),
    )


def _field(
    questionnaire: Questionnaire,
    question: Question,
    speech: Speech,
    sent: Mapping[str, list[str]],
    problems: Mapping[str, Problem],
) -> Field:
    _ = speech.text
    is_standard = question.kind is Kind.RECOMMEND
    beside = question.key + WORDS if is_standard else ""
    low, high = ends(speech) if is_standard else ("", "")
    problem = problems.get(question.key)
    chosen = sent.get(question.key, [])
    return Field(
        question.key,
        question.kind,
        asked(questionnaire, question, speech),
        question.is_required,
        tuple(
            Choice(value, choice_text(questionnaire, question, value, speech), value in chosen)
            for value in values_of(question)
        ),
        next(iter(sent.get(beside or question.key, [])), ""),
        beside,
        why(speech) if is_standard else "",
        low,
        high,
        "" if problem is None else problem_text(problem, speech),
    )


def choice_text(
    questionnaire: Questionnaire, question: Question, value: str, speech: Speech
) -> str:
    """A value as it is read: a number, yes or no, the merchant's own words."""
    _ = speech.text
    if question.kind is Kind.YES_NO:
        return {YES: _("Yes"), NO: _("No")}.get(value, value)
    for option in question.options:
        if option.key == value:
            return questionnaire.said(option.text, speech.language)
    return speech.number(int(value)) if value.isdecimal() else value


def problem_text(problem: Problem, speech: Speech) -> str:
    _ = speech.text
    return {
        Problem.MISSING: _("Please answer this question."),
        Problem.NOT_OFFERED: _("Please choose one of the answers."),
        Problem.TOO_LONG: _(
            "Please write at most %(number)s characters.", number=speech.number(MOST_WORDS)
        ),
        Problem.NOTHING_SAID: _("Please answer at least one question."),
    }[problem]


# -- afterwards -----------------------------------------------------------------------------


def thanks(questionnaire: Questionnaire, speech: Speech) -> str:
    _ = speech.text
    told = questionnaire.said(questionnaire.thanks, speech.language)
    return told or _("We have your answer, and we read every one.")


def thanks_title(speech: Speech) -> str:
    _ = speech.text
    return _("Thank you!")


def earned(speech: Speech, points: str) -> str:
    """``points``: ``50 points``, as the merchant calls them."""
    _ = speech.text
    return _("For your answer you get %(points)s.", points=points)


def not_now(reason: NotNow, speech: Speech) -> tuple[str, str]:
    """Why he cannot answer: a title and a line."""
    _ = speech.text
    return {
        NotNow.CLOSED: (
            _("This survey is closed"),
            _("Nobody can answer it any more. Thank you all the same."),
        ),
        NotNow.NOT_FOR_HIM: (
            _("This survey is not for you"),
            _("It is for other members of the programme."),
        ),
        NotNow.ANSWERED: (thanks_title(speech), _("We have your answer already.")),
    }[reason]


def link_over(speech: Speech) -> tuple[str, str]:
    _ = speech.text
    return (
        _("This link is no longer good"),
        _("It was for a limited time. You can still answer on your own pages."),
    )


def unknown(speech: Speech) -> tuple[str, str]:
    _ = speech.text
    return (
        _("This link leads nowhere"),
        _("Perhaps a part of it is missing. Take the whole link from the letter."),
    )


def later(speech: Speech) -> tuple[str, str]:
    _ = speech.text
    return _("Please try again later"), _("This does not work at the moment.")
