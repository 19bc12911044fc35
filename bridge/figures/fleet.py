"""How all clients of an agency are: the same figures as each workspace's own overview, with as many
queries for 200 workspaces as for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from bridge.approvals.models import WaitingChange, WaitingState
from bridge.figures.fleet_rules import Standing, in_order, level
from bridge.figures.health import ShopHealth, health_of
from bridge.figures.health_rules import Level, Trouble
from bridge.figures.points import Outstanding, outstanding_of
from bridge.figures.terms import Terms, terms_of_many
from bridge.plans.models import KeptPlan, PlanState

_NOT_APPROVED = (PlanState.READY.value, PlanState.WAITING.value)


def fleet(session: Session, workspaces: Mapping[int, str], now: datetime) -> list[Standing]:
    """``workspaces``: names by id; those that whoever asks may look into. What needs attention
    first."""
    shops = health_of(session, workspaces, now)
    terms = terms_of_many(session, workspaces)
    points = outstanding_of(session, terms)
    approvals = _approvals(session, workspaces)
    planned = _planned(session, workspaces)
    return in_order(
        _standing(
            id_,
            name,
            shops[id_],
            terms[id_],
            points[id_],
            approvals=approvals.get(id_, 0),
            planned=planned.get(id_, 0),
        )
        for id_, name in workspaces.items()
    )


def _standing(
    workspace_id: int,
    workspace: str,
    shops: tuple[ShopHealth, ...],
    terms: Terms,
    points: Outstanding,
    *,
    approvals: int,
    planned: int,
) -> Standing:
    counts = [shop.counts for shop in shops]
    polled = [shop.polled_at for shop in shops]
    lags = [shop.lag_seconds for shop in shops if shop.lag_seconds is not None]
    bad = [shop for one in (Level.ERROR, Level.WARNING) for shop in shops if shop.level is one]
    return Standing(
        workspace_id,
        workspace,
        level((shop.level for shop in shops), approvals + planned),
        terms.name,
        terms.currency,
        len(shops),
        tuple(shop.store for shop in bad),
        None if None in polled else min((one for one in polled if one), default=None),
        max(lags, default=None),
        sum(any(one.trouble is Trouble.WEBHOOKS_OFF for one in shop.remarks) for shop in shops),
        sum(
            one.inbox_failed + one.deliveries_refused + one.balances_refused + one.vouchers_refused
            for one in counts
        ),
        sum(one.deliveries_in_conflict + one.promotions_changed for one in counts),
        approvals,
        planned,
        points.points,
        points.value,
    )


def _approvals(session: Session, workspaces: Mapping[int, str]) -> dict[int, int]:
    rows = session.execute(
        select(col(WaitingChange.workspace_id), func.count())
        .where(
            col(WaitingChange.workspace_id).in_(workspaces),
            col(WaitingChange.state) == WaitingState.WAITING.value,
        )
        .group_by(col(WaitingChange.workspace_id))
    )
    return {row[0]: int(row[1]) for row in rows}


def _planned(session: Session, workspaces: Mapping[int, str]) -> dict[int, int]:
    """Changes of the newest plan that is complete, where nobody approved it."""
    newest = (
        select(func.max(col(KeptPlan.id)).label("id"))
        .where(
            col(KeptPlan.workspace_id).in_(workspaces),
            col(KeptPlan.state) != PlanState.MAKING.value,
        )
        .group_by(col(KeptPlan.workspace_id))
        .subquery()
    )
    rows = session.execute(
        select(col(KeptPlan.workspace_id), col(KeptPlan.summary)).join(
            newest, and_(col(KeptPlan.id) == newest.c.id, col(KeptPlan.state).in_(_NOT_APPROVED))
        )
    )
    return {row[0]: int(row[1].get("total", 0)) for row in rows}
