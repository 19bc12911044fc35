"""Surveys, the versions of their questions, and what members answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class SurveyState(StrEnum):
    DRAFT = "draft"
    """Nobody was asked yet."""
    OPEN = "open"
    """Members can answer, within its days."""
    CLOSED = "closed"
    """No longer; it can be opened again."""


class Survey(SQLModel, table=True):
    """Whom to ask, when, how often, and what answering is worth."""

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_state", "workspace_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    name: str
    """As the staff calls it."""
    state: str = SurveyState.DRAFT.value
    version: int = 1
    """Of its questions: what is asked now."""
    starts_on: date | None = None
    """The first day, in the programme's time zone."""
    ends_on: date | None = None
    """The last day."""
    tiers: list[str] = Field(default_factory=list, sa_type=JSON)
    """Keys of the programme's: only members of these. Empty: whatever tier they have."""
    segments: list[str] = Field(default_factory=list, sa_type=JSON)
    """Likewise."""
    again_days: int | None = None
    """The same member may answer again after so many days; ``None``: once."""
    activity: str = ""
    """What the programme calls answering, so that its rules can give points; empty: none."""
    ask_days: int | None = None
    """So many days after an order its buyer gets a letter; ``None``: nobody is written to."""
    pause_days: int = 90
    """No member gets a letter of any survey twice within so many days."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class SurveyVersion(SQLModel, table=True):
    """What is asked. Once somebody has answered, a version is not changed any more."""

    __tablename__ = "survey_versions"

    survey_id: int = Field(foreign_key="surveys.id", primary_key=True)
    number: int = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """A :class:`bridge.surveys.document.Questionnaire`."""
    made_at: datetime = Field(sa_type=UtcDateTime)


class SurveyAnswer(SQLModel, table=True):
    """One member answered one survey once."""

    __tablename__ = "survey_answers"
    __table_args__ = (
        UniqueConstraint("survey_id", "member_id", "nth", name="one_answer_at_a_time"),
        # Everything that a list filters by, so that it reads no rows it does not show.
        Index(
            "ix_survey_answers_listed",
            "workspace_id",
            "survey_id",
            "standing",
            "id",
            "has_words",
            "is_handled",
            "version",
        ),
        Index("ix_survey_answers_member", "workspace_id", "member_id"),
        Index(
            "ix_survey_answers_day",
            "workspace_id",
            "answered_on",
            "installation_id",
            "store_id",
            "standing",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    survey_id: int = Field(foreign_key="surveys.id")
    version: int
    """Of the questions he was asked."""
    member_id: int = Field(foreign_key="members.id")
    """Who answered; he may have been merged into another since."""
    nth: int
    """Of this member's answers to this survey: 1, 2…"""
    answered_at: datetime = Field(sa_type=UtcDateTime)
    answered_on: date
    """The day in the programme's time zone."""
    language: str
    way: str
    """``letter``: by the link in one; ``page``: on the member's page."""
    installation_id: int | None = Field(default=None, foreign_key="installations.id")
    """Where he had ordered last when he answered; ``None``: he never had."""
    store_id: str = ""
    score: int | None = None
    """Of the standard question, 0 to 10."""
    standing: int
    """What the score makes him: see :class:`bridge.surveys.scores.Standing`."""
    has_words: bool = False
    """Whether he wrote anything himself."""
    is_handled: bool = False
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_by: str = ""
    points: int = 0
    """What answering earned him when he did."""


class SurveyReply(SQLModel, table=True):
    """What was answered to one question; of several choices there is a row for each."""

    __tablename__ = "survey_replies"
    __table_args__ = (
        Index(
            "ix_survey_replies_counted",
            "workspace_id",
            "survey_id",
            "version",
            "question",
            "value",
        ),
        Index("ix_survey_replies_answer", "answer_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    survey_id: int = Field(foreign_key="surveys.id")
    version: int
    answer_id: int = Field(foreign_key="survey_answers.id")
    question: str
    """Its key."""
    value: str = ""
    """A number from 0 to 10, ``yes`` or ``no``, a choice's key; empty: words alone."""
    words: str = ""
    """What he wrote: personal."""
