"""How fast orders become points, beside bare inserts of the same rows; and how that grows.

The baseline is :func:`insert_bare`: SQLAlchemy Core, the rows that the bridge wrote (orders, lots,
entries, accounts, and the mark that an inbox row is handled), in transactions of the same 50
orders, on the same kind of database with the same pragmas. It reads nothing, knows no rules, and
is told every id.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from bridge.db import Database
from bridge.inbox.handling import BATCH, handle_queue
from bridge.inbox.models import InboxRow, InboxState
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Entry, Lot
from tests.bench.points import (
    HANDLERS,
    NOW,
    TOGETHER,
    Merchant,
    databases,
    fill_inbox,
    merchant,
)
from tests.bench.shops import BenchError

ROUNDS = 3
MIB = 1024
Row = Mapping[str, Any]


# --- beside bare inserts -------------------------------------------------------------------


@dataclass(frozen=True)
class Handled:
    database: str
    orders: int
    entries: int
    bridge_per_second: float
    bare_per_second: float
    load: float

    @property
    def ratio(self) -> float:
        return self.bridge_per_second / self.bare_per_second


def measure(kind: str, orders: int) -> Handled:
    ours, theirs, entries = [], [], 0
    with databases(kind) as make:
        for number in range(ROUNDS):
            worked = merchant(make(), orders)
            fill_inbox(worked, orders, seed=number)
            ours.append(_handle(worked, orders))
            rows = _Rows.of(worked)
            entries = len(rows.entries)
            bare = merchant(make(), orders)
            fill_inbox(bare, orders, seed=number)
            theirs.append(_insert(bare, rows))
            worked.database.close()
            bare.database.close()
    return Handled(
        kind,
        orders,
        entries,
        orders / median(ours),
        orders / median(theirs),
        os.getloadavg()[0],
    )


def _handle(of: Merchant, orders: int) -> float:
    began = time.perf_counter()
    done = handle_queue(of.database, of.workspace, HANDLERS, lambda: NOW, together=TOGETHER)
    seconds = time.perf_counter() - began
    if done.handled != orders:
        raise BenchError(f"{done} where {orders} orders were to be handled")
    return seconds


@dataclass(frozen=True)
class _Rows:
    """What the bridge wrote, in the order of its batches."""

    orders: Sequence[Row]
    lots: Sequence[Row]
    entries: Sequence[Row]
    accounts: Sequence[Row]

    @classmethod
    def of(cls, worked: Merchant) -> _Rows:
        with worked.database.reading() as session:
            found = [
                [
                    dict(row)
                    for row in session.execute(
                        select(model.__table__).order_by(order)  # type: ignore[attr-defined]
                    ).mappings()
                ]
                for model, order in (
                    (HandledOrder, col(HandledOrder.order_id)),
                    (Lot, col(Lot.id)),
                    (Entry, col(Entry.id)),
                    (Account, col(Account.id)),
                )
            ]
        return cls(*found)


def _insert(of: Merchant, rows: _Rows) -> float:
    """The accounts are there beforehand, as they are for the bridge after a buyer's first order."""
    empty = [row | dict.fromkeys(("available", "pending"), 0) for row in map(dict, rows.accounts)]
    with of.database.writing() as session:
        session.connection().execute(insert(Account), empty)
        ids = session.execute(select(col(InboxRow.id)).order_by(col(InboxRow.entity_id))).scalars()
        inbox = list(ids)
    batches = list(_batches(rows, inbox))
    began = time.perf_counter()
    for batch in batches:
        insert_bare(of.database, *batch)
    return time.perf_counter() - began


