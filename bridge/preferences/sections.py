"""What can be set. Pure: each section is a model with its defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


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
