"""How the programme and the shops are doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request

from bridge.figures.health import ShopHealth
from bridge.figures.overview import Overview, current_terms, recommendations_known
from bridge.figures.overview import overview as figures
from bridge.figures.points import PointsOverTime, points_over_time
from bridge.subscribers.service import need_somebody
from bridge.users.roles import Permission
from bridge.web.admin.figures import overview_charts as charts
from bridge.web.admin.health_texts import LEVELS, WEBHOOKS, SaidRemark, said
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.surveys import charts as survey_charts
from bridge.web.admin.visit import Visit
from bridge.web.speaking import lazy, speech
from connectors.base import Basis

pages = Pages()

SPANS: dict[str, tuple[Any, int, int]] = {
    "week": (lazy("7 days"), 7, 0),
    "month": (lazy("30 days"), 30, 0),
    "quarter": (lazy("90 days"), 90, 0),
    "year": (lazy("12 months"), 0, 12),
}
"""How far back points are drawn: what it is called, days, months."""
USUAL = "month"


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One installation as the page shows it."""

    shop: ShopHealth
    word: str
    badge: str
    lag: str
    webhooks: str
    waiting: int
    failed: int
    remarks: tuple[SaidRemark, ...]


@pages.get("/", Permission.LOOK)
def overview(visit: Visit) -> Any:
    span = request.args.get("span", USUAL)
    span = span if span in SPANS else USUAL
    _title, days, months = SPANS[span]
    app, now = visit.app, visit.app.now()
    found = figures(app.database, app.workspace_id, now, days=days or 1)
    drawn, asked = found.over_time, found.recommendations
    if months:
        told = current_terms(app.database, app.workspace_id, now)
        drawn = points_over_time(app.database, app.workspace_id, told, now, months=months)
        asked = recommendations_known(app.database, app.workspace_id, told, now, months=months)
    with app.database.reading() as session:
        untold = need_somebody(session, app.workspace_id, now)
    return page(
        "overview.html",
        found=found,
        untold=untold,
        shops=[_line(one) for one in found.shops],
        spans=[(key, title) for key, (title, _days, _months) in SPANS.items()],
        span=span,
        total=drawn.total,
        is_net=found.customers.basis is Basis.NET,
        is_older=found.customers_as_of < now - timedelta(minutes=1),
        amount=charts.amount,
        share=charts.share,
        promoter_score=asked.total,
        score_text=survey_charts.score_text,
        recommendation_chart=survey_charts.over_time(asked),
        store_score_chart=survey_charts.by_store(asked),
        **_charts(visit, found, drawn),
    )


def _charts(visit: Visit, found: Overview, drawn: PointsOverTime) -> dict[str, Any]:
    """By the name that the template has for each; ``None`` where there is nothing to draw."""

    def address(member_id: int) -> str:
        return visit.url("member", member_id=member_id)

    return {
        "points_chart": charts.over_time(drawn),
        "tier_chart": charts.tiers(found.members, found.customers),
        "segment_chart": charts.segments(found.members),
        "referral_chart": charts.referrals(found.funnel),
        "holder_chart": charts.top_points(found.members.top, address),
        "spender_chart": charts.top_spend(found.customers.top, address),
    }


def _line(shop: ShopHealth) -> ShopLine:
    word, badge = LEVELS[shop.level]
    counts = shop.counts
    return ShopLine(
        shop,
        str(word),
        badge,
        "" if shop.lag_seconds is None else speech().lasting(timedelta(seconds=shop.lag_seconds)),
        str(WEBHOOKS[shop.webhooks.state]),
        counts.inbox_waiting + counts.deliveries_waiting + counts.vouchers_waiting,
        counts.inbox_failed
        + counts.deliveries_refused
        + counts.deliveries_in_conflict
        + counts.balances_refused
        + counts.vouchers_refused,
        tuple(said(one) for one in shop.remarks),
    )
