"""Letting go of what was handled long ago."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.inbox.models import InboxRow, InboxState, NumberGap, StoredSignal


def forget(session: Session, workspace_id: int, before: datetime) -> int:
    """Deletes inbox rows that were handled before this time, signals that came before it (what
    they hinted at, polls have found), and closed gaps in the order numbers; returns how many
    rows. The newest version of an entity stays: what comes later is compared with it."""
    deleted = (
        delete(InboxRow).where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.state).in_((InboxState.HANDLED.value, InboxState.STALE.value)),
            col(InboxRow.handled_at) < before,
            _has_newer(),
        ),
        delete(StoredSignal).where(
            col(StoredSignal.workspace_id) == workspace_id,
            col(StoredSignal.received_at) < before,
        ),
        delete(NumberGap).where(
            col(NumberGap.workspace_id) == workspace_id,
            col(NumberGap.next_at).is_(None),
            col(NumberGap.noticed_at) < before,
        ),
    )
    return sum(int(session.connection().execute(one).rowcount) for one in deleted)


def _has_newer() -> ColumnElement[bool]:
    newer = aliased(InboxRow)
    return exists(
        select(1).where(
            col(newer.workspace_id) == col(InboxRow.workspace_id),
            col(newer.installation_id) == col(InboxRow.installation_id),
            col(newer.resource) == col(InboxRow.resource),
            col(newer.entity_id) == col(InboxRow.entity_id),
            col(newer.state) != InboxState.UNREAD.value,
            or_(
                col(newer.changed_at) > col(InboxRow.changed_at),
                and_(
                    col(newer.changed_at) == col(InboxRow.changed_at),
                    col(newer.fetched_at) > col(InboxRow.fetched_at),
                ),
            ),
        )
    )
