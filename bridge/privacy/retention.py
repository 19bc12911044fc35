"""What is forgotten by itself once it is old. Each step takes some rows at a time and may be
repeated; what the book needs is never among it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.audit.models import AuditEntry
from bridge.audit.service import Actor
from bridge.db import Database
from bridge.inbox import retention as inbox
from bridge.kit.calendar import months_later
from bridge.kit.clock import Clock
from bridge.letters.models import Letter, LetterState
from bridge.preferences.sections import Retention
from bridge.preferences.service import preferences
from bridge.privacy import erasing, inactive
from bridge.privacy.ending import Busy
from bridge.privacy.person import AlreadyErased

ACTOR = Actor("retention")
AT_ONCE = 500
ERASED_AT_ONCE = 50
"""Members a day: each takes a while, and a mistake in the settings is noticed before all are
gone."""


def months_ago(months: int, now: datetime) -> datetime:
    """The same day of the month, as far as there is one. Pure."""
    day = months_later(now.date(), -months)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC"))


def apply(database: Database, workspace_id: int, clock: Clock) -> Counter[str]:
    """What the settings say; how much of each."""
    with database.reading() as session:
        rules = preferences(session, workspace_id, Retention)
    now = clock()
    counts: Counter[str] = Counter()
    if rules.inbox_days is not None:
        with database.writing() as session:
            before = now - timedelta(days=rules.inbox_days)
            counts["messages"] = inbox.forget(session, workspace_id, before)
    if rules.letters_months is not None:
        before = months_ago(rules.letters_months, now)
        counts["letters"] = _all(database, lambda s: _letters(s, workspace_id, before))
    if rules.addresses_months is not None:
        before = months_ago(rules.addresses_months, now)
        counts["addresses"] = _all(database, lambda s: _addresses(s, workspace_id, before))
    if rules.inactive_months is not None:
        counts.update(_inactive(database, workspace_id, rules, clock))
    return counts


def _all(database: Database, step: Callable[[Session], int]) -> int:
    total = 0
    while True:
        with database.writing() as session:
            done = step(session)
        total += done
        if done < AT_ONCE:
            return total


def _letters(session: Session, workspace_id: int, before: datetime) -> int:
    """What they said and why they failed; that they were sent stays, so that none goes twice."""
    ids = session.scalars(
        select(col(Letter.id))
        .where(
            col(Letter.workspace_id) == workspace_id,
            col(Letter.state) != LetterState.WAITING.value,
            col(Letter.made_at) < before,
            col(Letter.error) != _FORGOTTEN,
        )
        .order_by(col(Letter.id))
        .limit(AT_ONCE)
    ).all()
    return _set(session, Letter, ids, details={}, error=_FORGOTTEN)


_FORGOTTEN = "Forgotten, as the settings of privacy say."


def _addresses(session: Session, workspace_id: int, before: datetime) -> int:
    """From where something was changed; who changed what stays."""
    ids = session.scalars(
        select(col(AuditEntry.id))
        .where(
            col(AuditEntry.workspace_id) == workspace_id,
            col(AuditEntry.at) < before,
            col(AuditEntry.address) != "",
        )
        .order_by(col(AuditEntry.id))
        .limit(AT_ONCE)
    ).all()
    return _set(session, AuditEntry, ids, address="")


def _set(session: Session, table: Any, ids: Any, **values: Any) -> int:
    session.execute(
        update(table)
        .where(col(table.id).in_(ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def _inactive(
    database: Database, workspace_id: int, rules: Retention, clock: Clock
) -> Counter[str]:
    assert rules.inactive_months is not None
    since = months_ago(rules.inactive_months, clock())
    found = inactive.look(database, workspace_id, since, clock)
    counts = Counter({"inactive": len(found.member_ids)})
    for member_id in found.member_ids[:ERASED_AT_ONCE] if rules.erases_inactive else ():
        try:
            erasing.erase(database, workspace_id, member_id, ACTOR, clock)
        except (AlreadyErased, Busy):
            continue
        counts["erased"] += 1
    return counts
