"""How far the next tier is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bridge.programme.loyalty import LoyaltyTier
from bridge.tiers.progress import Measure, Progress, months_between, next_tier
from bridge.tiers.rules import Volume

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
JOINED = datetime(2026, 1, 31, 12, tzinfo=UTC)
TIERS = {
    key: LoyaltyTier.model_validate(told)
    for key, told in {
        "silver": {"name": "Silver", "reach": [{"orders": 3}, {"spend": 500}]},
        "vip": {"name": "By hand"},
        "gold": {"name": "Gold", "reach": [{"spend": 2000, "membership_months": 12}]},
    }.items()
}
BOUGHT = {
    "silver": Volume(Decimal(120), Decimal(4), 2),
    "gold": Volume(Decimal(900), Decimal(9), 5),
}


def coming(current: str) -> Progress | None:
    return next_tier(TIERS, current, BOUGHT, JOINED, NOW, ZoneInfo("UTC"))


def test_each_way_is_told_with_what_is_there_and_what_is_needed() -> None:
    found = coming("")
    assert found is not None and found.tier == "silver"
    told = [[(step.measure, step.has, step.needs) for step in way] for way in found.ways]
    assert told == [[(Measure.ORDERS, 2, 3)], [(Measure.SPEND, 120, 500)]]


def test_a_tier_that_is_given_by_hand_alone_is_passed_over() -> None:
    found = coming("silver")
    assert found is not None and found.tier == "gold"
    ((spend, months),) = found.ways
    assert (spend.has, months.has, months.is_done) == (900, 4, False)


def test_above_the_highest_there_is_none() -> None:
    assert coming("gold") is None


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-31", "2026-02-27", 0),
        ("2026-01-31", "2026-02-28", 1),
        ("2025-06-15", "2026-06-14", 11),
        ("2025-06-15", "2026-06-15", 12),
        ("2026-06-15", "2026-06-01", 0),
    ],
)
def test_months_are_full_as_membership_counts_them(first: str, last: str, months: int) -> None:
    assert months_between(date.fromisoformat(first), date.fromisoformat(last)) == months
