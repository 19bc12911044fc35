"""One member: points and where they come from, tier, vouchers, referrals, who he is."""

from __future__ import annotations

from typing import Any

from flask import redirect
from sqlmodel import Session

from bridge.members.adjusting_limits import limit_of
from bridge.members.models import Member
from bridge.programme.service import current
from bridge.users.roles import Permission
from bridge.web.admin.asked import number
from bridge.web.admin.members.forms import AccountsForm, AdjustForm
from bridge.web.admin.members.scope import now_called, require
from bridge.web.admin.members.seen import past, see, zone_of
from bridge.web.admin.members.texts import (
    CLAIM_STATES,
    KINDS,
    LINKED,
    STATES,
    standing_of,
    worth,
)
from bridge.web.admin.members.wording import last_day
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _

pages = Pages()


@pages.get("/members/<int:member_id>", Permission.SEE_ACCOUNTS)
def member(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        into = now_called(visit, session, member_id)
        if into is not None:
            return redirect(visit.url("member", member_id=into), 302)
        return show(visit, session, member_id)


@pages.get("/members/<int:member_id>/history", Permission.SEE_ACCOUNTS)
def member_history(visit: Visit, member_id: int) -> Any:
    """Older entries: as rows for htmx, else as a page."""
    before = number("before") or 0
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        row = session.get_one(Member, member_id)
        history = past(session, visit.app, row, before)
    template = "member_history_rows.html" if is_fragment() else "member_history.html"
    return page(template, member=found, history=history)


def show(
    visit: Visit,
    session: Session,
    member_id: int,
    status: int = 200,
    *,
    adjust: AdjustForm | None = None,
    accounts: AccountsForm | None = None,
    problem: str = "",
) -> Any:
    """The page of the member, with forms as they were sent."""
    found = require(visit, session, member_id)
    seen = see(session, visit.app, found)
    programme = current(session, visit.app.workspace_id)
    zone = zone_of(programme[1] if programme else None)
    if accounts is None:
        accounts = AccountsForm(formdata=None, users=[one.id for one in seen.looked_after])
    accounts.offer(seen.sales, seen.looked_after)
    return page(
        "member.html",
        status,
        seen=seen,
        member=found,
        erased_at=session.get_one(Member, member_id).erased_at,
        adjust=adjust or AdjustForm(formdata=None),
        accounts=accounts,
        problem=problem,
        limit=limit_of(session, visit.app.workspace_id, visit.adjust_limit),
        currency=programme[1].currency if programme else "",
        states=STATES,
        kinds=KINDS,
        linked=LINKED,
        claim_states=CLAIM_STATES,
        worth=worth,
        standing_of=standing_of,
        last_day=lambda until: last_day(until, zone) or _("no end"),
    )
