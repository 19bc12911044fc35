"""What a message says when it is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from bridge.mailing.addressee import addressee
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences
from bridge.subscribers.event_types import TEST, VERSION
from bridge.subscribers.models import Subscriber, SubscriberMessage


def body(session: Session, subscriber: Subscriber, message: SubscriberMessage) -> bytes:
    """JSON in UTF-8: what is signed is what is sent."""
    data = dict(message.data)
    if subscriber.with_email and isinstance(data.get("member"), dict):
        data["member"] = {**data["member"], "email": _email(session, message)}
    told = {
        "type": message.type,
        "timestamp": stamp(message.at),
        "version": VERSION,
        "data": data,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def test_data(subscriber: Subscriber) -> dict[str, Any]:
    """Of a message of the type ``test``."""
    return {"subscriber": subscriber.name, "types": [*subscriber.types, TEST]}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _email(session: Session, message: SubscriberMessage) -> str | None:
    """As it is now: it is kept in no message."""
    if message.member_id is None:
        return None
    letters = preferences(session, message.workspace_id, Letters)
    try:
        found = addressee(session, message.workspace_id, message.member_id, letters)
    except LookupError:
        return None
    return found.email or None
