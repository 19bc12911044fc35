"""Runs: a plan made into deliveries, and the reversal of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.kit.errors import BridgeError
from bridge.outbox.models import OPEN_STATES, Binding, Delivery, DeliveryState, Run, RunKind
from bridge.plans.parts import Agreement, Change
from bridge.workspaces.models import Workspace
from connectors.sentences import sentence

PER_STATEMENT = 1000
_QUESTIONS = (DeliveryState.DEAD.value, DeliveryState.CONFLICT.value)


@dataclass
class Written:
    """What making a run stored."""

    run: int | None = None
    """Its number; ``None``: there was nothing to deliver."""
    deliveries: int = 0
    agreements: int = 0


def one_at_a_time(session: Session, workspace_id: int) -> None:
    """Waits until no other process makes a run of this workspace, and holds others up until the
    transaction ends: two runs made at once would decide the same things twice."""
    session.execute(
        select(col(Workspace.id))
        .where(col(Workspace.id) == workspace_id)
        .with_for_update(key_share=True)  # what others store meanwhile refers to the workspace
    )


def open_installations(session: Session, workspace_id: int) -> dict[int, int]:
    """How many deliveries are open, by installation."""
    rows = session.execute(
        select(col(Delivery.installation_id), func.count())
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.state).in_(OPEN_STATES))
        .group_by(col(Delivery.installation_id))
    )
    return {installation: int(count) for installation, count in rows}


@dataclass
class RunWriter:
    """Takes the parts of a plan one by one and stores them; nothing is committed here."""

    session: Session
    workspace_id: int
    now: datetime
    kind: RunKind = RunKind.APPLY
    programme_number: int | None = None
    undoes: int | None = None
    written: Written = field(default_factory=Written)
    _run_id: int | None = None
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _agreements: list[Agreement] = field(default_factory=list)

    def change(self, change: Change, restores: str | None = None) -> None:
        if self._run_id is None:
            self._run_id = self._new_run()
        self._changes.append(_delivery(change, self.workspace_id, self._run_id, restores))
        self.written.deliveries += 1
        if len(self._changes) >= PER_STATEMENT:
            self._store_changes()

    def agree(self, agreement: Agreement) -> None:
        self._agreements.append(agreement)
        self.written.agreements += 1
        if len(self._agreements) >= PER_STATEMENT:
            self._store_agreements()

    def finish(self) -> Written:
        self._store_changes()
        self._store_agreements()
        if self._run_id is not None:
            supersede(self.session, self.workspace_id, self._run_id)
        return self.written

    def _new_run(self) -> int:
        last = self.session.execute(
            select(func.coalesce(func.max(col(Run.number)), 0)).where(
                col(Run.workspace_id) == self.workspace_id
            )
        ).scalar_one()
        self.written.run = int(last) + 1
        made = self.session.execute(
            insert(Run)
            .values(
                workspace_id=self.workspace_id,
                number=self.written.run,
                kind=self.kind.value,
                undoes=self.undoes,
                programme_number=self.programme_number,
                created_at=self.now,
            )
            .returning(col(Run.id))
        )
        return int(made.scalar_one())

    def _store_changes(self) -> None:
        if self._changes:
            self.session.connection().execute(insert(Delivery), self._changes)
            self._changes = []

    def _store_agreements(self) -> None:
        store_agreements(self.session, self.workspace_id, self._agreements)
        self._agreements = []


def _delivery(
    change: Change, workspace_id: int, run_id: int, restores: str | None
) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "installation_id": change.installation_id,
        "run_id": run_id,
        "stage": int(change.stage),
        "batch": change.batch,
        "kind": change.kind,
        "key": change.key,
        "label": change.label,
        "before": change.before,
        "after": change.after,
        "native_id": change.native_id,
        "source": change.source,
        "hints": change.hints,
        "base": change.base.to_text() if change.base else None,
        "releases": change.releases,
        "restores": restores,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "lease_owner": "",
        "fence": 0,
        "error": "",
    }


def store_agreements(session: Session, workspace_id: int, agreements: Sequence[Agreement]) -> None:
    """Moves the bridge's memory where nothing has to be sent, and closes the questions that
    earlier deliveries left about these things."""
    upsert(
        session,
        Binding,
        [
            {
                "workspace_id": workspace_id,
                "installation_id": agreement.installation_id,
                "kind": agreement.kind,
                "key": agreement.key,
                "batch": agreement.batch,
                "native_id": agreement.snapshot.native_id,
                "ours": agreement.snapshot.ours,
                "theirs": agreement.snapshot.theirs,
                "original": agreement.snapshot.original,
                "owned": agreement.snapshot.owned,
                "source": agreement.snapshot.source,
            }
            for agreement in agreements
            if agreement.snapshot is not None
        ],
    )
    for agreement in agreements:
        if agreement.snapshot is None:
            session.execute(
                delete(Binding).where(
                    col(Binding.workspace_id) == workspace_id,
                    col(Binding.installation_id) == agreement.installation_id,
                    col(Binding.kind) == agreement.kind,
                    col(Binding.key) == agreement.key,
                )
            )

    _close_questions(session, workspace_id, agreements)


def _close_questions(session: Session, workspace_id: int, agreements: Sequence[Agreement]) -> None:
    agreed = {(one.installation_id, one.kind, one.key) for one in agreements}
    questions = session.execute(
        select(
            col(Delivery.id),
            col(Delivery.installation_id),
            col(Delivery.kind),
            col(Delivery.key),
        ).where(col(Delivery.workspace_id) == workspace_id, col(Delivery.state).in_(_QUESTIONS))
    )
    closed = [id_ for id_, *thing in questions if tuple(thing) in agreed]
    for start in range(0, len(closed), PER_STATEMENT):
        session.execute(
            update(Delivery)
            .where(
                col(Delivery.workspace_id) == workspace_id,
                col(Delivery.id).in_(closed[start : start + PER_STATEMENT]),
            )
            .values(state=DeliveryState.CANCELLED.value)
            .execution_options(synchronize_session=False)
        )


def supersede(session: Session, workspace_id: int, run_id: int) -> None:
    """Dead letters and conflicts of earlier runs that this run decides anew are no longer open
    questions."""
    thing = tuple_(col(Delivery.installation_id), col(Delivery.kind), col(Delivery.key))
    newer = select(col(Delivery.installation_id), col(Delivery.kind), col(Delivery.key)).where(
        col(Delivery.workspace_id) == workspace_id, col(Delivery.run_id) == run_id
    )
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.run_id) < run_id,
            col(Delivery.state).in_(_QUESTIONS),
            thing.in_(newer),
        )
        .values(state=DeliveryState.CANCELLED.value)
        .execution_options(synchronize_session=False)
    )


def finish_runs(session: Session, workspace_id: int, now: datetime) -> None:
    """Notes the end of runs that have no open delivery left."""
    still_open = (
        select(col(Delivery.run_id))
        .where(col(Delivery.workspace_id) == workspace_id, col(Delivery.state).in_(OPEN_STATES))
        .distinct()
    )
    session.execute(
        update(Run)
        .where(
            col(Run.workspace_id) == workspace_id,
            col(Run.finished_at).is_(None),
            col(Run.id).not_in(still_open),
        )
        .values(finished_at=now)
        .execution_options(synchronize_session=False)
    )


def run_numbered(session: Session, workspace_id: int, number: int) -> Run:
    """Raises BridgeError when there is none."""
    run: Run | None = session.execute(
        select(Run).where(col(Run.workspace_id) == workspace_id, col(Run.number) == number)
    ).scalar_one_or_none()
    if run is None:
        raise BridgeError(
            sentence(
                "There is no run %(number)s. `loyalty-bridge runs` lists them.", number=f"{number}"
            )
        )
    return run


def counts(session: Session, workspace_id: int) -> dict[int, dict[str, int]]:
    """Deliveries by state, by run id."""
    rows = session.execute(
        select(col(Delivery.run_id), col(Delivery.state), func.count())
        .where(col(Delivery.workspace_id) == workspace_id)
        .group_by(col(Delivery.run_id), col(Delivery.state))
    )
    found: dict[int, dict[str, int]] = {}
    for run_id, state, count in rows:
        found.setdefault(run_id, {})[state] = int(count)
    return found


def runs(session: Session, workspace_id: int) -> list[Run]:
    """Newest first."""
    return list(
        session.execute(
            select(Run)
            .where(col(Run.workspace_id) == workspace_id)
            .order_by(col(Run.number).desc())
        ).scalars()
    )
