"""Days that come for a member, and what he does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.earning.facts import Buyer, MemberFacts
from bridge.earning.occasions import activity_points, occasions
from bridge.programme.points import PointsSettings

Points = Callable[..., PointsSettings]
BERLIN = ZoneInfo("Europe/Berlin")
JOINED = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)  # 1 March in Berlin
LEAPLING = date(1992, 2, 29)


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=BERLIN)


@pytest.fixture
def came(points: Points, buyer: Buyer) -> Callable[..., list[tuple[str, str, int]]]:
    """Key, moment in Berlin, points; between two moments."""

    def came(
        rule: dict[str, Any],
        after: str = "2024-01-01",
        until: str = "2029-01-01",
        *,
        birthday: date | None = LEAPLING,
        joined: datetime = JOINED,
        who: Buyer = buyer,
    ) -> list[tuple[str, str, int]]:
        begin, end = map(moment, (after, until))
        member = MemberFacts(joined, birthday)
        found = occasions(points({"r": rule}), member, who, begin, end, BERLIN)
        assert all(occasion.rule == "r" for occasion in found)
        assert [one.at for one in found] == sorted(one.at for one in found)
        return [
            (one.key, f"{one.at.astimezone(BERLIN):%Y-%m-%d %H:%M}", one.points) for one in found
        ]

    return came


Came = Callable[..., list[tuple[str, str, int]]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"sign_up": 50}, [("", "2024-03-01 00:30", 50)]),
        (
            {"membership_years": {"points": 100}},
            [
                ("1", "2025-03-01 00:00", 100),
                ("2", "2026-03-01 00:00", 100),
                ("3", "2027-03-01 00:00", 100),
                ("4", "2028-03-01 00:00", 100),
            ],
        ),
        ({"membership_years": {"points": 9, "every": 3}}, [("3", "2027-03-01 00:00", 9)]),
        (
            {"birthday": 25},
            [
                # In 2024 he joined after his birthday.
                ("2025", "2025-02-28 00:00", 25),
                ("2026", "2026-02-28 00:00", 25),
                ("2027", "2027-02-28 00:00", 25),
                ("2028", "2028-02-29 00:00", 25),
            ],
        ),
        (
            {"calendar": {"day": "12-06", "points": 6}, "until": "2025-12-31"},
            [("2024", "2024-12-06 00:00", 6), ("2025", "2025-12-06 00:00", 6)],
        ),
        # The day he joined is no day to be given something else for.
        ({"calendar": {"day": "03-01", "points": 6}, "until": "2024-12-31"}, []),
        ({"birthday": 25, "when": {"tier": "gold"}}, []),
        ({"sign_up": 50, "from": "2024-03-02"}, []),
        ({"review": 5}, []),
    ],
)
def test_what_comes(came: Came, rule: dict[str, Any], expected: list[tuple[str, str, int]]) -> None:
    assert came(rule) == expected


def test_each_comes_once_however_time_is_cut(came: Came) -> None:
    """The first moment is not in a stretch of time, the last one is."""
    rule = {"birthday": 25}
    day = "2026-02-28T00:00:00+01:00"
    assert came(rule, "2026-02-27", day) == [("2026", "2026-02-28 00:00", 25)]
    assert came(rule, day, "2026-03-05") == []
    cuts = ["2024-01-01", "2025-02-28", "2025-03-01", "2026-12-31", "2027-01-01", "2029-01-01"]
    pieces = [came(rule, *cut) for cut in pairwise(cuts)]
    assert [one for piece in pieces for one in piece] == came(rule)


def test_who_joined_on_a_leap_day_has_his_anniversary_in_february(came: Came) -> None:
    joined = datetime(2024, 2, 29, 12, tzinfo=UTC)
    found = came({"membership_years": {"points": 1}}, joined=joined)
    assert [at for _, at, _ in found] == [
        "2025-02-28 00:00",
        "2026-02-28 00:00",
        "2027-02-28 00:00",
        "2028-02-29 00:00",
    ]


def test_without_a_birthday_there_is_none(came: Came) -> None:
    assert came({"birthday": 25}, birthday=None) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("review", [("good", 20), ("better", 5)]),
        ("newsletter", [("news", 30)]),
        ("trade-fair", [("fair", 40)]),
        ("other", []),
    ],
)
def test_what_a_member_does(
    points: Points, buyer: Buyer, name: str, expected: list[tuple[str, int]]
) -> None:
    settings = points(
        {
            "good": {"review": 20},
            "better": {"review": 5, "when": {"store": "magento-de"}},
            "elsewhere": {"review": 5, "when": {"store": "shopware-de"}},
            "over": {"review": 5, "until": "2025-12-31"},
            "news": {"newsletter": 30},
            "fair": {"activity": {"name": "trade-fair", "points": 40}},
        }
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = activity_points(settings, name, buyer, at, BERLIN)
    assert [(rule, number) for rule, number, _ in found] == expected
    assert all(why["activity"] == name for _, _, why in found)


def test_who_is_excluded_gets_nothing(points: Points, buyer: Buyer) -> None:
    settings = points({"r": {"review": 5}, "b": {"sign_up": 5}}, exclude={"group": "Wholesale"})
    at = datetime(2026, 1, 1, tzinfo=UTC)
    member = MemberFacts(JOINED)
    assert activity_points(settings, "review", buyer, at, BERLIN) == ()
    assert occasions(settings, member, buyer, datetime(2024, 1, 1, tzinfo=UTC), at, BERLIN) == ()
    other = replace(buyer, group_name="General", group_key="")
    assert activity_points(settings, "review", other, at, BERLIN)
    assert occasions(settings, member, other, datetime(2024, 1, 1, tzinfo=UTC), at, BERLIN)
