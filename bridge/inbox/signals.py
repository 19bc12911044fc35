"""Signals: what shops said by themselves, kept until it was fetched."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from bridge.inbox.models import SignalState, StoredSignal
from connectors.sales import Signal


def store_signal(
    session: Session, workspace_id: int, installation_id: int, signal: Signal, now: datetime
) -> bool:
    """Stores a hint; ``False``: this event is known already, and nothing changed."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(StoredSignal).on_conflict_do_nothing(
        index_elements=["installation_id", "event_id"]
    )
    row = {
        "workspace_id": workspace_id,
        "installation_id": installation_id,
        "event_id": signal.event_id,
        "event": signal.event,
        "entity": "" if signal.entity is None else signal.entity.value,
        "ids": json.dumps(signal.ids),
        "sent_at": signal.sent_at,
        "received_at": now,
        "state": (SignalState.NEW if signal.entity else SignalState.IGNORED).value,
    }
    return session.connection().execute(statement, row).rowcount == 1
