"""What a plan over unchanged prices costs: time and memory of the command, and their growth."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench import programmes
from tests.bench.shops import PLATFORMS, BenchError, Bridge, shop

MIB = 1024
"""``ru_maxrss`` counts KiB on Linux."""


@dataclass(frozen=True)
class Planned:
    prices: int
    """Of the price list; each is in both stores."""
    rows: int
    """Native rows that were compared, over both stores."""
    seconds: float
    mebibytes: float


def measure(products: int, groups: int, quantities: int) -> Planned:
    """``products`` are those with prices; parents of variants come on top in both stores."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bridge = Bridge(folder / "home")
        bridge.run("init")
        for platform in PLATFORMS:
            bridge.add(stack.enter_context(shop(platform, products + products // 6)))
        bridge.run("pull")
        database = folder / "home" / "loyalty-bridge.db"
        skus = _shared_skus(database)[:products]
        bridge.run("program", "load", str(programmes.write(folder, skus, groups, quantities)))
        bridge.run("apply", "--yes")
        bridge.run("pull")
        seconds, mebibytes = _timed_plan(folder / "home")
        return Planned(len(skus) * groups * quantities, _bound(database), seconds, mebibytes)


def _shared_skus(database: Path) -> list[str]:
    """What is sold in both stores."""
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT sku FROM shop_products WHERE kind IN ('simple', 'variant') "
            "GROUP BY sku HAVING count(*) = 2 ORDER BY sku"
        )
        return [sku for (sku,) in found]


def _bound(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM bindings WHERE kind = 'price'"
        ).fetchone()
    return int(count)


def _timed_plan(home: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "bridge.cli", "--home", str(home), "plan"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"plan ended with {process.returncode}: something is not unchanged")
    return seconds, usage.ru_maxrss / MIB


def lines(small: Planned, large: Planned) -> list[str]:
    growth = large.rows / small.rows
    return [
        *(
            f"plan over {planned.prices:,} unchanged prices in two stores "
            f"({planned.rows:,} rows): {planned.seconds:.1f} s, {planned.mebibytes:.0f} MiB"
            for planned in (small, large)
        ),
        f"  rows x {growth:.1f}: time x {large.seconds / small.seconds:.1f}, "
        f"memory x {large.mebibytes / small.mebibytes:.2f}",
        "  goal for 100,000: at most 60 s and 300 MiB",
    ]
