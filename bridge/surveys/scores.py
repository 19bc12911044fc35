"""What an answer from 0 to 10 makes of who gave it. Pure."""

from __future__ import annotations

from enum import IntEnum

WORST, BEST = 0, 10
PASSIVE_FROM, PROMOTER_FROM = 7, 9


class Standing(IntEnum):
    """A merchant reads answers from the highest of these down, and within each from the newest
    back: one index, walked from its end, serves both."""

    DETRACTOR = 3
    """0 to 6."""
    PASSIVE = 2
    """7 or 8."""
    PROMOTER = 1
    """9 or 10."""
    UNASKED = 0
    """He was not asked that question, or did not answer it."""


def standing_of(score: int | None) -> Standing:
    """Raises ValueError for a score that is not from 0 to 10."""
    if score is None:
        return Standing.UNASKED
    if not WORST <= score <= BEST:
        raise ValueError(f"an answer is a whole number from {WORST} to {BEST}, not {score}")
    if score >= PROMOTER_FROM:
        return Standing.PROMOTER
    return Standing.PASSIVE if score >= PASSIVE_FROM else Standing.DETRACTOR
