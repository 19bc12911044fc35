"""The oracle itself, against sums that anybody can do in his head."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from oracle.books import Balance, books
from oracle.words import (
    Amount,
    Back,
    Bought,
    Cancelled,
    Completed,
    Deed,
    GaveBack,
    Paid,
    Placed,
    Promise,
    Purchase,
    Rule,
)


def on(day: int, month: int = 1) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def euros(net: str) -> Amount:
    return Amount(Decimal(net), Decimal(net))


LINES = (
    Bought("a", "TOOL", Decimal(4), euros("100.90"), euros("0.90")),
    Bought("b", "SCREW", Decimal(1), euros("50.00")),
)
PLACED = Placed(on(1), LINES, euros("4.90"))
DONE = (PLACED, Paid(on(2)), Completed(on(3)))
ONE_A_EURO = Promise((Rule("base", "per amount", 1),), lasts_months=1)
TWICE = Rule("twice", "times", factor=Decimal(2), skus=("SCREW",))
ONE_BACK = GaveBack(on(4), Back("r", {"a": Decimal(1)}, {"a": euros("25.00")}))


@pytest.mark.parametrize(
    ("promise", "deeds", "at", "available", "waiting"),
    [
        (ONE_A_EURO, (PLACED,), on(1), 0, 150),
        (ONE_A_EURO, DONE, on(17), 0, 150),
        # Complete on 3 January, 14 whole days: from the beginning of the 18th on.
        (ONE_A_EURO, DONE, on(18), 150, 0),
        # Spendable on 18 January, a month: to the end of 18 February.
        (ONE_A_EURO, DONE, on(18, 2), 150, 0),
        (ONE_A_EURO, DONE, on(19, 2), 0, 0),
        (ONE_A_EURO, (PLACED, Cancelled(on(2))), on(3), 0, 0),
        (ONE_A_EURO, (*DONE, ONE_BACK), on(18), 125, 0),
        (Promise((*ONE_A_EURO.rules, TWICE)), DONE, on(18), 200, 0),
        (Promise((Rule("o", "per order", 31),)), DONE, on(18), 31, 0),
        # 31 shared out 2 : 1 is 21 and 10; a quarter of 21 is 5.25.
        (Promise((Rule("o", "per order", 31),)), (*DONE, ONE_BACK), on(18), 26, 0),
        (Promise((Rule("first", "first order", 31),)), DONE, on(17), 0, 0),
        (Promise((Rule("first", "first order", 31),)), DONE, on(18), 31, 0),
        (Promise(ONE_A_EURO.rules, with_shipping=True), DONE, on(18), 154, 0),
        (Promise(ONE_A_EURO.rules, most_per_order=120), DONE, on(18), 120, 0),
        (
            ONE_A_EURO,
            (*DONE, GaveBack(on(4), Back("r", rest=euros("15.00")))),
            on(18),
            135,
            0,
        ),
        (ONE_A_EURO, (*DONE, GaveBack(on(4), Back("r", rest=None))), on(18), 0, 150),
        (ONE_A_EURO, (*DONE, GaveBack(on(4), Back("r", everything=True))), on(18), 0, 0),
    ],
)
def test_a_balance(
    promise: Promise, deeds: tuple[Deed, ...], at: datetime, available: int, waiting: int
) -> None:
    found = books(promise, [Purchase("north", "1", "p", "General", "EUR", deeds)], at)
    assert found.balances == {"p": Balance(available, waiting)}
