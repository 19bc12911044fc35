"""Exact numbers as people read them in a calculation. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_SIXTH = Decimal("0.000001")
_SIXTY_DIGITS = Context(prec=60, rounding=ROUND_HALF_EVEN)


def amount_text(exact: Fraction) -> str:
    """At most six decimals, without trailing zeros."""
    if exact.denominator == 1:
        return str(exact.numerator)
    number = _SIXTY_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    text = format(_SIXTY_DIGITS.quantize(number, _SIXTH), "f")
    return text.rstrip("0").rstrip(".")
