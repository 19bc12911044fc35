"""What figures are kept ready, so that a page need not read the whole book for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class EntryDay(SQLModel, table=True):
    """What the book's entries of one closed day sum up to. A day is closed when two days have
    passed since: nothing is recorded in it any more, so its sums never change."""

    __tablename__ = "entry_days"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    zone: str = Field(primary_key=True)
    """The programme's time zone when they were summed; another zone has other days."""
    day: date = Field(primary_key=True)
    """When the book recorded them."""
    debit: str = Field(primary_key=True)
    credit: str = Field(primary_key=True)
    effect: str = Field(primary_key=True)
    points: int = Field(sa_type=BigInteger)
    entries: int


class KeptDays(SQLModel, table=True):
    """How far the days of a workspace are summed."""

    __tablename__ = "kept_days"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    zone: str = Field(primary_key=True)
    through: date
    """The last day whose sums are kept. A later one is summed when it is asked for."""


class KeptFigure(SQLModel, table=True):
    """Figures over all members or orders, as last worked out."""

    __tablename__ = "kept_figures"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    name: str = Field(primary_key=True)
    """``customers``, ``liability``."""
    as_of: datetime = Field(sa_type=UtcDateTime)
    """When they were worked out."""
    content: str
    """As JSON; what one version of the bridge wrote another need not read, it works them out
    anew."""
