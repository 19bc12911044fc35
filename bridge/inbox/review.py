"""Looking at the inbox, and giving what failed another try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bridge.inbox.codec import RESOURCES, decoded
from bridge.inbox.models import InboxRow, InboxState
from bridge.installations.models import Installation
from connectors.base import Customer
from connectors.sales import Order
from connectors.shop_pages import Award

FAILED = (InboxState.FAILED.value, InboxState.UNREAD.value)
OPEN = (InboxState.QUEUED.value, *FAILED)
AWARD = "award"
"""The resource whose rows a person may drop."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row as a person reads it."""

    id: int
    store: str
    resource: str
    entity_id: str
    label: str
    """What people call it: the order's number, the customer's address."""
    state: str
    attempts: int
    changed_at: datetime
    not_before: datetime | None
    """When it is tried again by itself."""
    error: str


def listed(
    session: Session,
    workspace_id: int,
    states: Sequence[str],
    *,
    store: str | None = None,
    resource: str = "",
    below: int | None = None,
    newest_first: bool = False,
    limit: int = 100,
) -> list[Listed]:
    """Oldest first. ``below``: of ids under this one, to page on from the newest."""
    query = (
        select(
            col(InboxRow.id),
            col(Installation.name),
            col(InboxRow.resource),
            col(InboxRow.entity_id),
            col(InboxRow.content),
            col(InboxRow.state),
            col(InboxRow.attempts),
            col(InboxRow.changed_at),
            col(InboxRow.not_before),
            col(InboxRow.error),
        )
        .join(Installation, col(Installation.id) == col(InboxRow.installation_id))
        .where(col(InboxRow.workspace_id) == workspace_id, col(InboxRow.state).in_(states))
        .order_by(col(InboxRow.id).desc() if newest_first else col(InboxRow.id))
        .limit(limit)
    )
    if store is not None:
        query = query.where(col(Installation.name) == store)
    if resource:
        query = query.where(col(InboxRow.resource) == resource)
    if below is not None:
        query = query.where(col(InboxRow.id) < below)
    return [
        Listed(
            row.id,
            row.name,
            row.resource,
            row.entity_id,
            _label(row.resource, row.entity_id, row.content),
            row.state,
            row.attempts,
            row.changed_at,
            row.not_before,
            row.error,
        )
        for row in session.execute(query)
    ]


def counts(session: Session, workspace_id: int) -> Mapping[str, int]:
    """Rows by state."""
    rows = session.execute(
        select(col(InboxRow.state), func.count())
        .where(col(InboxRow.workspace_id) == workspace_id)
        .group_by(col(InboxRow.state))
    )
    return {state: int(count) for state, count in rows}


def retry(session: Session, workspace_id: int, row_ids: Sequence[int] | None = None) -> int:
    """Lets failed rows among these (all of them, where none is named) be tried again at once,
    with a fresh count of tries; returns how many. Orders that could not be fetched are asked
    for at the next poll."""
    mine = [col(InboxRow.workspace_id) == workspace_id]
    if row_ids is not None:
        mine.append(col(InboxRow.id).in_(row_ids))
    queued = session.connection().execute(
        update(InboxRow)
        .where(*mine, col(InboxRow.state) == InboxState.FAILED.value)
        .values(state=InboxState.QUEUED.value, attempts=0, not_before=None, error="")
    )
    unread = session.connection().execute(
        update(InboxRow)
        .where(*mine, col(InboxRow.state) == InboxState.UNREAD.value)
        .values(attempts=0, not_before=None)
    )
    return int(queued.rowcount) + int(unread.rowcount)


def drop(session: Session, workspace_id: int, row_ids: Sequence[int], now: datetime) -> int:
    """Lets go of awards among these that could not be booked, and returns how many: nobody gets
    those points, also when the shop sends them again."""
    dropped = session.connection().execute(
        update(InboxRow)
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.id).in_(row_ids),
            col(InboxRow.resource) == AWARD,
            col(InboxRow.state) == InboxState.FAILED.value,
        )
        .values(state=InboxState.DROPPED.value, handled_at=now, not_before=None)
    )
    return int(dropped.rowcount)


def _label(resource: str, entity_id: str, content: str) -> str:
    try:
        record = decoded(RESOURCES[resource], content)
    except (KeyError, ValueError):  # unread, or of another version of the bridge
        return f"id {entity_id}"
    if isinstance(record, Order):
        return record.number
    if isinstance(record, Customer):
        return record.email
    if isinstance(record, Award):
        return f"{record.points} points, {record.reason}" if record.reason else record.points
    return f"{record.kind.value} {entity_id}"
