"""How long a sign-in has to wait after failed ones. The rule is pure; the count is a table,
since several processes answer.

It slows a guesser down and never locks the owner out for good: an attempt while one has to wait
is not looked at, and does not make the wait longer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from bridge.programme.emails import folded_email
from bridge.users.models import SignInFailure

FREE_OF_ACCOUNT = 5
FREE_OF_ADDRESS = 30
"""People of one company come from one address."""
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
"""So long after the last failure it begins anew."""


def wait_after(failures: int, free: int) -> timedelta:
    """After each failure beyond the free ones twice as long as before, from 1 second. Pure."""
    if failures < free:
        return timedelta()
    return min(LONGEST, timedelta(seconds=2 ** min(failures - free, 20)))


def subjects(email: str, address: str) -> dict[str, int]:
    """What is counted, with how many failures are free. Who tries is not kept in the clear.

    ``email`` counts as the account it is looked up as: one domain can be spelt in many ways.
    """
    return {
        _subject("account", folded_email(email)): FREE_OF_ACCOUNT,
        _subject("address", address): FREE_OF_ADDRESS,
    }


def waits(session: Session, told: dict[str, int], now: datetime) -> timedelta:
    """How long from now until the next attempt is looked at; zero: now."""
    rows = session.exec(select(SignInFailure).where(col(SignInFailure.subject).in_([*told])))
    found = [row for row in rows if now - row.last_at < FORGOTTEN]
    left = [row.last_at + wait_after(row.failures, told[row.subject]) - now for row in found]
    return max(left, default=timedelta(), key=lambda one: max(one, timedelta()))


def count_failure(session: Session, told: dict[str, int], now: datetime) -> None:
    """Two at once count as two."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.exec(delete(SignInFailure).where(col(SignInFailure.last_at) < now - FORGOTTEN))
    for subject in sorted(told):
        new = insert(SignInFailure).values(subject=subject, failures=1, last_at=now)
        session.exec(
            new.on_conflict_do_update(
                index_elements=["subject"],
                set_={"failures": col(SignInFailure.failures) + 1, "last_at": now},
            )
        )


def forget(session: Session, told: dict[str, int]) -> None:
    """After a success: of the account only, or a guesser's own account would free his address."""
    account = next(iter(told))
    session.exec(delete(SignInFailure).where(col(SignInFailure.subject) == account))


def _subject(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(f'{kind}:{value}'.encode()).hexdigest()[:32]}"
