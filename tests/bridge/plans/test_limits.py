"""How much money a plan moves, and when a second person must see it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bridge.plans.limits import money_moved, needs_second_person
from bridge.programme.document import Programme

PROGRAMME = Programme.model_validate(
    {
        "programme": "Acme",
        "currency": "EUR",
        "rates": [
            {"currency": "CHF", "from": "2026-01-01", "rate": "1.05"},
            {"currency": "CHF", "from": "2026-07-01", "rate": "2"},
        ],
    }
)
MARCH, LAST_YEAR = date(2026, 3, 1), date(2025, 3, 1)


@pytest.mark.parametrize(
    ("moved", "day", "total"),
    [
        ({}, MARCH, "0"),
        ({"EUR": "10"}, MARCH, "10"),
        ({"EUR": "10", "CHF": "100"}, MARCH, "115"),
        ({"EUR": "10", "CHF": "0"}, LAST_YEAR, "10"),
        ({"EUR": "10", "CHF": "100"}, LAST_YEAR, None),
        ({"USD": "1"}, MARCH, None),
    ],
)
def test_all_of_it_in_the_programmes_currency(
    moved: dict[str, str], day: date, total: str | None
) -> None:
    told = {currency: Decimal(amount) for currency, amount in moved.items()}
    expected = None if total is None else Decimal(total)
    assert money_moved(told, PROGRAMME, day) == expected


@pytest.mark.parametrize(
    ("moved", "limit", "needed"),
    [
        ("100", None, False),
        (None, None, False),
        ("100", "100", False),
        ("100.01", "100", True),
        ("0", "0", False),
        (None, "1000000", True),
    ],
)
def test_above_the_limit_or_not_to_be_said(
    moved: str | None, limit: str | None, needed: bool
) -> None:
    amounts = [None if one is None else Decimal(one) for one in (moved, limit)]
    assert needs_second_person(*amounts) is needed
