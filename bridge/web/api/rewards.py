"""Rewards of the catalogue: taken for a member, provided, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.rewards import fulfilling
from bridge.rewards.claiming import Claimed, Claiming
from bridge.rewards.claiming import claim as claim_reward
from bridge.rewards.fulfilling import UnknownClaim
from bridge.rewards.listing import claims_page
from bridge.rewards.models import FulfilmentState, RewardClaim
from bridge.web.api.members import present
from bridge.web.api.operations import Call, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import Refusal

operations = Operations("Rewards")

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class ClaimsQuery(Paging):
    state: FulfilmentState | None = None


class ClaimIn(Sent):
    reward: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    note: Note = Field("", description="A size, a date: what the member asked for.")


class DecisionIn(Sent):
    note: Note = Field("", description="A ticket's number, a reason.")


class ClaimOut(BaseModel):
    id: int
    reward: str
    name: str
    member: int
    points: int
    state: FulfilmentState
    claimed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


@operations.get("/claims", Scope.READ_MEMBERS, Page[ClaimOut], query=ClaimsQuery)
def list_claims(call: Call, query: ClaimsQuery) -> Page[ClaimOut]:
    """Rewards that members took, the newest first; `open` ones are to be provided."""
    last = after(query, int)
    wanted: Iterable[FulfilmentState] = [query.state] if query.state else FulfilmentState
    with call.app.database.reading() as session:
        found = claims_page(
            session,
            call.app.workspace_id,
            [one.value for one in wanted],
            below=last[0] if last else None,
            limit=query.limit + 1,
        )
    return page(found, query, _claim, lambda one: (one.id,))


@operations.post(
    "/members/{member}/claims", Scope.WRITE_REWARDS, ClaimOut, body=ClaimIn, status=201
)
def take_reward(call: Call, session: Session, body: ClaimIn, member: int) -> ClaimOut:
    """Takes a reward for a member: its points are held until it is provided or cancelled."""
    number = present(session, call, member)
    asked = Claiming(str(uuid.uuid4()), number, body.reward, body.note)
    done = claim_reward(session, call.app.workspace_id, asked, call.app.now())
    _record(session, call, "reward.taken", done)
    return _claim(done.claim)


@operations.post("/claims/{claim}/fulfilment", Scope.WRITE_REWARDS, ClaimOut, body=DecisionIn)
def provide_reward(call: Call, session: Session, body: DecisionIn, claim: int) -> ClaimOut:
    """Says that the member has it: its points are spent."""
    return _decide(call, session, claim, body, fulfilling.fulfil, "reward.provided")


@operations.post("/claims/{claim}/cancellation", Scope.WRITE_REWARDS, ClaimOut, body=DecisionIn)
def cancel_reward(call: Call, session: Session, body: DecisionIn, claim: int) -> ClaimOut:
    """Cancels it: its points are the member's again, its piece is back in stock."""
    return _decide(call, session, claim, body, fulfilling.cancel, "reward.cancelled")


def _decide(
    call: Call,
    session: Session,
    claim: int,
    body: DecisionIn,
    do: Callable[..., Claimed],
    action: str,
) -> ClaimOut:
    by, now = call.holder.actor.name, call.app.now()
    try:
        done = do(session, call.app.workspace_id, claim, by, body.note, now)
    except UnknownClaim as error:
        raise Refusal(404, str(error)) from None
    if done.is_new:
        _record(session, call, action, done)
    return _claim(done.claim)


def _record(session: Session, call: Call, action: str, done: Claimed) -> None:
    claim = done.claim
    session.flush()
    record(
        session,
        call.app.workspace_id,
        call.holder.actor,
        action,
        Subject("member", str(claim.member_id), claim.name),
        call.app.now(),
        after={"claim": claim.id, "points": claim.points, "note": claim.note},
    )


def _claim(row: RewardClaim) -> ClaimOut:
    assert row.id is not None
    return ClaimOut(
        id=row.id,
        reward=row.reward,
        name=row.name,
        member=row.member_id,
        points=row.points,
        state=FulfilmentState(row.state),
        claimed_at=row.claimed_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by or None,
        note=row.note or None,
    )
