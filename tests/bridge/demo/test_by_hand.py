"""What the demo says the book must come to, worked out from a list of what shoppers did."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bridge.demo.by_hand import (
    Points,
    balances,
    cost,
    of_line,
    percent_of,
    taken_back,
    with_beside,
)
from connectors.sandbox.shopper import Deed, Sale, SoldLine

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZERO = Decimal(0)
ADA = "ada@example.com"


def line(net: str, *, sku: str = "DRILL", pieces: int = 1, discount: str = "0") -> SoldLine:
    off = Decimal(discount)
    return SoldLine("1", sku, Decimal(pieces), Decimal(net), Decimal(net), off, off)


def deed(kind: Any, *lines: SoldLine, order: str = "1", customer: str = "7") -> Deed:
    return Deed(kind, AT, Sale(order, order, customer, ADA, lines, ZERO, ZERO, ZERO, AT))


@pytest.mark.parametrize(
    ("sold", "expected"),
    [
        (line("99.99"), {"base": 99}),
        (line("99.99", discount="10"), {"base": 89}),
        (line("0.99"), {}),
        (line("10.40", sku="BOLT"), {"base": 10, "fasteners": 10}),
        (line("10.60", sku="BOLT"), {"base": 10, "fasteners": 11}),  # 21 of 21.20 in all
    ],
    ids=["whole euros", "after discounts", "less than one", "twice", "twice the exact amount"],
)
def test_a_line_earns_by_rule(sold: SoldLine, expected: dict[str, int]) -> None:
    assert of_line(sold, {"BOLT"}) == expected


@pytest.mark.parametrize(
    ("points", "returned", "expected"), [(96, 4, 38), (5, 1, 1), (5, 5, 3), (7, 0, 0), (7, 10, 7)]
)
def test_what_comes_back_takes_its_share(points: int, returned: int, expected: int) -> None:
    assert taken_back(points, line("100", pieces=10), Decimal(returned)) == expected


SOLD = line("100", pieces=4)
ONE_BACK = line("25", pieces=1)


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([deed("ordered", SOLD)], {ADA: Points(0, 100)}),
        ([deed("ordered", SOLD), deed("paid", SOLD)], {ADA: Points(0, 100)}),
        ([deed("ordered", SOLD), deed("sent", SOLD)], {ADA: Points(100, 0)}),
        ([deed("ordered", SOLD), deed("cancelled", SOLD)], {}),
        ([deed("ordered", SOLD, customer="")], {}),
        (
            [deed("ordered", SOLD), deed("sent", SOLD), *[deed("refunded", ONE_BACK)] * 2],
            {ADA: Points(50, 0)},
        ),
        (
            [deed("ordered", SOLD), deed("ordered", SOLD, order="2"), deed("sent", SOLD)],
            {ADA: Points(100, 100)},
        ),
    ],
    ids=["ordered", "paid", "complete", "cancelled", "a guest", "two refunds", "two orders"],
)
def test_what_was_done_comes_to(done: list[Deed], expected: dict[str, Points]) -> None:
    assert balances({"shop": done}, set()) == expected


def test_shops_are_added_up_though_their_orders_have_the_same_ids() -> None:
    there = [deed("ordered", SOLD), deed("cancelled", SOLD)]
    here = [deed("ordered", SOLD), deed("sent", SOLD)]
    assert balances({"a": here, "b": here, "c": there}, set()) == {ADA: Points(200, 0)}


def test_what_was_got_or_spent_beside_orders_counts() -> None:
    earned = {ADA: Points(100, 30)}
    assert with_beside(earned, {ADA: -60, "eva@example.com": 5}) == {
        ADA: Points(40, 30),
        "eva@example.com": Points(5, 0),
    }
    assert with_beside({ADA: Points(100, 0)}, {ADA: -100}) == {}


def test_a_voucher_costs_a_hundred_points_a_euro() -> None:
    assert (cost(Decimal(10)), cost(Decimal("2.50"))) == (1000, 250)


@pytest.mark.parametrize(
    ("price", "expected"), [("50.87", "5.09"), ("50.85", "5.09"), ("50.84", "5.08"), ("0", "0.00")]
)
def test_a_percentage_is_rounded_to_the_cent(price: str, expected: str) -> None:
    assert percent_of(Decimal(price), 10) == Decimal(expected)
