"""What a merchant says in his own words in letters to members: plain text, with names in braces
for what only the bridge knows. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.letters.models import LetterKind
from bridge.preferences.sections import Section

LONGEST_SUBJECT, LONGEST_OPENING, LONGEST_CLOSING = 150, 4_000, 2_000
"""Characters."""

_EACH = ("programme", "member_since")
NAMES: Final[Mapping[LetterKind, tuple[str, ...]]] = {
    LetterKind.WELCOME: (*_EACH, "balance"),
    LetterKind.EARNED: (*_EACH, "points", "balance"),
    LetterKind.EXPIRING: (*_EACH, "points", "last_day", "balance"),
    LetterKind.TIER: (*_EACH, "tier"),
    LetterKind.VOUCHER: (*_EACH, "worth"),
    LetterKind.REFERRAL: (*_EACH, "worth"),
    LetterKind.SURVEY: (*_EACH, "survey", "last_day"),
}
"""What each kind knows whenever it is sent: this may stand in braces. A code to sign in with is no
place for own words."""

_NAMED = re.compile(r"\{([^{}]*)\}")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that make what follows read the other way round, links and the bridge's own words too."""
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Why(StrEnum):
    SIGN = "sign"
    """A control character, or a line end in a subject."""
    BRACE = "brace"
    """A brace that opens or closes nothing."""
    NAME = "name"
    """Something in braces that this kind does not know."""


@dataclass(frozen=True, slots=True)
class Mistake:
    why: Why
    name: str = ""
    """What stands in the braces."""


def tidy(text: str | None) -> str:
    """With ``\\n`` alone at line ends, and nothing blank around it."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip(" \t") for line in plain.split("\n")).strip(" \t\n")


def mistake_in(kind: LetterKind, text: str, *, is_subject: bool = False) -> Mistake | None:
    """The first thing that keeps a tidy text from being sent; ``None``: it can be."""
    allowed = "" if is_subject else "\n"
    if any(_is_unseen(sign) for sign in text if sign not in allowed):
        return Mistake(Why.SIGN)
    for name in _NAMED.findall(text):
        if name not in NAMES.get(kind, ()):
            return Mistake(Why.NAME, name)
    left = _NAMED.sub("", text)
    return Mistake(Why.BRACE) if "{" in left or "}" in left else None


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or sign in _TURNING


def fill(text: str, values: Mapping[str, str]) -> str:
    """With each name's value. What a value holds is not looked into again."""
    return _NAMED.sub(lambda found: values.get(found.group(1), ""), text)


class LetterText(BaseModel):
    """One letter in one language; what is empty is said in the standard words."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: str = Field(default="", max_length=LONGEST_SUBJECT)
    opening: str = Field(default="", max_length=LONGEST_OPENING)
    """Before the facts; an empty line begins a paragraph."""
    closing: str = Field(default="", max_length=LONGEST_CLOSING)
    """After them."""

    @field_validator("subject", "opening", "closing", mode="before")
    @classmethod
    def _is_tidy(cls, text: object) -> object:
        return tidy(text) if isinstance(text, str) else text


class LetterTexts(Section):
    """The merchant's own words, by kind of letter and by language."""

    section: ClassVar[str] = "letter-texts"

    texts: dict[LetterKind, dict[str, LetterText]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        for kind, by_language in self.texts.items():
            if kind not in NAMES:
                raise ValueError(f"letters of the kind {kind.value} have no own words")
            for language, text in by_language.items():
                if language not in MEMBER_NAMES:
                    raise ValueError(f"there is no {language} among {', '.join(MEMBER_NAMES)}")
                _check(kind, text)
        return self

    def of(self, kind: LetterKind, language: str) -> LetterText:
        """Empty where nothing was written."""
        return self.texts.get(kind, {}).get(language, LetterText())

    def with_text(self, kind: LetterKind, language: str, text: LetterText) -> LetterTexts:
        """An empty one takes its place away. Raises ValueError for what cannot be sent."""
        others = {name: one for name, one in self.texts.get(kind, {}).items() if name != language}
        mine = others if text == LetterText() else {**others, language: text}
        texts = {one: told for one, told in self.texts.items() if one is not kind}
        return LetterTexts(texts={**texts, kind: mine} if mine else texts)


def _check(kind: LetterKind, text: LetterText) -> None:
    for name in ("subject", "opening", "closing"):
        found = mistake_in(kind, getattr(text, name), is_subject=name == "subject")
        if found is None:
            continue
        allowed = ", ".join(f"{{{one}}}" for one in NAMES[kind])
        raise ValueError(
            {
                Why.SIGN: f"the {name} holds a sign that cannot be seen, or a line end",
                Why.BRACE: f"the {name} has a brace too many or too few; allowed are {allowed}",
                Why.NAME: f"the {name} names {{{found.name}}}; allowed are {allowed}",
            }[found.why]
        )
