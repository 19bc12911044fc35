"""Reading a whole installation into the database: what plans are made from.

Each part is fetched outside any transaction and stored in short ones. Rows that a pull did not
see are dropped only when it came to its end, so that a pull that breaks off loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import and_, insert, or_, select, update
from sqlmodel import Session, col

from bridge.catalogue import storing
from bridge.catalogue.models import Pull, ShopProduct
from bridge.db import Database
from bridge.installations.models import Installation
from bridge.installations.service import set_facts
from bridge.kit.clock import Clock
from bridge.kit.progress import Progress, Task
from bridge.members.mirror import store_customers
from connectors.base import Connector, ShopInfo, TierPrice
from connectors.plugins import plugin_of

PER_TRANSACTION = 500
"""Rows stored in one transaction."""
OVERLAP = timedelta(minutes=2)
"""How far behind the last pull the walk over changed customers begins: change times are whole
seconds on one platform, and a change is visible only after its transaction ended."""
LONGEST = timedelta(hours=6)
"""How long a pull may take."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PullReport:
    """How many of each the shop has; ``customers``: how many changed."""

    installation: str
    groups: int
    customers: int
    products: int
    prices: int
    seconds: float


@dataclass(frozen=True)
class Source:
    """One installation to read, and where to put it."""

    database: Database
    installation: Installation
    connector: Connector
    clock: Clock
    progress: Progress

    @property
    def workspace_id(self) -> int:
        return self.installation.workspace_id

    @property
    def id(self) -> int:
        assert self.installation.id is not None
        return self.installation.id

    def task(self, what: str, unit: str, total: int | None = None) -> Task:
        return self.progress.task(f"{self.installation.name}: reading {what}", total, unit)


def pull(source: Source) -> PullReport:
    """Reads everything anew, customers as far as they changed.

    Raises ConnectorError; what was stored until then stays, and the next pull reads on.
    """
    began = source.clock()
    number = _begin(source, began)
    try:
        report = _read_all(source, number, began)
    except BaseException as error:
        _end(source, number, str(error))
        raise
    _end(source, number, "")
    return report


def _read_all(source: Source, number: int, began: datetime) -> PullReport:
    info = source.connector.shop()
    read_at = source.clock()
    groups = source.connector.groups()
    audiences = source.connector.audiences()
    categories = source.connector.categories()
    held = source.connector.promotions
    promotions = list(held.all()) if held is not None else []
    plugin = plugin_of(source.connector)
    with source.database.writing() as session:
        set_facts(session, source.workspace_id, source.id, info, source.clock(), plugin)
        storing.replace_groups(session, source.workspace_id, source.id, groups, read_at)
        storing.replace_audiences(session, source.workspace_id, source.id, audiences, read_at)
        storing.replace_categories(session, source.workspace_id, source.id, categories, number)
        storing.replace_promotions(
            session, source.workspace_id, source.id, promotions, number, read_at
        )
    products = _read_products(source, number)
    prices = _read_prices(source, number)
    customers = _read_customers(source, number, info)
    with source.database.writing() as session:
        if not _another_ran_beside(session, source, number, began):
            storing.drop_unseen_products(session, source.workspace_id, source.id, number)
        session.execute(
            update(Installation)
            .where(
                col(Installation.workspace_id) == source.workspace_id,
                col(Installation.id) == source.id,
            )
            .values(pulled_at=began)
        )
    seconds = (source.clock() - began).total_seconds()
    return PullReport(source.installation.name, len(groups), customers, products, prices, seconds)


def _another_ran_beside(session: Session, source: Source, number: int, began: datetime) -> bool:
    """What only the other pull saw would be taken for gone. One that never ended has died."""
    beside = or_(
        col(Pull.id) > number,
        col(Pull.finished_at) >= began,
        and_(col(Pull.finished_at).is_(None), col(Pull.started_at) > began - LONGEST),
    )
    found = session.execute(
        select(col(Pull.id))
        .where(
            col(Pull.workspace_id) == source.workspace_id,
            col(Pull.installation_id) == source.id,
            col(Pull.id) != number,
            beside,
        )
        .limit(1)
    )
    return found.first() is not None


def _read_products(source: Source, number: int) -> int:
    count = 0
    with source.task("products", "products") as task:
        for chunk in _chunks(source.connector.products(), PER_TRANSACTION):
            with source.database.writing() as session:
                storing.store_products(session, source.workspace_id, source.id, chunk, number)
            count += len(chunk)
            task.advance(len(chunk))
    return count


def _read_customers(source: Source, number: int, info: ShopInfo) -> int:
    last = source.installation.pulled_at
    since = None if last is None else last - OVERLAP + (info.clock_offset or timedelta(0))
    count = 0
    read_at = source.clock()
    with source.task("customers", "customers") as task:
        for chunk in _chunks(source.connector.customers(since), PER_TRANSACTION):
            with source.database.writing() as session:
                store_customers(session, source.workspace_id, source.id, chunk, number, read_at)
            count += len(chunk)
            task.advance(len(chunk))
    return count


def _read_prices(source: Source, number: int) -> int:
    """Of the products that this pull saw: a shop may refuse to speak of one that is gone."""
    with source.database.reading() as session:
        ids = _product_ids(session, source, number)
    capabilities = source.connector.capabilities
    chunks = _chunks(iter(ids), capabilities.tier_products_per_read)
    count = 0
    with (
        source.task("tier prices", "products", len(ids)) as task,
        ThreadPoolExecutor(capabilities.parallel_calls) as pool,
    ):
        for asked, rows in _fetched(pool, source, chunks, capabilities.parallel_calls):
            with source.database.writing() as session:
                storing.replace_prices(
                    session, source.workspace_id, source.id, asked.products, rows, asked.at
                )
            count += len(rows)
            task.advance(len(asked.products))
    return count


def _product_ids(session: Session, source: Source, number: int) -> list[str]:
    return list(
        session.execute(
            select(col(ShopProduct.product_id))
            .where(
                col(ShopProduct.workspace_id) == source.workspace_id,
                col(ShopProduct.installation_id) == source.id,
                col(ShopProduct.pull) == number,
            )
            .order_by(col(ShopProduct.family_id))
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    products: Sequence[str]
    at: datetime


def _fetched(
    pool: ThreadPoolExecutor, source: Source, chunks: Iterator[Sequence[str]], ahead: int
) -> Iterator[tuple[_Asked, list[TierPrice]]]:
    """Reads a few chunks ahead, so that the shop is busy while the last answer is stored."""
    running: dict[Future[list[TierPrice]], _Asked] = {}

    def ask(chunk: Sequence[str]) -> None:
        asked = _Asked(chunk, source.clock())
        running[pool.submit(source.connector.tier_prices, chunk)] = asked

    for chunk in islice(chunks, ahead):
        ask(chunk)
    while running:
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            asked = running.pop(future)
            for following in islice(chunks, 1):
                ask(following)
            yield asked, future.result()


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _begin(source: Source, now: datetime) -> int:
    with source.database.writing() as session:
        row = session.execute(
            insert(Pull)
            .values(
                workspace_id=source.workspace_id,
                installation_id=source.id,
                started_at=now,
                error="",
            )
            .returning(col(Pull.id))
        )
        number: int = row.scalar_one()
        return number


def _end(source: Source, number: int, error: str) -> None:
    with source.database.writing() as session:
        session.execute(
            update(Pull)
            .where(col(Pull.workspace_id) == source.workspace_id, col(Pull.id) == number)
            .values(finished_at=source.clock(), error=error)
        )
