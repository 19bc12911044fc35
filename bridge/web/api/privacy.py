"""What is known of a member, told or taken away, and what he agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.consents.service import consents
from bridge.members.joining import merged_into
from bridge.privacy import erasing
from bridge.privacy.ending import Busy
from bridge.privacy.models import Erasure
from bridge.privacy.person import AlreadyErased
from bridge.privacy.telling import FORMAT, tell
from bridge.web.api.members import present
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, page
from bridge.web.api.problems import FieldProblem, Refusal

operations = Operations("Privacy")


class KnownOut(BaseModel):
    format: int
    workspace: str
    member: int
    made_at: datetime
    sections: dict[str, list[dict[str, Any]]] = Field(
        description="By name; in each a row for each thing that is known, by column."
    )


class ConsentOut(BaseModel):
    purpose: str = Field(description="`membership`, `letters`, `letters/` with a kind, `terms`.")
    is_given: bool = Field(description="false: taken back.")
    at: datetime
    way: str
    text: str = Field(description="What was agreed to, by its version; empty: none was shown.")


class ConsentsOut(BaseModel):
    consents: list[ConsentOut] = Field(description="Oldest first; the last of a purpose counts.")


class ErasureIn(Sent):
    confirm: Annotated[
        str, Field(max_length=20, description="The member's number with `#`: there is no way back.")
    ]


class ErasureOut(BaseModel):
    id: int
    member: int
    state: str = Field(
        description="`asked` by the member, `refused`, `begun`, `finishing` (shops are being told "
        "to show no points), `done`."
    )
    asked_at: datetime
    finished_at: datetime | None


@operations.get("/members/{member}/known", Scope.EXPORT_MEMBERS, KnownOut)
def get_known(call: Call, query: Nothing, member: int) -> KnownOut:
    """Everything known of a member, over all stores: for himself and nobody else."""
    with call.app.database.reading() as session:
        number = present(session, call, member)
    workspace_id, now = call.app.workspace_id, call.app.now()
    with call.app.database.reading() as session:
        told = tell(session, workspace_id, call.app.workspace, number, now)
    with call.app.database.writing() as session:
        subject = Subject("member", str(number), f"member #{number}")
        record(session, workspace_id, call.holder.actor, "privacy.exported", subject, now)
    sections = {name: [dict(row) for row in rows] for name, rows in told.sections.items()}
    return KnownOut(
        format=FORMAT, workspace=told.workspace, member=number, made_at=now, sections=sections
    )


@operations.get("/members/{member}/consents", Scope.READ_MEMBERS, ConsentsOut)
def list_consents(call: Call, query: Nothing, member: int) -> ConsentsOut:
    """What a member agreed to and took back."""
    workspace_id = call.app.workspace_id
    with call.app.database.reading() as session:
        number = present(session, call, member)
        found = consents(session, workspace_id, merged_into(session, workspace_id, [number]))
    return ConsentsOut(
        consents=[
            ConsentOut(
                purpose=one.purpose,
                is_given=one.is_given,
                at=one.at,
                way=one.way,
                text=one.text,
            )
            for one in found
        ]
    )


@operations.post(
    "/members/{member}/erasure",
    Scope.ERASE_MEMBERS,
    ErasureOut,
    body=ErasureIn,
    status=202,
    wakes=("privacy",),
)
def erase_member(call: Call, session: Session, body: ErasureIn, member: int) -> ErasureOut:
    """Erases a member over all stores, for good.

    What he has is ended at once, his data is taken away by the work that follows. The books stay
    under his number."""
    number = present(session, call, member)
    if body.confirm != f"#{number}":
        error = FieldProblem(field="body.confirm", message=f"Write #{number}.")
        raise Refusal(422, "The erasure was not confirmed.", errors=[error])
    workspace_id, now = call.app.workspace_id, call.app.now()
    try:
        found = erasing.begin(session, workspace_id, number, call.holder.actor, now)
    except (AlreadyErased, Busy) as error:
        raise Refusal(409, str(error)) from error
    return _erasure(found)


@operations.get("/erasures", Scope.READ_MEMBERS, Page[ErasureOut], query=Paging)
def list_erasures(call: Call, query: Paging) -> Page[ErasureOut]:
    """Who was erased or asked for it, the newest first."""
    before = after(query, int)
    with call.app.database.reading() as session:
        found = erasing.erasures(
            session,
            call.app.workspace_id,
            below=before[0] if before else None,
            limit=query.limit + 1,
        )
    return page(found, query, _erasure, lambda one: (one.id,))


def _erasure(found: Erasure) -> ErasureOut:
    assert found.id is not None
    return ErasureOut(
        id=found.id,
        member=found.member_id,
        state=found.state,
        asked_at=found.asked_at,
        finished_at=found.finished_at,
    )
