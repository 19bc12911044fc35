"""Points of a member by hand: given, taken, and why an entry is in the book."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.earning.explaining import Explained, explain
from bridge.kit.calendar import day_end
from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjusted, Adjustment
from bridge.members.adjusting_limits import ACTION, Asker, Waits, adjust_or_ask
from bridge.members.finding import Listed
from bridge.members.models import Member
from bridge.points.book import NotEnoughPoints
from bridge.points.models import Holder
from bridge.programme.service import current
from bridge.users.roles import Permission
from bridge.web.admin.members.facts import facts
from bridge.web.admin.members.forms import AdjustForm
from bridge.web.admin.members.page import show
from bridge.web.admin.members.scope import require
from bridge.web.admin.members.seen import account_of, zone_of
from bridge.web.admin.members.wording import PLACES, change, last_day, source
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said, speech

pages = Pages()


@pages.post("/members/<int:member_id>/adjust", Permission.ADJUST_POINTS)
def adjust_points(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        form = AdjustForm()
        if not form.validate():
            return show(visit, session, member_id, 422, adjust=form)
        adjustment = _adjustment(visit, session, form)
    try:
        with visit.app.database.writing() as session:
            done = _adjust(visit, session, found, adjustment)
    except NotEnoughPoints as error:
        told = speech().number(error.available)
        form.points.errors = [_("Only %(points)s are available.", points=told)]
    except BridgeError as error:
        form.problem = said(error)
    else:
        _say(found, adjustment, done)
        return redirect(visit.url("member", member_id=member_id), 303)
    with visit.app.database.reading() as session:
        return show(visit, session, member_id, 422, adjust=form)


@pages.get("/members/<int:member_id>/entries/<int:entry_id>", Permission.SEE_ACCOUNTS)
def member_entry(visit: Visit, member_id: int, entry_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        entry = _explained(visit, session, member_id, entry_id)
        programme = current(session, visit.app.workspace_id)
    zone = zone_of(programme[1] if programme else None)
    return page(
        "member_entry.html",
        member=found,
        entry=entry,
        places=PLACES,
        source=source(entry.origin, entry.line),
        change=change(entry.line),
        changes=[(one, change(one)) for one in (*entry.reverses, *entry.reversed_by)],
        event=facts(entry.event),
        why=facts(entry.line.why),
        lot_until=last_day(entry.lot.expires_at, zone) if entry.lot else "",
    )


def _adjustment(visit: Visit, session: Session, form: AdjustForm) -> Adjustment:
    programme = current(session, visit.app.workspace_id)
    zone = zone_of(programme[1] if programme else None)
    until: datetime | None = None
    if form.last_day is not None:
        until = day_end(form.last_day, zone)
    return Adjustment(form.request_id.data, form.signed, form.reason.data, visit.actor.name, until)


def _adjust(
    visit: Visit, session: Session, found: Listed, adjustment: Adjustment
) -> Adjusted | Waits:
    now = visit.app.now()
    asker = Asker(visit.user_id, visit.adjust_limit)
    done = adjust_or_ask(
        session, visit.app.workspace_id, found.id, adjustment, asker, found.name, now
    )
    if not done.is_new:
        return done
    told: dict[str, Any] = {"points": adjustment.points, "reason": adjustment.reason}
    action = f"{ACTION}-asked" if isinstance(done, Waits) else "points.adjusted"
    before: dict[str, Any] = {}
    if isinstance(done, Adjusted):
        before["available"] = done.before.available
        told["available"] = done.after.available
    subject = Subject("member", str(found.id), found.name)
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        subject,
        now,
        before=before,
        after=told,
    )
    return done


def _say(found: Listed, adjustment: Adjustment, done: Adjusted | Waits) -> None:
    points = speech().signed(adjustment.points)
    if isinstance(done, Waits):
        flash(
            _(
                "%(points)s for %(name)s waits for a second person: it is more than %(limit)s "
                "a day.",
                points=points,
                name=found.name,
                limit=speech().number(done.limit),
            ),
            "warning",
        )
        return
    has = speech().number(done.after.available)
    flash(
        _(
            "%(points)s for %(name)s: %(available)s are available now.",
            points=points,
            name=found.name,
            available=has,
        ),
        "success",
    )


def _explained(visit: Visit, session: Session, member_id: int, entry_id: int) -> Explained:
    """404 for an entry of another account than the member's."""
    if entry_id >= 2**31:
        abort(404)
    try:
        found = explain(session, visit.app.workspace_id, entry_id)
    except BridgeError:
        abort(404)
    _, his = account_of(session, visit.app, session.get_one(Member, member_id))
    is_own = (found.holder, found.holder_id) == (Holder.MEMBER, member_id)
    if found.account_id != his.account_id and not is_own:
        abort(404)
    return found
