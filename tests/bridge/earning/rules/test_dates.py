"""A day is a day, a month a month, in the programme's time zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.earning.dates import counts_from, expires_at, ripens_at
from bridge.programme.points import PointsSettings
from connectors.sales import Order

Points = Callable[..., PointsSettings]
MakeOrder = Callable[..., Order]
BERLIN = "Europe/Berlin"
FIRST = datetime(2020, 1, 1, 0, 30, tzinfo=UTC)


def local(moment: datetime | None, zone: str) -> str | None:
    if moment is None:
        return None
    assert moment.utcoffset() == timedelta(0)
    return moment.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize(
    ("zone", "completed", "days", "ripe"),
    [
        (BERLIN, "2026-01-10T09:30:00+01:00", 0, "2026-01-10T09:30:00+01:00"),
        (BERLIN, "2026-01-10T09:30:00+01:00", 1, "2026-01-12T00:00:00+01:00"),
        (BERLIN, "2026-01-10T00:00:00+01:00", 14, "2026-01-25T00:00:00+01:00"),
        (BERLIN, "2026-01-10T23:59:59+01:00", 14, "2026-01-25T00:00:00+01:00"),
        # Across both clock changes: still whole days.
        (BERLIN, "2026-03-20T12:00:00+01:00", 14, "2026-04-04T00:00:00+02:00"),
        (BERLIN, "2026-03-28T23:30:00+01:00", 1, "2026-03-30T00:00:00+02:00"),
        (BERLIN, "2026-10-24T23:30:00+02:00", 1, "2026-10-26T00:00:00+01:00"),
        # The end of a month, of February, of a leap year's, of a year.
        (BERLIN, "2026-02-20T12:00:00+01:00", 14, "2026-03-07T00:00:00+01:00"),
        (BERLIN, "2028-02-20T12:00:00+01:00", 14, "2028-03-06T00:00:00+01:00"),
        (BERLIN, "2026-12-25T12:00:00+01:00", 14, "2027-01-09T00:00:00+01:00"),
        # It is the next day already where the programme is.
        (BERLIN, "2026-01-10T23:30:00+00:00", 1, "2026-01-13T00:00:00+01:00"),
        ("America/New_York", "2026-01-11T02:00:00+00:00", 1, "2026-01-12T00:00:00-05:00"),
        # Clocks skip midnight: the day begins at one.
        ("Asia/Beirut", "2026-03-27T12:00:00+02:00", 1, "2026-03-29T01:00:00+03:00"),
        # Midnight comes twice: the first counts.
        ("America/Havana", "2026-10-30T12:00:00-04:00", 1, "2026-11-01T00:00:00-04:00"),
    ],
)
def test_points_ripen_at_the_end_of_a_day(
    points: Points, order: MakeOrder, zone: str, completed: str, days: int, ripe: str
) -> None:
    settings = points(ripen={"after": "completed", "days": days})
    done = order(completed_at=datetime.fromisoformat(completed))
    found = ripens_at(settings, done, ZoneInfo(zone))
    assert local(found, zone) == ripe


@pytest.mark.parametrize(
    ("after", "ripe"),
    [
        ("placed", "2026-03-13T00:00:00+01:00"),
        ("paid", "2026-03-15T00:00:00+01:00"),
        ("completed", None),
    ],
)
def test_points_wait_for_what_the_programme_says(
    points: Points, order: MakeOrder, after: str, ripe: str | None
) -> None:
    bought = order(paid_at=datetime(2026, 3, 12, tzinfo=UTC))
    found = ripens_at(points(ripen={"after": after, "days": 2}), bought, ZoneInfo(BERLIN))
    assert local(found, BERLIN) == ripe


def test_by_default_they_wait_for_completion_and_a_fortnight(
    points: Points, order: MakeOrder
) -> None:
    bought = order(paid_at=datetime(2026, 3, 12, tzinfo=UTC))
    done = replace(bought, completed_at=datetime(2026, 3, 13, tzinfo=UTC))
    assert ripens_at(points(), bought, ZoneInfo("UTC")) is None
    assert ripens_at(points(), done, ZoneInfo("UTC")) == datetime(2026, 3, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expire", "start", "gone"),
    [
        ({"months": 12}, "2026-01-15T10:00:00+01:00", "2027-01-16T00:00:00+01:00"),
        ({"months": 1}, "2026-01-31T10:00:00+01:00", "2026-03-01T00:00:00+01:00"),
        ({"months": 1}, "2028-01-31T10:00:00+01:00", "2028-03-01T00:00:00+01:00"),
        ({"months": 1}, "2028-01-29T10:00:00+01:00", "2028-03-01T00:00:00+01:00"),
        ({"months": 1}, "2026-03-31T10:00:00+02:00", "2026-05-01T00:00:00+02:00"),
        ({"months": 12}, "2028-02-29T10:00:00+01:00", "2029-03-01T00:00:00+01:00"),
        ({"months": 48}, "2028-02-29T10:00:00+01:00", "2032-03-01T00:00:00+01:00"),
        ({"months": 6}, "2026-08-31T10:00:00+02:00", "2027-03-01T00:00:00+01:00"),
        # Days begin in Berlin, where it is 1 February already.
        ({"months": 1}, "2026-01-31T23:30:00+00:00", "2026-03-02T00:00:00+01:00"),
        ({"days": 1}, "2026-03-28T10:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ({"days": 1}, "2026-10-24T10:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        ({"days": 365}, "2027-03-01T10:00:00+01:00", "2028-03-01T00:00:00+01:00"),
        ({"days": 365}, "2028-03-01T10:00:00+01:00", "2029-03-02T00:00:00+01:00"),
        ({"yearly": "12-31"}, "2026-05-01T10:00:00+02:00", "2028-01-01T00:00:00+01:00"),
        ({"yearly": "12-31"}, "2026-12-31T23:59:00+01:00", "2028-01-01T00:00:00+01:00"),
        (
            {"yearly": "12-31", "after_years": 0},
            "2026-05-01T10:00:00+02:00",
            "2027-01-01T00:00:00+01:00",
        ),
        (
            {"yearly": "03-31", "after_years": 0},
            "2026-04-01T00:00:00+02:00",
            "2027-04-01T00:00:00+02:00",
        ),
        (
            {"yearly": "03-31", "after_years": 2},
            "2026-03-31T10:00:00+02:00",
            "2028-04-01T00:00:00+02:00",
        ),
    ],
)
def test_points_last_to_the_end_of_a_day(
    points: Points, expire: dict[str, Any], start: str, gone: str
) -> None:
    settings = points(expire=expire)
    found = expires_at(settings, datetime.fromisoformat(start), ZoneInfo(BERLIN))
    assert local(found, BERLIN) == gone


def test_without_expiry_they_last_for_ever(points: Points) -> None:
    assert expires_at(points(), datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(BERLIN)) is None


def test_time_runs_from_when_the_programme_says(points: Points) -> None:
    earned, available = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert counts_from(points(expire={"months": 1}), earned, available) == available
    by_earning = points(expire={"months": 1, "from": "earned"})
    assert counts_from(by_earning, earned, available) == earned


@given(
    st.integers(0, 15 * 365 * 24).map(lambda hours: FIRST + timedelta(hours=hours)),
    st.integers(1, 60),
    st.sampled_from([BERLIN, "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_later_points_never_go_earlier(start: datetime, months: int, zone: str) -> None:
    settings = PointsSettings.model_validate({"expire": {"months": months}})
    place = ZoneInfo(zone)
    gone = expires_at(settings, start, place)
    later = expires_at(settings, start + timedelta(hours=1), place)
    assert gone is not None
    assert later is not None
    assert start < gone <= later
    assert timedelta(days=28 * months) < gone - start < timedelta(days=31 * months + 2)
