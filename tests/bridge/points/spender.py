"""Spends from one account, in threads of a process of its own; run as a program.

It reads what to do from its first line of input, says ``ready``, waits for a second line, so that
several begin at once, and prints what came of it: both are JSON, see :class:`Errand`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bridge.db import Database
from bridge.points.book import Book, Cause, NotEnoughPoints
from bridge.points.models import Holder
from bridge.points.spending import spend


@dataclass(frozen=True)
class Errand:
    url: str
    workspace: int
    member: int
    cost: int
    now: str
    name: str
    """Begins the ids of its causes: what two processes do under one name is one thing told
    twice."""
    threads: int
    times: int
    """How often each thread tries at most; it stops at the first refusal."""


@dataclass(frozen=True)
class Came:
    """How often it spent, was refused, and was told that this had been done before."""

    spent: int
    refused: int
    known: int


def go(errand: Errand) -> Came:
    database = Database(errand.url)
    with ThreadPoolExecutor(errand.threads) as pool:
        told = [
            outcome
            for outcomes in pool.map(
                lambda thread: list(_spend(database, errand, thread)), range(errand.threads)
            )
            for outcome in outcomes
        ]
    database.close()
    return Came(told.count("spent"), told.count("refused"), told.count("known"))


def _spend(database: Database, errand: Errand, thread: int) -> Iterator[str]:
    now = datetime.fromisoformat(errand.now)
    key = (Holder.MEMBER, errand.member)
    for time in range(errand.times):
        cause = Cause("spending", f"{errand.name}-{thread}-{time}", now)
        try:
            with database.writing() as session:
                book = Book(session, errand.workspace, now)
                is_new = spend(book, book.open([key])[key], errand.cost, cause)
                book.write()
        except NotEnoughPoints:
            yield "refused"
            return
        yield "spent" if is_new else "known"


def main() -> None:
    errand = Errand(**json.loads(sys.stdin.readline()))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(vars(go(errand))))


if __name__ == "__main__":
    main()
