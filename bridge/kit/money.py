"""Money as integers for the database: unit prices in millionths.

Decimals come in and go out; nothing here or below it is ever a float.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MILLION = Decimal(1_000_000)
_ONE = Decimal(1)


def to_millionths(value: Decimal) -> int:
    """Rounds half up beyond six decimals, the most that either platform's price column keeps."""
    return int((value * MILLION).quantize(_ONE, rounding=ROUND_HALF_UP))


def from_millionths(value: int) -> Decimal:
    """The exact decimal, without trailing zeros after the point."""
    whole, fraction = divmod(abs(value), 1_000_000)
    sign = "-" if value < 0 else ""
    if not fraction:
        return Decimal(f"{sign}{whole}")
    digits = f"{fraction:06d}".rstrip("0")
    return Decimal(f"{sign}{whole}.{digits}")


_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_EXPONENTS = dict.fromkeys(_WHOLE.split(), 0)
_EXPONENTS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
_EXPONENTS |= dict.fromkeys(("CLF", "UYW"), 4)


def exponent(currency: str) -> int:
    """Decimals of a currency's smallest unit (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def to_minor(value: Decimal, currency: str) -> int:
    """A total in the currency's smallest units, rounded half up."""
    return int(value.scaleb(exponent(currency)).quantize(_ONE, rounding=ROUND_HALF_UP))


def from_minor(value: int, currency: str) -> Decimal:
    return Decimal(value).scaleb(-exponent(currency))
