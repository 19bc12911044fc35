"""What a shop does not tell through its API, and the admin says at set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.base import Platform, Question
from connectors.sentences import sentence


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    value: str
    told: bool
    """By the admin; else it is the platform's default, assumed until somebody tells."""

    @property
    def assumed(self) -> bool:
        return not self.told and self.value != ""

    @property
    def text(self) -> str:
        """A sentence."""
        name, value = self.question.name, self.value
        if not value:
            return sentence("%(name)s: not told.", name=name)
        if self.told:
            return sentence("%(name)s=%(value)s (told by the admin).", name=name, value=value)
        return sentence("%(name)s=%(value)s (assumed).", name=name, value=value)

    def __str__(self) -> str:
        return self.text.removesuffix(".")


def read_answers(platform: Platform, assignments: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` texts as checked answers. Raises BridgeError naming what is allowed."""
    told: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = (part.strip() for part in assignment.partition("="))
        if not equals or not name:
            raise BridgeError(
                sentence("`%(assignment)s` is no setting. Write NAME=VALUE.", assignment=assignment)
            )
        told[name] = checked_answer(_question(platform, name), value)
    return told


def checked_answer(question: Question, value: str) -> str:
    """The answer as the platform spells it. Raises BridgeError."""
    if not question.choices:
        return value
    for choice in question.choices:
        if choice.lower() == value.lower():
            return choice
    raise BridgeError(
        sentence(
            "`%(value)s` is no answer to `%(question_name)s` (%(question_text)s). Allowed "
            "are: %(choices)s.",
            value=value,
            question_name=question.name,
            question_text=question.text.rstrip("."),
            choices=", ".join(question.choices),
        )
    )


def answers(platform: Platform, told: Mapping[str, str]) -> list[Answer]:
    """An answer to each of the platform's questions, in its order."""
    return [
        Answer(question, told.get(question.name, question.default), question.name in told)
        for question in platform.questions
    ]


def complete(platform: Platform, told: Mapping[str, str]) -> dict[str, str]:
    """What a connector and a compiler work with: every answer, told or assumed."""
    return {answer.question.name: answer.value for answer in answers(platform, told)}


def _question(platform: Platform, name: str) -> Question:
    for question in platform.questions:
        if question.name == name:
            return question
    hint = did_you_mean(
        name, [question.name for question in platform.questions], nothing=sentence("It has none.")
    )
    raise BridgeError(
        sentence(
            "%(platform_label)s has no setting `%(name)s`. %(hint)s",
            platform_label=platform.label,
            name=name,
            hint=hint,
        )
    )
