"""How the shop keeps and shows numbers and times."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.magento.sandbox.errors import wrong_type

SIX = Decimal("0.000001")
"""Prices are kept with six decimals (recorded: tier_prices.json #22)."""
FOUR = Decimal("0.0001")
PERCENT = Decimal("0.01")
"""Discounts have two decimals: the column is a decimal(5,2) (Magento_Catalog, db_schema.xml)."""
CENT = Decimal("0.01")


_HIGHEST = {
    SIX: Decimal("99999999999999.999999"),
    FOUR: Decimal("99999999.9999"),
    PERCENT: Decimal("999.99"),
}
"""What the columns hold: decimal(20,6), decimal(12,4), decimal(5,2)."""


def _kept(value: Any, unit: Decimal) -> Decimal:
    """The shop has its database cut off what does not fit: it connects with ``SQL_MODE=''``
    (magento2: Framework/DB/Adapter/Pdo/Mysql.php)."""
    given, highest = Decimal(str(value)), _HIGHEST[unit]
    if abs(given) > highest:
        return highest.copy_sign(given)
    return given.quantize(unit, ROUND_HALF_UP)


def price(value: Any) -> Decimal:
    return _kept(value, SIX)


def percentage(value: Any) -> Decimal:
    return _kept(value, PERCENT)


def quantity(value: Any) -> Decimal:
    return _kept(value, FOUR)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def number(value: Decimal) -> int | float:
    """As PHP writes a float: without a fraction when there is none."""
    return int(value) if value == value.to_integral_value() else float(value)


def converted(value: Decimal, rate: Decimal) -> Decimal:
    """An amount in the base currency as shoppers see it; ``rate``: how much of theirs it costs."""
    return value if rate == 1 else cents(value * rate)


def text(value: Any) -> str | None:
    """As PHP turns a parameter into text; null stays null (recorded: tier_prices.json #20)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    return str(number(Decimal(str(value))))


_NUMERIC = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


def numeric(value: Any) -> bool:
    """As PHP's is_numeric: true and false are none."""
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or _NUMERIC.fullmatch(str(value)) is not None


def whole(value: Any) -> int:
    """What is numeric, without its fraction. Raises Refused for anything else."""
    if not numeric(value):
        raise wrong_type(text(value), "int")
    return int(float(value))


def collated(value: str) -> str:
    """Equal for texts that the database takes for the same (utf8_general_ci): without regard to
    case, accents and spaces at the end."""
    if value.isascii():
        return value.rstrip(" ").lower()
    plain = unicodedata.normalize("NFD", value.rstrip(" ").lower().replace("ß", "s"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def moment(at: datetime) -> str:
    """As the shop writes times: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
