"""When an order was paid, completed, cancelled; and what was given back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from connectors.sales import NO_MONEY, Money, Order, Refund, RefundLine

from .order_rows import PLACED, at, entry, line, order_row, read, refund, transaction

D = Decimal
DUE = "119"
SAW = line("saw", DUE, quantity=2)


def when(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 2, hour, minute, tzinfo=UTC)


PLACED_AT = datetime(2026, 11, 1, 10, tzinfo=UTC)


def told(transactions: list[dict[str, Any]], *history: dict[str, Any], **more: Any) -> Order:
    return read(order_row(SAW, transactions=transactions, **more), *history)


def path(thing: str, *states: str) -> list[dict[str, Any]]:
    """The history of a thing that became one state after the other, at 9, 10, 11… o'clock."""
    pairs = pairwise(states)
    return [entry(thing, a, b, at(9 + hour)) for hour, (a, b) in enumerate(pairs)]


# --- paid ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "paid"),
    [
        (["open"], None),
        (["open", "in_progress"], None),
        (["open", "authorized"], None),
        (["open", "paid_partially"], None),
        (["open", "paid"], when(9)),
        (["open", "authorized", "paid"], when(10)),
        (["open", "paid", "refunded_partially"], when(9)),
        (["open", "paid", "refunded_partially", "refunded"], when(9)),
        (["open", "paid", "refunded_partially", "paid"], when(9)),
        (["open", "paid", "chargeback"], None),
        (["open", "paid", "cancelled"], None),
        (["open", "paid", "open", "paid"], when(11)),
        (["open", "paid", "chargeback", "paid"], when(11)),
        (["open", "paid", "reminded"], None),
        (["open", "failed"], None),
        # given back before all of it had come
        (["open", "paid_partially", "refunded"], None),
        # made as paid, later partly given back
        (["paid", "refunded_partially"], PLACED_AT),
    ],
)
def test_paid_is_a_state_that_lasts(states: list[str], paid: datetime | None) -> None:
    order = told([transaction("t", DUE, states[-1])], *path("t", *states))
    assert order.paid_at == paid


def test_the_history_may_come_in_any_order() -> None:
    rows = path("t", "open", "paid", "open", "paid")
    assert told([transaction("t", DUE, "paid")], *reversed(rows)).paid_at == when(11)


def test_what_was_made_as_paid_has_no_history() -> None:
    assert told([transaction("t", DUE, "paid", created=at(8))]).paid_at == when(8)


def test_the_state_of_now_counts_when_the_history_knows_more_or_less() -> None:
    """The history is read after the order."""
    later = path("t", "open", "paid")
    assert told([transaction("t", DUE, "open")], *later).paid_at is None
    undone = path("t", "open", "paid", "open")
    assert told([transaction("t", DUE, "paid")], *undone).paid_at == when(9)


PAID_1 = entry("t1", "open", "paid", at(9))
PAID_2 = entry("t2", "open", "paid", at(12))


@pytest.mark.parametrize(
    ("transactions", "history", "paid"),
    [
        # a try that failed, then one that worked
        ([("t1", DUE, "failed"), ("t2", DUE, "paid")], [PAID_2], when(12)),
        ([("t1", DUE, "cancelled"), ("t2", DUE, "open")], [], None),
        # two parts
        ([("t1", "60", "paid"), ("t2", "59", "paid")], [PAID_1, PAID_2], when(12)),
        ([("t1", "60", "paid"), ("t2", "59", "open")], [PAID_1], None),
        # the order was made dearer after it was paid, the newest payment counts
        ([("t1", "60", "paid")], [PAID_1], when(9)),
        # paid twice: since the first
        ([("t1", DUE, "paid"), ("t2", DUE, "paid")], [PAID_1, PAID_2], when(9)),
        # another way of paying: the first was given back
        ([("t1", DUE, "refunded"), ("t2", DUE, "paid")], [PAID_1, PAID_2], when(12)),
        ([], [], None),
    ],
)
def test_several_payments(
    transactions: list[tuple[str, str, str]], history: list[Any], paid: datetime | None
) -> None:
    rows = [transaction(*one, created=at(i)) for i, one in enumerate(transactions)]
    assert told(rows, *history).paid_at == paid


