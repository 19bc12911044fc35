"""Exact numbers as people read them in a calculation. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

_SIXTH = Decimal("0.000001")


def amount_text(exact: Fraction) -> str:
    """At most six decimals, without trailing zeros."""
    with localcontext(prec=60) as context:
        number = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        text = format(number.quantize(_SIXTH, rounding=ROUND_HALF_EVEN), "f")
    return text.rstrip("0").rstrip(".")
