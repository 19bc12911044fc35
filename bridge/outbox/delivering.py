"""Delivering the outbox of one installation: read, commit the intent, send, read back, settle.

After a crash at any point the next try finds the intent and compares: what it wanted is there →
ours; what was there before → again; anything else → a conflict for a person. Calls to the shop
never happen inside a transaction.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import structlog

from bridge.db import Database
from bridge.kit.clock import Clock
from bridge.outbox.handler import PERSON_MUST_ACT, Handler
from bridge.outbox.judging import (
    NOTHING,
    Held,
    Item,
    Judgement,
    Verdict,
    after_failure,
    after_sending,
    before_sending,
)
from bridge.outbox.leases import (
    Stage,
    Waiting,
    claim,
    free_the_abandoned,
    next_stage,
    open_count,
    waiting,
)
from bridge.outbox.settling import commit_intent, give_back, settle, store_completed
from bridge.outbox.sharing import share_out
from bridge.outbox.workers import Worker
from connectors.base import Connector
from connectors.errors import ConnectorError, ShopFault, Throttled

log = structlog.get_logger(__name__)

FAILURES_BEFORE_STOP = 6
"""Calls in a row that the shop as a whole did not answer, before its queue is left for later."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries of a shop that does not answer."""
ELSEWHERE = "Another process is delivering to this store; it goes on there."
ENDING = "The process is ending; the rest goes out later."


