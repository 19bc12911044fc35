"""The engine in this process: APScheduler says when, two pools of threads do the work.

A tick only asks for a step; whether it runs is for its slot to say. Shops have a pool of their
own, so that shops which do not answer never keep the book waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from bridge.engine.bench import Bench
from bridge.engine.protocol import NOTHING_DONE, Done, Scope, Step
from bridge.engine.running import run_step, shop_of
from bridge.engine.slots import Slot
from bridge.installations.service import installations

log = structlog.get_logger(__name__)

BOOK_THREADS = 4
JITTER = 0.1
"""The share of its interval by which a tick may come early or late: shops are not asked in
lockstep, by one process or by several."""
HEARTBEAT_SECONDS = 2.0
"""How often it looks whether it ticks, and for stores that were added or removed."""
STALE_SECONDS = 60.0


class EmbeddedEngine:
    """See :class:`bridge.engine.protocol.Engine`."""

    def __init__(self, bench: Bench, steps: Sequence[Step]) -> None:
        self._bench = bench
        self._steps = {step.name: step for step in steps}
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, int | None], Slot] = {}
        self._shops: set[int] = set()
        self._running: set[Future[None]] = set()
        self._pools = {
            Scope.SHOP: ThreadPoolExecutor(bench.app.settings.worker_threads, "shop"),
            Scope.WORKSPACE: ThreadPoolExecutor(BOOK_THREADS, "book"),
        }
        # Ticks are short, and one that was late is as good as one that was not.
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": {"type": "threadpool", "max_workers": 2}},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._beat_at: float | None = None

    # -- the protocol -----------------------------------------------------------------------

    def start(self) -> None:
        # It would tell of each tick.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        for step in self._steps.values():
            if step.scope is Scope.WORKSPACE:
                self._repeat(step, None)
        self._beat()
        self._scheduler.add_job(self._beat, IntervalTrigger(seconds=HEARTBEAT_SECONDS))
        self._scheduler.start()
        for step in self._steps.values():
            if step.scope is Scope.WORKSPACE:
                self.wake(step.name)

    def wake(self, step: str, installation_id: int | None = None) -> None:
        known = self._steps[step]
        # What belongs to the merchant is woken by any shop.
        if known.scope is Scope.WORKSPACE:
            self._ask(known, None)
            return
        with self._lock:
            shops = sorted(self._shops) if installation_id is None else [installation_id]
        for shop in shops:
            self._ask(known, shop)

    def problem(self) -> str:
        silence = None if self._beat_at is None else time.monotonic() - self._beat_at
        if silence is None or not self._scheduler.running:
            return "the scheduler does not run"
        if silence > STALE_SECONDS:
            return f"the scheduler has not ticked for {silence:.0f} seconds"
        return ""

    def is_idle(self) -> bool:
        """Whether nothing runs or waits for a thread."""
        with self._lock:
            return not self._running

    def stop(self, grace: float) -> bool:
        with self._lock:
            self._bench.stopping.set()
        deadline = time.monotonic() + grace
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            running = set(self._running)
        _, left = wait(running, timeout=max(0.0, deadline - time.monotonic()))
        return not left

    # -- ticks ------------------------------------------------------------------------------

    def _beat(self) -> None:
        """The scheduler's own pulse; stores that came or went are noticed here."""
        try:
            with self._bench.app.database.reading() as session:
                found = installations(session, self._bench.app.workspace_id)
        except SQLAlchemyError as error:
            log.warning("stores cannot be read", reason=type(error).__name__)
            return
        now = {shop.id for shop in found if shop.id is not None}
        with self._lock:
            added, removed = now - self._shops, self._shops - now
            self._shops = now
        for step in self._steps.values():
            if step.scope is Scope.SHOP:
                for shop in added:
                    self._repeat(step, shop)
                    self._ask(step, shop)
                for shop in removed:
                    self._forget(step, shop)
        self._beat_at = time.monotonic()

    def _repeat(self, step: Step, shop: int | None) -> None:
        if step.every is None:
            return
        seconds = step.every.total_seconds()
        self._scheduler.add_job(
            self._ask,
            IntervalTrigger(seconds=seconds, jitter=seconds * JITTER),
            args=(step, shop),
            id=self._slot(step, shop).name,
            replace_existing=True,
        )

    def _forget(self, step: Step, shop: int) -> None:
        with self._lock:
            slot = self._slots.pop((step.name, shop), None)
        if slot is not None and self._scheduler.get_job(slot.name):
            self._scheduler.remove_job(slot.name)

    # -- work -------------------------------------------------------------------------------

    def _slot(self, step: Step, shop: int | None) -> Slot:
        with self._lock:
            return self._slots.setdefault((step.name, shop), Slot(step, shop))

    def _ask(self, step: Step, shop: int | None) -> None:
        slot, now = self._slot(step, shop), self._bench.app.now()
        with self._lock:
            if self._bench.stopping.is_set():
                return
            future, resumes_at = None, None
            if slot.wants(now):
                future = self._pools[step.scope].submit(self._run, slot)
                self._running.add(future)
            else:
                resumes_at = slot.resumes_at
        if future is not None:
            future.add_done_callback(self._over)
        elif resumes_at is not None:
            self._ask_later(slot, resumes_at, now)

    def _over(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)

    def _run(self, slot: Slot) -> None:
        done = self._do(slot)
        now = self._bench.app.now()
        with self._lock:
            again_at = slot.ended(now, done)
        for name in done.follow:
            self.wake(name, slot.installation_id)
        if again_at is not None:
            self._ask_later(slot, again_at, now)

    def _do(self, slot: Slot) -> Done:
        if slot.installation_id is None:
            done, store = run_step(self._bench, slot.step, None), None
        else:
            try:
                shop = shop_of(self._bench, slot.installation_id)
            except SQLAlchemyError as error:
                log.warning("a store cannot be read", reason=type(error).__name__)
                return Done(failed=True)
            if shop is None:
                return NOTHING_DONE
            done, store = run_step(self._bench, slot.step, shop), shop.name
        self._tell(slot, store, done)
        return done

    @staticmethod
    def _tell(slot: Slot, store: str | None, done: Done) -> None:
        about = {"step": slot.step.name, "store": store}
        for problem in done.problems:
            if problem not in slot.told:
                log.warning("work failed", **about, reason=problem)
        slot.told = done.problems
        for remark in done.remarks:
            log.warning("worth a look", **about, remark=remark)
        counts = {name: count for name, count in done.counts.items() if count}
        if counts:
            log.info("work done", **about, counts=counts)

    def _ask_later(self, slot: Slot, at: datetime, now: datetime) -> None:
        if at <= now:
            self._ask(slot.step, slot.installation_id)
        elif not self._bench.stopping.is_set():
            self._scheduler.add_job(
                self._ask,
                DateTrigger(datetime.now(at.tzinfo) + (at - now) + timedelta(milliseconds=1)),
                args=(slot.step, slot.installation_id),
                id=f"{slot.name} again",
                replace_existing=True,
            )
