"""How fast prices reach a shop: the bridge, a bare loop over the same calls, and one by one.

The bare loop does what anyone would write who only wants the rows in the shop and seen there:
it reads, writes and reads back in the best batches and concurrency, with no memory of anything.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bridge import logging
from bridge.application import Application
from bridge.config import Settings
from bridge.outbox.judging import Verdict
from bridge.plans import service
from bridge.prices.codec import tier_price
from connectors.base import Connector, TierPrice
from tests.bench import programmes
from tests.bench.shops import BenchError, Bridge, Shop, shop

LAYOUTS = {"magento": ((4, 450), (4, 250)), "shopware": ((1, 500), (2, 500), (2, 250))}
"""Threads and products a batch that the bare loop tries; the fastest counts."""
SINGLY = 40
"""Rows written one by one; their speed is what is compared."""


ROUNDS = 3
"""The bridge and the bare loop take turns, so that a noisy machine hits both; medians count."""


@dataclass(frozen=True)
class Applied:
    platform: str
    rows: int
    planning_seconds: float
    """Comparing, and storing the run."""
    delivering_seconds: float
    """Reading, committing intents, sending, reading back and storing what became of each row."""
    calls: int
    bare_seconds: float
    bare_layout: tuple[int, int]
    singly_per_second: float

    @property
    def ratio(self) -> float:
        """Of delivering: the same work as the bare loop's, and the memory of it."""
        return self.delivering_seconds / self.bare_seconds

    @property
    def whole_ratio(self) -> float:
        """Of planning and delivering together."""
        return (self.planning_seconds + self.delivering_seconds) / self.bare_seconds


@dataclass(frozen=True)
class Round:
    planning: float
    delivering: float
    calls: int


def measure(platform: str, products: int) -> Applied:
    """Applies one price per product (the dearest case: a shop pays per product)."""
    with shop(platform, products) as running, tempfile.TemporaryDirectory() as folder:
        return _measure(running, Path(folder), products)


def _measure(running: Shop, folder: Path, products: int) -> Applied:
    logging.configure("error")
    database = folder / "home" / "loyalty-bridge.db"
    bridge = Bridge(folder / "home")
    bridge.run("init")
    bridge.add(running)
    bridge.run("pull")
    skus = _skus(database)[:products]
    # The group is made beforehand: what is compared is how prices get there.
    bridge.run("program", "load", str(programmes.write(folder, skus[:1], 1, 1)))
    bridge.run("apply", "--yes")
    bridge.run("program", "load", str(programmes.write(folder, skus, 1, 1)))
    rounds: list[Round] = []
    bare: list[tuple[float, tuple[int, int]]] = []
    with Application.open(Settings(home=folder / "home")) as app:
        connector = app.connect(service.chosen(app, ())[0])
        for _ in range(ROUNDS):
            number = _applied(app, running, len(skus) - 1, rounds)
            rows = _rows(database)
            running.set_faults(latency="none")
            service.undo_run(app, number)
            bare.append(_best_bare(app, connector, running, rows))
            _away(connector, running, rows)
        singly = _singly(connector, running, rows[:SINGLY])
        connector.close()
    return Applied(
        running.platform,
        len(skus) - 1,
        median(round_.planning for round_ in rounds),
        median(round_.delivering for round_ in rounds),
        rounds[-1].calls,
        *sorted(bare)[len(bare) // 2],
        singly,
    )


def _applied(app: Application, running: Shop, expected: int, rounds: list[Round]) -> int:
    """One apply with recorded latency; returns its run's number."""
    running.set_faults(latency="recorded")
    before = running.calls()
    began = time.perf_counter()
    written = service.store_plan(app, service.chosen(app, ())).written
    planned = time.perf_counter()
    result = service.deliver(app, service.chosen(app, ()))
    ended = time.perf_counter()
    outcome = next(iter(result.outcomes.values()))
    if outcome.counts[Verdict.DONE] != expected or written.run is None:
        raise BenchError(f"apply did not do all of its work: {outcome}")
    rounds.append(Round(planned - began, ended - planned, running.calls() - before))
    return written.run


def _skus(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT sku FROM shop_products WHERE kind IN ('simple', 'variant') ORDER BY sku"
        )
        return [sku for (sku,) in found]


def _rows(database: Path) -> list[TierPrice]:
    """The rows the bridge wrote, in its own order."""
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT key, after, native_id FROM deliveries WHERE kind = 'price' AND "
            "run_id = (SELECT max(id) FROM runs) ORDER BY batch, id"
        )
        return [tier_price(*row) for row in found]


