"""Runs and their deliveries, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.outbox.models import OPEN_STATES, Delivery, DeliveryState, Run


def some_runs(
    session: Session, workspace_id: int, *, below: int | None = None, limit: int = 20
) -> list[Run]:
    """The newest first; ``below``: the last number on the page before."""
    query = select(Run).where(col(Run.workspace_id) == workspace_id)
    if below is not None:
        query = query.where(col(Run.number) < below)
    return list(session.execute(query.order_by(col(Run.number).desc()).limit(limit)).scalars())


def states_of(
    session: Session, workspace_id: int, run_ids: Sequence[int]
) -> dict[int, Counter[str]]:
    """How many deliveries of each run are in which state."""
    found: dict[int, Counter[str]] = {run_id: Counter() for run_id in run_ids}
    rows = session.execute(
        select(col(Delivery.run_id), col(Delivery.state), func.count())
        .where(col(Delivery.run_id).in_(run_ids), col(Delivery.workspace_id) == workspace_id)
        .group_by(col(Delivery.run_id), col(Delivery.state))
    )
    for run_id, state, count in rows:
        found[run_id][state] = int(count)
    return found


@dataclass(frozen=True, slots=True)
class Way:
    """How far a run is."""

    total: int
    done: int
    """Settled in whatever way: done, refused, in conflict or overtaken."""
    failed: int
    """Of these, refused or in conflict."""

    @property
    def is_over(self) -> bool:
        return self.done == self.total


def way_of(states: Counter[str]) -> Way:
    """Pure."""
    open_ = sum(states[state] for state in OPEN_STATES)
    failed = states[DeliveryState.DEAD.value] + states[DeliveryState.CONFLICT.value]
    return Way(states.total(), states.total() - open_, failed)


@dataclass(frozen=True, slots=True)
class DeliveryWanted:
    """Which deliveries; empty: all."""

    state: str = ""
    store: str = ""
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as a page shows it."""

    id: int
    store: str
    state: str
    kind: str
    label: str
    source: str
    before: str | None
    after: str | None
    attempts: int
    error: str
    finished_at: datetime | None


def some_deliveries(
    session: Session,
    workspace_id: int,
    run_id: int,
    wanted: DeliveryWanted,
    *,
    above: int | None = None,
    limit: int = 50,
) -> list[Sent]:
    """In the order they were planned; ``above``: the last id on the page before."""
    query = (
        select(
            col(Delivery.id),
            col(Installation.name),
            col(Delivery.state),
            col(Delivery.kind),
            col(Delivery.label),
            col(Delivery.source),
            col(Delivery.before),
            col(Delivery.after),
            col(Delivery.attempts),
            col(Delivery.error),
            col(Delivery.finished_at),
        )
        .join(Installation, col(Installation.id) == col(Delivery.installation_id))
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.run_id) == run_id)
    )
    for column, value in (
        (Delivery.state, wanted.state),
        (Installation.name, wanted.store),
        (Delivery.kind, wanted.kind),
    ):
        if value:
            query = query.where(col(column) == value)
    if wanted.text:
        query = query.where(col(Delivery.label).icontains(wanted.text, autoescape=True))
    if above is not None:
        query = query.where(col(Delivery.id) > above)
    return [Sent(*row) for row in session.execute(query.order_by(col(Delivery.id)).limit(limit))]


def refused_of(session: Session, workspace_id: int, run_id: int) -> list[int]:
    """Ids of the dead letters of a run."""
    return list(
        session.execute(
            select(col(Delivery.id)).where(
                col(Delivery.workspace_id) == workspace_id,
                col(Delivery.run_id) == run_id,
                col(Delivery.state) == DeliveryState.DEAD.value,
            )
        ).scalars()
    )
