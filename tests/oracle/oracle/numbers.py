"""Whole points from exact ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction


def whole(exact: Fraction, rounding: str) -> int:
    top, bottom = exact.numerator, exact.denominator
    if rounding == "down":
        return top // bottom
    if rounding == "up":
        return -(-top // bottom)
    return (2 * top + bottom) // (2 * bottom)


def shared(total: int, weights: Sequence[Fraction]) -> list[int]:
    """In proportion, without losing one: what is left over goes to the largest remainders, of
    equal ones to the first."""
    if not any(weights):
        weights = [Fraction(1)] * len(weights)
    common = 1
    for weight in weights:
        common = common * weight.denominator
    parts = [weight.numerator * (common // weight.denominator) for weight in weights]
    everything = sum(parts)
    shares = [total * part // everything for part in parts]
    remainders = [total * part % everything for part in parts]
    for _ in range(total - sum(shares)):
        lucky = remainders.index(max(remainders))
        shares[lucky] += 1
        remainders[lucky] = -1
    return shares


def rounded_lines(
    exact: Mapping[str, Fraction], rounding: str, *, whole_order: bool
) -> dict[str, int]:
    return more(dict.fromkeys(exact, Fraction(0)), exact, rounding, whole_order=whole_order)


def more(
    before: Mapping[str, Fraction],
    after: Mapping[str, Fraction],
    rounding: str,
    *,
    whole_order: bool,
) -> dict[str, int]:
    """What rounding the one gives more than rounding the other, by line."""
    if not whole_order:
        return {
            line: whole(after[line], rounding) - whole(before[line], rounding) for line in after
        }
    if not after or sum(after.values()) == sum(before.values()):
        return dict.fromkeys(after, 0)
    total = whole(sum(after.values(), Fraction(0)), rounding) - whole(
        sum(before.values(), Fraction(0)), rounding
    )
    growth = [after[line] - before[line] for line in after]
    return dict(zip(after, shared(total, growth), strict=True))
