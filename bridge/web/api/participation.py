"""Who takes part in the programme, as a person or his program says."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, Field
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.members.joining import Said, leave, take_in
from bridge.web.api.members import present
from bridge.web.api.operations import Call, Nothing, Operations

operations = Operations("Taking part")


class SaidOut(BaseModel):
    member: int
    is_new: bool = Field(description="false: it was so before, and nothing was changed.")


@operations.post("/members/{member}/joining", Scope.WRITE_MEMBERS, SaidOut)
def join_programme(call: Call, session: Session, body: Nothing, member: int) -> SaidOut:
    """Takes a member in: by invitation, or again after he had left."""
    return _say(call, session, member, take_in, "member.joined")


@operations.post("/members/{member}/leaving", Scope.WRITE_MEMBERS, SaidOut)
def leave_programme(call: Call, session: Session, body: Nothing, member: int) -> SaidOut:
    """Lets a member leave: what he has stays his, he gets no more and cannot redeem points."""
    return _say(call, session, member, leave, "member.left")


def _say(
    call: Call, session: Session, member: int, do: Callable[..., Said], action: str
) -> SaidOut:
    number = present(session, call, member)
    workspace_id, actor, now = call.app.workspace_id, call.holder.actor, call.app.now()
    said = do(session, workspace_id, number, actor.name, now)
    if said.is_new:
        subject = Subject("member", str(said.member_id), f"member #{said.member_id}")
        record(session, workspace_id, actor, action, subject, now)
    return SaidOut(member=said.member_id, is_new=said.is_new)
