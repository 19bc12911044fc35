"""A unit of work that is begun anew when another got in its way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bridge.db import Database
from bridge.inbox.conflicts import is_conflict, pause_after

CONFLICTS = 5
"""How often a transaction that lost a race is begun anew."""
T = TypeVar("T")


def again_when_lost(database: Database, step: Callable[[Session], T]) -> T:
    """What ``step`` returned, committed. Raises what it raises, and DBAPIError at last."""
    for conflicts in range(1, CONFLICTS + 1):
        try:
            with database.writing() as session:
                return step(session)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
            time.sleep(pause_after(conflicts))
    with database.writing() as session:
        return step(session)
