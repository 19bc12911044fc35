"""Whether members recommend the merchant: the net promoter score over time and by store.

Each answer to the standard question counts on the day it was given, in the store where its
member had ordered last; who answers again later counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from bridge.figures.liability import store_names
from bridge.figures.points import Unit
from bridge.figures.promoters import PromoterScore, promoter_score
from bridge.figures.terms import Terms
from bridge.kit.calendar import day_of, months_later
from bridge.surveys.models import SurveyAnswer
from bridge.surveys.scores import Standing

Counts = tuple[int, int, int]
"""Promoters, passives, detractors."""


@dataclass(frozen=True, slots=True)
class PromoterPeriod:
    begins: date
    score: PromoterScore


@dataclass(frozen=True, slots=True)
class StoreScore:
    store: str
    """``installation/store``; empty: who answered had never ordered."""
    score: PromoterScore


@dataclass(frozen=True, slots=True)
class Recommendations:
    """By the day of the answer, in the programme's time zone."""

    unit: Unit
    total: PromoterScore
    periods: tuple[PromoterPeriod, ...]
    """The oldest first; the last one goes on."""
    stores: tuple[StoreScore, ...]
    """By name."""


def recommendations(
    session: Session,
    workspace_id: int,
    terms: Terms,
    now: datetime,
    *,
    days: int = 30,
    months: int = 0,
) -> Recommendations:
    """The last so many days, today among them; or calendar months, this one among them. Counted
    when it is asked for. Raises ValueError for less than one day."""
    if not months and days < 1:
        raise ValueError("figures are of one day at least")
    today = day_of(now, terms.zone)
    begins = _begins(today, days, months)
    by_period: defaultdict[date, list[Counts]] = defaultdict(list)
    by_store: defaultdict[str, list[Counts]] = defaultdict(list)
    names = store_names(session, workspace_id)
    for day, installation_id, store_id, counts in _counted(session, workspace_id, begins[0], today):
        by_period[day.replace(day=1) if months else day].append(counts)
        store = "" if installation_id is None else names.of(installation_id, store_id)
        by_store[store].append(counts)
    return Recommendations(
        Unit.MONTH if months else Unit.DAY,
        _together(one for some in by_period.values() for one in some),
        tuple(PromoterPeriod(one, _together(by_period[one])) for one in begins),
        tuple(StoreScore(one, _together(by_store[one])) for one in sorted(by_store)),
    )


def _begins(today: date, days: int, months: int) -> Sequence[date]:
    if months:
        first = today.replace(day=1)
        return [months_later(first, -back) for back in range(months - 1, -1, -1)]
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def _counted(
    session: Session, workspace_id: int, first: date, last: date
) -> list[tuple[date, int | None, str, Counts]]:
    standing = col(SurveyAnswer.standing)
    which = (Standing.PROMOTER, Standing.PASSIVE, Standing.DETRACTOR)
    place = (
        col(SurveyAnswer.answered_on),
        col(SurveyAnswer.installation_id),
        col(SurveyAnswer.store_id),
    )
    rows = session.execute(
        select(*place, *(func.count().filter(standing == int(one)) for one in which))
        .where(
            col(SurveyAnswer.workspace_id) == workspace_id,
            col(SurveyAnswer.answered_on) >= first,
            col(SurveyAnswer.answered_on) <= last,
            standing != int(Standing.UNASKED),
        )
        .group_by(*place)
    )
    return [
        (day, installation_id, store_id, (promoters, passives, detractors))
        for day, installation_id, store_id, promoters, passives, detractors in rows
    ]


def _together(some: Iterable[Counts]) -> PromoterScore:
    promoters = passives = detractors = 0
    for one in some:
        promoters, passives, detractors = (
            promoters + one[0],
            passives + one[1],
            detractors + one[2],
        )
    return promoter_score(promoters, passives, detractors)
