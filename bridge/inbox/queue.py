"""Taking rows to handle: the newest version of each entity, under the entity's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from bridge.inbox.entities import EntityKey, among, try_lock
from bridge.inbox.models import InboxRow, InboxState

LOOKED_AT = 8
"""How many times the wanted rows are looked through for entities that nobody else holds."""
_WAITING = (InboxState.QUEUED.value, InboxState.FAILED.value)


class Queued(NamedTuple):
    """A row to handle."""

    id: int
    key: EntityKey
    content: str
    changed_at: datetime
    fetched_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Taken:
    rows: Sequence[Queued]
    """In order of their ids, one an entity."""
    outdated: Sequence[int]
    """Ids of rows that wait, of which something newer came in."""


def take(
    session: Session, workspace_id: int, resources: Sequence[str], now: datetime, size: int
) -> Taken | None:
    """Up to ``size`` entities that have something to handle: failed ones that were due at
    ``now`` first, then queued ones, oldest first. They are locked until the transaction ends.
    ``None``: there are none, or others hold them; an empty answer: others were faster.
    """
    keys: dict[EntityKey, None] = {}
    for state in (_failed(now), _queued()):
        wanted = size - len(keys)
        if wanted > 0:
            keys.update(dict.fromkeys(_locked(session, workspace_id, resources, state, wanted)))
    return _sorted_out(session, workspace_id, list(keys), now) if keys else None


def _failed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(InboxRow.state) == InboxState.FAILED.value,
        col(InboxRow.not_before) <= now,
    )


def _queued() -> tuple[ColumnElement[bool], ...]:
    return (col(InboxRow.state) == InboxState.QUEUED.value,)


def _locked(
    session: Session,
    workspace_id: int,
    resources: Sequence[str],
    state: Sequence[ColumnElement[bool]],
    wanted: int,
) -> list[EntityKey]:
    """Others at work hold the entities at the head of the queue: it is looked through further
    down, until as many as wanted are free."""
    found = session.execute(
        select(col(InboxRow.installation_id), col(InboxRow.resource), col(InboxRow.entity_id))
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.resource).in_(resources),
            *state,
        )
        .order_by(col(InboxRow.id))
        .limit(wanted * LOOKED_AT)
    )
    candidates = list(dict.fromkeys(EntityKey(*row) for row in found))
    locked: list[EntityKey] = []
    while candidates and len(locked) < wanted:
        some = candidates[: wanted - len(locked)]
        del candidates[: len(some)]
        got = try_lock(session, some)
        locked.extend(key for key in some if key in got)
    return locked


def _sorted_out(
    session: Session, workspace_id: int, keys: Sequence[EntityKey], now: datetime
) -> Taken:
    newest: dict[EntityKey, Any] = {}
    outdated: list[int] = []
    # Read under the locks: what was seen before them may be handled by now.
    for row in session.execute(_versions(workspace_id, keys)):
        key = EntityKey(row.installation_id, row.resource, row.entity_id)
        former = newest.get(key)
        newest[key] = row
        if former is not None and former.state in _WAITING:
            outdated.append(former.id)
    due = {row.id: row for row in newest.values() if _is_due(row, now)}
    contents = session.execute(
        select(col(InboxRow.id), col(InboxRow.content)).where(
            col(InboxRow.workspace_id) == workspace_id, col(InboxRow.id).in_(due)
        )
    )
    texts: dict[int, str] = {row.id: row.content for row in contents}
    rows = [
        Queued(
            id_,
            EntityKey(row.installation_id, row.resource, row.entity_id),
            texts[id_],
            row.changed_at,
            row.fetched_at,
            row.attempts,
        )
        for id_, row in sorted(due.items())
    ]
    return Taken(rows, outdated)


def _versions(workspace_id: int, keys: Sequence[EntityKey]) -> Any:
    """Older ones first."""
    return (
        select(
            col(InboxRow.id),
            col(InboxRow.installation_id),
            col(InboxRow.resource),
            col(InboxRow.entity_id),
            col(InboxRow.state),
            col(InboxRow.changed_at),
            col(InboxRow.fetched_at),
            col(InboxRow.not_before),
            col(InboxRow.attempts),
        )
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.state) != InboxState.UNREAD.value,
            among(keys),
        )
        .order_by(col(InboxRow.changed_at), col(InboxRow.fetched_at), col(InboxRow.id))
    )


def _is_due(row: Any, now: datetime) -> bool:
    if row.state == InboxState.QUEUED.value:
        return True
    return (
        row.state == InboxState.FAILED.value
        and row.not_before is not None
        and row.not_before <= now
    )
