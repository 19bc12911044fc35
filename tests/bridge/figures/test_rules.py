"""The rules of figures, on examples that were worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bridge.figures.customers import buyers
from bridge.figures.funnel import funnel_of
from bridge.figures.health_rules import (
    Level,
    PluginHealth,
    ResourceState,
    ShopCounts,
    Trouble,
    level,
    remarks,
)
from bridge.figures.keeping import is_refreshed, is_served
from bridge.figures.liability import OpenPoints, StoreNames, last_month, liability_rows
from bridge.figures.money import Money, Rate, average, percent, shared_values, value
from bridge.figures.movements import EntrySum, by_month, movements, together
from bridge.figures.promoters import promoter_score, score_of
from bridge.figures.terms import Terms
from bridge.installations.models import AppState
from bridge.referrals.models import ReferralState
from connectors.base import Basis

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2027, 3, 5)
NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)


# -- money ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "rate", "worth"),
    [
        (100, Rate(100, Decimal(1), "EUR"), "1.00"),
        (12_345, Rate(100, Decimal(1), "EUR"), "123.45"),
        (1, Rate(200, Decimal(1), "EUR"), "0.01"),  # half a cent
        (1, Rate(300, Decimal(1), "EUR"), "0.00"),
        (7, Rate(10, Decimal("2.5"), "EUR"), "1.75"),
        (150, Rate(1, Decimal(3), "JPY"), "450"),
        (0, Rate(100, Decimal(1), "EUR"), "0.00"),
    ],
)
def test_what_points_are_worth(points: int, rate: Rate, worth: str) -> None:
    assert str(value(points, rate).amount) == worth


def test_parts_are_worth_together_what_the_whole_is() -> None:
    rate = Rate(300, Decimal(1), "EUR")
    parts = shared_values([50, 50, 50, 150], rate)
    assert [str(one.amount) for one in parts] == ["0.17", "0.17", "0.16", "0.50"]
    assert sum(one.amount for one in parts) == value(300, rate).amount


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [(500, 5_000, "10.0"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 800, "0.1"), (0, 7, "0.0")],
)
def test_percentages(part: int, whole: int, rate: str) -> None:
    assert str(percent(part, whole)) == rate


def test_of_nothing_there_is_no_percentage_and_no_average() -> None:
    assert percent(0, 0) is None
    assert average(0, 0, "EUR") is None
    assert average(1001, 2, "EUR") == Money(Decimal("5.01"), "EUR")


# -- customers ------------------------------------------------------------------------------


def test_of_5000_customers_500_came_back() -> None:
    found = buyers(5_000, 500, 6_000, 60_000_000, "EUR")
    assert found.repeat_rate == 10
    assert found.per_customer == Money(Decimal("120.00"), "EUR")
    assert found.per_order == Money(Decimal("100.00"), "EUR")


def test_without_a_programme_no_order_was_handled_in_any_currency() -> None:
    assert buyers(0, 0, 0, 0, "").spend is None


@pytest.mark.parametrize(
    ("counts", "score"),
    [((70, 10, 20), "50.0"), ((0, 10, 0), "0.0"), ((0, 0, 3), "-100.0"), ((1, 1, 1), "0.0")],
)
def test_net_promoter_score(counts: tuple[int, int, int], score: str) -> None:
    assert str(promoter_score(*counts).score) == score


def test_answers_are_sorted_into_promoters_passives_and_detractors() -> None:
    found = score_of(range(11))
    assert (found.promoters, found.passives, found.detractors) == (2, 2, 7)
    assert str(found.score) == "-45.5"
    assert score_of([]).score is None
    with pytest.raises(ValueError, match="not 11"):
        score_of([5, 11])


def test_referrals_step_by_step() -> None:
    friends = {
        ReferralState.ASKED: 5,
        ReferralState.KNOWN: 3,
        ReferralState.CONFIRMED: 10,
        ReferralState.ORDERED: 4,
        ReferralState.REVIEW: 1,
        ReferralState.REWARDED: 5,
    }
    found = funnel_of(200, friends, 10, 500, 2)
    assert (found.clicks, found.sign_ups, found.first_orders, found.rewards) == (200, 20, 10, 5)
    rates = (found.sign_up_rate, found.order_rate, found.reward_rate)
    assert [str(one) for one in rates] == ["10.0", "50.0", "50.0"]
    assert (found.waiting, found.in_review) == (5, 1)


# -- points by day --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("debit", "credit", "effect", "counts"),
    [
        ("issued", "pending", "earn", {"earned": 7, "change": 7}),
        ("issued", "available", "earn", {"earned": 7, "change": 7}),
        ("pending", "issued", "take_back_pending", {"reversed": 7, "change": -7}),
        ("debt", "issued", "take_back_as_debt", {"reversed": 7, "change": -7}),
        ("expired", "issued", "take_back_expired", {"reversed": 7, "expired": -7}),
        ("adjusted", "issued", "take_back_forgiven", {"reversed": 7, "adjusted": 7}),
        ("available", "redeemed", "spend", {"redeemed": 7, "change": -7}),
        ("reserved", "redeemed", "capture", {"redeemed": 7, "change": -7}),
        ("redeemed", "available", "restore", {"restored": 7, "change": 7}),
        ("available", "expired", "expire", {"expired": 7, "change": -7}),
        ("adjusted", "available", "adjust", {"adjusted": 7, "change": 7}),
        ("available", "adjusted", "adjust", {"adjusted": -7, "change": -7}),
        ("adjusted", "available", "import", {"imported": 7, "change": 7}),
        ("debt", "adjusted", "import", {"imported": -7, "change": -7}),
        ("available", "reserved", "reserve", {}),
        ("pending", "available", "ripen", {}),
        ("available", "debt", "settle_debt", {}),
        ("available", "moved", "move_out", {}),
    ],
)
def test_what_an_entry_counts_as(
    debit: str, credit: str, effect: str, counts: dict[str, int]
) -> None:
    found = movements(DAY, DAY, [EntrySum(debit, credit, effect, 7)])
    names = ("earned", "reversed", "redeemed", "restored", "expired", "adjusted", "imported")
    assert {
        name: getattr(found, name) for name in (*names, "change") if getattr(found, name)
    } == counts
    parts = found.earned + found.restored + found.adjusted + found.imported
    assert found.change == parts - found.reversed - found.redeemed - found.expired


def test_days_become_months() -> None:
    earned = [EntrySum("issued", "available", "earn", 10)]
    days = [movements(date(2027, 1, 30) + timedelta(n), DAY, earned) for n in range(4)]
    days = [movements(one.begins, one.begins, earned) for one in days]
    months = by_month(days)
    assert [(one.begins, one.ends, one.earned) for one in months] == [
        (date(2027, 1, 30), date(2027, 1, 31), 20),
        (date(2027, 2, 1), date(2027, 2, 2), 20),
    ]
    assert together(months).change == 40


# -- liability ------------------------------------------------------------------------------

TERMS = Terms(1, "Acme", "EUR", "Europe/Berlin", Basis.NET, Rate(100, Decimal(1), "EUR"), (), ())
NAMES = StoreNames({(1, "1"): "north/main"}, {1: "north", 2: "south"})


@pytest.mark.parametrize(
    ("expires_at", "month"),
    [
        (None, None),
        # The first moment of April in Berlin: the last day to spend them is 31 March.
        (datetime(2027, 3, 31, 22, tzinfo=UTC), date(2027, 3, 1)),
        (datetime(2027, 3, 31, 22, 0, 1, tzinfo=UTC), date(2027, 4, 1)),
    ],
)
def test_the_month_in_which_points_expire(expires_at: datetime | None, month: date | None) -> None:
    assert last_month(expires_at, BERLIN) == month


def test_open_points_by_store_and_month() -> None:
    march, april = NOON, NOON + timedelta(days=31)
    rows = liability_rows(
        [
            OpenPoints(1, "1", "EUR", march, 100, 0, 0),
            OpenPoints(1, "1", "EUR", march + timedelta(days=1), 50, 25, 0),
            OpenPoints(1, "1", "EUR", april, 10, 0, 5),
            OpenPoints(1, "1", "EUR", None, 1, 0, 0),
            OpenPoints(2, "9", "CHF", march, 3, 0, 0),
            OpenPoints(2, "", "", march, 4, 0, 0),
            OpenPoints(0, "", "", None, 6, 0, 0),
        ],
        NAMES,
        TERMS,
    )
    assert [
        (row.store, row.currency, row.month and row.month.month, row.points) for row in rows
    ] == [
        ("", "", None, 6),
        ("north/main", "EUR", 3, 175),
        ("north/main", "EUR", 4, 15),
        ("north/main", "EUR", None, 1),
        ("south", "", 3, 4),
        ("south/9", "CHF", 3, 3),
    ]
    assert rows[1].value == Money(Decimal("1.75"), "EUR")


# -- health ---------------------------------------------------------------------------------


def _read(lag: int | None = 60, failures: int = 0, error: str = "") -> ResourceState:
    return ResourceState("orders", NOON, NOON, lag, failures, error)


@pytest.mark.parametrize(
    ("resources", "counts", "webhooks", "troubles", "worst"),
    [
        ((_read(),), ShopCounts(), AppState.ACTIVE, [], Level.OK),
        ((_read(),), ShopCounts(inbox_waiting=9, vouchers_waiting=3), None, [], Level.OK),
        ((), ShopCounts(), None, [Trouble.NEVER_READ], Level.WARNING),
        ((_read(None),), ShopCounts(), None, [], Level.OK),
        ((_read(3_600),), ShopCounts(), None, [Trouble.BEHIND], Level.WARNING),
        ((_read(), _read(86_400)), ShopCounts(), None, [Trouble.BEHIND], Level.ERROR),
        (
            (_read(failures=1, error="502"),),
            ShopCounts(),
            None,
            [Trouble.CANNOT_BE_READ],
            Level.WARNING,
        ),
        ((_read(failures=3),), ShopCounts(), None, [Trouble.CANNOT_BE_READ], Level.ERROR),
        (
            (_read(),),
            ShopCounts(inbox_failed=2, vouchers_refused=1),
            AppState.INACTIVE,
            [Trouble.INBOX_FAILED, Trouble.VOUCHERS_REFUSED, Trouble.WEBHOOKS_OFF],
            Level.ERROR,
        ),
        ((_read(),), ShopCounts(), AppState.DELETED, [Trouble.WEBHOOKS_OFF], Level.WARNING),
    ],
)
def test_what_is_wrong_with_an_installation(
    resources: tuple[ResourceState, ...],
    counts: ShopCounts,
    webhooks: AppState | None,
    troubles: list[Trouble],
    worst: Level,
) -> None:
    found = remarks(resources, counts, webhooks)
    assert [one.trouble for one in found] == troubles
    assert level(found) is worst


def test_a_plugin_that_went_needs_somebody_and_one_that_was_not_told_says_why() -> None:
    gone = remarks((_read(),), ShopCounts(), None, PluginHealth(True, ""))
    assert ([one.trouble for one in gone], level(gone)) == ([Trouble.PLUGIN_GONE], Level.ERROR)
    (untold,) = remarks((_read(),), ShopCounts(), None, PluginHealth(False, "No way in."))
    assert (untold.trouble, untold.detail) == (Trouble.PLUGIN_NOT_TOLD, "No way in.")


# -- keeping --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "took", "served"),
    [
        (timedelta(0), timedelta(milliseconds=100), False),  # fast enough to do it every time
        (timedelta(minutes=5), timedelta(seconds=3), True),
        (timedelta(hours=24), timedelta(seconds=3), True),
        (timedelta(hours=25), timedelta(seconds=3), False),  # nothing runs that refreshes it
        (timedelta(minutes=-1), timedelta(seconds=3), False),  # a clock was set back
    ],
)
def test_when_a_kept_figure_is_shown(age: timedelta, took: timedelta, served: bool) -> None:
    assert is_served(age, took) is served


def test_when_a_kept_figure_is_worked_out_anew() -> None:
    assert not is_refreshed(timedelta(minutes=59))
    assert is_refreshed(timedelta(hours=1))
    assert is_refreshed(timedelta(minutes=-1))
