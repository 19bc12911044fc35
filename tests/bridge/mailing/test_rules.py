"""When letters are due, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.letters.sending import MOST_ATTEMPTS, pause_after
from bridge.mailing.rules import is_news, is_told_of, pause_of, period_of, reminded_at
from bridge.vouchers.models import VoucherKind

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "since", "until"),
    [
        ("2026-03-02T07:59", "2026-03-01T08:00", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-01T08:00", "2026-03-02T08:00"),
        ("2026-03-02T08:01", "2026-03-02T08:00", "2026-03-03T08:00"),
        ("2026-03-02T23:30", "2026-03-02T08:00", "2026-03-03T08:00"),
        ("2026-03-28T12:00", "2026-03-28T08:00", "2026-03-29T07:00"),
        ("2026-10-24T12:00", "2026-10-24T07:00", "2026-10-25T08:00"),
    ],
)
def test_a_daily_letter_tells_of_the_day_before_its_hour(
    moment: str, since: str, until: str
) -> None:
    """Nine o'clock in Berlin, also when its clocks change; no moment is in two days, or none."""
    found = period_of(at(moment), 9, BERLIN)
    assert (found.since, found.until) == (at(since), at(until))
    assert found.day == found.until.astimezone(BERLIN).date()


@pytest.mark.parametrize(
    ("lasts", "days", "before"), [(365, 30, 30), (60, 30, 30), (59, 30, 29.5), (14, 30, 7)]
)
def test_a_reminder_comes_days_before_but_not_when_points_are_new(
    lasts: int, days: int, before: float
) -> None:
    earned = at("2026-03-02T09:00")
    expires = earned + timedelta(days=lasts)
    assert reminded_at(earned, expires, days) == expires - timedelta(days=before)


@pytest.mark.parametrize(("days", "is_"), [(0, True), (7, True), (8, False), (-1, True)])
def test_news_is_a_week_old_at_most(days: int, is_: bool) -> None:
    now = at("2026-03-02T09:00")
    assert is_news(now - timedelta(days=days), now) is is_


@pytest.mark.parametrize(
    ("kind", "source", "is_"),
    [
        (VoucherKind.POINTS, "request", False),
        (VoucherKind.POINTS, "automatic", True),
        (VoucherKind.POINTS, "voucher", True),
        (VoucherKind.CASHBACK, "order", True),
        (VoucherKind.NEXT_PURCHASE, "order", True),
        (VoucherKind.CAMPAIGN, "occasion", True),
        (VoucherKind.FRIEND, "referral", False),
        (VoucherKind.FRIEND, "voucher", False),
        (VoucherKind.REFERRER, "referral", False),
        (VoucherKind.REFERRER, "voucher", True),
    ],
)
def test_vouchers_that_are_news_to_their_owner(kind: VoucherKind, source: str, is_: bool) -> None:
    assert is_told_of(kind, source) is is_


def test_what_waits_is_looked_at_less_and_less() -> None:
    ages = [timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=8)]
    assert [pause_of(age) for age in ages] == [
        timedelta(minutes=10),
        timedelta(minutes=15),
        timedelta(hours=6),
        timedelta(days=2),
    ]


def test_pauses_grow_to_half_a_day_and_last_two_days_in_all() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)]
    assert pauses == sorted(pauses) and pauses[-1] == timedelta(hours=12)
    assert timedelta(days=2) <= sum(pauses, timedelta()) < timedelta(days=3)
