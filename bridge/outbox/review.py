"""Looking at deliveries, and giving refused ones another try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.outbox.models import Delivery, DeliveryState, Run


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery as a person reads it."""

    id: int
    run: int
    store: str
    state: str
    kind: str
    label: str
    source: str
    before: str | None
    after: str | None
    attempts: int
    error: str


def listed(
    session: Session,
    workspace_id: int,
    run_number: int | None,
    store: str | None,
    states: Sequence[str],
    limit: int,
    *,
    below: int | None = None,
    newest_first: bool = False,
) -> list[Listed]:
    """Oldest first. ``below``: of ids under this one, to page on from the newest."""
    query = (
        select(
            col(Delivery.id),
            col(Run.number),
            col(Installation.name),
            col(Delivery.state),
            col(Delivery.kind),
            col(Delivery.label),
            col(Delivery.source),
            col(Delivery.before),
            col(Delivery.after),
            col(Delivery.attempts),
            col(Delivery.error),
        )
        .join(Run, col(Run.id) == col(Delivery.run_id))
        .join(Installation, col(Installation.id) == col(Delivery.installation_id))
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.state).in_(states))
        .order_by(col(Delivery.id).desc() if newest_first else col(Delivery.id))
        .limit(limit)
    )
    if below is not None:
        query = query.where(col(Delivery.id) < below)
    if run_number is not None:
        query = query.where(col(Run.number) == run_number)
    if store is not None:
        query = query.where(col(Installation.name) == store)
    return [Listed(*row) for row in session.execute(query)]


def retry(session: Session, workspace_id: int, ids: Sequence[int]) -> int:
    """Queues dead letters among these once more, with a fresh count of tries; returns how many.
    What is in the shop is read before anything is sent, and their runs are open again."""
    dead = (
        col(Delivery.workspace_id) == workspace_id,
        col(Delivery.id).in_(ids),
        col(Delivery.state) == DeliveryState.DEAD.value,
    )
    session.execute(
        update(Run)
        .where(
            col(Run.workspace_id) == workspace_id,
            col(Run.id).in_(select(col(Delivery.run_id)).where(*dead)),
        )
        .values(finished_at=None)
        .execution_options(synchronize_session=False)
    )
    queued = session.execute(
        update(Delivery)
        .where(*dead)
        .values(state=DeliveryState.QUEUED.value, attempts=0, not_before=None, finished_at=None)
    )
    return int(getattr(queued, "rowcount", 0))
