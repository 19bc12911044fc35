"""Orders come in while members are merged and split, points ripen and are spent."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from ledger_world import START, LedgerWorld, line, order, refund
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bridge.earning.clockwork import pass_time
from bridge.earning.handling import News, handle_orders
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.members.gathering import gather
from bridge.members.merging import merge
from bridge.members.splitting import split
from bridge.members.standing import bindings, identity, locked
from bridge.points.book import Book, Cause, NotEnoughPoints
from bridge.points.models import Holder
from bridge.points.spending import spend
from connectors.sales import Order

PEOPLE = 6
RULES = {"ripen": {"after": "paid", "days": 0}, "rules": {"base": {"per_item": 1}}}
LATER = timedelta(days=1)
T = TypeVar("T")


def test_no_point_is_lost_or_doubled_whatever_happens_at_once(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    ledger.programme(RULES)
    people = [ledger.member((0, f"c{n}"), (1, f"k{n}")) for n in range(PEOPLE)]
    last: dict[tuple[int, str], Order] = {}
    with ThreadPoolExecutor() as pool:
        working = [
            pool.submit(_orders, ledger, 0, last),
            pool.submit(_orders, ledger, 1, last),
            pool.submit(_merges_and_splits, ledger, people),
            pool.submit(_spends, ledger, people),
            pool.submit(_time_passes, ledger),
        ]
        for one in working:
            one.result()
    with ledger.database.writing() as session:
        gather(session, ledger.workspace, ledger.now)
    check_book()
    for (_, id_), told in last.items():
        returned = sum(int(one.quantity) for back in told.refunds for one in back.lines)
        bought = sum(int(one.quantity) for one in told.lines)
        assert sum(ledger.worth(id_).values()) == bought - returned


def _orders(ledger: LedgerWorld, shop: int, last: dict[tuple[int, str], Order]) -> None:
    """New ones and changed ones, a few together, as the inbox hands them over."""
    chance = random.Random(shop)
    mine: dict[str, Order] = {}
    for number in range(10):
        some: dict[str, Order] = {}
        for place in range(4):
            if mine and chance.random() < 0.5:
                one = chance.choice(list(mine.values()))
                lines = (line("a", 10, chance.randint(3, 9)), line(chance.choice("bc"), 10, 2))
                back = (refund("r1", ("a", chance.randint(1, 3), 0)),)
                moment = one.changed_at + timedelta(seconds=1)
                one = replace(one, changed_at=moment, lines=lines, refunds=back)
            else:
                buyer = f"{'ck'[shop]}{chance.randrange(PEOPLE)}"
                one = order(f"{shop}-{number}-{place}", line("a", 10, 5), customer=buyer)
            some[one.id] = one
        news = [News(ledger.shops[shop], one, one.changed_at, START) for one in some.values()]
        handle = partial(handle_orders, workspace_id=ledger.workspace, news=news, now=START)
        assert all(result is True for result in _retried(ledger, handle))
        mine |= some
    last.update({(shop, id_): one for id_, one in mine.items()})


def _merges_and_splits(ledger: LedgerWorld, people: list[int]) -> None:
    chance = random.Random(2)

    def step(session: Session, *, one: int, other: int) -> None:
        keep = locked(session, ledger.workspace, one)
        gone = locked(session, ledger.workspace, other)
        if keep is not gone:
            merge(session, ledger.workspace, keep, gone, "me", START)
            return
        customers = bindings(session, ledger.workspace, identity(keep))
        if len(customers) > 1:
            leaving = chance.choice(customers)
            key = (leaving.installation_id, leaving.customer_id)
            split(session, ledger.workspace, keep, [key], "me", START)

    for _ in range(12):
        one, other = chance.sample(people, 2)
        _retried(ledger, partial(step, one=one, other=other))


def _spends(ledger: LedgerWorld, people: list[int]) -> None:
    chance = random.Random(3)

    def step(session: Session, *, number: int, key: tuple[Holder, int]) -> None:
        book = Book(session, ledger.workspace, START + LATER)
        account = book.open([key])[key]
        cause = Cause("spending", str(number), START + LATER)
        try:
            spend(book, account, chance.randint(1, 4), cause)
        except NotEnoughPoints:
            return
        book.write()

    for number in range(30):
        key = (Holder.MEMBER, chance.choice(people))
        _retried(ledger, partial(step, number=number, key=key))


def _time_passes(ledger: LedgerWorld) -> None:
    then = START + LATER
    for _ in range(8):
        pass_time(ledger.database, ledger.workspace, lambda: then, known_through=then)


def _retried(ledger: LedgerWorld, step: Callable[[Session], T]) -> T:
    """As whoever works the queue does: a lost race is begun anew."""
    for lost in range(1, 20):
        try:
            with ledger.database.writing() as session:
                return step(session)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
            time.sleep(pause_after(min(lost, 4)))
    raise AssertionError("it lost every race")
