"""Records of the port as text for the database, and back.

Fields come in their order, so that a shop that tells the same again gives the same text.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

from connectors.base import Customer
from connectors.sales import Activity, Order
from connectors.shop_pages import Award

Told = Order | Customer | Activity | Award
"""What comes in."""
Record = TypeVar("Record", Order, Customer, Activity, Award)

RESOURCES: dict[str, type[Any]] = {
    "order": Order,
    "customer": Customer,
    "activity": Activity,
    "award": Award,
}
"""The inbox's word for what each record is."""


def encoded(record: Told) -> str:
    return _ADAPTERS[type(record)].dump_json(record).decode()


def decoded(kind: type[Record], text: str) -> Record:
    """Raises ValueError when the text is none of this kind."""
    record: Record = _ADAPTERS[kind].validate_json(text)
    return record


def resource_of(record: Told) -> str:
    return _NAMES[type(record)]


def changed_at(record: Order | Customer) -> datetime:
    return record.changed_at if isinstance(record, Order) else record.updated_at


def at_change(record: Told, moment: datetime) -> Told:
    """The record as if it had last been changed then. What an activity is does not depend on
    when it was noticed: it stays as it is. An award's time is that of the last try."""
    if isinstance(record, Order):
        return replace(record, changed_at=moment)
    if isinstance(record, Customer):
        return replace(record, updated_at=moment)
    if isinstance(record, Award):
        return replace(record, at=moment)
    return record


def fingerprint(record: Told) -> str:
    """The same for two records that say the same, whenever the shop touched its row: a shop
    counts a mail that was sent or an index that was rebuilt as a change of the order."""
    return content_hash(encoded(at_change(record, _NO_TIME)))


def content_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in RESOURCES.values()
}
_NAMES = {kind: name for name, kind in RESOURCES.items()}
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
