"""Whether a rule that holds for a share of the members changes what they do. Pure.

Members are in the share by chance (a hash of member and rule), so the two groups differ in
nothing else: what they buy differs by the rule, or by chance. Welch's t-test says how easily
chance alone gives such a difference; it takes groups of different sizes and spreads. Statistics
are floats: nothing here is money that anybody is paid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ALPHA = 0.05
"""A difference that chance alone gives less often than this means something."""
FEWEST = 20
"""Members each group needs at least."""


@dataclass(slots=True)
class Sample:
    """One measure of the members of one group."""

    count: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        """Welford's way: exact enough however many there are."""
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)

    def add_zeros(self, count: int) -> None:
        """Members who did nothing, together."""
        if count:
            total = self.count + count
            self._squares += self.mean * self.mean * self.count * count / total
            self.mean *= self.count / total
            self.count = total

    @property
    def variance(self) -> float:
        return self._squares / (self.count - 1) if self.count > 1 else 0.0


class Meaning(StrEnum):
    TOO_FEW = "too few members to tell"
    NONE = "too small to mean anything"
    MEANS = "more than chance"


@dataclass(frozen=True, slots=True)
class Test:
    """Welch's t-test, both sides."""

    difference: float
    """Of the means: those in the share less the rest."""
    t: float
    df: float
    p: float
    """How often chance alone gives such a difference, or a greater one."""
    meaning: Meaning

    def __str__(self) -> str:
        if self.meaning is Meaning.TOO_FEW:
            return f"too few members to tell: each group needs {FEWEST}"
        p = "p < 0.001" if self.p < 0.001 else f"p = {self.p:.3f}"
        figures = f"Welch's t-test: t = {self.t:.2f}, df = {self.df:.1f}, {p}"
        return f"{self.meaning.value} ({figures})"


def sample(values: Iterable[float], zeros: int = 0) -> Sample:
    found = Sample()
    for value in values:
        found.add(value)
    found.add_zeros(zeros)
    return found


def compared(inside: Sample, rest: Sample) -> Test:
    difference = inside.mean - rest.mean
    if min(inside.count, rest.count) < FEWEST:
        return Test(difference, 0.0, 0.0, 1.0, Meaning.TOO_FEW)
    first, second = inside.variance / inside.count, rest.variance / rest.count
    error = first + second
    if not error:
        # Every member of a group did the very same.
        certain = difference != 0.0
        p = 0.0 if certain else 1.0
        return Test(difference, 0.0, 0.0, p, Meaning.MEANS if certain else Meaning.NONE)
    t = difference / math.sqrt(error)
    df = error**2 / (first**2 / (inside.count - 1) + second**2 / (rest.count - 1))
    p = two_sided(t, df)
    return Test(difference, t, df, p, Meaning.MEANS if p < ALPHA else Meaning.NONE)


def two_sided(t: float, df: float) -> float:
    """The chance of a value as far from 0 as ``t``, by Student's distribution."""
    return _beta(df / (df + t * t), df / 2, 0.5)


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0.0 or x >= 1.0:
        return min(max(x, 0.0), 1.0)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Its continued fraction, by Lentz's method (Numerical Recipes, 6.4)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 20_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return value
