"""Taking rows to deliver, and giving them back. A lease is a claim with an end and a fence.

Two workers never hold one row: the claim is one transaction, and a result counts only while its
fence is the row's newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlmodel import Session, col

from bridge.outbox.judging import Item
from bridge.outbox.models import OPEN_STATES, Delivery, DeliveryState
from bridge.outbox.workers import is_alive


@dataclass(frozen=True, slots=True)
class Stage:
    """Deliveries of one installation that may go out at the same time."""

    workspace_id: int
    installation_id: int
    run_id: int
    number: int
    kind: str

    def rows(self) -> tuple[ColumnElement[bool], ...]:
        return (
            col(Delivery.workspace_id) == self.workspace_id,
            col(Delivery.installation_id) == self.installation_id,
            col(Delivery.run_id) == self.run_id,
            col(Delivery.stage) == self.number,
            col(Delivery.kind) == self.kind,
        )


def next_stage(session: Session, workspace_id: int, installation_id: int) -> Stage | None:
    """The first open stage of the oldest run; later ones wait for it."""
    row = session.execute(
        select(col(Delivery.run_id), col(Delivery.stage), col(Delivery.kind))
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.installation_id) == installation_id,
            col(Delivery.state).in_(OPEN_STATES),
        )
        .order_by(col(Delivery.run_id), col(Delivery.stage), col(Delivery.kind))
        .limit(1)
    ).first()
    return None if row is None else Stage(workspace_id, installation_id, *row)


def open_count(session: Session, workspace_id: int, installation_id: int) -> int:
    found = session.execute(
        select(func.count())
        .select_from(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.installation_id) == installation_id,
            col(Delivery.state).in_(OPEN_STATES),
        )
    )
    return int(found.scalar_one())


def claim(
    session: Session,
    stage: Stage,
    owner: str,
    now: datetime,
    lease: timedelta,
    size: tuple[int, int],
) -> list[Item]:
    """Takes up to ``size`` = (rows, batch keys) rows.

    Those of one batch key are taken together, unless they alone are more than ``rows``.
    """
    rows, keys = size
    taken = session.execute(
        select(*_COLUMNS)
        .where(*stage.rows(), _takeable(now))
        .order_by(col(Delivery.batch), col(Delivery.id))
        .limit(rows + 1)
        .with_for_update(skip_locked=True)
    ).all()
    kept = _first_keys(_whole_keys(taken, rows), keys)
    if not kept:
        return []
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == stage.workspace_id,
            col(Delivery.id).in_([row.id for row in kept]),
        )
        .values(
            state=DeliveryState.LEASED.value,
            lease_owner=owner,
            lease_until=now + lease,
            fence=col(Delivery.fence) + 1,
            attempts=col(Delivery.attempts) + 1,
        )
    )
    return [_item(row) for row in kept]


_COLUMNS = tuple(
    col(column)
    for column in (
        Delivery.id,
        Delivery.batch,
        Delivery.fence,
        Delivery.kind,
        Delivery.key,
        Delivery.label,
        Delivery.before,
        Delivery.after,
        Delivery.native_id,
        Delivery.source,
        Delivery.hints,
        Delivery.base,
        Delivery.releases,
        Delivery.restores,
        Delivery.intended_at,
        Delivery.attempts,
    )
)


def _takeable(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Delivery.state) == DeliveryState.QUEUED.value,
        or_(col(Delivery.not_before).is_(None), col(Delivery.not_before) <= now),
    )


def _whole_keys(taken: Sequence[Any], most: int) -> Sequence[Any]:
    """Without the last batch key where the limit cut through it."""
    if len(taken) <= most:
        return taken
    cut = taken[most].batch
    whole = [row for row in taken if row.batch != cut]
    return whole or taken[:most]


def _first_keys(rows: Sequence[Any], most: int) -> list[Any]:
    kept: list[Any] = []
    seen: set[str] = set()
    for row in rows:
        if row.batch not in seen and len(seen) == most:
            break
        seen.add(row.batch)
        kept.append(row)
    return kept


def _item(row: Any) -> Item:
    return Item(
        id=row.id,
        fence=row.fence + 1,
        kind=row.kind,
        batch=row.batch,
        key=row.key,
        label=row.label,
        before=row.before,
        after=row.after,
        native_id=row.native_id,
        source=row.source,
        hints=row.hints,
        base=row.base,
        releases=row.releases,
        restores=row.restores,
        intended=row.intended_at is not None,
        attempts=row.attempts + 1,
    )


def still_held(session: Session, workspace_id: int, items: Iterable[Item]) -> set[int]:
    """Ids of the rows whose newest lease is still the one these items were taken under.

    Locks them until the transaction ends.
    """
    fences = {item.id: item.fence for item in items}
    rows = session.execute(
        select(col(Delivery.id), col(Delivery.fence))
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.id).in_(list(fences)),
            col(Delivery.state) == DeliveryState.LEASED.value,
        )
        .with_for_update()
    )
    return {id_ for id_, fence in rows if fences[id_] == fence}


def free_the_abandoned(session: Session, workspace_id: int, home: Path, now: datetime) -> int:
    """Frees rows whose lease ended or whose worker died. Their intent stays: the next try reads
    before it sends. Returns how many."""
    leased = (
        col(Delivery.workspace_id) == workspace_id,
        col(Delivery.state) == DeliveryState.LEASED.value,
    )
    owners = session.execute(select(col(Delivery.lease_owner)).where(*leased).distinct())
    dead = [owner for owner in owners.scalars() if not is_alive(home, owner)]
    freed = session.execute(
        update(Delivery)
        .where(*leased, or_(col(Delivery.lease_owner).in_(dead), col(Delivery.lease_until) < now))
        .values(state=DeliveryState.QUEUED.value, lease_owner="", lease_until=None)
    )
    return int(getattr(freed, "rowcount", 0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an open stage offers when nothing could be taken."""

    ready: int
    keys: int
    """Distinct batch keys among the ready rows."""
    held: int
    """Rows that another worker holds."""
    next_at: datetime | None
    """When the first row that waits for its next try can be taken."""


def waiting(session: Session, stage: Stage, now: datetime) -> Waiting:
    ready, keys = session.execute(
        select(func.count(), func.count(func.distinct(col(Delivery.batch)))).where(
            *stage.rows(), _takeable(now)
        )
    ).one()
    held = session.execute(
        select(func.count())
        .select_from(Delivery)
        .where(*stage.rows(), col(Delivery.state) == DeliveryState.LEASED.value)
    ).scalar_one()
    next_at = session.execute(
        select(func.min(col(Delivery.not_before))).where(
            *stage.rows(),
            col(Delivery.state) == DeliveryState.QUEUED.value,
            col(Delivery.not_before) > now,
        )
    ).scalar_one()
    return Waiting(int(ready), int(keys), int(held), next_at)
