"""Changes that walks told of before, so that an overlap is not fetched again and again.

A change that was told *before* a fetch began is in what was fetched. Told again with the same
mark it is the same change, unless the shop's times are so coarse that a second change within the
same moment bears the same mark: so it counts only when the fetch began well after that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.inbox.models import SeenChange
from connectors.sales import Change

SAME_MOMENT = timedelta(seconds=5)
"""Magento's whole second, the whole second of a ``Date`` header that the shop's clock is known
by, and a little for both machines."""


class _Key(NamedTuple):
    resource: str
    mark_id: str
    entity_id: str


class Seen:
    """What is known of one installation's changes. Times are of the shop's clock; where that is
    not known (``is_known``), nothing can be said of when a fetch began by it."""

    def __init__(self, overlap: timedelta, *, is_known: bool) -> None:
        self._overlap = overlap
        self._is_known = is_known
        self._changes: dict[_Key, tuple[datetime, datetime]] = {}
        self._fetched: dict[str, datetime] = {}

    def load(self, session: Session, workspace_id: int, installation_id: int) -> None:
        rows = session.execute(
            select(
                col(SeenChange.resource),
                col(SeenChange.mark_id),
                col(SeenChange.entity_id),
                col(SeenChange.mark_at),
                col(SeenChange.fetched_at),
            ).where(
                col(SeenChange.workspace_id) == workspace_id,
                col(SeenChange.installation_id) == installation_id,
            )
        )
        for row in rows:
            key = _Key(row.resource, row.mark_id, row.entity_id)
            self._changes[key] = (row.mark_at, row.fetched_at)

    def covers(self, resource: str, change: Change) -> bool:
        """Whether what was fetched before surely holds this change."""
        if not self._is_known:
            return False
        told = self._changes.get(_Key(resource, change.mark.id, change.id))
        if told is not None and told[0] == change.mark.at and told[1] >= told[0] + SAME_MOMENT:
            return True
        # So long after its time a change is committed, or no overlap would find it.
        fetched = self._fetched.get(change.id)
        return fetched is not None and fetched >= change.mark.at + self._overlap

    def note(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        told: Iterable[tuple[str, Change]],
        fetched_at: datetime,
    ) -> None:
        """These changes were told, then their orders were fetched, beginning at ``fetched_at``.
        Kept are those that another walk may tell of again."""
        rows: dict[_Key, dict[str, object]] = {}
        for resource, change in told:
            self._fetched[change.id] = fetched_at
            key = _Key(resource, change.mark.id, change.id)
            if change.mark.at < fetched_at - 2 * self._overlap:
                continue
            self._changes[key] = (change.mark.at, fetched_at)
            rows[key] = {
                "installation_id": installation_id,
                **key._asdict(),
                "workspace_id": workspace_id,
                "mark_at": change.mark.at,
                "fetched_at": fetched_at,
            }
        upsert(session, SeenChange, [rows[key] for key in sorted(rows)])


def forget_seen(
    session: Session, workspace_id: int, installation_id: int, resource: str, before: datetime
) -> None:
    """No walk over this resource will tell again of changes before this time."""
    session.connection().execute(
        delete(SeenChange).where(
            col(SeenChange.workspace_id) == workspace_id,
            col(SeenChange.installation_id) == installation_id,
            col(SeenChange.resource) == resource,
            col(SeenChange.mark_at) < before,
        )
    )
