"""What an order earns because of those before it, and the most that may be earned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.earning.facts import Buyer, Earned, History
from bridge.earning.history import capped, earned_by_history
from bridge.programme.points import Caps, PointsSettings
from connectors.sales import Order, OrderLine, Refund

Line = Callable[..., OrderLine]
MakeOrder = Callable[..., Order]
Points = Callable[..., PointsSettings]
MakeRefund = Callable[..., Refund]
BERLIN = ZoneInfo("Europe/Berlin")
ONE = Decimal(1)


@pytest.fixture
def decide(points: Points, buyer: Buyer) -> Callable[..., dict[str, int]]:
    """Points by rule, all lines together."""

    def decide(
        rules: dict[str, Any],
        order: Order,
        history: History,
        rate: Decimal = ONE,
        who: Buyer = buyer,
        **more: Any,
    ) -> dict[str, int]:
        settings = points(rules, **more)
        found = earned_by_history(settings, order, rate, who, history, BERLIN)
        assert len({(entry.line_id, entry.rule) for entry in found}) == len(found)
        sums: dict[str, int] = {}
        for entry in found:
            sums[entry.rule] = sums.get(entry.rule, 0) + entry.points
        return sums

    return decide


def past(orders: int = 0, spent: str = "0", items: str = "0") -> History:
    return History(orders, Decimal(spent), Decimal(items), "EUR")


@pytest.mark.parametrize(
    ("rule", "before", "expected"),
    [
        ({"first_order": 50}, past(0), 50),
        ({"first_order": 50}, past(1), 0),
        ({"nth_order": {"n": 5, "points": 9}}, past(3), 0),
        ({"nth_order": {"n": 5, "points": 9}}, past(4), 9),
        ({"nth_order": {"n": 5, "points": 9}}, past(9), 0),
        ({"nth_order": {"every": 5, "points": 9}}, past(4), 9),
        ({"nth_order": {"every": 5, "points": 9}}, past(9), 9),
        ({"nth_order": {"every": 5, "points": 9}}, past(5), 0),
        ({"order_steps": [{"at": 3, "points": 1}, {"at": 10, "points": 20}]}, past(2), 1),
        ({"order_steps": [{"at": 3, "points": 1}, {"at": 10, "points": 20}]}, past(9), 20),
        ({"item_steps": {"at": 1000, "points": 7}}, past(1, items="997"), 7),
        ({"item_steps": {"at": 1000, "points": 7}}, past(1, items="996.9"), 0),
        ({"item_steps": {"at": 1000, "points": 7}}, past(1, items="1000"), 0),
        # This order is worth 100.
        ({"spend_steps": {"at": 1000, "points": 7}}, past(1, "899.99"), 0),
        ({"spend_steps": {"at": 1000, "points": 7}}, past(1, "900"), 7),
        ({"spend_steps": {"at": 1000, "points": 7}}, past(1, "1000"), 0),
        (
            {
                "spend_steps": [
                    {"at": 10, "points": 1},
                    {"at": 50, "points": 2},
                    {"at": 99, "points": 4},
                ]
            },
            past(1, "10"),
            6,
        ),
        ({"first_order": 50, "when": {"worth": 100}}, past(0), 50),
        ({"first_order": 50, "when": {"worth": "100.01"}}, past(0), 0),
        ({"first_order": 50, "when": {"tier": "gold"}}, past(0), 0),
        ({"first_order": 50, "until": "2026-03-09"}, past(0), 0),
    ],
)
def test_rules_on_history(
    decide: Callable[..., dict[str, int]],
    line: Line,
    order: MakeOrder,
    rule: dict[str, Any],
    before: History,
    expected: int,
) -> None:
    bought = order(line("a", 60, quantity=2), line("b", 40, gross=60))
    assert decide({"r": rule}, bought, before) == ({"r": expected} if expected else {})


def test_points_are_shared_out_to_the_lines(
    points: Points, line: Line, order: MakeOrder, buyer: Buyer
) -> None:
    bought = order(line("a", 60), line("b", 30), line("c", 30), line("g", 5, is_gift=True))
    settings = points({"first": {"first_order": 11}})
    found = earned_by_history(settings, bought, ONE, buyer, past(), BERLIN)
    assert [(entry.line_id, entry.points) for entry in found] == [("a", 5), ("b", 3), ("c", 3)]


def test_a_step_counts_what_is_kept_in_the_currency_and_on_the_side_of_the_programme(
    decide: Callable[..., dict[str, int]], line: Line, order: MakeOrder, refund: MakeRefund
) -> None:
    rules = {"r": {"spend_steps": {"at": 1000, "points": 7}}}
    bought = order(line("a", 100, gross=119, quantity=2))
    gross = {"basis": {"price": "gross"}}
    assert decide(rules, bought, past(1, "895")) == {}
    assert decide(rules, bought, past(1, "895"), Decimal("1.05")) == {"r": 7}
    assert decide(rules, bought, past(1, "881"), **gross) == {"r": 7}
    returned = replace(bought, refunds=(refund(a=("1", "59.50")),))
    assert decide(rules, returned, past(1, "881"), **gross) == {}


def test_a_step_is_given_once_when_totals_are_rounded(
    decide: Callable[..., dict[str, int]], line: Line, order: MakeOrder
) -> None:
    """999.996 counts as 1000.00 from then on, so it has to cross here."""
    rules = {"r": {"spend_steps": {"at": 1000, "points": 7}}}
    assert decide(rules, order(line("a", "99.996")), past(1, "900")) == {"r": 7}


@pytest.mark.parametrize("what", ["cancelled", "returned", "gifts", "excluded"])
def test_what_does_not_count_earns_nothing(
    decide: Callable[..., dict[str, int]],
    line: Line,
    order: MakeOrder,
    refund: MakeRefund,
    what: str,
) -> None:
    bought = {
        "cancelled": order(line("a", 10), cancelled_at=datetime(2026, 3, 11, tzinfo=UTC)),
        "returned": order(line("a", 10), refunds=(refund(whole=True),)),
        "gifts": order(line("a", 10, is_gift=True)),
        "excluded": order(line("x", 10)),
    }[what]
    assert decide({"r": {"first_order": 5}}, bought, past(), exclude={"sku": "X"}) == {}


# -- caps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caps", "today", "ever", "kept", "cap"),
    [
        ({}, 0, 0, [30, 20, 10], ""),
        ({"order": 60}, 0, 0, [30, 20, 10], ""),
        ({"order": 45}, 0, 0, [30, 15, 0], "order"),
        ({"order": 1}, 0, 0, [1, 0, 0], "order"),
        ({"day": 100}, 45, 0, [30, 20, 5], "day"),
        ({"day": 100}, 100, 0, [0, 0, 0], "day"),
        ({"day": 100}, 130, 0, [0, 0, 0], "day"),
        ({"member": 1000}, 0, 970, [30, 0, 0], "member"),
        ({"order": 55, "day": 100, "member": 1000}, 60, 950, [30, 10, 0], "day"),
    ],
)
def test_caps_cut_from_the_end(
    caps: dict[str, int], today: int, ever: int, kept: list[int], cap: str
) -> None:
    whole = [Earned("a", "base", 30, {}), Earned("b", "base", 20, {}), Earned("a", "x", 10, {})]
    found = capped(whole, Caps.model_validate(caps), today, ever)
    assert [(entry.line_id, entry.rule) for entry in found] == [
        ("a", "base"),
        ("b", "base"),
        ("a", "x"),
    ]
    assert [entry.points for entry in found] == kept
    for before, entry in zip(whole, found, strict=True):
        cut = before.points - entry.points
        assert entry.why == ({"cut": cut, "cap": cap} if cut else {})


@given(
    st.lists(st.integers(1, 1000), max_size=8),
    st.integers(1, 3000),
    st.integers(0, 5000),
    st.integers(1, 3000),
)
def test_no_cap_is_passed_and_nothing_is_cut_without_need(
    points: list[int], order: int, today: int, day: int
) -> None:
    whole = [Earned(f"{at}", "base", number, {}) for at, number in enumerate(points)]
    found = sum(entry.points for entry in capped(whole, Caps(order=order, day=day), today, 0))
    assert found == min(sum(points), order, max(day - today, 0))
