"""When a campaign comes for a member."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.campaigns.rules import Before, MemberFacts, Window, birthdays, due
from bridge.programme.rewards import Campaign

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2024, 5, 1, 8, tzinfo=UTC)
BEGINS = datetime(2026, 1, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def window(first: str, today: str, known: str = "") -> Window:
    seen = moment(known) if known else None
    return Window(date.fromisoformat(first), date.fromisoformat(today), seen)


def campaign(**fields: Any) -> Campaign:
    return Campaign.model_validate({"give": {"amount": 5}, **fields})


@pytest.mark.parametrize(
    ("since", "today", "came"),
    [
        ("2026-01-10T00:05", "2026-01-10", True),  # joined on the campaign's first day
        ("2026-01-09T23:55", "2026-01-10", False),
        ("2026-03-01T10:00", "2026-06-01", True),  # read late
        ("2026-06-02T00:05", "2026-06-01", False),  # a shop's clock ahead of ours
    ],
)
def test_a_welcome_is_for_who_joins_while_it_runs(since: str, today: str, came: bool) -> None:
    member = MemberFacts(moment(since))
    found = due(campaign(sign_up=True), member, BEGINS, window("2026-01-10", today), BERLIN)
    assert found == ("" if came else None)


def test_a_welcome_of_some_days_is_for_who_joined_on_them() -> None:
    summer = campaign(sign_up=True, **{"from": "2026-06-01", "until": "2026-06-30"})
    june, july = (MemberFacts(moment(f"2026-0{month}-01T12:00")) for month in (6, 7))
    days = window("2026-01-10", "2026-07-03")
    assert due(summer, june, BEGINS, days, BERLIN) == ""
    assert due(summer, july, BEGINS, days, BERLIN) is None


@pytest.mark.parametrize(
    ("birthday", "first", "today", "which"),
    [
        ("1990-03-02", "2026-02-27", "2026-03-02", "2026"),
        ("1990-03-02", "2026-02-27", "2026-03-01", None),
        ("1990-02-26", "2026-02-27", "2026-03-02", None),
        ("1992-02-29", "2026-02-27", "2026-03-02", "2026"),  # on 28 February
        ("1992-02-29", "2028-02-29", "2028-02-29", "2028"),
        ("1992-02-29", "2028-02-28", "2028-02-28", None),
        ("1990-12-31", "2026-12-30", "2027-01-02", "2026"),
        ("1990-01-01", "2026-12-30", "2027-01-02", "2027"),
    ],
)
def test_a_birthday_comes_once_a_year(
    birthday: str, first: str, today: str, which: str | None
) -> None:
    member = MemberFacts(SINCE, birthday=date.fromisoformat(birthday))
    days = window(first, today)
    assert due(campaign(birthday=True), member, BEGINS, days, BERLIN) == which
    born = (member.birthday.month, member.birthday.day) if member.birthday else (0, 0)
    assert (born in birthdays(days)) or which is None


def test_what_he_was_given_before_he_is_not_given_again() -> None:
    given = (Before("2026", moment("2026-03-02T00:10")),)
    member = MemberFacts(SINCE, birthday=date(1990, 3, 2), before=given)
    days = window("2026-03-01", "2026-03-03")
    assert due(campaign(birthday=True), member, BEGINS, days, BERLIN) is None


@pytest.mark.parametrize(
    ("fields", "since", "which"),
    [
        ({"calendar": "12-06"}, SINCE, "2026"),
        ({"calendar": "12-01"}, SINCE, None),
        ({"calendar": "12-06", "from": "2026-12-07"}, SINCE, None),
        ({"calendar": "12-06", "until": "2026-12-05"}, SINCE, None),
        ({"calendar": "12-06"}, datetime(2026, 12, 6, 9, tzinfo=UTC), None),  # joined that day
        ({"on": "2026-12-06"}, SINCE, "2026-12-06"),
        ({"on": "2025-12-06"}, SINCE, None),
    ],
)
def test_days_come_for_everyone_who_joined_before(
    fields: dict[str, Any], since: datetime, which: str | None
) -> None:
    days = window("2026-12-04", "2026-12-07")
    assert due(campaign(**fields), MemberFacts(since), BEGINS, days, BERLIN) == which


@pytest.mark.parametrize(
    ("last", "known", "before", "comes"),
    [
        ("2026-03-01T10:00", "2026-04-01", "", False),  # 31 days
        ("2026-03-01T10:00", "2026-05-30", "", True),  # 90 days
        ("2026-03-01T10:00", "2026-05-29", "", False),  # the rest is not read yet
        ("2026-03-01T10:00", "", "", False),  # nobody knows
        ("2023-03-01T10:00", "2026-05-30", "", True),  # long before the campaign
        ("2026-03-01T10:00", "2026-05-30", "2025-12-01", True),  # he bought since
        ("2026-03-01T10:00", "2026-05-30", "2026-05-30", False),
    ],
)
def test_quiet_ones_are_won_back_once_until_they_buy_again(
    last: str, known: str, before: str, comes: bool
) -> None:
    given = (Before("1/9", moment(before)),) if before else ()
    member = MemberFacts(SINCE, None, 3, moment(last), "1/10", given)
    days = window("2026-05-27", "2026-05-30", known)
    found = due(campaign(quiet_days=90), member, LONG_AGO, days, BERLIN)
    assert found == ("1/10" if comes else None)


def test_who_never_bought_was_never_quiet() -> None:
    days = window("2026-05-27", "2026-05-30", "2026-05-30")
    assert due(campaign(quiet_days=30), MemberFacts(SINCE), LONG_AGO, days, BERLIN) is None


def test_a_first_purchase_is_for_who_has_not_bought() -> None:
    days = window("2026-12-04", "2026-12-07")
    first = campaign(on="2026-12-06", first_order_only=True)
    assert due(first, MemberFacts(SINCE), BEGINS, days, BERLIN) == "2026-12-06"
    assert due(first, MemberFacts(SINCE, orders=1), BEGINS, days, BERLIN) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"together": ["A", "B"]},
        {"instant": True, "from": "2026-12-01", "until": "2026-12-31"},
    ],
)
def test_what_makes_baskets_cheaper_comes_for_nobody(fields: dict[str, Any]) -> None:
    days = window("2026-12-04", "2026-12-07")
    assert due(campaign(**fields), MemberFacts(SINCE), BEGINS, days, BERLIN) is None