def _best_bare(
    app: Application, connector: Connector, running: Shop, rows: Sequence[TierPrice]
) -> tuple[float, tuple[int, int]]:
    timed = []
    for layout in LAYOUTS[running.platform]:
        _away(connector, running, rows)
        # It signs in as the bridge has to: both begin with a connector that knows nothing.
        with closing(app.connect(service.chosen(app, ())[0])) as fresh:
            seconds = _seconds(lambda layout=layout, fresh=fresh: _bare(fresh, rows, *layout))
        timed.append((seconds, layout))
    return min(timed)


def _away(connector: Connector, running: Shop, rows: Sequence[TierPrice]) -> None:
    """Back to a shop without these rows, so that each way writes the same."""
    running.set_faults(latency="none")
    size = connector.capabilities.tier_products_per_call
    for start in range(0, len(rows), size):
        refused = connector.remove_tier_prices(rows[start : start + size])
        if refused:
            raise BenchError(f"a row could not be removed: {refused[0].error}")
    running.set_faults(latency="recorded")


def _bare(connector: Connector, rows: Sequence[TierPrice], threads: int, size: int) -> None:
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    with ThreadPoolExecutor(threads) as pool:
        for outcome in pool.map(lambda batch: _bare_batch(connector, batch), batches):
            if outcome:
                raise BenchError(f"{outcome} rows of the bare loop are not in place")


def _bare_batch(connector: Connector, batch: Sequence[TierPrice]) -> int:
    _read(connector, batch)
    refused = connector.write_tier_prices(batch)
    there = {row.key: row.value for row in _read(connector, batch)}
    return len(refused) + sum(there.get(row.key) != row.value for row in batch)


def _read(connector: Connector, batch: Sequence[TierPrice]) -> list[TierPrice]:
    products = list(dict.fromkeys(row.key.product_id for row in batch))
    audiences = list(dict.fromkeys(row.key.audience_id for row in batch))
    size = connector.capabilities.tier_products_per_read
    return [
        row
        for start in range(0, len(products), size)
        for row in connector.tier_prices(products[start : start + size], audiences)
    ]


def _singly(connector: Connector, running: Shop, rows: Sequence[TierPrice]) -> float:
    _away(connector, running, rows)
    seconds = _seconds(lambda: [_bare_batch(connector, [row]) for row in rows])
    return len(rows) / seconds


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def lines(applied: Applied) -> list[str]:
    rows, seconds = applied.rows, applied.delivering_seconds
    threads, size = applied.bare_layout
    return [
        f"{applied.platform}: {rows:,} prices over {rows:,} products, recorded latency, "
        f"medians of {ROUNDS} rounds",
        f"  plan, and store the run      {applied.planning_seconds:6.2f} s",
        f"  deliver                      {seconds:6.2f} s {rows / seconds:8.0f} prices/s, "
        f"{applied.calls} HTTP calls",
        f"  bare loop, {threads} threads x {size}    {applied.bare_seconds:6.2f} s "
        f"{rows / applied.bare_seconds:8.0f} prices/s",
        f"  one by one                            {applied.singly_per_second:8.1f} prices/s",
        f"  deliver / bare loop          {applied.ratio:6.2f}   (goal: at most 1.25)",
        f"  plan and deliver / bare loop {applied.whole_ratio:6.2f}",
    ]


def record(applied: Applied) -> dict[str, object]:
    ratios = {"ratio": applied.ratio, "whole_ratio": applied.whole_ratio}
    return asdict(applied) | ratios
