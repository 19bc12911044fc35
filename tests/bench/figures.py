"""How long each figure of the overview and the reports takes, in a merchant's full book."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bridge.figures.customers import CUSTOMERS, buyers_between
from bridge.figures.days import keep_days, recount
from bridge.figures.funnel import funnel
from bridge.figures.health import health
from bridge.figures.keeping import known
from bridge.figures.liability import LIABILITY
from bridge.figures.members import member_figures
from bridge.figures.overview import current_terms, overview
from bridge.figures.points import outstanding, points_over_time
from tests.bench.full import ENTRIES, NOW, ORDERS, filled
from tests.bench.points import Merchant

SOON = 0.1
"""Seconds that one figure of a page may take; what takes longer is kept,"""
PAGE = 0.3
"""and a whole page."""
_TIMES = 3


@dataclass(frozen=True)
class Timed:
    figure: str
    seconds: float
    """The median of three."""
    limit: float | None
    """``None``: nobody waits for it, a step does it once an hour."""

    @property
    def is_too_slow(self) -> bool:
        return self.limit is not None and self.seconds > self.limit


@dataclass(frozen=True)
class Measured:
    kind: str
    members: int
    orders: int
    entries: int
    timed: tuple[Timed, ...]


def measure(kind: str, members: int) -> Measured:
    with filled(kind, members) as full:
        return Measured(kind, members, members * ORDERS, members * ENTRIES, tuple(_timed(full)))


def lines(measured: Measured) -> list[str]:
    head = (
        f"figures on {measured.kind}: {measured.members:,} members, {measured.orders:,} orders, "
        f"{measured.entries:,} entries"
    )
    return [
        head,
        *(
            f"  {one.figure:<44}{one.seconds * 1000:>10,.0f} ms"
            + ("  (by the step, hourly)" if one.limit is None else "")
            + (f"  more than {one.limit * 1000:.0f}" if one.limit and one.is_too_slow else "")
            for one in measured.timed
        ),
    ]


def record(measured: Measured) -> dict[str, Any]:
    return asdict(measured)


def _timed(full: Merchant) -> Iterator[Timed]:
    database, workspace = full.database, full.workspace
    terms = current_terms(database, workspace, NOW)
    which = (database, workspace, terms)

    def reading(work: Callable[[Session], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with database.reading() as session:
                return work(session)

        return run

    year_ago = NOW - timedelta(days=365)
    yield _once("days, kept for the first time", lambda: keep_days(*which[:2], terms.zone, NOW))
    yield _once("days, all counted again", lambda: recount(database, workspace, terms.zone))
    yield _once("customers, worked out", lambda: known(*which, CUSTOMERS, NOW, fresh=True))
    yield _once("liability, worked out", lambda: known(*which, LIABILITY, NOW, fresh=True))
    yield _once(
        "customers between two days",
        reading(lambda session: buyers_between(session, workspace, terms, year_ago, NOW)),
    )
    yield _median("customers, kept", lambda: known(*which, CUSTOMERS, NOW))
    yield _median("liability, kept", lambda: known(*which, LIABILITY, NOW))
    yield _median("points of 30 days", lambda: points_over_time(*which, NOW))
    yield _median("points of 24 months", lambda: points_over_time(*which, NOW, months=24))
    for name, work in (
        ("points outstanding", lambda session: outstanding(session, workspace, terms)),
        ("members: tiers, segments, top", lambda s: member_figures(s, workspace, terms)),
        ("referrals", lambda session: funnel(session, workspace)),
        ("health", lambda session: health(session, workspace, NOW)),
    ):
        yield _median(name, reading(work))
    yield _median("the whole overview", lambda: overview(database, workspace, NOW), PAGE)


def _once(figure: str, work: Callable[[], Any]) -> Timed:
    began = time.perf_counter()
    work()
    return Timed(figure, time.perf_counter() - began, None)


def _median(figure: str, work: Callable[[], Any], limit: float = SOON) -> Timed:
    times = [_once(figure, work).seconds for _ in range(_TIMES)]
    return Timed(figure, statistics.median(times), limit)
