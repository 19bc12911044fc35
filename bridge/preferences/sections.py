"""What can be set. Pure: each section is a model with its defaults."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.letters.models import LetterKind
from bridge.preferences.colours import text_on
from bridge.programme.emails import normal_email


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    section: ClassVar[str]
    """Its name in the table."""


class Limits(Section):
    """Above these, a change made in the web app waits for a second person, and what a shop's own
    rules ask for is not done."""

    section: ClassVar[str] = "limits"

    adjust_points: int | None = Field(default=None, ge=0)
    """Points that one person gives or takes of a day. ``None``: no limit."""
    award_points: int | None = Field(default=10_000, ge=0)
    """Points that one run of a flow in a shop gives. ``None``: no limit."""
    plan_money: Decimal | None = Field(default=None, ge=0)
    """What a plan moves, in the programme's currency. ``None``: no limit."""


class Branding(Section):
    """How the programme looks and what it is called, on members' pages and in letters."""

    section: ClassVar[str] = "branding"

    name: str = ""
    """Of the programme; empty: as the programme's document calls it."""
    point: str = ""
    """What one point is called, in every language; empty: the language's own word,"""
    points: str = ""
    """and several. Both or none are given."""
    colour: str = "#066fd1"
    """Of links and buttons: readable on white (:mod:`bridge.preferences.colours`)."""
    header: str = "#1d2433"
    """What the name and the logo stand on."""

    @property
    def on_header(self) -> str:
        """The colour of text there."""
        return text_on(self.header)


class Earned(StrEnum):
    """When members are told that points became available."""

    DAILY = "daily"
    """Once a day, of all of that day together."""
    EACH = "each"
    """Of each order, or other cause, by itself."""


class Letters(Section):
    """What members are written to, and how. A shop may write to its customers itself: nothing is
    sent that nobody asked for, but for thanks to who brought a friend."""

    section: ClassVar[str] = "letters"

    kinds: frozenset[LetterKind] = frozenset({LetterKind.REFERRAL})
    """Those that are sent."""
    language: str = SOURCE
    """Of members whose store has none of its own."""
    languages: dict[str, str] = Field(default_factory=dict)
    """By store, ``installation/code``."""
    earned: Earned = Earned.DAILY
    hour: int = Field(default=9, ge=0, le=23)
    """Of the day, in the programme's time zone: when daily letters go out."""
    expiry_days: int = Field(default=30, ge=1, le=365)
    """How long before points expire their owner is told."""
    reply_to: str = ""
    """A bare address; empty: the sender's."""
    imprint: str = Field(default="", max_length=2_000)
    """At the foot of each letter: who sends it and where he can be reached, as the law asks."""
    per_minute: int = Field(default=60, ge=1, le=10_000)
    """Letters a minute, at most."""

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, language: str) -> str:
        if language not in MEMBER_NAMES:
            raise ValueError(f"letters are written in {', '.join(MEMBER_NAMES)}")
        return language

    @field_validator("languages")
    @classmethod
    def _are_spoken(cls, languages: dict[str, str]) -> dict[str, str]:
        for language in languages.values():
            cls._is_spoken(language)
        return languages

    @field_validator("reply_to")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        return normal_email(address) if address.strip() else ""

    def language_of(self, store: str) -> str:
        """``store``: ``installation/code``."""
        return self.languages.get(store, self.language)


class Retention(Section):
    """What is forgotten by itself once it is old. ``None``: it is kept."""

    section: ClassVar[str] = "retention"

    inbox_days: int | None = Field(default=None, ge=7, le=3_650)
    """What shops told and was handled. ``None``: as the server is set up
    (``LOYALTY_BRIDGE_RETENTION_DAYS``). The newest version of each stays."""
    letters_months: int | None = Field(default=24, ge=1, le=120)
    """What letters said, after they were sent or dropped."""
    addresses_months: int | None = Field(default=12, ge=1, le=120)
    """Network addresses in the audit log."""
    inactive_months: int | None = Field(default=None, ge=6, le=240)
    """Members who did nothing for so long and have no points, vouchers or rewards left are
    listed."""
    erases_inactive: bool = False
    """They are erased by themselves. Else a person looks at the list."""


_URL_KEY = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9-]{1,79}")


class OwnWords(BaseModel):
    """What the merchant adds to the terms in one language, as he typed it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    intro: str = Field(default="", max_length=10_000)
    clauses: str = Field(default="", max_length=20_000)
    contact: str = Field(default="", max_length=5_000)


class Terms(Section):
    """The programme's terms: what the merchant adds, and which shops show them."""

    section: ClassVar[str] = "terms"

    stores: frozenset[str] = frozenset()
    """That have a page with them: ``installation/code``."""
    url_key: str = "loyalty-programme"
    """The last part of its address there."""
    words: dict[str, OwnWords] = Field(default_factory=dict)
    """By language."""

    @field_validator("url_key")
    @classmethod
    def _is_an_address(cls, key: str) -> str:
        if not _URL_KEY.fullmatch(key):
            raise ValueError("small letters, digits and dashes, with at least one letter")
        return key

    @field_validator("words")
    @classmethod
    def _are_in_known_languages(cls, words: dict[str, OwnWords]) -> dict[str, OwnWords]:
        unknown = sorted(set(words) - set(MEMBER_NAMES))
        if unknown:
            raise ValueError(f"there is no {unknown[0]} among {', '.join(MEMBER_NAMES)}")
        return words
