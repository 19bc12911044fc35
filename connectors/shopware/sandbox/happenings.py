"""What happens in the shop, told to whoever listens: rows that were written, business events.

>>> def listener(happening: Happening) -> None: ...
>>> shop.listeners.append(listener)  # doctest: +SKIP

Listeners are called in the order things happened, in the thread of the request that caused
them, after its last write is committed and with no lock held, so that a listener may read the
shop or call somebody who does. They must not raise. What was rolled back is never told; what
the shop holds at the start and a reset are no news.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from connectors.shopware.sandbox.definitions import LIVE_VERSION, Definition

Operation = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that was written."""

    entity: str
    operation: Operation
    primary_key: str | dict[str, str]
    """The id; an object for rows without an id of their own."""
    updated_fields: tuple[str, ...]
    """In the shop's order (recorded: app_system.json #3 to #27); of a deletion none."""
    version_id: str | None = None
    """Of versioned entities; a draft of an order has another one than the live version."""


@dataclass(frozen=True, slots=True)
class Written:
    """One committed write; its rows in the order they were written."""

    changes: tuple[Change, ...]
    at: str
    """When, as :func:`.identifiers.stamp` writes it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A business event (recorded: events.json).

    ``checkout.order.placed`` and every ``state_enter.*`` and ``state_leave.*`` name the order,
    whichever part of it entered the state; ``checkout.customer.*`` the customer;
    ``newsletter.*`` the recipient; ``review_form.send`` the review.
    """

    name: str
    entity: str
    entity_id: str
    at: str


Happening = Written | Event
Listener = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Put:
    """A row before and after, as the database reports it."""

    definition: Definition
    key: str | tuple[str, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fields: tuple[str, ...] | None = None
    """What the write named; ``None``: what differs."""


class Happenings:
    """Collects what happens while a request is answered and tells it afterwards."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self._waiting = threading.local()

    @property
    def _pending(self) -> list[Happening]:
        found: list[Happening] | None = getattr(self._waiting, "list", None)
        if found is None:
            found = self._waiting.list = []
        return found

    def note_written(self, puts: Iterable[Put], at: str) -> None:
        if self.listeners:
            changes = tuple(_change(one) for one in puts)
            self._pending.append(Written(changes, at))

    def note_event(self, name: str, entity: str, entity_id: str, at: str) -> None:
        if self.listeners:
            self._pending.append(Event(name, entity, entity_id, at))

    def tell(self) -> None:
        """Calls the listeners with what this thread's request did."""
        pending = self._pending
        while pending:
            happening = pending.pop(0)
            for listener in list(self.listeners):
                listener(happening)

    def forget(self) -> None:
        self._pending.clear()


def _change(put: Put) -> Change:
    definition = put.definition
    names = definition.primary_key
    shown: Any = put.key
    if not isinstance(put.key, str):
        shown = dict(zip(names, put.key, strict=True))
    version = None
    if definition.versioned:
        version = (put.after or put.before or {}).get("versionId", LIVE_VERSION)
    if put.after is None:
        return Change(definition.entity, "delete", shown, (), version)
    if put.before is None:
        return Change(definition.entity, "insert", shown, _inserted(put, put.after), version)
    return Change(definition.entity, "update", shown, _updated(put, put.before, put.after), version)


def _inserted(put: Put, after: dict[str, Any]) -> tuple[str, ...]:
    named = put.fields or ()
    return tuple(
        name
        for name in put.definition.stored
        if name in named or after.get(name) is not None or name == "id"
    )


def _updated(put: Put, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """A part's write reaches its whole as ``id, versionId`` alone (recorded: app_system #25)."""
    stored = put.definition.stored
    fields = put.fields
    if fields is None:
        fields = tuple(name for name in stored if before.get(name) != after.get(name))
    versions = [name for name in stored if name == "versionId" or name.endswith("VersionId")]
    plain = [name for name in fields if name not in (*versions, "id", "updatedAt", "customFields")]
    custom = [name for name in fields if name == "customFields"]
    if not fields:
        return ("id", *(["versionId"] if put.definition.versioned else []))
    return (*versions, *plain, "updatedAt", "id", *custom)