@pytest.mark.parametrize("transactions", [[], [transaction("t", "0")]])
def test_an_order_that_costs_nothing_is_paid_at_once(transactions: list[Any]) -> None:
    order = read(order_row(line("saw", 0), transactions=transactions))
    assert order.paid_at == order.placed_at


# --- completed, cancelled ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "completed", "cancelled"),
    [
        (["open", "in_progress"], None, None),
        (["open", "in_progress", "completed"], when(10), None),
        (["open", "completed", "open"], None, None),
        (["open", "completed", "open", "completed"], when(11), None),
        (["open", "cancelled"], None, when(9)),
        (["open", "cancelled", "open"], None, None),
        (["completed"], PLACED_AT, None),
    ],
)
def test_the_states_of_an_order(
    states: list[str], completed: datetime | None, cancelled: datetime | None
) -> None:
    order = told([], *path("o1", *states), stateMachineState={"technicalName": states[-1]})
    assert (order.completed_at, order.cancelled_at) == (completed, cancelled)
    assert order.state == states[-1]


# --- refunds -------------------------------------------------------------------------------

BACK_PARTLY = path("t", "open", "paid", "refunded_partially")
BACK = path("t", "open", "paid", "refunded_partially", "refunded")


def test_a_part_that_nobody_named() -> None:
    (only,) = told([transaction("t", DUE, "refunded_partially")], *BACK_PARTLY).refunds
    assert only == Refund("t", when(10), unnamed=None)


def test_all_of_it_under_the_id_of_the_part_before() -> None:
    (only,) = told([transaction("t", DUE, "refunded")], *BACK).refunds
    assert only == Refund("t", when(11), is_whole=True)


def test_a_refund_that_names_lines() -> None:
    """As recorded: no taxes are listed, so the line's own share of tax counts."""
    rows = [refund("r", "69.50", {"saw": (1, "59.50")})]
    order = told([transaction("t", DUE, "refunded_partially", refunds=rows)], *BACK_PARTLY)
    (only,) = order.refunds
    assert only == Refund(
        "r",
        when(15),
        lines=(RefundLine("saw", D(1), Money(D(50), D("59.5"))),),
        unnamed=Money(D("8.4"), D(10)),
    )


def test_a_refund_with_its_own_taxes() -> None:
    rows = [refund("r", "59.50", {"saw": (1, "59.50")}, rate=19)]
    (only,) = told([transaction("t", DUE, "paid", refunds=rows)]).refunds
    assert (only.lines[0].amount, only.unnamed) == (Money(D(50), D("59.5")), NO_MONEY)


@pytest.mark.parametrize(
    ("whole", "position", "rate", "expected", "rest"),
    [
        ("59.50", "50", None, Money(D(50), D("59.5")), NO_MONEY),
        ("59.50", "59.50", None, Money(D(50), D("59.5")), NO_MONEY),
        ("59.50", "50", 19, Money(D(50), D("59.5")), NO_MONEY),
        ("71.40", "50", None, Money(D(50), D("59.5")), Money(D(10), D("11.9"))),
    ],
)
def test_a_refund_in_a_net_order(
    whole: str, position: str, rate: int | None, expected: Money, rest: Money
) -> None:
    """What changed hands is gross, what is said of a line is net, or gross where that adds up."""
    row = refund("r", whole, {"saw": (1, position)}, rate=rate, mode="net")
    if rate is not None:
        row["amount"]["calculatedTaxes"] = [{"tax": D("9.50"), "taxRate": 19}]
    saw = line("saw", "100", mode="net")
    order = read(
        order_row(saw, mode="net", transactions=[transaction("t", DUE, "paid", refunds=[row])])
    )
    (only,) = order.refunds
    assert (only.lines[0].amount, only.unnamed) == (expected, rest)


def test_a_refund_that_names_no_line_or_a_strange_one() -> None:
    rows = [refund("r1", "11.90"), refund("r2", "11.90", {"shipping": (1, "11.90")})]
    order = told([transaction("t", DUE, "paid", refunds=rows)])
    assert [(r.lines, r.unnamed) for r in order.refunds] == [((), Money(D(10), D("11.9")))] * 2


@pytest.mark.parametrize("state", ["open", "in_progress", "failed", "cancelled"])
def test_a_refund_that_is_not_completed_is_none(state: str) -> None:
    rows = [refund("r", "10", state=state)]
    assert told([transaction("t", DUE, "paid", refunds=rows)]).refunds == ()


