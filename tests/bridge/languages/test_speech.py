"""Numbers, money and times as each language writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bridge.languages.speech import Speech

EN, DE, FA = (Speech(one, "staff", ZoneInfo("Europe/Berlin")) for one in ("en", "de", "fa"))
MOMENT = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (EN.number(1234567), "1,234,567"),
        (DE.number(1234567), "1.234.567"),
        (EN.signed(1200), "+1,200"),
        (EN.signed(-50), "-50"),
        (EN.money(Decimal("1234.5"), "EUR"), "€1,234.50"),
        (DE.money(Decimal("1234.5"), "EUR"), "1.234,50\u00a0€"),
        (EN.money(Decimal(500), "JPY"), "¥500"),
        (EN.percent(Decimal("0.105")), "10.5%"),
        (DE.percent(Decimal("0.1"), 0), "10\u00a0%"),
        (EN.ago(timedelta(minutes=5)), "5 minutes ago"),
        (DE.ago(-timedelta(hours=2)), "in 2 Stunden"),
        (EN.lasting(timedelta(seconds=40)), "40 seconds"),
    ],
)
def test_as_people_write_it(said: str, expected: str) -> None:
    assert said == expected


def test_a_moment_is_told_in_the_merchants_zone() -> None:
    assert DE.moment(MOMENT).startswith("02.07.2026")
    assert "00:30" in DE.moment(MOMENT)


def test_what_is_written_from_right_to_left() -> None:
    assert (EN.direction, FA.direction) == ("ltr", "rtl")
