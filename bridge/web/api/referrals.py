"""Members' codes for friends, and what friends became of."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field
from sqlmodel import Session

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Subject, record
from bridge.referrals.codes import codes_of, link
from bridge.referrals.giving import own_code
from bridge.referrals.looking import ListedReferral, Stats, listed, stats_of
from bridge.referrals.models import ReferralCode, ReferralState
from bridge.web.api.members import present
from bridge.web.api.operations import Call, Nothing, Operations
from bridge.web.api.paging import Page, Paging, after, page

operations = Operations("Referrals")


class CodeOut(BaseModel):
    code: str
    link: str | None = Field(description="null: the bridge was not told its public address.")
    partner: str | None = Field(description="Key of a partner agreement; null: his own code.")


class ReferringOut(BaseModel):
    codes: list[CodeOut]
    brought: Stats


class ReferralsQuery(Paging):
    state: ReferralState | None = None


class ReferralOut(BaseModel):
    id: int
    email: str
    state: ReferralState
    code: str
    partner: str | None
    referrer: str
    store: str | None
    order: str | None
    voucher: str | None = Field(description="The friend's code.")
    reasons: list[str] = Field(description="Why it waits for a decision.")
    reward_points: int
    reward_voucher: str | None
    asked_at: datetime
    confirmed_at: datetime | None
    ordered_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None


@operations.get("/members/{member}/referrals", Scope.READ_MEMBERS, ReferringOut)
def get_referring(call: Call, query: Nothing, member: int) -> ReferringOut:
    """A member's codes and links, and what they brought."""
    with call.app.database.reading() as session:
        number = present(session, call, member)
        codes = codes_of(session, call.app.workspace_id, number)
        stats = stats_of(session, call.app.workspace_id, number)
    return ReferringOut(codes=[_code(call, one) for one in codes], brought=stats)


@operations.post("/members/{member}/referral-code", Scope.WRITE_MEMBERS, CodeOut)
def make_referral_code(call: Call, session: Session, body: Nothing, member: int) -> CodeOut:
    """A member's own code, made when there is none."""
    number = present(session, call, member)
    workspace_id, now = call.app.workspace_id, call.app.now()
    before = {one.code for one in codes_of(session, workspace_id, number)}
    found = own_code(session, workspace_id, number, now)
    if found.code not in before:
        subject = Subject("member", str(number), f"member #{number}")
        after_ = {"code": found.code}
        actor = call.holder.actor
        record(session, workspace_id, actor, "referral.code-made", subject, now, after=after_)
    return _code(call, found)


@operations.get("/referrals", Scope.READ_MEMBERS, Page[ReferralOut], query=ReferralsQuery)
def list_referrals(call: Call, query: ReferralsQuery) -> Page[ReferralOut]:
    """Friends that were brought, the newest first: by whom, what they bought, what it earned."""
    last = after(query, int)
    with call.app.database.reading() as session:
        found = listed(
            session,
            call.app.workspace_id,
            [query.state.value] if query.state else (),
            query.limit + 1,
            below=last[0] if last else None,
        )
    return page(found, query, _referral, lambda one: (one.id,))


def _code(call: Call, row: ReferralCode) -> CodeOut:
    public = call.app.settings.public_url
    return CodeOut(
        code=row.code, link=link(public, row.code) if public else None, partner=row.partner or None
    )


def _referral(one: ListedReferral) -> ReferralOut:
    return ReferralOut(
        id=one.id,
        email=one.email,
        state=ReferralState(one.state),
        code=one.code,
        partner=one.partner or None,
        referrer=one.referrer,
        store=one.store or None,
        order=one.order or None,
        voucher=one.voucher or None,
        reasons=list(one.reasons),
        reward_points=one.reward_points,
        reward_voucher=one.reward_voucher or None,
        asked_at=one.asked_at,
        confirmed_at=one.confirmed_at,
        ordered_at=one.ordered_at,
        due_at=one.due_at,
        decided_at=one.decided_at,
        decided_by=one.decided_by or None,
    )
