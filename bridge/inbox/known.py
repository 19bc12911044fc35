"""Up to when everything that was ordered, in any shop, has come in and was handled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.inbox.codec import decoded
from bridge.inbox.models import Cursor, InboxRow, InboxState
from bridge.vouchers.models import normal_code
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


@dataclass(frozen=True, slots=True)
class ReadThrough:
    """How far one installation's orders are known for certain."""

    at: datetime
    """On the shop's clock: every order that its shop committed with a time before this was read
    and, but for those given up, handled."""
    codes: frozenset[str] = frozenset()
    """On orders that were given up: read, and not handled. In upper case."""


def read_through(
    session: Session, workspace_id: int, walks: Mapping[int, Collection[str]]
) -> dict[int, ReadThrough]:
    """By installation; one of which nothing can be said is left out.

    Unlike :func:`known_through` it allows for orders that a shop commits late, and each
    installation stands for itself. ``walks``: by installation, the resources that tell of its
    orders.
    """
    found = {}
    for installation_id, resources in walks.items():
        # In this order: what a cursor covers is in the inbox by then, waiting or handled.
        end = _complete_through(session, workspace_id, installation_id, resources)
        waiting = _waiting(session, workspace_id, installation_id)
        if end is None or waiting is None:
            continue
        oldest = min((one.placed_at for one, given_up in waiting if not given_up), default=_NEVER)
        codes = {
            normal_code(used.code) for one, given_up in waiting if given_up for used in one.codes
        }
        found[installation_id] = ReadThrough(min(end, oldest), frozenset(codes))
    return found


def _complete_through(
    session: Session, workspace_id: int, installation_id: int, resources: Collection[str]
) -> datetime | None:
    rows = session.execute(
        select(col(Cursor.resource), col(Cursor.complete_through)).where(
            col(Cursor.workspace_id) == workspace_id,
            col(Cursor.installation_id) == installation_id,
        )
    )
    ends = {row.resource: row.complete_through for row in rows}
    found = [ends.get(resource) for resource in resources]
    known = [end for end in found if end is not None]
    return min(known) if known and len(known) == len(found) else None


def _waiting(
    session: Session, workspace_id: int, installation_id: int
) -> list[tuple[Order, bool]] | None:
    """Orders that wait, and whether they were given up; ``None``: it cannot be told, since the
    shop could not tell an order, or too many wait."""
    rows = session.execute(
        select(col(InboxRow.content), col(InboxRow.attempts))
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.installation_id) == installation_id,
            col(InboxRow.resource) == "order",
            col(InboxRow.state).in_(_WAITING),
        )
        .limit(MOST)
    ).all()
    if len(rows) == MOST:
        return None
    found = []
    for content, attempts in rows:
        given_up = attempts >= GIVEN_UP_AFTER
        if content:
            found.append((decoded(Order, content), given_up))
        elif not given_up:
            return None
    return found


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
