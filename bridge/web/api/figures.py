"""Figures, as the command `figures` and the overview show them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, RootModel

from bridge.api_tokens.scopes import Scope
from bridge.figures import overview as figures
from bridge.figures.customers import Customers
from bridge.figures.liability import Liability
from bridge.figures.members import MemberFigures
from bridge.figures.points import PointsOverTime, points_over_time
from bridge.figures.recommendations import Recommendations
from bridge.web.api.operations import Call, Nothing, Operations, Sent

operations = Operations("Figures")

MOST_DAYS = 3_660
MOST_MONTHS = 120

Days = Annotated[
    int, Field(ge=1, le=MOST_DAYS, description="Of the last so many days, today among them.")
]


class OverviewQuery(Sent):
    days: Days = 30


class PointsQuery(Sent):
    days: Days = 30
    months: Annotated[
        int,
        Field(ge=0, le=MOST_MONTHS, description="By calendar month instead: the last so many."),
    ] = 0


class OverviewOut(RootModel[figures.Overview]):
    pass


class PointsOverTimeOut(RootModel[PointsOverTime]):
    pass


class RecommendationsOut(RootModel[Recommendations]):
    pass


class MemberFiguresOut(BaseModel):
    members: MemberFigures
    customers: Customers
    customers_as_of: datetime


class LiabilityOut(BaseModel):
    liability: Liability
    as_of: datetime


@operations.get("/figures/overview", Scope.READ_FIGURES, OverviewOut, query=OverviewQuery)
def get_overview(call: Call, query: OverviewQuery) -> OverviewOut:
    """Everything at a glance: stores, points, members, customers, referrals.

    Amounts and percentages are texts, so that they stay exact. Figures that look at every order
    are kept for an hour: `customers_as_of` says of when they are.
    """
    app = call.app
    return OverviewOut(figures.overview(app.database, app.workspace_id, app.now(), days=query.days))


@operations.get("/figures/points", Scope.READ_FIGURES, PointsOverTimeOut, query=PointsQuery)
def get_points_over_time(call: Call, query: PointsQuery) -> PointsOverTimeOut:
    """Points earned, redeemed, expired and so on, by the day on which the book recorded it."""
    app, now = call.app, call.app.now()
    told = figures.current_terms(app.database, app.workspace_id, now)
    return PointsOverTimeOut(
        points_over_time(
            app.database, app.workspace_id, told, now, days=query.days, months=query.months
        )
    )


@operations.get("/figures/members", Scope.READ_FIGURES, MemberFiguresOut)
def get_member_figures(call: Call, query: Nothing) -> MemberFiguresOut:
    """Members by tier and segment, who buys again, what a customer is worth, the best ones."""
    app, now = call.app, call.app.now()
    told = figures.current_terms(app.database, app.workspace_id, now)
    customers = figures.customers_known(app.database, app.workspace_id, told, now)
    return MemberFiguresOut(
        members=figures.members_known(app.database, app.workspace_id, told),
        customers=customers.value,
        customers_as_of=customers.as_of,
    )


@operations.get("/figures/liability", Scope.READ_FIGURES, LiabilityOut)
def get_liability(call: Call, query: Nothing) -> LiabilityOut:
    """What is owed in points: by the store that gave them, and the month they expire in."""
    app, now = call.app, call.app.now()
    told = figures.current_terms(app.database, app.workspace_id, now)
    found = figures.liability_known(app.database, app.workspace_id, told, now)
    return LiabilityOut(liability=found.value, as_of=found.as_of)


@operations.get(
    "/figures/recommendations", Scope.READ_FIGURES, RecommendationsOut, query=PointsQuery
)
def get_recommendations(call: Call, query: PointsQuery) -> RecommendationsOut:
    """Whether members recommend the merchant: the net promoter score over time and by store.

    It is the percentage of answers of 9 and 10 to the standard question of surveys, less the
    percentage of those from 0 to 6.
    """
    app, now = call.app, call.app.now()
    told = figures.current_terms(app.database, app.workspace_id, now)
    return RecommendationsOut(
        figures.recommendations_known(
            app.database, app.workspace_id, told, now, days=query.days, months=query.months
        )
    )
