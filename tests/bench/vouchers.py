"""How fast vouchers reach a shop, beside a bare loop that sends the same codes and looks again.

The bare loop is told the promotion and the codes: it adds them in the biggest calls the shop
takes, from as many threads as the bridge uses, and reads them back. It remembers nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from bridge import logging
from bridge.application import Application
from bridge.config import Settings
from bridge.outbox.workers import Worker
from bridge.plans import service
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.delivering import deliver
from bridge.vouchers.desk import Desk
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind, VoucherPool
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.stores import StorePlace, stores_of
from connectors.rewards import Promotions
from tests.bench.shops import BenchError, Bridge, Shop, shop

_TOGETHER = 500
"""Vouchers issued in one transaction."""


@dataclass(frozen=True)
class Issued:
    platform: str
    vouchers: int
    promotions: int
    largest: int
    """Codes of the promotion that holds most of them."""
    issuing_seconds: float
    delivering_seconds: float
    calls: int
    bare_seconds: float
    listing_seconds: float
    """To ask the shop for every promotion of the bridge afterwards."""

    @property
    def ratio(self) -> float:
        return self.delivering_seconds / self.bare_seconds


def measure(platform: str, count: int) -> Issued:
    with shop(platform, 10) as running, tempfile.TemporaryDirectory() as folder:
        return _measure(running, Path(folder), count)


def _measure(running: Shop, folder: Path, count: int) -> Issued:
    logging.configure("error")
    bridge = Bridge(folder / "home")
    bridge.run("init")
    bridge.add(running)
    with Application.open(Settings(home=folder / "home")) as app:
        installation = service.chosen(app, ())[0]
        connector = app.connect(installation)
        promotions = connector.promotions
        assert promotions is not None
        assert installation.id is not None
        with app.database.reading() as session:
            store = stores_of(session, app.workspace_id)[0]
        began = time.perf_counter()
        _issue(app, store, count)
        issued = time.perf_counter()
        running.set_faults(latency="recorded")
        before = running.calls()
        threads = connector.capabilities.parallel_calls
        worker = Worker(app.settings.home)
        desk = Desk(
            app.database,
            app.workspace_id,
            app.settings.home,
            worker.id,
            app.now,
            timedelta(minutes=5),
            threads,
        )
        sending = time.perf_counter()
        done = deliver(desk, installation.id, connector)
        sent = time.perf_counter()
        worker.close()
        if done.added != count:
            raise BenchError(f"{done.added} of {count} vouchers are in the shop: {done.problems}")
        calls = running.calls() - before
        listing = time.perf_counter()
        held = len(list(promotions.all()))
        listed = time.perf_counter()
        bare = _bare(app, promotions, store, count, threads)
        connector.close()
        return Issued(
            running.platform,
            count,
            held,
            _largest(app),
            issued - began,
            sent - sending,
            calls,
            bare,
            listed - listing,
        )


def _issue(app: Application, store: StorePlace, count: int) -> None:
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
    for start in range(0, count, _TOGETHER):
        with app.database.writing() as session:
            for number in range(start, min(count, start + _TOGETHER)):
                new = NewVoucher(
                    VoucherKind.CAMPAIGN,
                    "occasion",
                    str(number),
                    store,
                    rule="bench",
                    amount=Decimal(5),
                    valid_until=app.now() + timedelta(days=30),
                )
                issue(session, app.workspace_id, secret, new, app.now())


def _largest(app: Application) -> int:
    with app.database.reading() as session:
        rows = session.execute(
            select(func.count())
            .where(col(Voucher.workspace_id) == app.workspace_id)
            .group_by(col(Voucher.pool_id))
        )
        return max(rows.scalars())


def _bare(
    app: Application, promotions: Promotions, store: StorePlace, count: int, threads: int
) -> float:
    """Promotions of the same sizes, codes of the same length."""
    with app.database.reading() as session:
        pools = session.execute(
            select(VoucherPool)
            .where(col(VoucherPool.workspace_id) == app.workspace_id)
            .order_by(col(VoucherPool.id))
        ).scalars()
        drafts = [(promotion_of(pool), pool.placed) for pool in pools]
    codes = [f"XX-{number:015d}" for number in range(count)]
    began = time.perf_counter()
    for promotion, size in drafts:
        again = replace(promotion, key=f"bare-{promotion.key}", name=f"{promotion.name} bare")
        promotions.write(again.key, promotions.compile(again))
        some, codes = codes[:size], codes[size:]
        _send(promotions, again.key, some, threads)
    return time.perf_counter() - began


def _send(promotions: Promotions, key: str, codes: Sequence[str], threads: int) -> None:
    size = promotions.codes_per_call
    calls = [codes[start : start + size] for start in range(0, len(codes), size)]

    def one(some: Sequence[str]) -> None:
        if promotions.add_codes(key, some) or len(promotions.codes(some)) != len(some):
            raise BenchError("the shop did not take every code")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, calls))


def record(issued: Issued) -> dict[str, Any]:
    return {**asdict(issued), "ratio": issued.ratio}


def lines(issued: Issued) -> list[str]:
    rate = issued.vouchers / issued.delivering_seconds
    return [
        f"{issued.platform}: {issued.vouchers:,} vouchers in {issued.promotions} promotions of"
        f" at most {issued.largest:,} codes, recorded latency",
        f"  issue, in the database       {issued.issuing_seconds:7.2f} s",
        f"  deliver                      {issued.delivering_seconds:7.2f} s"
        f"  {rate:7.0f} vouchers/s, {issued.calls:,} HTTP calls",
        f"  bare loop                    {issued.bare_seconds:7.2f} s",
        f"  list the promotions          {issued.listing_seconds:7.2f} s",
        f"  deliver / bare loop          {issued.ratio:7.2f}",
    ]
