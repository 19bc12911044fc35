"""Orders that the shop named and could not tell: kept in sight, and asked for again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.inbox.entities import EntityKey, among, lock
from bridge.inbox.models import InboxRow, InboxState
from bridge.inbox.storing import forget_unread, insert
from bridge.inbox.verdicts import LONGEST_REASON, pause

ORDER = "order"


def note(
    session: Session,
    workspace_id: int,
    installation_id: int,
    refused: Mapping[str, str],
    changed_at: datetime,
    now: datetime,
) -> None:
    """``refused``: why, by order id."""
    if not refused:
        return
    keys = [EntityKey(installation_id, ORDER, id_) for id_ in refused]
    lock(session, keys)
    tries = _tries(session, workspace_id, keys)
    forget_unread(session, workspace_id, keys)
    rows = []
    for id_, reason in refused.items():
        attempts = tries.get(id_, 0) + 1
        rows.append(
            {
                "workspace_id": workspace_id,
                "installation_id": installation_id,
                "resource": ORDER,
                "entity_id": id_,
                "content_hash": "",
                "content": "",
                "changed_at": changed_at,
                "fetched_at": now,
                "state": InboxState.UNREAD.value,
                "attempts": attempts,
                "not_before": now + pause(attempts),
                "error": reason[:LONGEST_REASON],
            }
        )
    insert(session, rows)


def due(
    session: Session, workspace_id: int, installation_id: int, now: datetime, limit: int
) -> list[str]:
    """Ids of orders to ask for again."""
    found = session.execute(
        select(col(InboxRow.entity_id))
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.installation_id) == installation_id,
            col(InboxRow.state) == InboxState.UNREAD.value,
            or_(col(InboxRow.not_before).is_(None), col(InboxRow.not_before) <= now),
        )
        .order_by(col(InboxRow.id))
        .limit(limit)
    )
    return list(found.scalars())


def forget(
    session: Session, workspace_id: int, installation_id: int, order_ids: Collection[str]
) -> None:
    """These were told, or are gone from the shop."""
    keys = [EntityKey(installation_id, ORDER, id_) for id_ in order_ids]
    lock(session, keys)
    forget_unread(session, workspace_id, keys)


def _tries(session: Session, workspace_id: int, keys: Collection[EntityKey]) -> dict[str, int]:
    rows = session.execute(
        select(col(InboxRow.entity_id), col(InboxRow.attempts)).where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.state) == InboxState.UNREAD.value,
            among(keys),
        )
    )
    return {row.entity_id: row.attempts for row in rows}
