"""Records of the port as text for the database, and back.

Fields come in their order, so that a shop that tells the same again gives the same text.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

from pydantic import TypeAdapter

from connectors.base import Customer
from connectors.sales import Activity, Order

Record = TypeVar("Record", Order, Customer, Activity)

RESOURCES: dict[str, type[Any]] = {"order": Order, "customer": Customer, "activity": Activity}
"""The inbox's word for what each record is."""


def encoded(record: Order | Customer | Activity) -> str:
    return _ADAPTERS[type(record)].dump_json(record).decode()


def decoded(kind: type[Record], text: str) -> Record:
    """Raises ValueError when the text is none of this kind."""
    record: Record = _ADAPTERS[kind].validate_json(text)
    return record


def content_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in RESOURCES.values()
}
