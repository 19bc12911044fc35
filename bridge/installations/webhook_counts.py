"""What became of the messages that shops sent, by day: added up in memory, stored in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from bridge.installations.models import WebhookCount

ACCEPTED = "accepted"
REPLAYED = "replayed"
REGISTERED = "registered"
CONFIRMED = "confirmed"
"""The two steps of an app that registers: no events, and nothing refused."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many more messages of one outcome."""

    installation_id: int
    day: date
    outcome: str
    messages: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Total:
    outcome: str
    messages: int
    last_at: datetime


def add(session: Session, workspace_id: int, tallies: Iterable[Tally]) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(WebhookCount)
    fresh = statement.excluded
    latest = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
    statement = statement.on_conflict_do_update(
        index_elements=["installation_id", "day", "outcome"],
        set_={
            "messages": col(WebhookCount.messages) + fresh.messages,
            "last_at": latest(col(WebhookCount.last_at), fresh.last_at),
        },
    )
    # Always in the same order: two processes that store theirs must not wait for each other.
    rows = [
        {
            "installation_id": tally.installation_id,
            "day": tally.day,
            "outcome": tally.outcome,
            "workspace_id": workspace_id,
            "messages": tally.messages,
            "last_at": tally.last_at,
        }
        for tally in sorted(tallies, key=lambda one: (one.installation_id, one.day, one.outcome))
    ]
    if rows:
        session.connection().execute(statement, rows)


def totals(session: Session, workspace_id: int) -> dict[int, list[Total]]:
    """Over all days, by installation id; the most frequent outcome first."""
    rows = session.exec(
        select(
            WebhookCount.installation_id,
            WebhookCount.outcome,
            func.sum(WebhookCount.messages),
            func.max(WebhookCount.last_at),
        )
        .where(col(WebhookCount.workspace_id) == workspace_id)
        .group_by(col(WebhookCount.installation_id), col(WebhookCount.outcome))
        .order_by(func.sum(WebhookCount.messages).desc(), col(WebhookCount.outcome))
    )
    found: dict[int, list[Total]] = {}
    for installation_id, outcome, messages, last_at in rows:
        found.setdefault(installation_id, []).append(Total(outcome, int(messages), last_at))
    return found
