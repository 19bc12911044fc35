"""Redeems for many members, in threads of a process of its own; run as a program.

It reads what to do from its first line of input, says ``ready``, waits for a second line, so that
several begin at once, and prints what came of it; both are JSON. Where it is told to die, it is
gone in the middle of a unit of work.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import bridge.models  # noqa: F401 - tables refer to each other
from bridge.db import Database
from bridge.points.book import NotEnoughPoints
from bridge.vouchers.redeeming import Request, redeem
from bridge.vouchers.stores import store_named


@dataclass(frozen=True)
class Errand:
    url: str
    workspace: int
    secret: str
    members: list[int]
    points: int
    now: str
    name: str
    """Begins the ids of its requests: what two processes ask for under one name is one thing."""
    threads: int
    times: int
    """How often each member's request is made."""
    dies_after: int = 0
    """Vouchers after which the process is killed before it commits the next; 0: never."""


def go(errand: Errand) -> list[int]:
    """Issued, refused, known before."""
    database = Database(errand.url)
    shares = [errand.members[at :: errand.threads] for at in range(errand.threads)]
    with ThreadPoolExecutor(errand.threads) as pool:
        told = [
            one
            for some in pool.map(lambda s: list(_redeem(database, errand, s)), shares)
            for one in some
        ]
    database.close()
    return [told.count(one) for one in ("issued", "refused", "known")]


_issued = 0


def _redeem(database: Database, errand: Errand, members: list[int]) -> Iterator[str]:
    global _issued
    now = datetime.fromisoformat(errand.now)
    with database.reading() as session:
        store = store_named(session, errand.workspace, "north")
    for time in range(errand.times):
        for member in members:
            request = Request(member, errand.points, store, f"{errand.name}-{member}-{time}")
            try:
                with database.writing() as session:
                    done = redeem(
                        session,
                        errand.workspace,
                        bytes.fromhex(errand.secret),
                        request,
                        now,
                        codes_per_pool=50,
                    )
                    _issued += done.is_new
                    if errand.dies_after and _issued > errand.dies_after:
                        os._exit(9)
            except NotEnoughPoints:
                yield "refused"
                continue
            yield "issued" if done.is_new else "known"


def main() -> None:
    errand = Errand(**json.loads(sys.stdin.readline()))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(go(errand)))


if __name__ == "__main__":
    main()
