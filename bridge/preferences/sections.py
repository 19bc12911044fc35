"""What can be set. Pure: each section is a model with its defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from bridge.preferences.colours import text_on


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    section: ClassVar[str]
    """Its name in the table."""


class Limits(Section):
    """Above these, a change made in the web app waits for a second person."""

    section: ClassVar[str] = "limits"

    adjust_points: int | None = Field(default=None, ge=0)
    """Points given or taken at a time. ``None``: no limit."""
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
