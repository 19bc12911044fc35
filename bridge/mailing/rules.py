"""When a letter is due, and of what members are told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_of
from bridge.vouchers.automatic_withdrawn import AUTOMATIC
from bridge.vouchers.exchanging import EXCHANGED
from bridge.vouchers.models import VoucherKind

RECENT = timedelta(days=7)
"""What happened longer ago is no news any more: a shop's past comes in when it is connected."""
_DAY = timedelta(days=1)
_SOONEST, _SLOWER = timedelta(minutes=10), 4


@dataclass(frozen=True, slots=True)
class Period:
    """What one daily letter tells of: after ``since``, up to ``until``."""

    day: date
    since: datetime
    until: datetime


def moment_of(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """In UTC; where clocks skip that hour, the moment they do."""
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def period_of(moment: datetime, hour: int, zone: ZoneInfo) -> Period:
    """The period a moment falls into: it ends with the next ``hour`` o'clock."""
    day = day_of(moment, zone)
    if moment > moment_of(day, hour, zone):
        day += _DAY
    return Period(day, moment_of(day - _DAY, hour, zone), moment_of(day, hour, zone))


def is_news(happened: datetime, now: datetime) -> bool:
    return happened >= now - RECENT


def reminded_at(earned: datetime, expires: datetime, days: int) -> datetime:
    """When their owner is told that points expire: ``days`` before, but of points that do not
    last twice as long when half of their time is over."""
    return expires - min(timedelta(days=days), (expires - earned) / 2)


def is_told_of(kind: VoucherKind, source_kind: str) -> bool:
    """Whether a voucher is news to its owner: what he asked for himself he has seen, and a friend
    and a referrer get letters of their own."""
    if source_kind in (AUTOMATIC, EXCHANGED):
        return kind is not VoucherKind.FRIEND
    return kind in (VoucherKind.CASHBACK, VoucherKind.NEXT_PURCHASE, VoucherKind.CAMPAIGN)


def pause_of(age: timedelta) -> timedelta:
    """Until a letter is looked at again whose cause is not there yet: the longer it has waited,
    the longer."""
    return max(_SOONEST, age / _SLOWER)
