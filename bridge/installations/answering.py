"""What a shop does not tell through its API, and the admin says at set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.base import Platform, Question


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    value: str
    told: bool
    """By the admin; else it is the platform's default, assumed until somebody tells."""

    @property
    def assumed(self) -> bool:
        return not self.told and self.value != ""

    def __str__(self) -> str:
        if not self.value:
            return f"{self.question.name}: not told"
        return (
            f"{self.question.name}={self.value} ({'told by the admin' if self.told else 'assumed'})"
        )


def read_answers(platform: Platform, assignments: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` texts as checked answers. Raises BridgeError naming what is allowed."""
    told: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = (part.strip() for part in assignment.partition("="))
        if not equals or not name:
            raise BridgeError(f"`{assignment}` is no setting. Write NAME=VALUE.")
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
        f"`{value}` is no answer to `{question.name}` ({question.text.rstrip('.')}). "
        f"Allowed are: {', '.join(question.choices)}."
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
        name, [question.name for question in platform.questions], nothing="It has none."
    )
    raise BridgeError(f"{platform.label} has no setting `{name}`. {hint}")
