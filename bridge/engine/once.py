"""Everything that is due, once: for cron, for a first look, for tests."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bridge.application import Application
from bridge.engine.bench import Bench, open_bench
from bridge.engine.protocol import Done, Scope, Step
from bridge.engine.running import run_step
from bridge.engine.schedule import steps
from bridge.installations.service import installations

ROUNDS = 5
"""How often steps that others gave something to do are run again."""


@dataclass
class WorkResult:
    counts: Counter[str] = field(default_factory=Counter)
    """What was done, over all shops."""
    shops: dict[str, Counter[str]] = field(default_factory=dict)
    """The same by installation."""
    problems: dict[str, list[str]] = field(default_factory=dict)
    """By installation; under "" what concerns no single one."""
    remarks: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.problems

    def add(self, step: Step, shop: str, done: Done) -> None:
        counts = {name: count for name, count in done.counts.items() if count}
        self.counts.update(counts)
        if shop:
            self.shops.setdefault(shop, Counter()).update(counts)
        for problem in done.problems:
            known = self.problems.setdefault(shop, [])
            line = f"{step.name}: {problem}" if done.failed else problem
            if line not in known:
                known.append(line)
        self.remarks += done.remarks


def work_once(app: Application, bench: Bench | None = None) -> WorkResult:
    """Reads from every shop, handles, decides and delivers what is due by now, and returns. A
    shop that fails does not hold up the others. What pauses after a failure is tried too.

    ``bench``: to tell progress, or to read from an earlier time on; it stays open.
    """
    own = bench or open_bench(app)
    own.at_once = True
    try:
        return _Round(own).run()
    finally:
        if bench is None:
            own.close()


class _Round:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._steps = steps(bench.app.settings)
        self._result = WorkResult()

    def run(self) -> WorkResult:
        wanted = {step.name for step in self._steps}
        for _ in range(ROUNDS):
            wanted = self._go_through(wanted)
            if not wanted:
                break
        return self._result

    def _go_through(self, wanted: set[str]) -> set[str]:
        """What there is to do again afterwards."""
        wanted, again = set(wanted), set[str]()
        for step in self._steps:
            if step.name not in wanted or self._bench.stopping.is_set():
                continue
            wanted.discard(step.name)
            follow = self._run(step)
            later = {one.name for one in self._steps[self._steps.index(step) + 1 :]}
            wanted |= follow & later
            again |= follow - later
        return again

    def _run(self, step: Step) -> frozenset[str]:
        if step.scope is Scope.WORKSPACE:
            done = run_step(self._bench, step, None)
            self._result.add(step, "", done)
            return done.follow
        return self._for_each_shop(step)

    def _for_each_shop(self, step: Step) -> frozenset[str]:
        with self._bench.app.database.reading() as session:
            # Anew each time: the step before may have noted something there.
            shops = installations(session, self._bench.app.workspace_id)
        if not shops:
            return frozenset()
        with ThreadPoolExecutor(len(shops)) as pool:
            results = list(pool.map(lambda shop: run_step(self._bench, step, shop), shops))
        for shop, done in zip(shops, results, strict=True):
            self._result.add(step, shop.name, done)
        return frozenset().union(*(done.follow for done in results))
