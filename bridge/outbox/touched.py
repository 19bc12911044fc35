"""What deliveries changed in a shop while somebody read it: an answer that is older than a
delivery must not be taken for somebody else's change of what was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from bridge.outbox.models import OPEN_STATES, Delivery, Run


@dataclass(frozen=True, slots=True)
class Touched:
    """Things of one kind that may have changed after a reading of them began."""

    keys: frozenset[str]
    native_ids: frozenset[str]
    in_sql: Select[Any]
    """Their keys as a query: there may be more than a statement takes parameters."""


def touched_since(
    session: Session,
    workspace_id: int,
    installation_id: int,
    kind: str,
    moment: datetime,
    batches: Sequence[str] | None = None,
) -> Touched:
    """Those whose delivery was settled after ``moment`` or is still under way; only of the given
    batches, where any are given. What the bridge remembers of them was read back by the delivery
    itself, or will be."""
    at_work = select(col(Run.id)).where(
        col(Run.workspace_id) == workspace_id,
        or_(col(Run.finished_at).is_(None), col(Run.finished_at) >= moment),
    )
    conditions = [
        col(Delivery.workspace_id) == workspace_id,
        col(Delivery.run_id).in_(at_work),
        col(Delivery.installation_id) == installation_id,
        col(Delivery.kind) == kind,
        or_(
            col(Delivery.finished_at) >= moment,
            col(Delivery.state).in_(OPEN_STATES) & col(Delivery.intended_at).is_not(None),
        ),
    ]
    if batches is not None:
        conditions.append(col(Delivery.batch).in_(batches))
    found = select(col(Delivery.key), col(Delivery.native_id)).where(*conditions)
    rows = session.execute(found).all()
    return Touched(
        frozenset(row.key for row in rows),
        frozenset(row.native_id for row in rows if row.native_id),
        select(col(Delivery.key)).where(*conditions),
    )
