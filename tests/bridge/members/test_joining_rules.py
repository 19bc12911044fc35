"""Who takes part, and since when: examples."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.members.joining_rules import (
    Bought,
    Standing,
    Word,
    bought_in,
    last_day,
    takes_part_since,
    terms,
)
from bridge.programme.rewards import Joining
from connectors.sales import LineKind, Money, Order, OrderLine, Refund, RefundLine

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


REGISTERED, NOW = moment("2024-01-01"), moment("2026-06-01")
TAKEN_IN, LEFT = Word(True, moment("2026-02-01")), Word(False, moment("2026-03-01"))
CLUB = {"product": {"sku": "CLUB"}}
BOUGHT = (Bought(moment("2025-07-01"), 1),)


@pytest.mark.parametrize(
    ("joining", "standing", "since"),
    [
        (None, {}, REGISTERED),
        (None, {"word": LEFT}, None),
        (None, {"word": TAKEN_IN}, TAKEN_IN.at),  # he had left before
        ({"invited": True}, {}, None),
        ({"invited": True}, {"word": TAKEN_IN}, TAKEN_IN.at),
        ({"invited": True}, {"word": LEFT}, None),
        ({"when": {"group": "B2B"}}, {}, None),
        ({"when": {"group": "B2B"}}, {"is_meant": True}, REGISTERED),
        ({"when": {"group": "B2B"}}, {"is_meant": True, "word": LEFT}, None),
        ({"when": {"group": "B2B"}}, {"word": TAKEN_IN}, None),  # nobody is taken in by hand
        (CLUB, {}, None),
        (CLUB, {"is_meant": True}, None),
        (CLUB, {"bought": BOUGHT}, BOUGHT[0].at),
        (CLUB, {"bought": (Bought(moment("2025-05-31"), 1),)}, None),  # over since yesterday
        (CLUB, {"bought": BOUGHT, "word": LEFT}, None),
        ({"invited": True, **CLUB}, {"word": TAKEN_IN}, TAKEN_IN.at),
        ({"invited": True, **CLUB}, {"bought": BOUGHT}, BOUGHT[0].at),
        ({"invited": True, **CLUB}, {}, None),
    ],
)
def test_any_way_in_will_do_unless_he_left(
    joining: dict[str, Any] | None, standing: dict[str, Any], since: datetime | None
) -> None:
    section = None if joining is None else Joining.model_validate(joining)
    known = Standing(REGISTERED, **standing)
    assert takes_part_since(section, known, NOW, BERLIN) == since


@pytest.mark.parametrize(
    ("bought", "spans"),
    [
        ([("2024-02-29T10:00", 1)], [("2024-02-29", "2025-02-28")]),
        ([("2024-02-29T10:00", 3)], [("2024-02-29", "2027-02-28")]),
        # Renewed before the end: from the end on, to the day.
        ([("2024-01-31T10:00", 1), ("2025-01-31T23:00", 1)], [("2024-01-31", "2026-01-31")]),
        ([("2025-01-31T23:00", 1), ("2024-01-31T10:00", 1)], [("2024-01-31", "2026-01-31")]),
        # After a gap it begins anew.
        (
            [("2024-01-31T10:00", 1), ("2025-02-01T00:00", 1)],
            [("2024-01-31", "2025-01-31"), ("2025-02-01", "2026-02-01")],
        ),
        ([], []),
    ],
)
def test_a_membership_is_renewed_from_its_end(
    bought: list[tuple[str, int]], spans: list[tuple[str, str]]
) -> None:
    found = terms([Bought(moment(at), pieces) for at, pieces in bought], 12, BERLIN)
    assert [
        (term.begins.astimezone(BERLIN).date().isoformat(), last_day(term, BERLIN).isoformat())
        for term in found
    ] == spans


def line(id_: str, sku: str, quantity: str) -> OrderLine:
    return OrderLine(id_, LineKind.PRODUCT, sku, sku, sku, Decimal(quantity), Money())


def returned(*lines: tuple[str, int]) -> Refund:
    return Refund("r", NOW, tuple(RefundLine(id_, Decimal(count), Money()) for id_, count in lines))


@pytest.mark.parametrize(
    ("fields", "pieces"),
    [
        ({}, 3),
        ({"paid_at": None}, 0),
        ({"cancelled_at": NOW}, 0),
        ({"refunds": (Refund("r", NOW, is_whole=True),)}, 0),
        ({"refunds": (returned(("a", 1), ("x", 5)),)}, 2),
        ({"refunds": (returned(("a", 2), ("b", 1)),)}, 0),
    ],
)
def test_what_was_paid_and_kept_counts(fields: dict[str, Any], pieces: int) -> None:
    lines = (line("a", "club", "2"), line("b", "CLUB ", "1"), line("x", "OTHER", "5"))
    order = Order("1", "1", "1", "EUR", NOW, NOW, **{"lines": lines, "paid_at": NOW, **fields})
    found = bought_in(order, "CLUB")
    assert found == (Bought(NOW, pieces) if pieces else None)
