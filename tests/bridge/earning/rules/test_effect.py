"""Whether a difference between two groups means anything: Welch's t-test, against tables."""

from __future__ import annotations

import random
import statistics

import pytest

from bridge.earning.effect import FEWEST, Meaning, compared, sample, two_sided

# Two-sided critical values of Student's distribution, as every textbook prints them.
TABLE = [
    (12.706, 1, 0.05),
    (2.776, 4, 0.05),
    (2.228, 10, 0.05),
    (3.169, 10, 0.01),
    (2.086, 20, 0.05),
    (2.000, 60, 0.05),
    (1.96, 1_000_000, 0.05),
    (2.576, 10_000_000, 0.01),
    (0.0, 5, 1.0),
]


@pytest.mark.parametrize(("t", "df", "p"), TABLE)
def test_the_distribution_is_as_the_tables_have_it(t: float, df: float, p: float) -> None:
    assert two_sided(t, df) == pytest.approx(p, abs=2e-4)
    assert two_sided(-t, df) == two_sided(t, df)


def test_groups_of_different_sizes_and_spreads() -> None:
    """By the formulas as textbooks write them."""
    first = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6] * 2
    second = [27.1, 22.0, 20.8, 23.4, 23.5, 25.8, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5] * 2
    found = compared(sample(first), sample(second))
    v1, v2 = statistics.variance(first) / 20, statistics.variance(second) / 24
    difference = statistics.mean(first) - statistics.mean(second)
    assert found.difference == pytest.approx(difference)
    assert found.t == pytest.approx(difference / (v1 + v2) ** 0.5)
    assert found.df == pytest.approx((v1 + v2) ** 2 / (v1**2 / 19 + v2**2 / 23))
    assert found.p == pytest.approx(two_sided(found.t, found.df))
    assert found.meaning is Meaning.MEANS


def test_those_who_did_nothing_count() -> None:
    counted = sample([3.0, 5.0], zeros=2)
    plain = sample([3.0, 0.0, 5.0, 0.0])
    assert (counted.count, counted.mean) == (4, 2.0)
    assert counted.variance == pytest.approx(statistics.variance([3, 0, 5, 0]))
    assert plain.variance == pytest.approx(counted.variance)


def test_chance_alone_is_seldom_taken_for_an_effect() -> None:
    shuffled = random.Random(4)
    wrong = sum(
        compared(
            sample(shuffled.expovariate(1) for _ in range(80)),
            sample(shuffled.expovariate(1) for _ in range(60)),
        ).meaning
        is Meaning.MEANS
        for _ in range(400)
    )
    assert 5 <= wrong <= 35  # 20 are expected


@pytest.mark.parametrize(
    ("inside", "rest", "meaning"),
    [
        ([1.0] * FEWEST, [1.0] * (FEWEST - 1), Meaning.TOO_FEW),
        ([1.0] * FEWEST, [1.0] * FEWEST, Meaning.NONE),
        ([2.0] * FEWEST, [1.0] * FEWEST, Meaning.MEANS),
        ([1.0, 2.0] * FEWEST, [1.0, 2.1] * FEWEST, Meaning.NONE),
        ([1.0, 2.0] * FEWEST, [3.0, 4.1] * FEWEST, Meaning.MEANS),
    ],
)
def test_the_statement(inside: list[float], rest: list[float], meaning: Meaning) -> None:
    found = compared(sample(inside), sample(rest))
    assert found.meaning is meaning
    assert str(found).startswith(meaning.value)
