"""What an order brings for the next purchase, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.campaigns.next_rules import (
    MOST,
    End,
    Face,
    Held,
    Issue,
    OrderFacts,
    Worth,
    brings,
    decide,
    due_at,
)
from bridge.programme.rewards import NextPurchase
from bridge.vouchers.models import VoucherState

BERLIN = ZoneInfo("Europe/Berlin")
PLACED = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 2 March in Berlin
ORDER = OrderFacts("north", "de", PLACED, PLACED, counts=True, total=Decimal(100))
FIVE = Worth(amount=Decimal(5))


def rule(**fields: Any) -> NextPurchase:
    return NextPurchase.model_validate({"give": {"amount": 5}, **fields})


@pytest.mark.parametrize(
    ("fields", "order", "worth"),
    [
        ({}, {}, FIVE),
        ({}, {"counts": False}, None),
        ({}, {"completed_at": None}, None),
        ({}, {"total": Decimal(0)}, None),
        ({"order": 100}, {}, FIVE),
        ({"order": 100}, {"total": Decimal("99.99")}, None),
        ({"from": "2026-03-02"}, {}, FIVE),
        ({"until": "2026-03-01"}, {}, None),
        ({"stores": ["north"]}, {}, FIVE),
        ({"stores": ["north/at", "south"]}, {}, None),
        ({"give": {"percent": 10}}, {}, Worth(percent=Decimal(10))),
        ({"give": {"share": 3}}, {}, Worth(amount=Decimal(3))),
        ({"give": {"share": 3, "maximum": 2}}, {}, Worth(amount=Decimal(2))),
        ({"give": {"share": 3}}, {"total": Decimal("33.33")}, Worth(amount=Decimal("0.9999"))),
    ],
)
def test_what_an_order_brings(
    fields: dict[str, Any], order: dict[str, Any], worth: Worth | None
) -> None:
    assert brings(rule(**fields), replace(ORDER, **order), BERLIN) == worth


def test_it_waits_whole_days_of_the_programmes_time_zone() -> None:
    assert due_at(rule(), PLACED, BERLIN) == PLACED
    assert due_at(rule(after_days=14), PLACED, BERLIN) == datetime(2026, 3, 16, 23, tzinfo=UTC)


def held(number: int, state: str, ending: str = "", amount: int | None = 500) -> Held:
    return Held(number, VoucherState(state), ending, amount)


GONE = held(1, "ended", "cause-gone")


@pytest.mark.parametrize(
    ("face", "before", "step"),
    [
        (None, [], None),
        (Face(500), [], Issue(1)),
        (Face(500), [held(1, "open")], None),
        (Face(percent=Decimal(10)), [held(1, "open", amount=None)], None),
        # Undone before it was used.
        (None, [held(1, "open")], End(1)),
        (None, [held(1, "used")], None),
        (None, [held(1, "ending", "expired")], None),
        # A part was returned: it is worth less now. More it never gets.
        (Face(300), [held(1, "open")], End(1)),
        (Face(700), [held(1, "open")], None),
        # It stands again, or for less: only once nobody can have used the one before.
        (Face(300), [held(1, "ending", "cause-gone")], None),
        (Face(300), [GONE], Issue(2)),
        (Face(500), [GONE, held(2, "open")], None),
        (None, [GONE, held(2, "open")], End(2)),
        (Face(500), [GONE, held(2, "used")], None),
        # Had, whatever became of it.
        (Face(500), [held(1, "ended", "expired")], None),
        (Face(500), [held(1, "ended", "withdrawn")], None),
        (Face(500), [held(1, "used", "cause-gone")], None),
        (Face(500), [held(MOST, "ended", "cause-gone")], None),
    ],
)
def test_an_order_has_one_voucher_at_a_time(
    face: Face | None, before: list[Held], step: Issue | End | None
) -> None:
    assert decide(face, before) == step
    assert decide(face, before[::-1]) == step