@dataclass
class Outcome:
    """What one drain did."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    stopped: str = ""
    """Why the queue was left unfinished; empty when it was not."""
    left: int = 0
    """Rows that are still open."""


@dataclass(frozen=True)
class Desk:
    """What a drain works with."""

    database: Database
    home: Path
    worker: Worker
    handlers: Mapping[str, Handler]
    clock: Clock
    lease: timedelta
    threads: int
    pause: Callable[[float], None] = time.sleep
    progress: Callable[[int], None] = lambda rows: None
    """Called with the number of rows that were settled."""
    stopping: Callable[[], bool] = lambda: False
    """Whether no further batch shall be begun."""


class Drain:
    """Empties the queue of one installation. One call of :meth:`run` a time."""

    def __init__(
        self, desk: Desk, workspace_id: int, installation_id: int, connector: Connector
    ) -> None:
        self._desk = desk
        self._workspace_id = workspace_id
        self._installation_id = installation_id
        self._connector = connector
        self._outcome = Outcome()
        self._failures = 0
        self._lock = threading.Lock()

    def run(self) -> Outcome:
        with self._desk.database.writing() as session:
            free_the_abandoned(session, self._workspace_id, self._desk.home, self._desk.clock())
        while not self._outcome.stopped and (stage := self._next_stage()) is not None:
            state = self._work_on(stage)
            if state.held:
                self._stop(ELSEWHERE)
        self._outcome.left = self._left()
        return self._outcome

    def _left(self) -> int:
        with self._desk.database.reading() as session:
            return open_count(session, self._workspace_id, self._installation_id)

    def _next_stage(self) -> Stage | None:
        with self._desk.database.reading() as session:
            return next_stage(session, self._workspace_id, self._installation_id)

    def _work_on(self, stage: Stage) -> Waiting:
        """Runs threads until nothing of the stage can be taken, and waits for what may be later."""
        while True:
            with self._desk.database.reading() as session:
                state = waiting(session, stage, self._desk.clock())
            if self._is_over():
                return state
            if state.ready:
                self._run_threads(stage, state)
            elif state.next_at is not None:
                until = (state.next_at - self._desk.clock()).total_seconds()
                self._desk.pause(max(0.05, until))
            else:
                return state

    def _run_threads(self, stage: Stage, state: Waiting) -> None:
        handler = self._desk.handlers[stage.kind]
        capabilities = self._connector.capabilities
        threads = min(self._desk.threads, capabilities.parallel_calls)
        most = handler.batch_size(capabilities)
        share = share_out(state.ready, state.keys, threads, most)
        size = (share.rows, share.keys)
        if share.threads == 1:
            self._take_turns(stage, handler, size)
            return
        with ThreadPoolExecutor(share.threads, thread_name_prefix="delivery") as pool:
            turns = [
                pool.submit(self._take_turns, stage, handler, size) for _ in range(share.threads)
            ]
            for turn in turns:
                turn.result()

    def _take_turns(self, stage: Stage, handler: Handler, size: tuple[int, int]) -> None:
        while not self._is_over():
            with self._desk.database.writing() as session:
                items = claim(
                    session, stage, self._desk.worker.id, self._desk.clock(), self._desk.lease, size
                )
            if not items:
                return
            Delivering(self, stage, handler, self._connector).run(items)

    # -- what happened, from any thread ------------------------------------------------------

    @property
    def desk(self) -> Desk:
        return self._desk

    def succeeded(self, verdicts: Sequence[Verdict]) -> None:
        final = [verdict for verdict in verdicts if verdict is not Verdict.RETRY]
        with self._lock:
            if final:
                self._failures = 0
            self._outcome.counts.update(final)
        self._desk.progress(len(final))

    def failed(self, error: ConnectorError) -> None:
        """The shop as a whole did not do its part: slow down, and stop when it goes on."""
        with self._lock:
            self._failures += 1
            failures = self._failures
        if isinstance(error, PERSON_MUST_ACT) or failures >= FAILURES_BEFORE_STOP:
            self._stop(str(error))
            return
        asked = error.retry_after if isinstance(error, Throttled) and error.retry_after else 0.0
        backoff = 0.25 * 2**failures * random.uniform(0.5, 1.0)  # noqa: S311
        self._desk.pause(min(LONGEST_PAUSE, max(asked, backoff)))

    def _is_over(self) -> bool:
        if self._desk.stopping():
            self._stop(ENDING)
        return bool(self._outcome.stopped)

    def _stop(self, reason: str) -> None:
        with self._lock:
            self._outcome.stopped = self._outcome.stopped or reason


class Delivering:
    """One batch of rows of one kind."""

    def __init__(self, drain: Drain, stage: Stage, handler: Handler, connector: Connector) -> None:
        self._drain = drain
        self._desk = drain.desk
        self._stage = stage
        self._handler = handler
        self._connector = connector

    def run(self, items: Sequence[Item]) -> None:
        try:
            self._deliver(items)
        except ConnectorError as error:
            self._give_back(items, error)
        except Exception as error:  # a defect of ours must not hide the other rows
            log.exception("delivery.failed", kind=self._stage.kind, rows=len(items))
            reason = f"Internal error: {type(error).__name__}: {error}"
            dead = Judgement(Verdict.DEAD, reason)
            self._settle([(item, dead) for item in items], None)

    def _deliver(self, items: Sequence[Item]) -> None:
        items = self._completed(items)
        held = self._handler.read(self._connector, items)
        judged = [(item, before_sending(item, held.get(item.key, NOTHING))) for item in items]
        to_send = [item for item, judgement in judged if judgement.verdict is Verdict.SEND]
        settled = [pair for pair in judged if pair[1].verdict is not Verdict.SEND]
        with self._desk.database.writing() as session:
            kept = settle(session, self._stage, self._handler, settled, held, self._desk.clock())
            sendable = commit_intent(session, self._stage, to_send, self._desk.clock())
        if kept:
            self._drain.succeeded([judgement.verdict for _, judgement in kept])
        if sendable:
            self._send(sendable)

    def _completed(self, items: Sequence[Item]) -> list[Item]:
        completed = self._handler.completed(self._connector, items)
        changed = [new for old, new in zip(items, completed, strict=True) if new != old]
        if changed:
            with self._desk.database.writing() as session:
                store_completed(session, self._stage, changed)
        return completed

    def _send(self, items: Sequence[Item]) -> None:
        """Sends, reads back and settles. A batch that is refused as a whole is halved, so that
        one bad row cannot hide the good ones."""
        failure: ConnectorError | None = None
        refusals: Mapping[str, ConnectorError] = {}
        try:
            refusals = self._handler.write(self._connector, items)
        except ConnectorError as error:
            failure = error
        if failure is not None and len(items) > 1 and _concerns_rows(failure):
            self._halve(items)
            return
        if failure is not None and len(items) == 1 and _may_concern_one_row(failure):
            refusals, failure = {items[0].key: failure}, None
        self._read_back(items, refusals, failure)

    def _halve(self, items: Sequence[Item]) -> None:
        """Each half is read again first: part of the call may have been done, and somebody may
        have changed a row meanwhile."""
        tried = [replace(item, intended=True) for item in items]
        middle = len(tried) // 2
        self._deliver(tried[:middle])
        self._deliver(tried[middle:])

    def _read_back(
        self,
        items: Sequence[Item],
        refusals: Mapping[str, ConnectorError],
        failure: ConnectorError | None,
    ) -> None:
        held = self._handler.read(self._connector, items)
        judged = [
            (item, self._judge(item, held.get(item.key, NOTHING), refusals, failure))
            for item in items
        ]
        self._settle(judged, held)
        if failure is not None:
            self._drain.failed(failure)

    @staticmethod
    def _judge(
        item: Item,
        held: Held,
        refusals: Mapping[str, ConnectorError],
        failure: ConnectorError | None,
    ) -> Judgement:
        if failure is not None and held.value != item.after:
            return after_failure(item, failure)
        return after_sending(item, held, refusals.get(item.key))

    def _settle(
        self, judged: Sequence[tuple[Item, Judgement]], held: Mapping[str, Held] | None
    ) -> None:
        with self._desk.database.writing() as session:
            kept = settle(session, self._stage, self._handler, judged, held, self._desk.clock())
        if kept:
            self._drain.succeeded([judgement.verdict for _, judgement in kept])

    def _give_back(self, items: Sequence[Item], error: ConnectorError) -> None:
        with self._desk.database.writing() as session:
            give_back(session, self._stage, items, str(error))
        self._drain.failed(error)


def _concerns_rows(error: ConnectorError) -> bool:
    """Whether the shop refused what was in the call, rather than the call itself."""
    return not error.transient and not isinstance(error, PERSON_MUST_ACT)


def _may_concern_one_row(error: ConnectorError) -> bool:
    """A shop that fails inside on a single row may choke on that very row: it shall not stop
    the others."""
    return _concerns_rows(error) or isinstance(error, ShopFault)
