"""How the shop keeps and shows numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

SIX = Decimal("0.000001")
"""Prices are kept with six decimals (recorded: tier_prices.json #22)."""
FOUR = Decimal("0.0001")
CENT = Decimal("0.01")


def price(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(SIX, ROUND_HALF_UP)


def quantity(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(FOUR, ROUND_HALF_UP)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def number(value: Decimal) -> int | float:
    """As PHP writes a float: without a fraction when there is none."""
    return int(value) if value == value.to_integral_value() else float(value)


def text(value: Any) -> str | None:
    """As PHP turns a parameter into text; null stays null (recorded: tier_prices.json #20)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    return str(number(Decimal(str(value))))


def now() -> str:
    """The shop's clock: UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
