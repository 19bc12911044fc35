"""Days and months of a time zone. Pure."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day, in UTC; where clocks skip midnight, the moment they do."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) that is not in the day any more."""
    return day_start(day + timedelta(days=1), zone)


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last: 31 January and a month is 28 or 29
    February. ``months`` may be negative."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))
