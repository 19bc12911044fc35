"""What is sent to the shops, and what came in: the plan, runs, what failed and is tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.inbox import review as inbox
from bridge.kit.errors import BridgeError
from bridge.outbox.models import DeliveryState, Run
from bridge.plans.keeping import newest_plan
from bridge.plans.models import PlanState
from bridge.plans.run_reading import (
    DeliveryWanted,
    some_deliveries,
    some_runs,
    states_of,
)
from bridge.plans.run_reading import (
    Sent as SentRow,
)
from bridge.plans.runs import run_numbered
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal

operations = Operations("Work")

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
MOST_AT_ONCE = 200


class PlanOut(BaseModel):
    id: int
    state: PlanState
    programme: int | None
    undoes: int | None = Field(description="Number of the run that it takes back.")
    made_at: datetime
    made_by: str
    run: int | None = Field(description="What became of it.")
    summary: dict[str, Any] = Field(
        description="`total` changes; `counts` of store, kind, what, how many; `money` moved; "
        "`remarks` by kind."
    )


class PlanFound(BaseModel):
    plan: PlanOut | None = Field(description="null: none was made yet.")


class RunOut(BaseModel):
    run: int
    kind: str
    undoes: int | None
    programme: int | None
    created_at: datetime
    finished_at: datetime | None
    deliveries: dict[str, int] = Field(description="How many are in which state.")


class DeliveriesQuery(Paging):
    state: DeliveryState | None = None


class DeliveryOut(BaseModel):
    id: int
    store: str
    state: DeliveryState
    kind: str
    label: str
    source: str
    before: str | None
    after: str | None
    attempts: int
    error: str | None
    finished_at: datetime | None


class InboxQuery(Paging):
    failed: bool = Field(False, description="Only what could not be fetched or handled.")


class InboxRowOut(BaseModel):
    id: int
    store: str
    resource: str
    entity_id: str
    label: str
    state: str
    attempts: int
    changed_at: datetime
    not_before: datetime | None = Field(description="When it is tried again by itself.")
    error: str | None


class RetryRowsIn(Sent):
    rows: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]


class QueuedOut(BaseModel):
    queued: int


@operations.get("/plan", Scope.READ_WORK, PlanFound)
def get_plan(call: Call, query: Nothing) -> PlanFound:
    """The newest plan: what it would change in the shops, and what became of it."""
    with call.app.database.reading() as session:
        found = newest_plan(session, call.app.workspace_id)
    if found is None:
        return PlanFound(plan=None)
    assert found.id is not None
    return PlanFound(
        plan=PlanOut(
            id=found.id,
            state=PlanState(found.state),
            programme=found.programme_number,
            undoes=found.undoes,
            made_at=found.made_at,
            made_by=found.made_by,
            run=found.run_number,
            summary=found.summary,
        )
    )


@operations.get("/runs", Scope.READ_WORK, Page[RunOut], query=Paging)
def list_runs(call: Call, query: Paging) -> Page[RunOut]:
    """Runs, the newest first, with what became of their changes."""
    last = after(query, int)
    with call.app.database.reading() as session:
        workspace_id = call.app.workspace_id
        found = some_runs(
            session, workspace_id, below=last[0] if last else None, limit=query.limit + 1
        )
        states = states_of(session, workspace_id, [one.id or 0 for one in found])
    return page(found, query, lambda one: _run(one, states[one.id or 0]), lambda one: (one.number,))


@operations.get("/runs/{number}", Scope.READ_WORK, RunOut)
def get_run(call: Call, query: Nothing, number: int) -> RunOut:
    """One run."""
    with call.app.database.reading() as session:
        found = _numbered(session, call, number)
        run_id = found.id or 0
        states = states_of(session, call.app.workspace_id, [run_id])[run_id]
    return _run(found, states)


@operations.get(
    "/runs/{number}/deliveries", Scope.READ_WORK, Page[DeliveryOut], query=DeliveriesQuery
)
def list_deliveries(call: Call, query: DeliveriesQuery, number: int) -> Page[DeliveryOut]:
    """Single changes of a run, in the order they were planned."""
    last = after(query, int)
    wanted = DeliveryWanted(state=query.state.value if query.state else "")
    with call.app.database.reading() as session:
        run = _numbered(session, call, number)
        found = some_deliveries(
            session,
            call.app.workspace_id,
            run.id or 0,
            wanted,
            above=last[0] if last else None,
            limit=query.limit + 1,
        )
    return page(found, query, _delivery, lambda one: (one.id,))


@operations.get("/inbox", Scope.READ_WORK, Page[InboxRowOut], query=InboxQuery)
def list_inbox(call: Call, query: InboxQuery) -> Page[InboxRowOut]:
    """What came in and is not handled yet, the newest first, and why."""
    last = after(query, int)
    with call.app.database.reading() as session:
        found = inbox.listed(
            session,
            call.app.workspace_id,
            inbox.FAILED if query.failed else inbox.OPEN,
            below=last[0] if last else None,
            newest_first=True,
            limit=query.limit + 1,
        )
    return page(found, query, _row, lambda one: (one.id,))


@operations.post(
    "/inbox/retry", Scope.WRITE_WORK, QueuedOut, body=RetryRowsIn, wakes=("handle", "poll")
)
def retry_inbox(call: Call, session: Session, body: RetryRowsIn) -> QueuedOut:
    """Queues failed rows for another try, after the cause was mended: all of these, or none."""
    wanted = set(body.rows)
    count = inbox.retry(session, call.app.workspace_id, sorted(wanted))
    if count < len(wanted):
        raise Refusal(409, f"Only {count} of these {len(wanted)} failed. Nothing was changed.")
    note_retry(call, session, "inbox", {"rows": sorted(wanted)})
    return QueuedOut(queued=count)


def note_retry(call: Call, session: Session, what: str, after_: dict[str, Any]) -> None:
    record(
        session,
        call.app.workspace_id,
        call.holder.actor,
        f"{what}.retried",
        Subject(what, "", what),
        call.app.now(),
        after=after_,
    )


def _numbered(session: Session, call: Call, number: int) -> Run:
    try:
        return run_numbered(session, call.app.workspace_id, number)
    except BridgeError:
        raise Refusal(404, f"There is no run {number}.") from None


def _run(run: Run, states: dict[str, int]) -> RunOut:
    return RunOut(
        run=run.number,
        kind=run.kind,
        undoes=run.undoes,
        programme=run.programme_number,
        created_at=run.created_at,
        finished_at=run.finished_at,
        deliveries=dict(states),
    )


def _delivery(one: SentRow) -> DeliveryOut:
    return DeliveryOut(
        id=one.id,
        store=one.store,
        state=DeliveryState(one.state),
        kind=one.kind,
        label=one.label,
        source=one.source,
        before=one.before,
        after=one.after,
        attempts=one.attempts,
        error=one.error or None,
        finished_at=one.finished_at,
    )


def _row(one: inbox.Listed) -> InboxRowOut:
    return InboxRowOut(
        id=one.id,
        store=one.store,
        resource=one.resource,
        entity_id=one.entity_id,
        label=one.label,
        state=one.state,
        attempts=one.attempts,
        changed_at=one.changed_at,
        not_before=one.not_before,
        error=one.error or None,
    )
