"""Taking back a run: what each of its deliveries replaced is put there again.

Only the delivery that still holds can be taken back: what a later run changed is left, unless
that run was taken back itself. What someone else changed since becomes a conflict when it is to
be sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.outbox.models import Binding, Delivery, DeliveryState, Run, RunKind
from bridge.outbox.snapshots import Snapshot
from bridge.plans.digesting import PlanDigest
from bridge.plans.parts import Change, Remark, RemarkKind, Stage
from bridge.plans.runs import RunWriter, Written
from bridge.promotions.texts import meanings, promotion_text


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
    session: Session, workspace_id: int, run: Run, now: datetime, digest: PlanDigest | None = None
) -> tuple[Written, list[Remark]]:
    """Makes the run that takes this one back. Nothing is sent and nothing committed here."""
    writer = RunWriter(session, workspace_id, now, RunKind.UNDO, undoes=run.number)
    remarks = []
    for part, restores in reversal(session, workspace_id, run):
        if isinstance(part, Remark):
            remarks.append(part)
            continue
        writer.change(part, restores=restores)
        if digest is not None:
            digest.add(part)
    return writer.finish(), remarks


def reversal(
    session: Session, workspace_id: int, run: Run
) -> Iterator[tuple[Change | Remark, str | None]]:
    """What takes the run back, with the snapshot each binding goes back to, and what cannot be
    taken back."""
    names = _installation_names(session, workspace_id)
    delivered = list(_delivered(session, workspace_id, run))
    incomplete = {one.installation_id for one, obstacle, _ in delivered if obstacle}
    for delivery, obstacle, bound in delivered:
        name = names.get(delivery.installation_id)
        stage = _stage(delivery)
        if name is None:
            yield _left(delivery, "?", "Its store was removed."), None
        elif obstacle:
            yield _left(delivery, name, obstacle), None
        elif delivery.installation_id in incomplete and stage in _REMOVALS:
            yield _left(delivery, name, "It stays: what a later run made hangs on it."), None
        else:
            hints = _hints(session, delivery)
            yield _reversal(delivery, name, stage, bound, hints), delivery.base


_REMOVALS = (Stage.REMOVE_GROUPS, Stage.REMOVE_AUDIENCES)


def _delivered(
    session: Session, workspace_id: int, run: Run
) -> Iterator[tuple[Delivery, str, Snapshot | None]]:
    """What the run did, why it cannot be taken back (empty: it can), and its binding now."""
    rows = session.execute(
        select(Delivery, Binding)
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
    ).all()
    later = _later(session, workspace_id, run)
    for delivery, binding in rows:
        thing = (delivery.installation_id, delivery.kind, delivery.key)
        obstacle = obstacle_to_undo(run.number, later.get(thing, ()))
        yield delivery, obstacle, None if binding is None else Snapshot.of(binding)


Thing = tuple[int, str, str]
LaterRun = tuple[int, int | None]
"""A run's number, and the number of the run it takes back."""


def obstacle_to_undo(number: int, later: Sequence[LaterRun]) -> str:
    """Why what run ``number`` did to a thing no longer holds; empty when it does. Pure.

    ``later``: the runs that did something to the thing since, newest first. One that was taken
    back counts no more, and neither does the undo that took it back.
    """
    taken_back: set[int] = set()
    for run, undoes in later:
        if run in taken_back:
            continue
        if undoes is None:
            return f"Run {run} changed it later; undo that first."
        if undoes == number:
            return f"Run {run} took it back already."
        taken_back.add(undoes)
    return ""


def _later(session: Session, workspace_id: int, run: Run) -> dict[Thing, list[LaterRun]]:
    rows = session.execute(
        select(
            col(Delivery.installation_id),
            col(Delivery.kind),
            col(Delivery.key),
            col(Run.number),
            col(Run.undoes),
        )
        .join(Run, (col(Run.id) == col(Delivery.run_id)))
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.state) == DeliveryState.DONE.value,
            col(Run.number) > run.number,
        )
        .order_by(col(Delivery.id).desc())
    )
    later: dict[Thing, list[LaterRun]] = {}
    for installation_id, kind, key, number, undoes in rows:
        later.setdefault((installation_id, kind, key), []).append((number, undoes))
    return later


def _reversal(
    delivery: Delivery, installation: str, stage: Stage, bound: Snapshot | None, hints: str
) -> Change:
    return Change(
        installation_id=delivery.installation_id,
        installation=installation,
        stage=stage,
        kind=delivery.kind,
        key=delivery.key,
        batch=delivery.batch,
        label=delivery.label,
        before=delivery.after,
        after=delivery.before,
        native_id=delivery.native_id,
        source=delivery.source,
        base=bound,
        hints=hints,
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
    if delivery.kind == "promotion":
        return Stage.WRITE_PROMOTIONS
    # Who was sent back when his group lost its prices returns once it has them again.
    return Stage.MOVE_CUSTOMERS if delivery.releases else Stage.RETURN_CUSTOMERS


def _hints(session: Session, delivery: Delivery) -> str:
    if delivery.kind == "promotion":
        return _meant(session, delivery)
    if delivery.kind != "group" or not delivery.hints:
        return delivery.hints
    hints = json.loads(delivery.hints)
    return json.dumps(hints | {"earlier": delivery.native_id})


def _meant(session: Session, delivery: Delivery) -> str:
    """What a promotion that is put back means: a group it is for may get another id with it."""
    if delivery.before is None:
        return ""
    natives = {delivery.key: delivery.before}
    found = meanings(session, delivery.workspace_id, delivery.installation_id, natives)
    meant = found.get(delivery.key)
    return "" if meant is None else promotion_text(meant.promotion)


def _left(delivery: Delivery, installation: str, why: str) -> Remark:
    return Remark(
        RemarkKind.PROBLEM, installation, delivery.kind, delivery.label, why, delivery.source
    )


def _installation_names(session: Session, workspace_id: int) -> dict[int, str]:
    rows = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
    )
    return {int(id_): name for id_, name in rows if id_ is not None}