def insert_bare(
    database: Database,
    orders: Sequence[Row],
    lots: Sequence[Row],
    entries: Sequence[Row],
    accounts: Sequence[Row],
    inbox: Sequence[int],
) -> None:
    """The baseline: one transaction."""
    with database.writing() as session:
        connection = session.connection()
        connection.execute(insert(HandledOrder), orders)
        if lots:
            connection.execute(insert(Lot), lots)
        if entries:
            connection.execute(insert(Entry), entries)
        if accounts:
            connection.execute(_ACCOUNT, accounts)
        connection.execute(
            update(InboxRow)
            .where(col(InboxRow.id).in_(inbox))
            .values(state=InboxState.HANDLED.value, handled_at=NOW)
        )


_ACCOUNT = (
    update(Account)
    .where(col(Account.id) == bindparam("this"))
    .values(
        available=bindparam("available"),
        pending=bindparam("pending"),
        reserved=bindparam("reserved"),
        debt=bindparam("debt"),
        changed_at=bindparam("changed_at"),
    )
)


def _batches(rows: _Rows, inbox: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Of 50 orders each, with all that belongs to them."""
    lots: dict[str, Row] = {row["source_id"]: row for row in rows.lots}
    entries: dict[str, list[Row]] = {}
    for row in rows.entries:
        entries.setdefault(row["source_id"], []).append(row)
    pending: dict[int, int] = {}
    for start in range(0, len(rows.orders), BATCH):
        some = rows.orders[start : start + BATCH]
        posted = [row for order in some for row in entries.get(order["order_id"], ())]
        for row in posted:
            pending[row["account_id"]] = pending.get(row["account_id"], 0) + row["points"]
        changed = {row["account_id"] for row in posted}
        yield (
            some,
            [lots[order["order_id"]] for order in some if order["order_id"] in lots],
            posted,
            [
                {
                    "this": one,
                    "available": 0,
                    "pending": pending[one],
                    "reserved": 0,
                    "debt": 0,
                    "changed_at": NOW,
                }
                for one in sorted(changed)
            ],
            inbox[start : start + BATCH],
        )


def lines(handled: Handled) -> list[str]:
    return [
        f"{handled.database}: {handled.orders:,} orders, {handled.entries:,} entries, "
        f"{BATCH} orders a transaction, medians of {ROUNDS} rounds (load {handled.load:.1f})",
        f"  bridge                       {handled.bridge_per_second:8.0f} orders/s",
        f"  bare inserts of the same rows{handled.bare_per_second:8.0f} orders/s"
        "   (tests/bench/handling.py: insert_bare)",
        f"  bridge / bare inserts        {handled.ratio:8.2f}   (goal: at least 0.25)",
    ]


def record(handled: Handled) -> dict[str, object]:
    return asdict(handled) | {"ratio": handled.ratio}


# --- growth --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grown:
    orders: int
    seconds: float
    mebibytes: float


def grow(orders: int) -> Grown:
    """Handled by a process of its own, on SQLite; its time without its start, its memory with
    all of it."""
    with databases("sqlite") as make:
        full = merchant(make(), orders)
        fill_inbox(full, orders)
        full.database.close()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.handling", full.url, str(full.workspace)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise BenchError(f"handling {orders} orders ended with {process.returncode}")
        return Grown(orders, float(told), usage.ru_maxrss / MIB)


def growth_lines(small: Grown, large: Grown) -> list[str]:
    more = large.orders / small.orders
    return [
        *(
            f"{grown.orders:,} orders from the inbox: {grown.seconds:.1f} s "
            f"({grown.orders / grown.seconds:.0f} orders/s), {grown.mebibytes:.0f} MiB"
            for grown in (small, large)
        ),
        f"  orders x {more:.0f}: time x {large.seconds / small.seconds:.1f}, "
        f"memory x {large.mebibytes / small.mebibytes:.2f}",
        "  goal: linear, at most 400 MiB",
    ]


def _child(url: str, workspace: int) -> None:
    database = Database(url)
    began = time.perf_counter()
    handle_queue(database, workspace, HANDLERS, lambda: NOW, together=TOGETHER)
    sys.stdout.write(f"{time.perf_counter() - began}")


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
