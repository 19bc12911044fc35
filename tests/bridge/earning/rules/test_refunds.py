"""A refund takes back what came back, no more, whatever the order of the news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.earning.facts import SHIPPING
from bridge.earning.refunds import Reversal, reversed_points
from bridge.programme.points import UnknownRefund
from connectors.sales import LineKind, Money, Order, OrderLine, Refund, RefundLine

Line = Callable[..., OrderLine]
MakeOrder = Callable[..., Order]
MakeRefund = Callable[..., Refund]

EARNED = {("a", "base"): 30, ("b", "base"): 10, ("a", "bonus"): 7, (SHIPPING, "base"): 2}


@pytest.fixture
def reverse(line: Line, order: MakeOrder) -> Callable[..., Reversal]:
    """Three pieces of a for 300, b for 100, shipping 20."""

    def reverse(
        *refunds: Refund,
        unknown: UnknownRefund = UnknownRefund.FREEZE,
        told: dict[str, Money] | None = None,
    ) -> Reversal:
        bought = order(
            line("a", 300, quantity=3),
            line("b", 100),
            shipping=Money(Decimal(20), Decimal(20)),
            refunds=refunds,
        )
        return reversed_points(bought, EARNED, unknown, told)

    return reverse


def taken(reversal: Reversal) -> dict[str, int]:
    return {f"{line}/{rule}": points for (line, rule), points in reversal.points.items()}


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ([], {}),
        ([{"a": ("1", "100")}], {"a/base": 10, "a/bonus": 2}),
        ([{"a": ("2", "200")}], {"a/base": 20, "a/bonus": 5}),
        ([{"a": ("1", "100")}] * 3, {"a/base": 30, "a/bonus": 7}),
        ([{"a": ("1", "100")}] * 5, {"a/base": 30, "a/bonus": 7}),
        # A fee was kept: the piece came back all the same.
        ([{"a": ("1", "80"), "unnamed": "-10"}], {"a/base": 10, "a/bonus": 2}),
        # Money without a piece, and more money than the piece cost.
        ([{"a": ("0", "30")}], {"a/base": 3, "a/bonus": 1}),
        ([{"a": ("1", "150")}], {"a/base": 15, "a/bonus": 4}),
        # A cent too much a piece is the shop's rounding.
        ([{"a": ("1", "100.01")}], {"a/base": 10, "a/bonus": 2}),
        # 40 of the 400 that all cost.
        ([{"unnamed": "40"}], {"a/base": 3, "b/base": 1, "a/bonus": 1}),
        # a is gone; the 50 are half of what is left.
        (
            [{"a": ("3", "300")}, {"unnamed": "50"}],
            {"a/base": 30, "b/base": 5, "a/bonus": 7},
        ),
        ([{"unnamed": "400"}], {"a/base": 30, "b/base": 10, "a/bonus": 7}),
        ([{"unnamed": "410"}], {"a/base": 30, "b/base": 10, "a/bonus": 7, "shipping/base": 1}),
        ([{"shipping": "20"}], {"shipping/base": 2}),
        ([{"unnamed": "-40"}], {}),
        ([{"whole": True}], {"a/base": 30, "b/base": 10, "a/bonus": 7, "shipping/base": 2}),
        (
            [{"a": ("1", "100")}, {"whole": True}],
            {"a/base": 30, "b/base": 10, "a/bonus": 7, "shipping/base": 2},
        ),
        ([{"unknown_line": ("1", "10")}], {}),
    ],
)
def test_what_comes_back_is_taken_back(
    reverse: Callable[..., Reversal],
    refund: MakeRefund,
    refunds: list[dict[str, Any]],
    expected: dict[str, int],
) -> None:
    made = [refund(key=f"r{at}", **fields) for at, fields in enumerate(refunds)]
    assert taken(reverse(*made)) == expected
    assert taken(reverse(*reversed(made))) == expected


def test_an_amount_nobody_knows_holds_the_points_until_it_is_told(
    reverse: Callable[..., Reversal], refund: MakeRefund
) -> None:
    one, other = refund(key="r1", unnamed=None), refund(key="r2", unnamed=None)
    assert reverse(one, other) == Reversal({}, frozen=True, unknown=("r1", "r2"))
    told = {"r1": Money(Decimal(40), Decimal(40))}
    half = reverse(one, other, told=told)
    assert taken(half) == {"a/base": 3, "b/base": 1, "a/bonus": 1}
    assert half.frozen
    assert half.unknown == ("r2",)
    told["r2"] = Money(Decimal(0), Decimal(0))
    known = reverse(one, other, told=told)
    assert known == Reversal(half.points, frozen=False)


def test_the_programme_can_say_not_to_hold_them(
    reverse: Callable[..., Reversal], refund: MakeRefund
) -> None:
    found = reverse(refund(unnamed=None), unknown=UnknownRefund.WAIT)
    assert found == Reversal({}, frozen=False, unknown=("r",))


def test_pieces_of_an_order_that_cost_nothing_take_their_points_back(
    line: Line, order: MakeOrder, refund: MakeRefund
) -> None:
    bought = order(line("a", 0, quantity=2), refunds=(refund(a=("1", "0")),))
    found = reversed_points(bought, {("a", "bonus"): 10}, UnknownRefund.FREEZE)
    assert taken(found) == {"a/bonus": 5}


# -- what always holds -----------------------------------------------------------------------

AT = datetime(2026, 1, 1, tzinfo=UTC)
PIECES = {"a": 3, "b": 7, "c": 1}
numbers = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c", SHIPPING]), st.sampled_from(["x", "y"])),
    st.integers(0, 1000),
)
some_money = st.decimals(0, 120, places=2).map(lambda amount: Money(amount, amount))
some_refunds = st.lists(
    st.builds(
        Refund,
        st.just("r"),
        st.just(AT),
        st.lists(
            st.builds(
                RefundLine,
                st.sampled_from(["a", "b", "c"]),
                st.decimals(0, 3, places=1),
                some_money,
            ),
            max_size=3,
        ).map(tuple),
        some_money,
        st.none() | some_money,
        st.just(False),
    ),
    max_size=5,
)


def _order(refunds: list[Refund]) -> Order:
    lines = tuple(
        OrderLine(
            key, LineKind.PRODUCT, "", "", "", Decimal(pieces), Money(Decimal(99), Decimal(99))
        )
        for key, pieces in PIECES.items()
    )
    shipping = Money(Decimal(15), Decimal(15))
    named = tuple(replace(refund, id=f"r{at}") for at, refund in enumerate(refunds))
    return Order("1", "1", "de", "EUR", AT, AT, lines=lines, shipping=shipping, refunds=named)


@given(numbers, some_refunds, st.randoms())
def test_never_more_than_was_earned_never_less_than_before_whatever_the_order(
    earned: dict[tuple[str, str], int], refunds: list[Refund], random: Any
) -> None:
    before: dict[tuple[str, str], int] = {}
    for count in range(len(refunds) + 1):
        found = reversed_points(_order(refunds[:count]), earned, UnknownRefund.WAIT).points
        assert all(0 < points <= earned[key] for key, points in found.items())
        assert all(found.get(key, 0) >= points for key, points in before.items())
        before = dict(found)
    shuffled = list(refunds)
    random.shuffle(shuffled)
    assert reversed_points(_order(shuffled), earned, UnknownRefund.WAIT).points == before


@given(numbers, st.lists(st.sampled_from("aaabbbbbbbc"), max_size=11))
def test_all_pieces_back_one_by_one_take_all_points_of_the_line(
    earned: dict[tuple[str, str], int], returned: list[str]
) -> None:
    price = Money(Decimal("33"), Decimal("33"))
    refunds = [Refund("r", AT, (RefundLine(key, Decimal(1), price),)) for key in "abbbbbbbcaa"]
    found = reversed_points(_order(refunds), earned, UnknownRefund.FREEZE).points
    for key, points in earned.items():
        assert found.get(key, 0) == (0 if key[0] == SHIPPING else points)
    some = reversed_points(_order(refunds[: len(returned)]), earned, UnknownRefund.FREEZE).points
    assert all(points <= found[key] for key, points in some.items())
