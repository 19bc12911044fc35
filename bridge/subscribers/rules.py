"""What an answer means, when a message is tried again, and when a subscriber is given up. Pure.

The schedule and the meaning of statuses are those of the Standard Webhooks specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SCHEDULE = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Pauses after the first attempt, the second, and so on: three days and three and a half hours."""
MOST_ATTEMPTS = len(SCHEDULE) + 1
JITTER = 0.1
"""The share by which a pause may be longer: not all come again at the same moment."""
GIVEN_UP_AFTER = timedelta(days=5)
"""A subscriber who took nothing for so long is sent nothing more."""
_FORGOTTEN_AFTER = timedelta(days=2)
"""What failed longer ago than the longest pause and a day says nothing of now."""
_LONGEST_WISH = timedelta(hours=24)
"""How long a pause a subscriber may ask for."""
_PAUSES = (5 * _SECOND, 30 * _SECOND, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE)
"""For which a subscriber is left alone who cannot be reached."""
_BUSY = frozenset({429, 502, 503, 504})
_GONE = 410


class Verdict(Enum):
    TAKEN = auto()
    GONE = auto()
    """It wants nothing more."""
    BUSY = auto()
    """It cannot take anything now: all its messages wait."""
    REFUSED = auto()
    """It did not take this one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one attempt."""

    status: int | None
    """``None``: nothing came back."""
    error: str = ""
    retry_after: float | None = None
    """Seconds."""
    text: str = ""
    """The beginning of the answer."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a subscriber was lately."""

    failing_since: datetime | None = None
    failed_at: datetime | None = None
    busy: int = 0
    not_before: datetime | None = None


WELL = Health()


def verdict(reply: Reply) -> Verdict:
    if reply.status is None:
        return Verdict.BUSY
    if 200 <= reply.status < 300:
        return Verdict.TAKEN
    if reply.status == _GONE:
        return Verdict.GONE
    if reply.status in _BUSY or reply.retry_after is not None:
        return Verdict.BUSY
    return Verdict.REFUSED


def pause_after(attempts: int, chance: float) -> timedelta:
    """Until a message is tried again that was tried so many times (from 1). ``chance``: drawn
    evenly from 0 to 1."""
    return SCHEDULE[min(attempts, len(SCHEDULE)) - 1] * (1 + JITTER * chance)


def wished(retry_after: float | None) -> timedelta:
    """The pause a subscriber asked for, in seconds; a day at most."""
    if retry_after is None or retry_after <= 0:
        return timedelta(0)
    return timedelta(seconds=min(retry_after, _LONGEST_WISH.total_seconds()))


def after_failure(
    health: Health, found: Verdict, retry_after: float | None, now: datetime
) -> Health:
    since = health.failing_since
    if since is None or (health.failed_at or since) < now - _FORGOTTEN_AFTER:
        since = now
    if found is not Verdict.BUSY:
        return Health(since, now, 0, None)
    pause = max(_PAUSES[min(health.busy, len(_PAUSES) - 1)], wished(retry_after))
    return Health(since, now, health.busy + 1, now + pause)


def is_given_up(health: Health, now: datetime) -> bool:
    since = health.failing_since
    return since is not None and now - since >= GIVEN_UP_AFTER
