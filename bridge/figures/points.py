"""The points that are out there, what they are worth, and how they came and went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.figures.days import by_day, keep_days
from bridge.figures.money import Money
from bridge.figures.movements import Movements, by_month, together
from bridge.figures.terms import Terms
from bridge.kit.calendar import day_of, months_later
from bridge.points.models import Account


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Of all accounts now. Values are what the programme's redemption says the points are worth;
    ``None``: it has no such section, so that points cannot be turned into money."""

    available: int
    pending: int
    reserved: int
    points: int
    """The three together."""
    value: Money | None
    owed: int
    """Taken back after they were spent; not in ``points``."""
    owed_value: Money | None
    holders: int
    """Accounts with any points in them."""


def outstanding(session: Session, workspace_id: int, terms: Terms) -> Outstanding:
    """Summed up over the accounts when it is asked for."""
    return outstanding_of(session, {workspace_id: terms})[workspace_id]


def outstanding_of(session: Session, terms: Mapping[int, Terms]) -> dict[int, Outstanding]:
    """The same of several workspaces, by their ids, with one query."""
    columns = (Account.available, Account.pending, Account.reserved, Account.debt)
    has_any = col(Account.available) + col(Account.pending) + col(Account.reserved) > 0
    rows = session.execute(
        select(
            col(Account.workspace_id),
            *(func.coalesce(func.sum(col(one)), 0) for one in columns),
            func.count().filter(has_any),
        )
        .where(col(Account.workspace_id).in_(terms))
        .group_by(col(Account.workspace_id))
    )
    sums = {row[0]: tuple(int(one) for one in row[1:]) for row in rows}
    return {id_: _outstanding(told, *sums.get(id_, (0,) * 5)) for id_, told in terms.items()}


def _outstanding(
    terms: Terms, available: int, pending: int, reserved: int, owed: int, holders: int
) -> Outstanding:
    points = available + pending + reserved
    return Outstanding(
        available,
        pending,
        reserved,
        points,
        terms.value(points),
        owed,
        terms.value(owed),
        holders,
    )


class Unit(StrEnum):
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class PointsOverTime:
    """By the day on which the book recorded it, in the programme's time zone."""

    timezone: str
    unit: Unit
    periods: tuple[Movements, ...]
    """The oldest first; the last one goes on."""
    total: Movements


def points_over_time(
    database: Database,
    workspace_id: int,
    terms: Terms,
    now: datetime,
    *,
    days: int = 30,
    months: int = 0,
) -> PointsOverTime:
    """The last so many days, today among them; or calendar months, this one among them.

    Exact: closed days come from their kept sums (:mod:`bridge.figures.days`), which are first
    kept where they are not yet. Raises ValueError for less than one day.
    """
    zone = terms.zone
    keep_days(database, workspace_id, zone, now)
    last = day_of(now, zone)
    first = _begin(last, days, months)
    with database.reading() as session:
        found: Sequence[Movements] = by_day(session, workspace_id, zone, first, last)
    if months:
        found = by_month(found)
    unit = Unit.MONTH if months else Unit.DAY
    return PointsOverTime(terms.timezone, unit, tuple(found), together(found))


def _begin(last: date, days: int, months: int) -> date:
    if months:
        return months_later(last.replace(day=1), 1 - months)
    return last - timedelta(days=days - 1)
