"""What the module tells the bridge: rows of an outbox, signed and sent until they are taken.

A row is written together with what it tells of, and sent at once by a thread that lives as long
as anything waits. What is not taken is tried again after 1, 2, 4… minutes, six hours at most, for
14 days; after a 410 once a day. The switch ``events_sped_up`` lets all this pass faster.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.magento.webhooks import signed_headers
from connectors.sandbox.sending import exchange

CONNECT_SECONDS, TOTAL_SECONDS = 5, 10
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 6 * 3600.0
GONE, GONE_PAUSE = 410, 24 * 3600.0
KEPT = 14 * 24 * 3600.0
AGENT = "LoyaltyBridge-Magento"


@dataclass(slots=True)
class Waiting:
    token: str
    event: str
    entity: str
    ids: tuple[str, ...]
    since: float
    attempts: int = 0
    next_try: float = 0.0
    error: str = ""

    @property
    def body(self) -> bytes:
        """As PHP's ``json_encode`` writes it."""
        message = {
            "id": self.token,
            "event": self.event,
            "entity": self.entity,
            "ids": list(self.ids),
        }
        return json.dumps(message, separators=(",", ":")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Target:
    """Where events go. Empty: nowhere, and they wait."""

    url: str
    secret: str = field(repr=False)


def pause_after(attempts: int, status: int) -> float:
    """Seconds until the next try."""
    if status == GONE:
        return GONE_PAUSE
    return min(FIRST_PAUSE * 2.0**attempts, LONGEST_PAUSE)


class Outbox:
    """``lock``: the shop's: what is written under it cannot be sent before it is let go.
    ``target``, ``speed``: asked whenever it matters."""

    def __init__(
        self, lock: threading.RLock, target: Callable[[], Target], speed: Callable[[], float]
    ) -> None:
        self._lock = lock
        self._target = target
        self._speed = speed
        self._rows: list[Waiting] = []
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    # -- what waits -------------------------------------------------------------------------

    def note(self, event: str, entity: str, ids: Sequence[str], token: str = "") -> None:
        token = token or secrets.token_hex(16)
        with self._lock:
            self._rows.append(Waiting(token, event, entity, tuple(ids), since=time.monotonic()))
            self.nudge()

    def __len__(self) -> int:
        with self._lock:
            return len(self._rows)

    @property
    def oldest(self) -> int:
        """Seconds that the oldest has waited."""
        with self._lock:
            return int(time.monotonic() - self._rows[0].since) if self._rows else 0

    @property
    def rows(self) -> list[Waiting]:
        with self._lock:
            return list(self._rows)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._wake.set()

    def nudge(self) -> None:
        """Something came, or where to send it is known now."""
        with self._lock:
            self._wake.set()
            if self._thread is None and self._rows:
                self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
                self._thread.start()

    def join(self, seconds: float) -> bool:
        """Waits until all is sent; whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return not len(self)

    # -- sending ----------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                self._wake.clear()
                self._forget_old()
                if not self._rows:
                    self._thread = None
                    return
                row, pause = self._claimed()
                target = self._target()
            if row is None:
                self._wake.wait(pause)
                continue
            status = _sent(row, target)
            with self._lock:
                self._settle(row, status)

    def _forget_old(self) -> None:
        oldest = time.monotonic() - KEPT / self._speed()
        self._rows = [row for row in self._rows if row.since >= oldest]

    def _claimed(self) -> tuple[Waiting | None, float]:
        """One that is due, its next try moved ahead; else how long there is nothing to do."""
        if not self._target().url:
            return None, LONGEST_PAUSE
        now = time.monotonic()
        row = min(self._rows, key=lambda one: one.next_try)
        if row.next_try > now:
            return None, row.next_try - now
        row.next_try = now + pause_after(row.attempts, 0) / self._speed()
        return row, 0.0

    def _settle(self, row: Waiting, status: int) -> None:
        if 200 <= status < 300:
            self._rows = [one for one in self._rows if one is not row]
            return
        row.attempts += 1
        row.error = f"HTTP {status}" if status else "no answer"
        row.next_try = time.monotonic() + pause_after(row.attempts, status) / self._speed()


def _sent(row: Waiting, target: Target) -> int:
    """The status of the answer; 0: none came."""
    headers = {"Content-Type": "application/json"}
    headers |= signed_headers(target.secret, row.token, row.body, datetime.now(UTC))
    status, _ = exchange(
        "POST",
        target.url,
        headers,
        row.body,
        agent=AGENT,
        connect_seconds=CONNECT_SECONDS,
        total_seconds=TOTAL_SECONDS,
    )
    return status
