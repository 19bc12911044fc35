"""What a worker that brings codes into a shop works with, and what came of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bridge.db import Database
from bridge.kit.clock import Clock
from bridge.outbox.handler import PERSON_MUST_ACT
from bridge.vouchers.queue import Lease, pause_after
from connectors.errors import ConnectorError, Rejected, ShopFault, Unsafe

DEAD_AFTER = 10
"""Refusals of one code or promotion in a row."""
DEAD_AFTER_NO = 3
"""The same, where the shop said that it cannot be."""


@dataclass(frozen=True)
class Desk:
    database: Database
    workspace_id: int
    home: Path
    owner: str
    """See :class:`bridge.outbox.workers.Worker`."""
    clock: Clock
    lease: timedelta
    """Longer than any call takes."""
    threads: int = 1
    jitter: Callable[[float, float], float] = random.uniform
    stopping: Callable[[], bool] = lambda: False
    """Whether nothing more shall be begun."""

    def new_lease(self, now: datetime) -> Lease:
        return Lease(self.owner, now + self.lease)

    def next_try(self, attempts: int, now: datetime) -> datetime:
        return now + pause_after(attempts, self.jitter(0.5, 1.0))


@dataclass
class Delivered:
    """What one run in one shop came to. Share it between threads."""

    added: int = 0
    removed: int = 0
    promotions: int = 0
    """Made, or taken away when they were finished."""
    refused: int = 0
    """Codes and promotions that the shop did not take, and that are tried again or are dead."""
    problems: list[str] = field(default_factory=list)
    """What a person should hear of."""
    remarks: list[str] = field(default_factory=list)
    shop_is_out: bool = False
    """The shop as a whole did not do its part; the rest waits."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, *, added: int = 0, removed: int = 0, promotions: int = 0) -> None:
        with self._lock:
            self.added += added
            self.removed += removed
            self.promotions += promotions

    def problem(self, text: str, *, refused: int = 0) -> None:
        with self._lock:
            self.refused += refused
            if text and text not in self.problems:
                self.problems.append(text)

    def remark(self, text: str) -> None:
        with self._lock:
            self.remarks.append(text)

    def out(self, error: ConnectorError) -> None:
        with self._lock:
            self.shop_is_out = True
        self.problem(str(error))


def concerns_shop(error: ConnectorError) -> bool:
    """Whether it stands against every code alike, rather than against what was in the call."""
    if isinstance(error, PERSON_MUST_ACT):
        return True
    return error.transient and not error.outcome_unknown


def is_dead(error: ConnectorError | None, attempts: int) -> bool:
    """Whether it is not tried again by itself. ``attempts``: with this one."""
    said_no = isinstance(error, Rejected | Unsafe) and not isinstance(error, ShopFault)
    return attempts >= (DEAD_AFTER_NO if said_no else DEAD_AFTER)
