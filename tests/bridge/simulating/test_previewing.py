"""What other rules would have given for a month: the present ones give what the book says, others
what the hand computes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from ledger_world import LedgerWorld, line, order, refund

from bridge.db import Database
from bridge.kit.progress import NoProgress
from bridge.programme.document import Programme
from bridge.simulating.previewing import Preview, RuleCost, preview

MARCH = date(2026, 3, 1)
RULES: dict[str, Any] = {
    "base": {"per_amount": {"points": 1, "each": 1}},
    "first": {"first_order": 50},
    "screws": {"per_item": 3, "when": {"sku": "SKU-s*"}},
    "birthday": {"birthday": 100},
}
CAPS = {"caps": {"day": 120}}
REDEMPTION = {"rate": {"points": 100, "amount": 1}, "step": 1}


def at(day: int, month: int = 3, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def programme(rules: dict[str, Any], **points: Any) -> Programme:
    return Programme.model_validate(
        {
            "programme": "Test",
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "points": {"rules": rules, **points},
            "redemption": REDEMPTION,
        }
    )


@pytest.fixture
def sold(database: Database) -> LedgerWorld:
    """Ada buys in February and three times in March, once at either end; Bob once. A guest, too."""
    ledger = LedgerWorld(database, now=at(1, 2))
    ledger.programme({"rules": RULES, **CAPS}, timezone="Europe/Berlin", redemption=REDEMPTION)
    ledger.member((0, "ada"), (1, "adele"))
    ledger.member((0, "bob"))
    ledger.now = at(5, 4)
    ledger.arrive(
        order("1", line("a", 40), customer="ada", placed=at(10, 2)),
        # The first hour of March in Berlin, the last of February in UTC.
        order("2", line("a", 30), customer="ada", placed=datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
        order("4", line("a", 100), line("s1", 20, 2), customer="bob", placed=at(20)),
        order(
            "5",
            line("a", 60, 2),
            customer="ada",
            placed=at(31),
            refunds=(refund("r", ("a", 1, 30), at=at(2, 4)),),
        ),
        order("6", line("a", 500), customer="", is_guest=True, placed=at(12)),
        order("7", line("a", 70), customer="ada", placed=datetime(2026, 3, 31, 22, 30, tzinfo=UTC)),
    )
    ledger.arrive(order("3", line("s9", 10, 5), customer="adele", placed=at(15)), shop=1)
    ledger.later(days=1)
    return ledger


def reckoned(ledger: LedgerWorld, before: Programme, after: Programme) -> Preview:
    return preview(ledger.database, ledger.workspace, before, after, MARCH, NoProgress())


def test_the_present_rules_give_what_the_book_says(sold: LedgerWorld) -> None:
    present = programme(RULES, **CAPS)
    found = reckoned(sold, present, present)
    booked = sum(sum(sold.worth(id_).values()) for id_ in ("2", "3", "4", "5", "6"))
    assert found.before == found.after == booked > 0
    assert (found.orders, found.all_orders, found.members) == (5, 5, 0)


def test_each_rule_is_told_on_both_sides_and_what_it_is_worth(sold: LedgerWorld) -> None:
    present = programme(RULES)
    changed = programme(
        {
            "base": {"per_amount": {"points": 2, "each": 1}},
            "third": {"nth_order": {"n": 3, "points": 500}},
            "first": {"first_order": 50},
            "birthday": {"birthday": 999},
        }
    )
    found = reckoned(sold, present, changed)
    assert found.rules == (
        # 30 + 10 + 120 + 60, of which 30 were returned
        RuleCost("base", 190, 380, 4),
        # The one of March 15 is Ada's third, over both stores; February counts.
        RuleCost("third", 0, 500, 1),
        # Ada's was in February.
        RuleCost("first", 50, 50, 1),
        RuleCost("screws", 21, 0, 2),
    )
    assert (found.value_before, found.value_after) == (Decimal("2.61"), Decimal("9.30"))
    assert found.members == 2
    assert found.unreckoned == ("birthday",)


def test_caps_hold_for_each_side_by_itself(sold: LedgerWorld) -> None:
    uncapped = programme({"base": {"per_item": 1000}})
    a_day = programme({"base": {"per_item": 1000}}, caps={"day": 1500})
    ever = programme({"base": {"per_item": 1000}}, caps={"member": 5500})
    # Ada buys 1, 5 and (of two, one returned) 1 piece on three days; Bob 1 and 2 on one.
    assert reckoned(sold, uncapped, a_day).before == 10_000
    assert reckoned(sold, uncapped, a_day).after == 1000 + 1500 + 750 + 1500
    # Of her 5,500, Ada had 90 before March.
    assert reckoned(sold, uncapped, ever).after == 5410 + 3000


def test_a_programme_without_rules_gives_nothing(sold: LedgerWorld) -> None:
    none = Programme.model_validate({"programme": "Test", "currency": "EUR"})
    found = reckoned(sold, none, programme(RULES))
    assert (found.before, found.value_before) == (0, None)
    assert found.after > 0
