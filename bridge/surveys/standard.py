"""The standard question, as members read it in each language; from the catalogues ``letters``."""

from __future__ import annotations

from bridge.languages.speech import Speech
from bridge.surveys.document import Kind, Question, Questionnaire

DOMAIN = "letters"
RECOMMEND = "recommend"
"""Its key."""


def standard_question() -> Question:
    return Question(key=RECOMMEND, kind=Kind.RECOMMEND, is_required=True)


def asked(questionnaire: Questionnaire, question: Question, speech: Speech) -> str:
    """A question's text: the merchant's, or the standard one."""
    _ = speech.text
    if question.kind is Kind.RECOMMEND and not question.text:
        return _("How likely is it that you recommend us to a friend or colleague?")
    return questionnaire.said(question.text, speech.language)


def ends(speech: Speech) -> tuple[str, str]:
    """What the lowest and the highest number mean."""
    _ = speech.text
    return _("Not at all likely"), _("Extremely likely")


def why(speech: Speech) -> str:
    """What is asked beside the standard question."""
    _ = speech.text
    return _("What is the main reason for your answer?")


def yes_and_no(speech: Speech) -> tuple[str, str]:
    _ = speech.text
    return _("Yes"), _("No")
