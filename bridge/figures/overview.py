"""Everything that the overview shows, and how a figure becomes JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from bridge.db import Database
from bridge.figures.customers import CUSTOMERS, Customers, with_names
from bridge.figures.days import keep_days
from bridge.figures.funnel import Funnel, funnel
from bridge.figures.health import ShopHealth, health
from bridge.figures.keeping import Known, known, refresh
from bridge.figures.liability import LIABILITY, Liability
from bridge.figures.members import MemberFigures, member_figures
from bridge.figures.points import Outstanding, PointsOverTime, outstanding, points_over_time
from bridge.figures.recommendations import Recommendations, recommendations
from bridge.figures.terms import Terms, terms


@dataclass(frozen=True, slots=True)
class Overview:
    at: datetime
    programme: int
    """The version's number; 0: none was loaded yet."""
    name: str
    currency: str
    """ISO 4217; empty before a programme was loaded."""
    timezone: str
    shops: tuple[ShopHealth, ...]
    outstanding: Outstanding
    over_time: PointsOverTime
    members: MemberFigures
    customers: Customers
    customers_as_of: datetime
    """When the figures of customers were worked out: where there are many orders, they are kept
    for an hour."""
    funnel: Funnel
    recommendations: Recommendations
    """Over the same days as points."""


def overview(
    database: Database, workspace_id: int, now: datetime, *, days: int = 30, fresh: bool = False
) -> Overview:
    """``days``: over how many days points and recommendations are shown. ``fresh``: figures that
    are kept are worked out anew."""
    told = current_terms(database, workspace_id, now)
    customers = customers_known(database, workspace_id, told, now, fresh=fresh)
    over_time = points_over_time(database, workspace_id, told, now, days=days)
    with database.reading() as session:
        return Overview(
            now,
            told.programme,
            told.name,
            told.currency,
            told.timezone,
            health(session, workspace_id, now),
            outstanding(session, workspace_id, told),
            over_time,
            member_figures(session, workspace_id, told),
            customers.value,
            customers.as_of,
            funnel(session, workspace_id),
            recommendations(session, workspace_id, told, now, days=days),
        )


def current_terms(database: Database, workspace_id: int, now: datetime) -> Terms:
    with database.reading() as session:
        return terms(session, workspace_id, now)


def customers_known(
    database: Database, workspace_id: int, told: Terms, now: datetime, *, fresh: bool = False
) -> Known[Customers]:
    found = known(database, workspace_id, told, CUSTOMERS, now, fresh=fresh)
    with database.reading() as session:
        return Known(found.as_of, with_names(session, workspace_id, found.value))


def members_known(database: Database, workspace_id: int, told: Terms) -> MemberFigures:
    """Counted now."""
    with database.reading() as session:
        return member_figures(session, workspace_id, told)


def recommendations_known(
    database: Database,
    workspace_id: int,
    told: Terms,
    now: datetime,
    *,
    days: int = 30,
    months: int = 0,
) -> Recommendations:
    """Counted now."""
    with database.reading() as session:
        return recommendations(session, workspace_id, told, now, days=days, months=months)


def liability_known(
    database: Database, workspace_id: int, told: Terms, now: datetime, *, fresh: bool = False
) -> Known[Liability]:
    return known(database, workspace_id, told, LIABILITY, now, fresh=fresh)


def refresh_figures(database: Database, workspace_id: int, now: datetime) -> int:
    """What is to be done every hour, so that nobody who looks has to wait: keeps the sums of
    days that closed, works out what is an hour old; how many of both. Safe beside itself."""
    told = current_terms(database, workspace_id, now)
    done = keep_days(database, workspace_id, told.zone, now)
    done += refresh(database, workspace_id, told, CUSTOMERS, now)
    done += refresh(database, workspace_id, told, LIABILITY, now)
    return done


def record(figure: object) -> Any:
    """A figure as JSON has it, on the command line, in the API and behind a chart alike: amounts
    and percentages as texts, so that they stay exact, times and days in ISO 8601."""
    form = type(figure)
    if form not in _FORMS:
        _FORMS[form] = TypeAdapter(form)
    return _FORMS[form].dump_python(figure, mode="json")


_FORMS: dict[type, TypeAdapter[Any]] = {}
"""Made once: that takes longer than to use them."""
