"""What shops refused again and again: changes of runs, balances, vouchers' codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.balances import review as balances
from bridge.outbox import review as outbox
from bridge.outbox.models import DeliveryState
from bridge.vouchers import review as vouchers
from bridge.web.api.operations import Call, Operations, Sent
from bridge.web.api.problems import Refusal
from bridge.web.api.work import MOST_AT_ONCE, Id, QueuedOut, note_retry

operations = Operations("Dead letters")

_DEAD = (DeliveryState.DEAD.value,)
MOST = Field(max_length=MOST_AT_ONCE)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DeadLettersQuery(Sent):
    limit: Annotated[
        int, Field(ge=1, le=MOST_AT_ONCE, description="How many at most of each kind.")
    ] = 50
    store: Annotated[
        str, Field(max_length=200, description="Only those to this shop; empty: to all.")
    ] = ""


class DeadDelivery(BaseModel):
    id: int
    run: int
    store: str
    kind: str
    label: str
    before: str | None
    after: str | None
    attempts: int
    error: str


class DeadBalance(BaseModel):
    store: str
    customer: str
    email: str | None
    attempts: int
    error: str


class DeadVoucher(BaseModel):
    id: int
    code: str
    store: str
    attempts: int
    error: str


class DeadLettersOut(BaseModel):
    deliveries: list[DeadDelivery]
    balances: list[DeadBalance]
    vouchers: list[DeadVoucher]


class Customer(Sent):
    store: Name
    customer: Name


class RetryIn(Sent):
    deliveries: Annotated[list[Id], MOST] = Field(default_factory=list)
    balances: Annotated[list[Customer], MOST] = Field(default_factory=list)
    vouchers: Annotated[list[Id], MOST] = Field(default_factory=list)

    @model_validator(mode="after")
    def _something(self) -> RetryIn:
        if not (self.deliveries or self.balances or self.vouchers):
            raise ValueError("name something that is to be tried again")
        return self


@operations.get("/dead-letters", Scope.READ_WORK, DeadLettersOut, query=DeadLettersQuery)
def list_dead_letters(call: Call, query: DeadLettersQuery) -> DeadLettersOut:
    """What shops refused, with the reason: it waits until the cause is mended."""
    workspace_id, store, limit = call.app.workspace_id, query.store or None, query.limit
    with call.app.database.reading() as session:
        of_runs = outbox.listed(session, workspace_id, None, store, _DEAD, limit)
        shown = balances.refused(session, workspace_id, store, limit)
        codes = vouchers.dead(session, workspace_id, store, limit)
    return DeadLettersOut(
        deliveries=[_delivery(one) for one in of_runs],
        balances=[_balance(one) for one in shown],
        vouchers=[_voucher(one) for one in codes],
    )


@operations.post(
    "/dead-letters/retry",
    Scope.WRITE_WORK,
    QueuedOut,
    body=RetryIn,
    wakes=("deliver", "balances", "vouchers"),
)
def retry_dead_letters(call: Call, session: Session, body: RetryIn) -> QueuedOut:
    """Queues refused ones for another try, after the cause was mended: all of these, or none."""
    workspace_id = call.app.workspace_id
    deliveries, which = sorted(set(body.deliveries)), sorted(set(body.vouchers))
    customers = sorted({(one.store, one.customer) for one in body.balances})
    count = outbox.retry(session, workspace_id, deliveries)
    count += balances.retry(session, workspace_id, customers)
    count += vouchers.retry(session, workspace_id, which) if which else 0
    asked = len(deliveries) + len(customers) + len(which)
    if count < asked:
        raise Refusal(409, f"Only {count} of these {asked} were refused. Nothing was changed.")
    told = {"deliveries": deliveries, "balances": customers, "vouchers": which}
    note_retry(call, session, "dead-letters", told)
    return QueuedOut(queued=count)


def _delivery(one: outbox.Listed) -> DeadDelivery:
    return DeadDelivery(
        id=one.id,
        run=one.run,
        store=one.store,
        kind=one.kind,
        label=one.label,
        before=one.before,
        after=one.after,
        attempts=one.attempts,
        error=one.error,
    )


def _balance(one: balances.Refused) -> DeadBalance:
    return DeadBalance(
        store=one.store,
        customer=one.customer_id,
        email=one.email or None,
        attempts=one.attempts,
        error=one.error,
    )


def _voucher(one: vouchers.Listed) -> DeadVoucher:
    row = one.voucher
    assert row.id is not None
    return DeadVoucher(
        id=row.id, code=row.code, store=one.installation, attempts=row.attempts, error=one.problem
    )
