"""Counts what became of messages without making an answer wait for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bridge.application import Application
from bridge.installations import webhook_counts
from bridge.installations.webhook_counts import Tally

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 5.0


class Counting:
    """Adds up in memory. :meth:`flush` stores; between :meth:`start` and :meth:`stop` a thread
    does so every few seconds, so that a killed process loses those few seconds of counts."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._tallies: dict[tuple[int, date, str], Tally] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, installation_id: int, outcome: str, now: datetime) -> None:
        self._add([Tally(installation_id, now.date(), outcome, 1, now)])

    def flush(self) -> None:
        with self._lock:
            tallies, self._tallies = self._tallies, {}
        if not tallies:
            return
        application = self._application
        try:
            with application.database.writing() as session:
                webhook_counts.add(session, application.workspace_id, tallies.values())
        except SQLAlchemyError as error:
            self._add(tallies.values())
            log.warning("counts of webhooks are not stored yet", reason=type(error).__name__)

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="webhook-counts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.flush()

    def _run(self) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            self.flush()

    def _add(self, tallies: Iterable[Tally]) -> None:
        with self._lock:
            for tally in tallies:
                key = (tally.installation_id, tally.day, tally.outcome)
                known = self._tallies.get(key)
                self._tallies[key] = tally if known is None else _sum(known, tally)


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.installation_id,
        one.day,
        one.outcome,
        one.messages + other.messages,
        max(one.last_at, other.last_at),
    )
