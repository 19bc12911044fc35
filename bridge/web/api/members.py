"""Members, and what the book says of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.members.adjusting import Adjustment
from bridge.members.adjusting_limits import AboveLimit, adjust_within, limit_of
from bridge.members.finding import Listed, UnknownMember, described, member_named
from bridge.members.holding import account_holder
from bridge.members.models import Member
from bridge.members.searching import browse, search
from bridge.points.book import NotEnoughPoints
from bridge.points.statement import Line as BookLine
from bridge.points.statement import LotStanding, Standing, history, open_lots, standing
from bridge.programme.kinds import LARGEST
from bridge.web.api.operations import Call, Nothing, Operations, Sent
from bridge.web.api.paging import Page, Paging, after, cursor, page
from bridge.web.api.problems import Refusal

operations = Operations("Members and points")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class MemberOut(BaseModel):
    id: int
    emails: list[str]
    """Those that stand for him."""
    company: str | None
    tier: str | None
    segments: list[str]
    available: int
    pending: int
    joined_at: datetime


class MembersQuery(Paging):
    search: Annotated[
        str,
        Field(
            max_length=200,
            description="The beginning of an address or a company's name, a customer's number, a "
            "voucher's code, or `#` with the member's number.",
        ),
    ] = ""


class BalanceOut(BaseModel):
    member: int
    available: int
    pending: int = Field(description="Earned, waiting for the return period to pass.")
    reserved: int = Field(description="In open vouchers.")
    debt: int = Field(description="Taken back after they were spent: paid by the next ones earned.")


class LotOut(BaseModel):
    id: int
    available: int
    pending: int
    reserved: int
    earned_at: datetime
    available_from: datetime | None
    expires_at: datetime | None


class PointsOut(BaseModel):
    balance: BalanceOut
    lots: list[LotOut] = Field(description="Open ones, the first to expire first.")


class EntryOut(BaseModel):
    id: int
    at: datetime = Field(description="The business time: of the order, not of the poll.")
    effect: str
    points: int
    change: int = Field(description="Of the available points.")
    source: str
    source_id: str
    rule: str | None


class AdjustmentIn(Sent):
    points: Annotated[int, Field(ge=-LARGEST, le=LARGEST, description="Below 0: taken.")]
    reason: Text
    expires_at: datetime | None = Field(
        None, description="With a time zone. Of points given; null: never."
    )


class AdjustmentOut(BaseModel):
    id: str
    before: BalanceOut
    after: BalanceOut


@operations.get("/members", Scope.READ_MEMBERS, Page[MemberOut], query=MembersQuery)
def list_members(call: Call, query: MembersQuery) -> Page[MemberOut]:
    """Members, the newest first; those that a search finds, by address."""
    workspace_id = call.app.workspace_id
    with call.app.database.reading() as session:
        if query.search:
            last = after(query, str)
            found = search(
                session,
                workspace_id,
                query.search,
                after=last[0] if last else "",
                limit=query.limit,
            )
            following = cursor(found.after) if found.after else None
            return Page(items=[_member(one) for one in found.members], next=following)
        before = after(query, int)
        browsed = browse(
            session, workspace_id, before=before[0] if before else None, limit=query.limit
        )
    following = cursor(browsed.before) if browsed.before is not None else None
    return Page(items=[_member(one) for one in browsed.members], next=following)


@operations.get("/members/{member}", Scope.READ_MEMBERS, MemberOut)
def get_member(call: Call, query: Nothing, member: int) -> MemberOut:
    """One member. Who was merged into another is that one."""
    with call.app.database.reading() as session:
        number = present(session, call, member)
        (found,) = described(session, call.app.workspace_id, [number])
    return _member(found)


@operations.get("/members/{member}/points", Scope.READ_MEMBERS, PointsOut)
def get_points(call: Call, query: Nothing, member: int) -> PointsOut:
    """A member's balance and open lots; those of his company where it holds the points."""
    with call.app.database.reading() as session:
        number = present(session, call, member)
        found = _standing(session, call, number)
        lots = open_lots(session, call.app.workspace_id, found.account_id)
    return PointsOut(balance=_balance(number, found), lots=[_lot(one) for one in lots])


