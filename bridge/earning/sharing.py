"""Sharing out whole points so that nothing is lost or made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def share_out(total: int, weights: Sequence[Fraction]) -> list[int]:
    """``total`` in proportion to ``weights``, by largest remainder; of equal remainders the
    first gets more. Without any weight all count the same; without lines there is nobody to
    give to, which is a ValueError unless ``total`` is 0."""
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("only amounts from 0 on can be shared out")
    if not weights:
        if total:
            raise ValueError(f"{total} points cannot be shared out to nobody")
        return []
    common = lcm(*(weight.denominator for weight in weights))
    parts = [weight.numerator * (common // weight.denominator) for weight in weights]
    whole = sum(parts)
    if not whole:
        return share_out(total, [Fraction(1)] * len(weights))
    shares = [total * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(total * parts[at] % whole), at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
