"""From exact points to whole ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bridge.earning.sharing import share_out
from bridge.programme.points import Rounding, RoundPer, RoundTo

_NOTHING = Fraction(0)


def rounded(exact: Fraction, to: RoundTo) -> int:
    top, bottom = exact.numerator, exact.denominator
    if to is RoundTo.DOWN:
        return top // bottom
    return -(-top // bottom) if to is RoundTo.UP else (2 * top + bottom) // (2 * bottom)


def increments(
    before: Mapping[str, Fraction], after: Mapping[str, Fraction], rounding: Rounding
) -> dict[str, int]:
    """Whole points by line for what is exactly ``after`` and was ``before``, line by line not
    less. Rounded by line: each line's rounding of the one less that of the other. By order: so
    for the sums, shared out by largest remainder to where the growth is."""
    if rounding.per is RoundPer.LINE:
        if not before:
            return {key: rounded(exact, rounding.to) for key, exact in after.items()}
        return {
            key: rounded(exact, rounding.to) - rounded(before.get(key, _NOTHING), rounding.to)
            if exact is not before.get(key)
            else 0
            for key, exact in after.items()
        }
    growth = {key: exact - before.get(key, _NOTHING) for key, exact in after.items()}
    if not any(growth.values()):
        return dict.fromkeys(after, 0)
    total = rounded(sum(after.values(), _NOTHING), rounding.to)
    total -= rounded(sum(before.values(), _NOTHING), rounding.to)
    return dict(zip(growth, share_out(total, list(growth.values())), strict=True))
