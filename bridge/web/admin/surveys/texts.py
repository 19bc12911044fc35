"""What the staff reads about surveys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.languages.speech import Speech
from bridge.surveys.document import LONGEST_TEXT, MOST_OPTIONS, MOST_QUESTIONS, Kind
from bridge.surveys.editing import Slip
from bridge.surveys.models import SurveyState
from bridge.surveys.scores import Standing
from bridge.surveys.wording import DOMAIN
from bridge.web.speaking import _, lazy, speech

STATES: dict[str, tuple[Any, str]] = {
    SurveyState.DRAFT.value: (lazy("Draft"), "bg-secondary-lt"),
    SurveyState.OPEN.value: (lazy("Open"), "bg-green-lt"),
    SurveyState.CLOSED.value: (lazy("Closed"), "bg-yellow-lt"),
}
KINDS: dict[str, Any] = {
    Kind.RECOMMEND.value: lazy("Would you recommend us? From 0 to 10, and why"),
    Kind.SCALE.value: lazy("A number from 0 to 10"),
    Kind.YES_NO.value: lazy("Yes or no"),
    Kind.CHOICE.value: lazy("One of several answers"),
    Kind.CHOICES.value: lazy("Any of several answers"),
    Kind.TEXT.value: lazy("Free text"),
}
STANDINGS: dict[int, tuple[Any, str]] = {
    Standing.DETRACTOR.value: (lazy("Detractor"), "bg-red-lt"),
    Standing.PASSIVE.value: (lazy("Passive"), "bg-yellow-lt"),
    Standing.PROMOTER.value: (lazy("Promoter"), "bg-green-lt"),
    Standing.UNASKED.value: (lazy("Without a score"), "bg-secondary-lt"),
}


def slip_text(slip: Slip) -> str:
    return {
        Slip.EMPTY: _("Please write it in the survey's own language."),
        Slip.TOO_LONG: _("At most %(number)s characters are possible.", number=LONGEST_TEXT),
        Slip.TOO_FEW_OPTIONS: _("Write at least two answers, one on each line."),
        Slip.TOO_MANY_OPTIONS: _("At most %(number)s answers are possible.", number=MOST_OPTIONS),
        Slip.OTHER_NUMBER_OF_OPTIONS: _(
            "Write as many lines as in the survey's own language, or none."
        ),
        Slip.TOO_MANY_QUESTIONS: _(
            "A survey has at most %(number)s questions.", number=MOST_QUESTIONS
        ),
        Slip.NOT_IN_THIS_LANGUAGE: _(
            "Some questions are not written in this language yet: write them first."
        ),
    }[slip]


def members_speech(language: str) -> Speech:
    """For what members read, as the staff looks at it: in the survey's own language."""
    return replace(speech(), language=language, domain=DOMAIN)
