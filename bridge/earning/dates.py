"""When points can be spent and when they are lost. Pure.

Days and months are counted on the calendar of the programme's time zone, never in hours, so
that a day is a day when clocks change; moments come back in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of, months_later
from bridge.programme.points import After, CountedFrom, Expiry, PointsSettings
from connectors.sales import Order


def ripens_at(settings: PointsSettings, order: Order, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) from which the order's points can be spent; ``None``: what they wait
    for (payment, completion) has not happened.

    After ``days`` whole days: at the end of the last of them. With 0 days: at once.
    """
    happened = {
        After.PLACED: order.placed_at,
        After.PAID: order.paid_at,
        After.COMPLETED: order.completed_at,
    }[settings.ripen.after]
    if happened is None:
        return None
    if settings.ripen.days == 0:
        return happened.astimezone(UTC)
    return day_end(day_of(happened, zone) + timedelta(days=settings.ripen.days), zone)


def expires_at(settings: PointsSettings, from_when: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) from which points are gone; ``None``: they never are.

    ``from_when``: as ``settings.expire.counted_from`` says, when they became available or when
    they were earned (see :func:`counts_from`). They last to the end of the day: 12 months from
    29 February to the end of 28 February, a month from 31 January to the end of February.
    """
    expire = settings.expire
    if expire is None:
        return None
    return day_end(_last_day(expire, day_of(from_when, zone)), zone)


def _last_day(expire: Expiry, day: date) -> date:
    if expire.months is not None:
        return months_later(day, expire.months)
    if expire.days is not None:
        return day + timedelta(days=expire.days)
    month, day_of_month = map(int, (expire.yearly or "").split("-"))
    this_year = date(day.year, month, day_of_month)
    passed = expire.after_years + (1 if day > this_year else 0)
    return this_year.replace(year=day.year + passed)


def counts_from(settings: PointsSettings, earned_at: datetime, available_at: datetime) -> datetime:
    """Which of the two :func:`expires_at` is to be asked with."""
    expire = settings.expire
    if expire is not None and expire.counted_from is CountedFrom.EARNED:
        return earned_at
    return available_at
