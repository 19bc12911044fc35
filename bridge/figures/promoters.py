"""The net promoter score: would you recommend us, from 0 to 10? Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bridge.surveys.scores import Standing, standing_of


@dataclass(frozen=True, slots=True)
class PromoterScore:
    promoters: int
    """Answered 9 or 10."""
    passives: int
    """Answered 7 or 8."""
    detractors: int
    """Answered 0 to 6."""
    score: Decimal | None
    """Percent of promoters less percent of detractors, from -100 to 100 with one decimal;
    ``None``: nobody answered."""


def promoter_score(promoters: int, passives: int, detractors: int) -> PromoterScore:
    """Raises ValueError for a count below 0."""
    if min(promoters, passives, detractors) < 0:
        raise ValueError("only as many as there are, or none, can have answered")
    asked = promoters + passives + detractors
    score = None
    if asked:
        exact = Decimal(100 * (promoters - detractors)) / Decimal(asked)
        score = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return PromoterScore(promoters, passives, detractors, score)


def score_of(answers: Iterable[int]) -> PromoterScore:
    """Raises ValueError for an answer that is not from 0 to 10."""
    found = [standing_of(one) for one in answers]
    return promoter_score(
        found.count(Standing.PROMOTER),
        found.count(Standing.PASSIVE),
        found.count(Standing.DETRACTOR),
    )
