"""One thing that happened, as it is told, and the tables such things are read off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.members.models import MemberCustomer
from bridge.subscribers.event_types import Customer, EventType, MemberTold

_ADDRESS = {"member": {"email"}}


@dataclass(frozen=True, slots=True)
class Event:
    key: str
    """Unique in the workspace, the same however often it is found."""
    type: EventType
    at: datetime
    member_id: int | None
    """Whose address is told with it."""
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows tell what happened."""

    name: str
    types: frozenset[EventType]
    table: Any
    at: Any
    """The column that says when; ``None``: rows do not say, and are followed by number."""
    events: Callable[[Session, int, Sequence[int]], Sequence[Event]]
    """``(session, workspace id, ids)``: the events of these rows."""


def event(key: str, kind: EventType, at: datetime, member_id: int | None, told: BaseModel) -> Event:
    """Without addresses: those are added when it is sent."""
    return Event(key, kind, at, member_id, told.model_dump(mode="json", exclude=_ADDRESS))


class People:
    """Members as events tell of them; read once for many events."""

    def __init__(self, session: Session, workspace_id: int, member_ids: Sequence[int | None]):
        found: dict[int, list[Customer]] = {}
        rows = session.execute(
            select(
                col(MemberCustomer.member_id),
                col(Installation.name),
                col(MemberCustomer.customer_id),
            )
            .join(Installation, col(Installation.id) == col(MemberCustomer.installation_id))
            .where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.member_id).in_({one for one in member_ids if one is not None}),
            )
            .order_by(col(Installation.name), col(MemberCustomer.customer_id))
        )
        for member_id, installation, customer in rows:
            known = found.setdefault(member_id, [])
            known.append(Customer(installation=installation, customer=customer))
        self._customers = found

    def told(self, member_id: int) -> MemberTold:
        return MemberTold(id=member_id, customers=self._customers.get(member_id, []))

    def told_if_any(self, member_id: int | None) -> MemberTold | None:
        return None if member_id is None else self.told(member_id)


def installation_names(session: Session, workspace_id: int) -> dict[int, str]:
    """By id, removed ones included."""
    rows = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id
        )
    )
    return {row[0]: row[1] for row in rows}
