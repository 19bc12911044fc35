"""Shopware's webhooks: the signature, and which orders or customers an event is about.

Recorded: app_system.json. The raw body is signed; ``source.eventId`` is the same in every
repetition of one event, ``timestamp`` is that of the try (PLATFORM_FACTS Shopware 3 and 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connectors.sales import Entity, Signal
from connectors.webhooks import (
    Forged,
    Headers,
    Unreadable,
    is_signed,
    read_name,
    read_object,
    signed_at,
)

SIGNATURE = "shopware-shop-signature"

_ID = re.compile(r"[0-9a-f]{32}")
_WRITTEN = {"order": Entity.ORDER, "customer": Entity.CUSTOMER}
"""Entities of ``<entity>.written`` and ``<entity>.deleted`` (PLATFORM_FACTS Shopware 5)."""


class ShopwareWebhooks:
    """A :class:`connectors.webhooks.Webhooks`."""

    def verify(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Signal:
        if not is_signed(secrets, body, headers.get(SIGNATURE)):
            raise Forged("The message is not signed with this shop's secret.")
        message = read_object(body)
        sent_at = signed_at(message.get("timestamp"), now)
        data = part(message, "data")
        entity, ids = _subject(data.get("payload"))
        return Signal(
            event_id=read_name(part(message, "source"), "eventId"),
            event=read_name(data, "event"),
            sent_at=sent_at,
            entity=entity,
            ids=ids,
        )


def _subject(payload: object) -> tuple[Entity | None, tuple[str, ...]]:
    """Writes list their rows; business events hold the whole order or customer. An event about
    a transaction or a delivery names the order it belongs to."""
    if isinstance(payload, list):
        return _written(payload)
    if isinstance(payload, dict):
        for name, entity in _WRITTEN.items():
            ids = _ids([payload.get(name)], "id")
            if ids:
                return entity, ids
    return None, ()


def _written(rows: list[Any]) -> tuple[Entity | None, tuple[str, ...]]:
    for name, entity in _WRITTEN.items():
        ids = _ids(
            (row for row in rows if isinstance(row, dict) and row.get("entity") == name),
            "primaryKey",
        )
        if ids:
            return entity, ids
    return None, ()


def _ids(rows: Iterable[Any], field: str) -> tuple[str, ...]:
    """Each once, in order; what is no id is left out."""
    found = [row.get(field) for row in rows if isinstance(row, dict)]
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and _ID.fullmatch(one)))


def part(message: dict[str, Any], name: str) -> dict[str, Any]:
    """Raises Unreadable."""
    found = message.get(name)
    if not isinstance(found, dict):
        raise Unreadable(f"The message has no `{name}`.")
    return found
