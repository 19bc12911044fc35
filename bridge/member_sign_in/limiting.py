"""How often something may be tried. The rule is pure; the count is a table, since several
processes answer.

Each try fills a bucket by one; it empties steadily. A try that finds it full is refused and adds
nothing: who waits gets on, and nobody is locked out for good. :func:`hold` makes tries that come
at the same moment look one after the other; :func:`waits` alone changes and locks nothing.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from bridge.db import insert_or_ignore
from bridge.member_sign_in.models import MemberTry

_FORGOTTEN = timedelta(days=2)
"""Longer than any bucket takes to empty."""


@dataclass(frozen=True, slots=True)
class Rate:
    most: int
    """Tries at once."""
    every: timedelta
    """So often one more comes free."""

    def left(self, level: float, passed: timedelta) -> float:
        """Of a bucket, after that time."""
        return max(0.0, level - max(passed, timedelta()) / self.every)

    def wait(self, level: float) -> timedelta:
        """Until one more may be tried; zero: now."""
        over = level + 1 - self.most
        return timedelta(seconds=math.ceil(over * self.every.total_seconds())) if over > 0 else _NO


_NO = timedelta()

ASK_HERE = Rate(5, timedelta(minutes=20))
"""Codes for one address, asked for from one network: who asks for another's keeps him out from
where he is himself alone."""
ASK_ADDRESS = Rate(20, timedelta(minutes=5))
"""Codes for one address from anywhere: more would fill somebody's mailbox."""
ASK_NETWORK = Rate(20, timedelta(minutes=1))
"""People of one company come from one network address."""
GUESS_HERE = Rate(15, timedelta(minutes=30))
"""Wrong codes for one address from one network."""
GUESS_ADDRESS = Rate(40, timedelta(minutes=20))
"""The same from anywhere: a hundred of a million a day."""
GUESS_NETWORK = Rate(50, timedelta(minutes=1))
LINK_NETWORK = Rate(20, timedelta(minutes=1))
"""Links that are not genuine."""


def subject(kind: str, value: str) -> str:
    """Who tries is not kept in the clear."""
    return f"{kind}:{hashlib.sha256(f'{kind}:{value}'.encode()).hexdigest()[:32]}"


def waits(
    session: Session, workspace_id: int, told: Mapping[str, Rate], now: datetime
) -> timedelta:
    """How long from now until the next try is looked at; zero: now."""
    rows = session.exec(
        select(MemberTry).where(
            col(MemberTry.workspace_id) == workspace_id, col(MemberTry.subject).in_([*told])
        )
    )
    found = [_wait(told[row.subject], row, now) for row in rows]
    return max(found, default=_NO)


def hold(session: Session, workspace_id: int, told: Mapping[str, Rate], now: datetime) -> timedelta:
    """The same, and until the end of this unit of work nobody else tries any of these: of many at
    once no more get through than one after the other would."""
    wait = waits(session, workspace_id, told, now)
    if wait:
        return wait  # what is refused leaves no row
    rows = _locked(session, workspace_id, told, now)
    return max(_wait(told[row.subject], row, now) for row in rows)


def count(session: Session, workspace_id: int, told: Mapping[str, Rate], now: datetime) -> None:
    """One more try. Two at once count as two."""
    for row in _locked(session, workspace_id, told, now):
        row.level = told[row.subject].left(row.level, now - row.at) + 1
        row.at = now
        session.add(row)
    session.flush()


def forget(session: Session, workspace_id: int, subjects: list[str]) -> None:
    session.exec(
        delete(MemberTry).where(
            col(MemberTry.workspace_id) == workspace_id, col(MemberTry.subject).in_(subjects)
        )
    )


def _locked(
    session: Session, workspace_id: int, told: Mapping[str, Rate], now: datetime
) -> Sequence[MemberTry]:
    """One row of each, always in the same order. Old ones go before anything is locked."""
    session.exec(
        delete(MemberTry).where(
            col(MemberTry.workspace_id) == workspace_id, col(MemberTry.at) < now - _FORGOTTEN
        )
    )
    empty = [
        {"workspace_id": workspace_id, "subject": one, "level": 0.0, "at": now}
        for one in sorted(told)
    ]
    insert_or_ignore(session, MemberTry, empty, ("workspace_id", "subject"))
    return session.exec(
        select(MemberTry)
        .where(col(MemberTry.workspace_id) == workspace_id, col(MemberTry.subject).in_([*told]))
        .order_by(col(MemberTry.subject))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _wait(rate: Rate, row: MemberTry, now: datetime) -> timedelta:
    return rate.wait(rate.left(row.level, now - row.at))
