"""Which errors of the database mean that two got in each other's way, and the same may go well
at another try."""

from __future__ import annotations

import random

from sqlalchemy.exc import DBAPIError

_LOST = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available
        "23505",  # unique_violation: somebody else was first to insert it
    }
)


def is_conflict(error: DBAPIError) -> bool:
    """On SQLite nothing gets in the way of a transaction that has begun to write, so that what
    fails there fails again; waiting longer than the busy time-out would not help either."""
    return getattr(error.orig, "sqlstate", None) in _LOST


def pause_after(conflicts: int) -> float:
    """Seconds, at random, so that two who collided do not collide again."""
    return random.uniform(0.0, 0.02 * 2**conflicts)  # noqa: S311 - no secret
