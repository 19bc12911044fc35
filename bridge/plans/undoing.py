"""Taking back a run: what each of its deliveries replaced is put there again.

Only the last delivery of each thing can be taken back; what a later run changed is left, and
what someone else changed since becomes a conflict when it is to be sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.outbox.models import Binding, Delivery, DeliveryState, Run, RunKind
from bridge.outbox.snapshots import Snapshot
from bridge.plans.parts import Change, Remark, RemarkKind, Stage
from bridge.plans.runs import RunWriter, Written


def cancel_unsent(session: Session, workspace_id: int, run: Run) -> int:
    """Cancels deliveries of the run that nothing was sent for; returns how many."""
    cancelled = session.execute(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.run_id) == run.id,
            col(Delivery.state) == DeliveryState.QUEUED.value,
            col(Delivery.intended_at).is_(None),
        )
        .values(state=DeliveryState.CANCELLED.value)
    )
    return int(getattr(cancelled, "rowcount", 0))


def touched(session: Session, workspace_id: int, run: Run) -> set[int]:
    """Ids of the installations that the run has deliveries for."""
    rows = session.execute(
        select(col(Delivery.installation_id))
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.run_id) == run.id)
        .distinct()
    )
    return set(rows.scalars())


def undo(
    session: Session, workspace_id: int, run: Run, now: datetime
) -> tuple[Written, list[Remark]]:
    """Makes the run that takes this one back. Nothing is sent and nothing committed here."""
    writer = RunWriter(session, workspace_id, now, RunKind.UNDO, undoes=run.number)
    names = _installation_names(session, workspace_id)
    remarks = []
    for delivery, is_last, bound in list(_delivered(session, workspace_id, run)):
        name = names.get(delivery.installation_id)
        if name is None:
            remarks.append(_left(delivery, "?", "Its store was removed."))
        elif not is_last:
            remarks.append(_left(delivery, name, "A later run changed it; undo that first."))
        else:
            writer.change(_reversal(delivery, name, bound), restores=delivery.base)
    return writer.finish(), remarks


def _delivered(
    session: Session, workspace_id: int, run: Run
) -> Iterator[tuple[Delivery, bool, Snapshot | None]]:
    last = (
        select(
            col(Delivery.installation_id),
            col(Delivery.kind),
            col(Delivery.key),
            func.max(col(Delivery.id)).label("last_id"),
        )
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.state) == DeliveryState.DONE.value,
        )
        .group_by(col(Delivery.installation_id), col(Delivery.kind), col(Delivery.key))
        .subquery()
    )
    rows = session.execute(
        select(Delivery, last.c.last_id, Binding)
        .join(
            last,
            (col(Delivery.installation_id) == last.c.installation_id)
            & (col(Delivery.kind) == last.c.kind)
            & (col(Delivery.key) == last.c.key),
        )
        .outerjoin(
            Binding,
            (col(Binding.workspace_id) == workspace_id)
            & (col(Binding.installation_id) == col(Delivery.installation_id))
            & (col(Binding.kind) == col(Delivery.kind))
            & (col(Binding.key) == col(Delivery.key)),
        )
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.run_id) == run.id,
            col(Delivery.state) == DeliveryState.DONE.value,
        )
        .order_by(col(Delivery.id))
    )
    for delivery, last_id, binding in rows:
        bound = None if binding is None else Snapshot.of(binding)
        yield delivery, delivery.id == last_id, bound


def _reversal(delivery: Delivery, installation: str, bound: Snapshot | None) -> Change:
    return Change(
        installation_id=delivery.installation_id,
        installation=installation,
        stage=_stage(delivery),
        kind=delivery.kind,
        key=delivery.key,
        batch=delivery.batch,
        label=delivery.label,
        before=delivery.after,
        after=delivery.before,
        native_id=delivery.native_id,
        source=delivery.source,
        base=bound,
        hints=_hints(delivery),
        releases=delivery.base is None,
    )


def _stage(delivery: Delivery) -> Stage:
    removes = delivery.before is None
    if delivery.kind == "group":
        return Stage.REMOVE_GROUPS if removes else Stage.MAKE_GROUPS
    if delivery.kind == "audience":
        return Stage.REMOVE_AUDIENCES if removes else Stage.MAKE_AUDIENCES
    if delivery.kind == "price":
        return Stage.WRITE_PRICES
    # Who was sent back when his group lost its prices returns once it has them again.
    return Stage.MOVE_CUSTOMERS if delivery.releases else Stage.RETURN_CUSTOMERS


def _hints(delivery: Delivery) -> str:
    if delivery.kind != "group" or not delivery.hints:
        return delivery.hints
    hints = json.loads(delivery.hints)
    return json.dumps(hints | {"earlier": delivery.native_id})


def _left(delivery: Delivery, installation: str, why: str) -> Remark:
    return Remark(
        RemarkKind.NOTE, installation, delivery.kind, delivery.label, why, delivery.source
    )


def _installation_names(session: Session, workspace_id: int) -> dict[int, str]:
    rows = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
    )
    return {int(id_): name for id_, name in rows if id_ is not None}