def test_a_refund_counts_from_its_completion() -> None:
    rows = [refund("r", "10", created=at(8))]
    history = path("r", "open", "in_progress", "completed")
    (only,) = told([transaction("t", DUE, "paid", refunds=rows)], *history).refunds
    assert only.at == when(10)


@pytest.mark.parametrize(
    ("amounts", "ids"),
    [
        # all that is left is told beside what was named
        (["59.50"], [("t", True), ("r0", False)]),
        # nothing is left
        (["119"], [("r0", False)]),
        (["59.50", "59.50"], [("r0", False), ("r1", False)]),
    ],
)
def test_a_refunded_payment_with_refunds_of_its_capture(
    amounts: list[str], ids: list[tuple[str, bool]]
) -> None:
    rows = [refund(f"r{i}", one, {"saw": (1, one)}) for i, one in enumerate(amounts)]
    order = told([transaction("t", DUE, "refunded", refunds=rows)], *BACK)
    assert [(r.id, r.is_whole) for r in order.refunds] == ids


@pytest.mark.parametrize(
    ("transactions", "expected"),
    [
        # another payment covers the order: nothing of it came back
        ([("t1", DUE, "refunded"), ("t2", DUE, "paid")], []),
        ([("t1", DUE, "refunded"), ("t2", DUE, "open")], [("t1", True, D(0))]),
        # one of two parts, then both
        ([("t1", "59.50", "refunded"), ("t2", "59.50", "paid")], [("t1", False, D("59.5"))]),
        (
            [("t1", "59.50", "refunded"), ("t2", "59.50", "refunded")],
            [("t1", False, D("59.5")), ("t2", True, D(0))],
        ),
    ],
)
def test_refunds_of_one_of_several_payments(
    transactions: list[tuple[str, str, str]], expected: list[tuple[str, bool, Decimal]]
) -> None:
    rows = [transaction(*one, created=at(i)) for i, one in enumerate(transactions)]
    history = [PAID_1, PAID_2]
    history += [entry("t1", "paid", "refunded", at(14)), entry("t2", "paid", "refunded", at(15))]
    found = told(rows, *history).refunds
    assert [(r.id, r.is_whole, (r.unnamed or NO_MONEY).gross) for r in found] == expected


# --- who and when --------------------------------------------------------------------------


def test_the_buyer() -> None:
    order = told([])
    assert (order.customer_id, order.is_guest, order.email) == ("buyer", False, "buyer@example.com")
    assert (order.group_id, order.company, order.vat_id) == ("group", "Muster GmbH", "DE123456789")


def test_an_account_that_was_deleted_leaves_the_address() -> None:
    buyer = {"customerId": None, "email": "a@example.com", "vatIds": None, "customer": None}
    order = told([], orderCustomer=buyer)
    assert (order.customer_id, order.email, order.is_guest) == ("", "a@example.com", False)


@pytest.mark.parametrize(
    ("affiliate", "campaign", "code"), [(None, None, ""), (None, "C", "C"), ("A", "C", "A")]
)
def test_who_sent_the_buyer(affiliate: str | None, campaign: str | None, code: str) -> None:
    assert told([], affiliateCode=affiliate, campaignCode=campaign).referral_code == code


LATE = at(20)


@pytest.mark.parametrize(
    ("more", "history"),
    [
        ({"updatedAt": LATE}, []),
        ({"transactions": [transaction("t", DUE, updated=LATE)]}, []),
        ({"transactions": [transaction("t", DUE, created=LATE)]}, []),
        ({"deliveries": [{"id": "d", "createdAt": PLACED, "updatedAt": LATE}]}, []),
        ({"lineItems": [{**SAW, "updatedAt": LATE}]}, []),
        ({"transactions": [transaction("t", DUE, refunds=[refund("r", 1, created=LATE)])]}, []),
        ({}, [entry("o1", "open", "completed", LATE)]),
        (
            {"transactions": [transaction("t", DUE, refunds=[refund("r", 1)])]},
            [entry("r", "open", "completed", LATE)],
        ),
    ],
)
def test_the_newest_of_all_that_belongs_to_it(more: dict[str, Any], history: list[Any]) -> None:
    assert read(order_row(SAW, **more), *history).changed_at == when(20)
