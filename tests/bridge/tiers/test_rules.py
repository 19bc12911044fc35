"""Which tier a member has: reached, kept, lost, given by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.programme.loyalty import LoyaltyTier
from bridge.tiers.rules import Override, TierDecision, Volume, decide, reached, window_start

BERLIN = ZoneInfo("Europe/Berlin")
JOINED = datetime(2024, 5, 31, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
BEFORE = datetime(2025, 9, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def tier(name: str, **fields: Any) -> LoyaltyTier:
    return LoyaltyTier.model_validate({"name": name, **fields})


TIERS = {
    "bronze": tier("Bronze", reach={"spend": 100}),
    "silver": tier(
        "Silver", reach=[{"spend": 1000}, {"orders": 10}], keep={"spend": 800}, grace={"days": 30}
    ),
    "gold": tier("Gold", reach={"items": 1000}, grace={"months": 1}),
    "vip": tier("VIP"),
}


def volumes(spend: int = 0, items: int = 0, orders: int = 0) -> dict[str, Volume]:
    return dict.fromkeys(TIERS, Volume(Decimal(spend), Decimal(items), orders))


@pytest.mark.parametrize(
    ("window", "now", "start"),
    [
        (None, "2026-03-15T12:00+01:00", None),
        ({"months": 12}, "2026-03-15T12:00+01:00", "2025-03-16T00:00+01:00"),
        ({"months": 12}, "2026-03-14T23:30+00:00", "2025-03-16T00:00+01:00"),
        ({"months": 1}, "2026-03-31T12:00+02:00", "2026-03-01T00:00+01:00"),
        ({"months": 6}, "2026-04-15T12:00+02:00", "2025-10-16T00:00+02:00"),
        ({"months": 12}, "2028-02-29T12:00+01:00", "2027-03-01T00:00+01:00"),
        ({"calendar": "year"}, "2026-03-15T12:00+01:00", "2026-01-01T00:00+01:00"),
        ({"calendar": "year"}, "2025-12-31T23:30+00:00", "2026-01-01T00:00+01:00"),
    ],
)
def test_windows_begin_at_midnight_of_the_programme(
    window: dict[str, Any] | None, now: str, start: str | None
) -> None:
    found = window_start(tier("T", window=window), at(now), BERLIN)
    assert found == (None if start is None else at(start))


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({}, ""),
        ({"spend": 99}, ""),
        ({"spend": 100}, "bronze"),
        ({"spend": 1000}, "silver"),
        ({"orders": 10}, "silver"),
        ({"items": 1000}, "gold"),
        ({"items": 9_999, "spend": 9_999}, "gold"),
    ],
)
def test_the_highest_tier_reached_counts(volume: dict[str, int], expected: str) -> None:
    assert reached(TIERS, volumes(**volume), JOINED, NOW, BERLIN) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2024-11-29T12:00+01:00", ""), ("2024-11-30T00:00+01:00", "old")],
)
def test_membership_time_counts_in_months(now: str, expected: str) -> None:
    tiers = {"old": tier("Old", reach={"membership_months": 6})}
    assert reached(tiers, {}, JOINED, at(now), BERLIN) == expected


def judge(
    current: str,
    volume: dict[str, int],
    *,
    until: datetime | None = None,
    override: Override | None = None,
    now: datetime = NOW,
    since: datetime | None = BEFORE,
) -> TierDecision:
    return decide(
        TIERS,
        current,
        since if current else None,
        until,
        override,
        volumes(**volume),
        JOINED,
        now,
        BERLIN,
    )


GRACE_END = at("2026-04-15T00:00+02:00")
MONTH_END = at("2026-04-16T00:00+02:00")


@pytest.mark.parametrize(
    ("current", "volume", "until", "expected"),
    [
        ("", {}, None, ("", None, None)),
        ("", {"spend": 100}, None, ("bronze", NOW, None)),
        ("bronze", {"spend": 100}, None, ("bronze", BEFORE, None)),
        ("bronze", {"items": 1000}, None, ("gold", NOW, None)),
        # No grace: it ends at once.
        ("bronze", {}, None, ("", None, None)),
        # Reaching silver takes 1000, keeping it 800; less begins 30 days of grace.
        ("silver", {"spend": 800}, None, ("silver", BEFORE, None)),
        ("silver", {"spend": 799}, None, ("silver", BEFORE, GRACE_END)),
        ("silver", {"spend": 799}, GRACE_END, ("silver", BEFORE, GRACE_END)),
        ("silver", {"spend": 799}, NOW, ("bronze", NOW, None)),
        ("silver", {}, BEFORE, ("", None, None)),
        # He made up for it in time.
        ("silver", {"spend": 1000}, GRACE_END, ("silver", BEFORE, None)),
        ("gold", {"spend": 1000}, None, ("gold", BEFORE, MONTH_END)),
        ("gold", {"spend": 1000}, NOW, ("silver", NOW, None)),
        # A tier that is not in the programme any more.
        ("platinum", {"spend": 100}, None, ("bronze", NOW, None)),
        ("platinum", {}, None, ("", None, None)),
        # Given by hand once; nobody reaches it.
        ("vip", {"items": 1000}, None, ("gold", NOW, None)),
    ],
)
def test_decisions(
    current: str,
    volume: dict[str, int],
    until: datetime | None,
    expected: tuple[str, datetime | None, datetime | None],
) -> None:
    found = judge(current, volume, until=until)
    assert (found.tier, found.since, found.until) == expected
    assert found.reason


LATER = at("2026-12-31T00:00+01:00")


@pytest.mark.parametrize(
    ("override", "current", "expected"),
    [
        (Override("vip"), "bronze", ("vip", NOW, None)),
        (Override("vip", LATER), "vip", ("vip", BEFORE, None)),
        (Override(""), "bronze", ("", None, None)),
        (Override("vip", NOW), "bronze", ("bronze", BEFORE, None)),
        (Override("gone", LATER), "bronze", ("bronze", BEFORE, None)),
        # Its time is over: no grace for what was given by hand.
        (Override("gold", NOW), "gold", ("bronze", NOW, None)),
    ],
)
def test_what_a_person_decides_comes_first(
    override: Override, current: str, expected: tuple[str, datetime | None, datetime | None]
) -> None:
    found = judge(current, {"spend": 100}, override=override)
    assert (found.tier, found.since, found.until) == expected


@given(
    st.sampled_from(["", *TIERS, "gone"]),
    st.fixed_dictionaries(
        {
            "spend": st.sampled_from([0, 100, 800, 1000]),
            "items": st.sampled_from([0, 1000]),
            "orders": st.sampled_from([0, 10]),
        }
    ),
    st.none() | st.sampled_from([BEFORE, NOW, GRACE_END]),
    st.none() | st.builds(Override, st.sampled_from(["", *TIERS]), st.none() | st.just(LATER)),
)
def test_deciding_again_changes_nothing(
    current: str, volume: dict[str, int], until: datetime | None, override: Override | None
) -> None:
    first = judge(current, volume, until=until, override=override)
    again = judge(first.tier, volume, until=first.until, override=override, since=first.since)
    assert (again.tier, again.since, again.until) == (first.tier, first.since, first.until)
