"""Writing down what became of deliveries: state, binding and mirror in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.outbox.handler import Handler
from bridge.outbox.judging import NOTHING, Held, Item, Judgement, Verdict
from bridge.outbox.leases import Stage, still_held
from bridge.outbox.models import Binding, Delivery, DeliveryState
from bridge.outbox.snapshots import Snapshot

LONGEST_WAIT = timedelta(minutes=1)
"""Between two tries of one row."""

_STATES = {
    Verdict.DONE: DeliveryState.DONE,
    Verdict.CONFLICT: DeliveryState.CONFLICT,
    Verdict.DEAD: DeliveryState.DEAD,
    Verdict.RETRY: DeliveryState.QUEUED,
}


def commit_intent(
    session: Session, stage: Stage, items: Sequence[Item], now: datetime
) -> list[Item]:
    """Records that from now on the shop may hold what these items want. Returns the items that
    may be sent: those whose lease is still the newest."""
    held = still_held(session, stage.workspace_id, items)
    sendable = [item for item in items if item.id in held]
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == stage.workspace_id,
            col(Delivery.id).in_([item.id for item in sendable]),
            col(Delivery.intended_at).is_(None),
        )
        .values(intended_at=now)
    )
    return sendable


def store_completed(session: Session, stage: Stage, items: Sequence[Item]) -> None:
    """Records what these items want in the shop's own words, of those whose lease is still the
    newest."""
    held = still_held(session, stage.workspace_id, items)
    for item in items:
        if item.id in held:
            session.execute(
                update(Delivery)
                .where(
                    col(Delivery.workspace_id) == stage.workspace_id, col(Delivery.id) == item.id
                )
                .values(after=item.after, hints=item.hints, restores=item.restores)
            )


def settle(
    session: Session,
    stage: Stage,
    handler: Handler,
    judged: Sequence[tuple[Item, Judgement]],
    read: Mapping[str, Held] | None,
    now: datetime,
) -> list[tuple[Item, Judgement]]:
    """Stores results of the rows that are still this worker's; returns them.

    ``read`` is what the shop holds, by key; ``None``: it was not asked.
    """
    held = read or {}
    mine = still_held(session, stage.workspace_id, [item for item, _ in judged])
    kept = [(item, judgement) for item, judgement in judged if item.id in mine]
    if not kept:
        return []
    _store_states(session, stage, kept, held, now)
    _take_intents_back(session, stage, [item.id for item, judged in kept if judged.void])
    _store_bindings(session, stage, kept, held)
    if read is None:
        return kept
    seen = {item.key: held.get(item.key, NOTHING) for item, _ in kept}
    handler.mirror(session, stage.workspace_id, stage.installation_id, seen)
    done = [item for item, judgement in kept if judgement.verdict is Verdict.DONE]
    handler.settled(session, stage, done, seen)
    return kept


def give_back(session: Session, stage: Stage, items: Sequence[Item], reason: str) -> None:
    """Puts rows back as they were: the shop as a whole could not be asked, so the try does not
    count against them."""
    mine = still_held(session, stage.workspace_id, items)
    session.execute(
        update(Delivery)
        .where(col(Delivery.workspace_id) == stage.workspace_id, col(Delivery.id).in_(list(mine)))
        .values(
            state=DeliveryState.QUEUED.value,
            lease_owner="",
            lease_until=None,
            attempts=col(Delivery.attempts) - 1,
            error=reason,
        )
    )


def _store_states(
    session: Session,
    stage: Stage,
    kept: Sequence[tuple[Item, Judgement]],
    held: Mapping[str, Held],
    now: datetime,
) -> None:
    statement = (
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == stage.workspace_id,
            col(Delivery.id) == bindparam("row_id"),
        )
        .values(
            state=bindparam("new_state"),
            error=bindparam("new_error"),
            not_before=bindparam("new_not_before"),
            native_id=bindparam("new_native_id"),
            finished_at=bindparam("new_finished_at"),
            lease_owner="",
            lease_until=None,
        )
    )
    rows = [
        _state_row(item, judgement, held.get(item.key, NOTHING), now) for item, judgement in kept
    ]
    session.connection().execute(statement, rows)


def _take_intents_back(session: Session, stage: Stage, ids: Sequence[int]) -> None:
    if ids:
        session.execute(
            update(Delivery)
            .where(
                col(Delivery.workspace_id) == stage.workspace_id,
                col(Delivery.id).in_(ids),
            )
            .values(intended_at=None)
        )


def _state_row(item: Item, judgement: Judgement, held: Held, now: datetime) -> dict[str, Any]:
    retry = judgement.verdict is Verdict.RETRY
    wait = min(timedelta(seconds=2**item.attempts / 2), LONGEST_WAIT)
    return {
        "row_id": item.id,
        "new_state": _STATES[judgement.verdict].value,
        "new_error": judgement.reason,
        "new_not_before": now + wait if retry else None,
        "new_native_id": held.native_id or item.native_id,
        "new_finished_at": None if retry else now,
    }


def _store_bindings(
    session: Session,
    stage: Stage,
    kept: Sequence[tuple[Item, Judgement]],
    held: Mapping[str, Held],
) -> None:
    known: list[dict[str, Any]] = []
    gone: list[str] = []
    for item, judgement in kept:
        if not judgement.written:
            continue
        snapshot = bound_after(item, held.get(item.key, NOTHING))
        if snapshot is None:
            gone.append(item.key)
        else:
            known.append(_binding_row(stage, item, snapshot))
    upsert(session, Binding, known)
    if gone:
        session.execute(
            delete(Binding).where(
                col(Binding.workspace_id) == stage.workspace_id,
                col(Binding.installation_id) == stage.installation_id,
                col(Binding.kind) == stage.kind,
                col(Binding.key).in_(gone),
            )
        )


def bound_after(item: Item, held: Held) -> Snapshot | None:
    """The binding once our value reached the shop; ``None``: the thing is no longer ours."""
    if item.restores is not None:
        restored = Snapshot.from_text(item.restores)
        return replace(restored, native_id=held.native_id or restored.native_id)
    if item.releases or item.after is None:
        return None
    earlier = None if item.base is None else Snapshot.from_text(item.base)
    return Snapshot(
        ours=item.after,
        theirs=item.after,
        original=item.before if earlier is None else earlier.original,
        owned=True,
        native_id=held.native_id or item.native_id,
        source=item.source,
    )


def _binding_row(stage: Stage, item: Item, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "workspace_id": stage.workspace_id,
        "installation_id": stage.installation_id,
        "kind": stage.kind,
        "key": item.key,
        "batch": item.batch,
        "native_id": snapshot.native_id,
        "ours": snapshot.ours,
        "theirs": snapshot.theirs,
        "original": snapshot.original,
        "owned": snapshot.owned,
        "source": snapshot.source,
        "run_id": stage.run_id,
    }
