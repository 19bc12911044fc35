"""Up to when everything that was ordered, in any shop, has come in and was handled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.inbox.codec import decoded
from bridge.inbox.models import Cursor, InboxRow, InboxState
from connectors.sales import Order

GIVEN_UP_AFTER = 8
"""Tries, some two days. An order that cannot be read or handled for longer holds up nobody else:
when it comes after all, what it changes is posted as a correction."""
MOST = 1_000
"""Orders waiting that are looked through; with more of them it is said later."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_WAITING = (InboxState.QUEUED.value, InboxState.FAILED.value, InboxState.UNREAD.value)


def known_through(
    session: Session, workspace_id: int, walks: Mapping[int, Collection[str]], now: datetime
) -> datetime | None:
    """Every order placed before this time was handled; ``None``: that cannot be said.

    As far as the cursors got: an order that its shop committed late, with an older time, may
    still come (the walks' overlap is there for it), and corrects what was decided.

    ``walks``: by installation, the resources that tell of its orders; without any installation
    nothing more can come. Times are the shops' own, as those of their orders are.
    """
    if not walks:
        return now
    # In this order: what a cursor covers is in the inbox by then, waiting or handled.
    ends = [_read_through(session, workspace_id, *walk) for walk in walks.items()]
    oldest = _oldest_waiting(session, workspace_id)
    if oldest is None or None in ends:
        return None
    return min(oldest, *(end for end in ends if end is not None))


def _read_through(
    session: Session, workspace_id: int, installation_id: int, resources: Collection[str]
) -> datetime | None:
    rows = session.execute(
        select(col(Cursor.resource), col(Cursor.mark_at)).where(
            col(Cursor.workspace_id) == workspace_id,
            col(Cursor.installation_id) == installation_id,
        )
    )
    ends = {row.resource: row.mark_at for row in rows}
    found = [ends.get(resource) for resource in resources]
    known = [end for end in found if end is not None]
    return min(known) if known and len(known) == len(found) else None


def _oldest_waiting(session: Session, workspace_id: int) -> datetime | None:
    """When the oldest order that waits was placed, far in the future when none waits; ``None``:
    it cannot be told, since the shop could not tell the order, or too many wait."""
    contents = session.scalars(
        select(col(InboxRow.content))
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.resource) == "order",
            col(InboxRow.state).in_(_WAITING),
            col(InboxRow.attempts) < GIVEN_UP_AFTER,
        )
        .limit(MOST)
    ).all()
    if len(contents) == MOST or not all(contents):
        return None
    placed = (decoded(Order, content).placed_at for content in contents)
    return min(placed, default=_NEVER)
