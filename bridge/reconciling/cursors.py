"""How far walks got: never further than a walk that was there to get so far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bridge.inbox.models import Cursor, InboxRow, ShopClock
from bridge.inbox.polling import OVERLAP
from bridge.installations.models import Installation
from bridge.reconciling.books import Books, at
from bridge.reconciling.findings import Finding, Fix

CURSOR = "cursor-position"
_SLACK = timedelta(minutes=2)
"""What clocks may differ, and have moved since they were compared."""


def find(books: Books) -> Iterator[Finding]:
    now = books.clock()
    with books.looking() as session:
        rows = session.execute(
            select(Cursor.__table__, col(ShopClock.offset_ms), col(Installation.name))  # type: ignore[attr-defined]
            .join(Installation, col(Installation.id) == col(Cursor.installation_id))
            .outerjoin(ShopClock, col(ShopClock.installation_id) == col(Cursor.installation_id))
            .where(
                col(Cursor.workspace_id) == books.workspace_id,
                col(Installation.removed_at).is_(None),
            )
            .order_by(col(Installation.name), col(Cursor.resource))
        ).all()
    for row in rows:
        wrong = _wrong(row, now)
        if wrong:
            yield Finding(
                CURSOR,
                f"cursor {row.resource}",
                wrong,
                "It was changed past the bridge, or this machine's clock was wrong for a while: "
                "what the shop told in between would never be read.",
                "Set it back to the newest thing that came in: what is told again is dropped.",
                _setting_back(books, row.installation_id, row.resource),
                store=row.name,
            )


def _wrong(row: Any, now: datetime) -> str:
    offset = timedelta(milliseconds=row.offset_ms or 0)
    if row.polled_at is not None and row.polled_at > now + _SLACK:
        return f"The last walk ended at {at(row.polled_at)}, which is still to come."
    latest = (row.polled_at or now) + offset + _SLACK
    if row.mark_at is not None and row.mark_at > latest:
        return f"It is at {at(row.mark_at)}, and the last walk ended at {at(row.polled_at)}."
    reached = row.mark_at or datetime.min.replace(tzinfo=now.tzinfo)
    if row.complete_through is not None and row.complete_through > reached:
        return (
            f"Everything before {at(row.complete_through)} is said to be read, and it is at "
            f"{at(row.mark_at)}."
        )
    return ""


def _setting_back(books: Books, installation_id: int, resource: str) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        row = session.execute(
            select(Cursor)
            .where(
                col(Cursor.workspace_id) == books.workspace_id,
                col(Cursor.installation_id) == installation_id,
                col(Cursor.resource) == resource,
            )
            .with_for_update()
        ).scalar_one_or_none()
        if row is None:
            return False
        clock = session.get(ShopClock, installation_id)
        offset = timedelta(milliseconds=(clock.offset_ms or 0) if clock else 0)
        # Signals bring what is newer than any walk.
        walked = min(row.polled_at or now, now) + offset
        marks = [_newest(session, books.workspace_id, installation_id, walked)]
        if row.mark_at is not None:
            marks.append(row.mark_at)
        mark = min(marks)
        session.execute(
            update(Cursor)
            .where(col(Cursor.installation_id) == installation_id, col(Cursor.resource) == resource)
            .values(
                mark_at=mark,
                mark_id="",
                complete_through=mark - OVERLAP,
                polled_at=None if row.polled_at is None else min(row.polled_at, now),
            )
        )
        return True

    return books.fix(mend)


def _newest(session: Session, workspace_id: int, installation_id: int, until: datetime) -> datetime:
    """Of what came in from the shop; when it was connected, where nothing did. On its clock."""
    newest: datetime | None = session.execute(
        select(func.max(col(InboxRow.changed_at))).where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.installation_id) == installation_id,
            col(InboxRow.changed_at) <= until,
        )
    ).scalar_one()
    if newest is not None:
        return newest
    created: datetime = session.execute(
        select(col(Installation.created_at)).where(
            col(Installation.workspace_id) == workspace_id, col(Installation.id) == installation_id
        )
    ).scalar_one()
    return created
