"""What points can become, and what a used voucher costs: tables computed by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import line, money, order, refund

from bridge.programme.giving import Lasting
from bridge.programme.loyalty import ExchangeRate
from bridge.programme.rewards import Redemption, Returned
from bridge.vouchers.charging import WHOLE, GivingBack, Use, points_kept, times_used
from bridge.vouchers.returned import returned_millionths
from bridge.vouchers.rules import (
    MissingVoucherRate,
    NotRedeemable,
    in_currency,
    largest_value,
    nearest_values,
    smallest_basket,
    some_values,
    valid_until,
    value_of,
)
from connectors.sales import Refund

CENT = {"points": 100, "amount": 1}
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 1)
USD = ExchangeRate.model_validate({"currency": "USD", "from": "2026-01-01", "rate": "0.9"})
JPY = ExchangeRate.model_validate({"currency": "JPY", "from": "2026-01-01", "rate": "0.0062"})


def redemption(**fields: Any) -> Redemption:
    return Redemption.model_validate({"rate": CENT, **fields})


# -- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "points", "worth"),
    [
        ({"step": 5}, 500, 5),
        ({"step": 5}, 1500, 15),
        ({"step": "0.5"}, 50, "0.5"),
        ({"values": [5, 10, 25]}, 2500, 25),
        ({"step": 5, "minimum": 10}, 1000, 10),
        ({"step": 5, "maximum": 50}, 5000, 50),
        ({"step": 3, "rate": {"points": 1, "amount": 3}}, 2, 6),
        ({"step": 1, "rate": {"points": 3, "amount": "0.75"}}, 4, 1),
    ],
)
def test_points_become_values(fields: dict[str, Any], points: int, worth: Any) -> None:
    assert value_of(redemption(**fields), points, "EUR") == Decimal(worth)


@pytest.mark.parametrize(
    ("fields", "points", "said"),
    [
        ({"step": 5}, 730, r"7\.30 EUR.*Redeem 500 points \(5\.00 EUR\) or 1,000 points"),
        ({"step": 5}, 0, r"Redeem 500 points \(5\.00 EUR\)\."),
        ({"step": 5}, -500, r"Redeem 500 points"),
        ({"step": 5, "minimum": 10}, 500, r"Redeem 1,000 points \(10\.00 EUR\)\."),
        ({"step": 5, "minimum": 12}, 500, r"Redeem 1,500 points \(15\.00 EUR\)\."),
        ({"step": 5, "maximum": 52}, 9000, r"Redeem 5,000 points \(50\.00 EUR\)\."),
        ({"values": [5, 10, 25]}, 1100, r"Redeem 1,000 points .* or 2,500 points"),
        ({"values": [5, 10], "maximum": 5}, 1000, r"Redeem 500 points \(5\.00 EUR\)\."),
    ],
)
def test_what_is_no_voucher_names_what_is(fields: dict[str, Any], points: int, said: str) -> None:
    with pytest.raises(NotRedeemable, match=said):
        value_of(redemption(**fields), points, "EUR")


@pytest.mark.parametrize(
    ("value", "currency", "face"),
    [
        ("10", "EUR", "10.00"),
        ("10", "USD", "11.11"),
        ("10", "JPY", "1612"),
        ("0.05", "USD", "0.05"),
    ],
)
def test_faces_in_the_stores_currency_are_rounded_down(
    value: str, currency: str, face: str
) -> None:
    assert str(in_currency(Decimal(value), "EUR", currency, [USD, JPY], DAY)) == face


def test_a_missing_rate_and_a_worthless_voucher_are_said() -> None:
    with pytest.raises(MissingVoucherRate, match="in CHF, and the programme knows no rate to EUR"):
        in_currency(Decimal(5), "EUR", "CHF", [USD], DAY)
    with pytest.raises(NotRedeemable, match="worth nothing in JPY"):
        in_currency(Decimal("0.006"), "EUR", "JPY", [JPY], DAY)


@pytest.mark.parametrize(
    ("face", "share", "currency", "basket"),
    [
        ("10.00", "20", "EUR", "50.00"),
        ("10.00", "30", "EUR", "33.34"),
        ("10.00", "100", "EUR", None),
        ("10.00", None, "EUR", None),
        ("1612", "30", "JPY", "5374"),
    ],
)
def test_the_smallest_basket_is_rounded_up(
    face: str, share: str | None, currency: str, basket: str | None
) -> None:
    found = smallest_basket(Decimal(face), Decimal(share) if share else None, currency)
    assert found == (None if basket is None else Decimal(basket))
    if found is not None and share is not None:
        assert Decimal(face) <= found * Decimal(share) / 100


@pytest.mark.parametrize(
    ("lasting", "now", "ends"),
    [
        (Lasting(days=1), "2026-03-01T09:00", "2026-03-02T23:00"),
        (Lasting(days=30), "2026-03-01T09:00", "2026-03-31T22:00"),
        (Lasting(months=1), "2026-01-31T09:00", "2026-02-28T23:00"),
        (Lasting(days=1), "2026-03-01T23:30", "2026-03-03T23:00"),
    ],
)
def test_it_lasts_to_the_end_of_a_day(lasting: Lasting, now: str, ends: str) -> None:
    assert valid_until(lasting, utc(now), BERLIN) == utc(ends)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- what it costs --------------------------------------------------------------------------

THIRD = round(WHOLE / 3)
SHARE, WHOLLY, NEVER = (GivingBack(returned=one) for one in Returned)
KEEPS = GivingBack(cancelled=False)


@pytest.mark.parametrize(
    ("uses", "policy", "kept"),
    [
        ([], SHARE, 0),
        ([Use()], SHARE, 100),
        ([Use(is_cancelled=True)], SHARE, 0),
        ([Use(is_cancelled=True)], KEEPS, 100),
        ([Use(returned_millionths=WHOLE // 4)], SHARE, 75),
        ([Use(returned_millionths=THIRD)], SHARE, 67),
        ([Use(returned_millionths=WHOLE)], SHARE, 0),
        ([Use(returned_millionths=WHOLE - 1)], WHOLLY, 100),
        ([Use(returned_millionths=WHOLE)], WHOLLY, 0),
        ([Use(returned_millionths=WHOLE)], NEVER, 100),
        ([Use(True, WHOLE // 4)], KEEPS, 75),
        ([Use(), Use()], SHARE, 100),
        ([Use(is_cancelled=True), Use()], SHARE, 100),
        ([Use(is_cancelled=True), Use(returned_millionths=WHOLE // 2)], SHARE, 50),
        ([Use(is_cancelled=True), Use(is_cancelled=True)], SHARE, 0),
    ],
)
def test_points_kept(uses: list[Use], policy: GivingBack, kept: int) -> None:
    assert points_kept(100, uses, policy) == kept
    assert points_kept(100, uses[::-1], policy) == kept


@given(
    points=st.integers(1, 10**9),
    shares=st.lists(st.integers(0, WHOLE), min_size=2, max_size=2).map(sorted),
    returned=st.sampled_from(Returned),
)
def test_more_returns_never_cost_more(points: int, shares: list[int], returned: Returned) -> None:
    less, more = (
        points_kept(points, [Use(returned_millionths=one)], GivingBack(returned=returned))
        for one in shares
    )
    assert 0 <= more <= less <= points


def test_orders_that_were_cancelled_do_not_count_as_used() -> None:
    assert times_used([Use(), Use(is_cancelled=True), Use(returned_millionths=WHOLE)]) == 2


BOUGHT = order("1", line("a", 60, 3), line("b", 40))


@pytest.mark.parametrize(
    ("refunds", "share"),
    [
        ((), 0),
        ((refund("r", ("a", 1, 20)),), 200_000),
        ((refund("r", ("a", 3, 60)),), 600_000),
        ((refund("r", ("a", 1, 20)), refund("s", ("b", 1, 40))), 600_000),
        ((refund("r", ("a", 3, 60), ("b", 1, 40)),), WHOLE),
        ((Refund("r", BOUGHT.placed_at, is_whole=True),), WHOLE),
        ((Refund("r", BOUGHT.placed_at, unnamed=money(50)),), 500_000),
        ((Refund("r", BOUGHT.placed_at, unnamed=None),), 0),
    ],
)
def test_the_returned_share(refunds: tuple[Refund, ...], share: int) -> None:
    assert returned_millionths(order("1", *BOUGHT.lines, refunds=refunds), {}) == share


def test_a_told_refund_counts() -> None:
    one = order("1", *BOUGHT.lines, refunds=(Refund("r", BOUGHT.placed_at, unnamed=None),))
    assert returned_millionths(one, {"r": money(25)}) == 250_000


def test_what_the_voucher_paid_whole_weighs_by_its_price() -> None:
    free = [line("a", 60, discount=money(60)), line("b", 40, discount=money(40))]
    assert (
        returned_millionths(order("1", *free, refunds=(refund("r", ("b", 1, 0)),)), {}) == 400_000
    )


def test_gifts_weigh_nothing() -> None:
    lines = [line("a", 60), line("g", 40, discount=money(40), is_gift=True)]
    assert returned_millionths(order("1", *lines, refunds=(refund("r", ("g", 1, 0)),)), {}) == 0
    assert (
        returned_millionths(order("1", *lines, refunds=(refund("r", ("a", 1, 60)),)), {}) == WHOLE
    )


@pytest.mark.parametrize(
    ("terms", "points", "values"),
    [
        ({"step": 5}, 499, []),
        ({"step": 5}, 1_200, [5, 10]),
        ({"step": 5}, 3_000, [5, 10, 15, 20, 25, 30]),
        ({"step": 5}, 89_999, [5, 10, 15, 20, 25, 50, 100, 200, 400, 800, 895]),
        ({"step": 5, "minimum": 20, "maximum": 30}, 90_000, [20, 25, 30]),
        ({"values": [5, 12, 40]}, 3_999, [5, 12]),
        ({"values": [5, 12, 40], "minimum": 10}, 90_000, [12, 40]),
    ],
)
def test_what_there_is_to_choose_from(
    terms: dict[str, Any], points: int, values: list[int]
) -> None:
    found = redemption(**terms)
    assert some_values(found, points) == values
    assert largest_value(found, points) == (values[-1] if values else None)


def test_the_nearest_vouchers_are_those_below_and_above() -> None:
    found = redemption(values=[5, 12, 40])
    near = {points: nearest_values(found, points) for points in (1, 501, 1_200, 9_000)}
    assert near == {1: [5], 501: [5, 12], 1_200: [12], 9_000: [40]}
