"""How long each figure of the overview and the reports takes, in a merchant's full book.

Rows are put in by bulk statements, not through the services: members with accounts and lots, their
orders, the entries of two years, referrals. What they say is not looked at, how many they are is.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, text
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
from bridge.inbox.models import InboxRow
from bridge.installations.models import ShopFacts
from bridge.members.models import Member, MemberEmail, Segment
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Entry, Lot
from bridge.referrals.models import Referral, ReferralClicks, ReferralCode
from tests.bench.points import BEGIN, Merchant, databases, merchant

NOW = datetime(2027, 12, 31, 12, tzinfo=BEGIN.tzinfo)
DAYS = (NOW - BEGIN).days
SOON = 0.1
"""Seconds that one figure of a page may take; what takes longer is kept,"""
PAGE = 0.3
"""and a whole page."""
_TOGETHER = 10_000
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
    """5 orders and 10 entries a member."""
    with filled(kind, members) as full:
        return Measured(kind, members, members * 5, members * 10, tuple(_timed(full)))


@contextmanager
def filled(kind: str, members: int) -> Iterator[Merchant]:
    """A merchant whose tables are full; for other parts of the benchmark too."""
    with databases(kind) as make:
        full = merchant(make(), 10)
        fill(full, members)
        yield full
        full.database.close()


def fill(full: Merchant, members: int) -> None:
    chance = random.Random(1)
    tables: tuple[tuple[Any, Iterator[dict[str, Any]]], ...] = (
        (ShopFacts, _facts(full)),
        (Member, _members(full, members)),
        (MemberEmail, _emails(full, members)),
        (Segment, _segments(full, members)),
        (HandledOrder, _orders(full, members, chance)),
        (Account, _accounts(full, members)),
        (Lot, _lots(full, members)),
        (Entry, _entries(full, members, chance)),
        (InboxRow, _inbox(full, members)),
        (ReferralCode, _codes(full, members)),
        (ReferralClicks, _clicks(full, members)),
        (Referral, _referrals(full, members)),
    )
    for table, rows in tables:
        while some := list(islice(rows, _TOGETHER)):
            with full.database.writing() as session:
                session.connection().execute(insert(table), some)
    if not full.database.is_sqlite:  # autovacuum would, within a minute
        with full.database.writing() as session:
            session.execute(text("ANALYZE"))


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


# -- rows -----------------------------------------------------------------------------------


def _facts(full: Merchant) -> Iterator[dict[str, Any]]:
    for shop in full.shops:
        yield {
            "installation_id": shop,
            "workspace_id": full.workspace,
            "version": "1",
            "stores": [
                {"id": str(number), "code": f"store-{number}", "name": "", "currency": "EUR"}
                for number in range(5)
            ],
            "currencies": [],
            "read_at": BEGIN,
        }


def _members(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    # The merchant has member 1 already.
    for number in range(2, members + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "joined_at": _at(number, members),
            "merged_by": "",
            "tier": ("", "", "silver", "gold")[number % 4],
        }


def _emails(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "workspace_id": full.workspace,
            "email": f"c{number}@example.com",
            "member_id": number,
            "is_confirmed": True,
        }


def _segments(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "member_id": number,
            "segment": ("new", "lapsed")[number % 2],
            "workspace_id": full.workspace,
            "since": BEGIN,
        }


def _orders(full: Merchant, members: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    content = '{"lines": "' + "x" * 800 + '"}'
    for number in range(members * 5):
        at = _at(number, members * 5)
        cents = chance.randrange(1_000, 50_000)
        yield {
            "installation_id": full.shops[number % 2],
            "order_id": f"{number:08}",
            "workspace_id": full.workspace,
            "number": f"{100_000_000 + number}",
            "store_id": str(number % 5),
            "member_id": chance.randint(1, members),
            "customer_id": "",
            "email": "",
            "is_guest": False,
            "placed_at": at,
            "changed_at": at,
            "fetched_at": at,
            "currency": "EUR",
            "rate": 1_000_000,
            "net_total": cents,
            "gross_total": cents * 119 // 100,
            "items": 1_000,
            "counts": number % 20 > 0,
            "is_decided": True,
            "is_frozen": False,
            "revision": 1,
            "circumstances": "",
            "content": content,
        }


def _accounts(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "holder": "member",
            "holder_id": number,
            "available": number * 7 % 5_000,
            "pending": number % 50,
            "reserved": 0,
            "debt": 0,
            "changed_at": NOW,
            "push_due": False,
        }


def _lots(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members * 5):
        at = _at(number, members * 5)
        yield {
            "id": number + 1,
            "workspace_id": full.workspace,
            "account_id": number % members + 1,
            "installation_id": full.shops[number % 2],
            "source_kind": "order",
            "source_id": f"{number:08}",
            "part": "",
            "earned_at": at,
            "ripened_at": at,
            "expires_at": datetime.combine(at.date(), datetime.min.time(), at.tzinfo)
            + timedelta(days=365),
            "pending": 0,
            "available": 100 if number % 2 else 0,
            "reserved": 0,
        }


def _entries(full: Merchant, members: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    kinds = (
        ("issued", "pending", "earn"),
        ("pending", "available", "ripen"),
        ("available", "redeemed", "spend"),
        ("available", "expired", "expire"),
        ("available", "issued", "take_back"),
    )
    why = '{"rule": "' + "x" * 120 + '"}'
    for number in range(members * 10):
        at = _at(number, members * 10)
        debit, credit, effect = kinds[number % len(kinds)]
        lot = number // 2
        yield {
            "workspace_id": full.workspace,
            "account_id": lot % members + 1,
            "lot_id": lot + 1,
            "debit": debit,
            "credit": credit,
            "points": chance.randint(1, 500),
            "effect": effect,
            "installation_id": full.shops[number % 2],
            "source_kind": "order",
            "source_id": f"{number:08}",
            "source_line": "0",
            "revision": 1,
            "rule": "base",
            "occurred_at": at,
            "posted_at": at,
            "why": why,
        }


def _inbox(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members * 2):
        at = _at(number, members * 2)
        yield {
            "workspace_id": full.workspace,
            "installation_id": full.shops[number % 2],
            "resource": "order",
            "entity_id": f"{number:08}",
            "content_hash": "",
            "content": "{}",
            "changed_at": at,
            "fetched_at": at,
            "state": "handled" if number % 5_000 else "failed",
            "attempts": 1,
            "error": "",
        }


def _codes(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members // 10 + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "member_id": number,
            "partner": "",
            "code": f"CODE{number}",
            "made_at": BEGIN,
        }


def _clicks(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members // 10 + 1):
        for day in range(3):
            yield {
                "code_id": number,
                "day": date(2027, 1, 1) + timedelta(days=day),
                "workspace_id": full.workspace,
                "clicks": 2,
            }


def _referrals(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members // 10):
        yield {
            "workspace_id": full.workspace,
            "code_id": number + 1,
            "email": f"friend{number}@example.com",
            "installation_id": full.shops[number % 2],
            "state": ("asked", "confirmed", "rewarded")[number % 3],
            "asked_at": BEGIN,
            "confirmed_at": BEGIN,
            "order_id": f"{number:08}",
            "reward_points": 100,
        }


def _at(number: int, of: int) -> datetime:
    """Evenly over two years, up to now."""
    return BEGIN + (NOW - BEGIN) * number / of
