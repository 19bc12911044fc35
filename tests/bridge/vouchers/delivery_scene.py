"""A toy shop that a voucher world's first installation stands for, and workers that deliver."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import update
from sqlmodel import col
from toyshop import Style, ToyShop
from toyshop.connector import ToyConnector
from toyshop.dying import Boundaries, Killed, MortalDatabase
from voucher_world import VoucherWorld

from bridge.db import Database
from bridge.outbox.workers import Worker
from bridge.vouchers.delivering import deliver
from bridge.vouchers.desk import Delivered, Desk
from bridge.vouchers.models import Ending, Voucher, VoucherPool, VoucherState
from connectors.base import Store

LEASE = timedelta(minutes=20)
MARK = "acme/north"


class Scene:
    def __init__(self, world: VoucherWorld, home: Path, style: Style = Style.NUMBERED) -> None:
        self.world = world
        self.home = home
        self.shop = ToyShop(style, clock=lambda: world.now)
        self.shop.stores = (Store("1", "de", "Germany", "EUR"),)
        self.connector = ToyConnector(self.shop, MARK)
        self.installation = world.shops[0]
        self.workers: list[Worker] = []

    def worker(self) -> Worker:
        self.workers.append(Worker(self.home))
        return self.workers[-1]

    def desk(self, worker: Worker | None = None, **fields: Any) -> Desk:
        told: dict[str, Any] = {
            "database": self.world.database,
            "workspace_id": self.world.workspace,
            "home": self.home,
            "owner": (worker or self.worker()).id,
            "clock": lambda: self.world.now,
            "lease": LEASE,
            "jitter": lambda low, high: high,
            **fields,
        }
        return Desk(**told)

    def deliver(
        self, only: Collection[int] | None = None, *, at_once: bool = False, **fields: Any
    ) -> Delivered:
        desk = self.desk(**fields)
        return deliver(desk, self.installation, self.connector, only=only, at_once=at_once)

    def deliver_and_die(self, boundary: int) -> bool:
        """Whether there were so many boundaries that the worker was killed."""
        boundaries = Boundaries(boundary)
        worker = self.worker()
        database = cast(Database, MortalDatabase(self.world.database, boundaries))
        asked = self.shop.asked

        def mortal(name: str, act: Callable[[], Any], rows: tuple[Any, ...] = ()) -> Any:
            boundaries.pass_one()
            answer = asked(name, act, rows)
            boundaries.pass_one()
            return answer

        self.shop.asked = mortal  # type: ignore[method-assign]
        try:
            deliver(self.desk(worker, database=database), self.installation, self.connector)
        except Killed:
            return True
        finally:
            self.shop.asked = asked  # type: ignore[method-assign]
            self.workers.remove(worker)
            worker.close()
        return False

    def later(self, **how: float) -> None:
        self.world.later(**how)

    # -- vouchers ---------------------------------------------------------------------------

    def issue(self, count: int = 1, **fields: Any) -> list[Voucher]:
        return [self.world.issue(**fields) for _ in range(count)]

    def change(self, voucher: Voucher, **values: Any) -> None:
        with self.world.database.writing() as session:
            session.execute(update(Voucher).where(col(Voucher.id) == voucher.id).values(**values))

    def withdraw(self, voucher: Voucher) -> None:
        self.change(
            voucher,
            state=VoucherState.ENDING.value,
            ending=Ending.WITHDRAWN.value,
            is_wanted=False,
        )

    def voucher(self, voucher: Voucher) -> Voucher:
        with self.world.database.reading() as session:
            return session.get_one(Voucher, voucher.id)

    def pool(self) -> VoucherPool:
        (pool,) = self.world.pools()
        return pool

    def finish(self, pool: VoucherPool) -> None:
        with self.world.database.writing() as session:
            session.execute(
                update(VoucherPool).where(col(VoucherPool.id) == pool.id).values(is_wanted=False)
            )

    def in_shop(self) -> set[str]:
        return {one.code for one in self.shop.codes.values()}

    def wanted(self) -> set[str]:
        return {one.code for one in self.world.vouchers() if one.is_wanted}

    def settled(self) -> bool:
        """The books say what the shop holds, and that is what is wanted."""
        there = {one.code for one in self.world.vouchers() if one.is_there}
        return self.in_shop() == there == self.wanted()

    def shop_time(self) -> datetime:
        return self.world.now + (self.shop.clock_offset or timedelta(0))

    def renumber(self) -> None:
        """The whole shop was restored: its promotions have other ids."""
        for id_, held in list(self.shop.promotions.items()):
            del self.shop.promotions[id_]
            moved = replace(held, native_id=f"9{id_}")
            self.shop.promotions[moved.native_id] = moved
            for code in self.shop.codes.values():
                if code.promotion_id == id_:
                    code.promotion_id = moved.native_id
