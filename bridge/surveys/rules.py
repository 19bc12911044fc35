"""When a survey can be answered, and by whom again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.members.meant import Qualities, is_meant
from bridge.programme.giving import Who
from bridge.surveys.models import SurveyState


@dataclass(frozen=True, slots=True)
class Days:
    """Of a survey, in the programme's time zone; ``None``: it has no first or no last one."""

    first: date | None = None
    last: date | None = None


def is_open(state: SurveyState, days: Days, today: date) -> bool:
    return (
        state is SurveyState.OPEN
        and (days.first is None or days.first <= today)
        and (days.last is None or today <= days.last)
    )


def may_answer(last: datetime | None, again_days: int | None, now: datetime) -> bool:
    """``last``: when the member answered last, or one of those he was before he was merged."""
    if last is None:
        return True
    return again_days is not None and now >= last + timedelta(days=again_days)


def is_for(tiers: Sequence[str], segments: Sequence[str], qualities: Qualities) -> bool:
    """Whether a survey of these tiers and segments is for such a member."""
    if not tiers and not segments:
        return True
    return is_meant(Who(tier=tuple(tiers), segment=tuple(segments)), qualities)
