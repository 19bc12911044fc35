"""Through the real tasks, with a clock that is stepped over clock changes, leap days and ends of
months: points can be spent and are lost at the moments of a table made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ledger_world import LedgerWorld, line, order
from sqlalchemy import text

from bridge.earning.clockwork import pass_time

SECOND = timedelta(seconds=1)
LOADED = datetime(2025, 12, 1, tzinfo=UTC)
Row = tuple[str, str, str]
"""When the order was placed and completed, from when on its points can be spent, from when on they
are gone."""

A_DAY_THEN_A_MONTH = {"ripen": {"after": "completed", "days": 1}, "expire": {"months": 1}}
BERLIN: list[Row] = [
    # Before, in and after the night of 29 March that has 23 hours.
    ("2026-03-27T12:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-04-30T00:00:00+02:00"),
    ("2026-03-28T23:30:00+01:00", "2026-03-30T00:00:00+02:00", "2026-05-01T00:00:00+02:00"),
    ("2026-03-29T01:59:59+01:00", "2026-03-31T00:00:00+02:00", "2026-05-01T00:00:00+02:00"),
    ("2026-03-29T03:00:00+02:00", "2026-03-31T00:00:00+02:00", "2026-05-01T00:00:00+02:00"),
    # The night of 25 October has 25, and half past two comes twice.
    ("2026-10-24T23:30:00+02:00", "2026-10-26T00:00:00+01:00", "2026-11-27T00:00:00+01:00"),
    ("2026-10-25T02:30:00+02:00", "2026-10-27T00:00:00+01:00", "2026-11-28T00:00:00+01:00"),
    ("2026-10-25T02:30:00+01:00", "2026-10-27T00:00:00+01:00", "2026-11-28T00:00:00+01:00"),
    # A month from 31 January, in a year without a leap day and in one with it.
    ("2026-01-29T12:00:00+01:00", "2026-01-31T00:00:00+01:00", "2026-03-01T00:00:00+01:00"),
    ("2028-01-29T12:00:00+01:00", "2028-01-31T00:00:00+01:00", "2028-03-01T00:00:00+01:00"),
    # From the leap day.
    ("2028-02-27T23:59:59+01:00", "2028-02-29T00:00:00+01:00", "2028-03-30T00:00:00+02:00"),
    ("2028-02-28T00:00:00+01:00", "2028-03-01T00:00:00+01:00", "2028-04-02T00:00:00+02:00"),
    # The last second of February, and the first of March; both are still February in UTC.
    ("2026-02-28T22:59:59+00:00", "2026-03-02T00:00:00+01:00", "2026-04-03T00:00:00+02:00"),
    ("2026-02-28T23:00:00+00:00", "2026-03-03T00:00:00+01:00", "2026-04-04T00:00:00+02:00"),
    # Over New Year.
    ("2026-12-30T12:00:00+01:00", "2027-01-01T00:00:00+01:00", "2027-02-02T00:00:00+01:00"),
    ("2026-12-29T23:30:00+00:00", "2027-01-01T00:00:00+01:00", "2027-02-02T00:00:00+01:00"),
]
AT_ONCE_FOR_A_YEAR = {
    "ripen": {"after": "placed", "days": 0},
    "expire": {"months": 12, "from": "earned"},
}
LEAP_YEARS: list[Row] = [
    ("2028-02-29T10:00:00+01:00", "2028-02-29T10:00:00+01:00", "2029-03-01T00:00:00+01:00"),
    ("2027-02-28T10:00:00+01:00", "2027-02-28T10:00:00+01:00", "2028-02-29T00:00:00+01:00"),
    ("2027-03-01T00:00:00+01:00", "2027-03-01T00:00:00+01:00", "2028-03-02T00:00:00+01:00"),
]
TO_THE_END_OF_THE_YEAR = {
    "ripen": {"after": "placed", "days": 0},
    "expire": {"yearly": "12-31", "after_years": 0, "from": "earned"},
}
YEARS: list[Row] = [
    ("2026-12-31T23:59:59+01:00", "2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00"),
    ("2027-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00", "2028-01-01T00:00:00+01:00"),
    ("2026-12-31T23:30:00+00:00", "2026-12-31T23:30:00+00:00", "2028-01-01T00:00:00+01:00"),
]
A_DAY_MORE = {
    "ripen": {"after": "placed", "days": 0},
    "expire": {"days": 1, "from": "earned"},
}
SHORT_AND_LONG_DAYS: list[Row] = [
    ("2026-03-28T12:00:00+01:00", "2026-03-28T12:00:00+01:00", "2026-03-30T00:00:00+02:00"),
    ("2026-03-29T12:00:00+02:00", "2026-03-29T12:00:00+02:00", "2026-03-31T00:00:00+02:00"),
    ("2026-10-24T12:00:00+02:00", "2026-10-24T12:00:00+02:00", "2026-10-26T00:00:00+01:00"),
    ("2026-10-25T12:00:00+01:00", "2026-10-25T12:00:00+01:00", "2026-10-27T00:00:00+01:00"),
]
TWO_WEEKS = {"ripen": {"after": "completed", "days": 14}, "expire": {"months": 3}}
NEW_YORK: list[Row] = [
    # Two o'clock is skipped on 8 March, and comes twice on 1 November.
    ("2026-03-07T23:30:00-05:00", "2026-03-22T00:00:00-04:00", "2026-06-23T00:00:00-04:00"),
    ("2026-03-08T03:00:00-04:00", "2026-03-23T00:00:00-04:00", "2026-06-24T00:00:00-04:00"),
    ("2026-10-31T23:59:59-04:00", "2026-11-15T00:00:00-05:00", "2027-02-16T00:00:00-05:00"),
    ("2026-11-16T12:00:00-05:00", "2026-12-01T00:00:00-05:00", "2027-03-02T00:00:00-05:00"),
    ("2026-11-15T12:00:00-05:00", "2026-11-30T00:00:00-05:00", "2027-03-01T00:00:00-05:00"),
]


@pytest.mark.parametrize(
    ("zone", "settings", "table"),
    [
        pytest.param("Europe/Berlin", A_DAY_THEN_A_MONTH, BERLIN, id="a-day-then-a-month"),
        pytest.param("Europe/Berlin", AT_ONCE_FOR_A_YEAR, LEAP_YEARS, id="leap-years"),
        pytest.param("Europe/Berlin", TO_THE_END_OF_THE_YEAR, YEARS, id="years"),
        pytest.param("Europe/Berlin", A_DAY_MORE, SHORT_AND_LONG_DAYS, id="short-and-long-days"),
        pytest.param("America/New_York", TWO_WEEKS, NEW_YORK, id="new-york"),
    ],
)
def test_points_are_there_from_the_first_second_to_the_last(
    ledger: LedgerWorld,
    check_book: Callable[[], None],
    zone: str,
    settings: dict[str, Any],
    table: Sequence[Row],
) -> None:
    ledger.now = LOADED
    ledger.programme(
        {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}, **settings}, timezone=zone
    )
    spans = [tuple(map(datetime.fromisoformat, row)) for row in table]
    members = [ledger.member((0, f"c{place}")) for place in range(len(table))]
    waiting = sorted((span[0], place) for place, span in enumerate(spans))
    for now in ticks([moment for span in spans for moment in span]):
        ledger.now = now.astimezone(UTC)
        while waiting and waiting[0][0] <= now:
            at, place = waiting.pop(0)
            ledger.arrive(order(str(place), line("a", 7), customer=f"c{place}", placed=at))
        pass_time(ledger.database, ledger.workspace, lambda: ledger.now, known_through=ledger.now)
        balances = available(ledger)
        assert [balances.get(member, 0) for member in members] == [
            7 if start <= now < end else 0 for _, start, end in spans
        ], now
    check_book()


def ticks(moments: Sequence[datetime]) -> list[datetime]:
    """The seconds around each, and every six hours of the days around them."""
    found = set()
    for moment in (one.astimezone(UTC) for one in moments):
        found |= {moment - SECOND, moment, moment + SECOND}
        noon = moment.replace(hour=0, minute=0, second=0)
        found |= {noon + timedelta(hours=hours) for hours in range(-24, 49, 6)}
    return sorted(found)


def available(ledger: LedgerWorld) -> dict[int, int]:
    with ledger.database.reading() as session:
        rows = session.connection().execute(
            text("SELECT holder_id, available FROM accounts WHERE workspace_id = :w"),
            {"w": ledger.workspace},
        )
        return {row[0]: int(row[1]) for row in rows}
