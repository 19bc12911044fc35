"""What members did beside buying, as other programs report it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.earning.reporting import Report, record
from bridge.members.finding import UnknownMember, member_named
from bridge.programme.emails import normal_email
from bridge.web.api.operations import Call, Operations, Sent
from bridge.web.api.problems import Refusal

operations = Operations("Activities")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ActivityIn(Sent):
    name: Name = Field(description="As the programme calls it.")
    id: Name = Field(description="Your own: of one name it counts once, however often it is told.")
    member: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    email: Annotated[
        str,
        Field(max_length=254, description="Of somebody unknown: kept until he confirms it."),
    ] = ""
    at: datetime | None = Field(None, description="With a time zone; null: now.")

    @model_validator(mode="after")
    def _one_of_both(self) -> ActivityIn:
        if (self.member is None) == (not self.email):
            raise ValueError("say either member or email")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("say at with its time zone, like 2026-03-01T12:00:00Z")
        return self


class ActivityOut(BaseModel):
    id: str
    name: str
    at: datetime
    points: int = Field(description="What it earned in all.")
    is_new: bool


@operations.post("/activities", Scope.WRITE_ACTIVITIES, ActivityOut, body=ActivityIn, status=201)
def report_activity(call: Call, session: Session, body: ActivityIn) -> ActivityOut:
    """Reports what a member did; rules of the programme may give points for it."""
    member, email = _who(session, call, body)
    report = Report(body.id, body.name, body.at, member, email)
    done = record(session, call.app.workspace_id, report, call.app.now())
    return ActivityOut(
        id=body.id, name=body.name, at=done.at, points=done.points, is_new=done.is_new
    )


def _who(session: Session, call: Call, body: ActivityIn) -> tuple[int | None, str]:
    if body.member is not None:
        try:
            return member_named(session, call.app.workspace_id, f"#{body.member}"), ""
        except UnknownMember:
            raise Refusal(422, f"There is no member {body.member}.") from None
    try:
        email = normal_email(body.email)
    except ValueError as error:
        raise Refusal(422, f"{error}.") from None
    try:
        return member_named(session, call.app.workspace_id, email), ""
    except UnknownMember:
        return None, email