@operations.get("/members/{member}/entries", Scope.READ_MEMBERS, Page[EntryOut], query=Paging)
def list_entries(call: Call, query: Paging, member: int) -> Page[EntryOut]:
    """What moved a member's points, the newest first."""
    last = after(query, int)
    with call.app.database.reading() as session:
        found = _standing(session, call, present(session, call, member))
        lines = history(
            session,
            call.app.workspace_id,
            found.account_id,
            most=query.limit + 1,
            before=last[0] if last else 0,
        )
    return page(lines, query, _entry, lambda line: (line.id,))


@operations.post(
    "/members/{member}/adjustments",
    Scope.WRITE_POINTS,
    AdjustmentOut,
    body=AdjustmentIn,
    status=201,
)
def adjust_points(call: Call, session: Session, body: AdjustmentIn, member: int) -> AdjustmentOut:
    """Gives a member points, or takes some of those he can spend.

    Taking more than there are is refused, and takes nothing. So is what goes beyond the workspace's
    limit of points a day, counted for each token: that is for two persons, on the member's page.
    """
    number = present(session, call, member)
    if body.points == 0:
        raise Refusal(422, "Adjust by at least one point.")
    if body.expires_at is not None and body.expires_at.tzinfo is None:
        raise Refusal(422, "Say expires_at with its time zone, like 2026-12-31T23:59:59Z.")
    limit = limit_of(session, call.app.workspace_id, None)
    now, actor = call.app.now(), call.holder.actor
    asked = Adjustment(str(uuid.uuid4()), body.points, body.reason, actor.name, body.expires_at)
    try:
        done = adjust_within(
            session,
            call.app.workspace_id,
            number,
            asked,
            f"token {call.holder.token_id}",
            limit,
            now,
        )
    except AboveLimit as error:
        raise Refusal(
            409, f"{error} Ask for it on the member's page.", code="above-limit"
        ) from None
    except NotEnoughPoints as error:
        raise Refusal(
            409,
            f"{error.wanted} points cannot be taken: only {error.available} are available.",
            code="not-enough-points",
        ) from None
    subject = Subject("member", str(number), f"member #{number}")
    record(
        session,
        call.app.workspace_id,
        actor,
        "points.adjusted",
        subject,
        now,
        before={"available": done.before.available},
        after={"available": done.after.available, "reason": body.reason},
    )
    return AdjustmentOut(
        id=asked.id, before=_balance(number, done.before), after=_balance(number, done.after)
    )


def present(session: Session, call: Call, member: int) -> int:
    """His number now: who was merged into another is that one. Refuses with 404."""
    try:
        return member_named(session, call.app.workspace_id, f"#{member}")
    except UnknownMember:
        raise Refusal(404, f"There is no member {member}.") from None


def _standing(session: Session, call: Call, member: int) -> Standing:
    holder = account_holder(session, session.get_one(Member, member))
    return standing(session, call.app.workspace_id, *holder)


def _member(found: Listed) -> MemberOut:
    return MemberOut(
        id=found.id,
        emails=list(found.emails),
        company=found.company or None,
        tier=found.tier or None,
        segments=list(found.segments),
        available=found.available,
        pending=found.pending,
        joined_at=found.joined_at,
    )


def _balance(member: int, found: Standing) -> BalanceOut:
    return BalanceOut(
        member=member,
        available=found.available,
        pending=found.pending,
        reserved=found.reserved,
        debt=found.debt,
    )


def _lot(lot: LotStanding) -> LotOut:
    return LotOut(
        id=lot.id,
        available=lot.available,
        pending=lot.pending,
        reserved=lot.reserved,
        earned_at=lot.earned_at,
        available_from=lot.ripens_at,
        expires_at=lot.expires_at,
    )


def _entry(line: BookLine) -> EntryOut:
    return EntryOut(
        id=line.id,
        at=line.at,
        effect=line.effect,
        points=line.points,
        change=line.change,
        source=line.source_kind,
        source_id=line.source_id,
        rule=line.rule or None,
    )
