"""A tier given by hand, and back to the rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import DateField, SelectField, ValidationError
from wtforms.validators import Optional

from bridge.audit.service import Subject, record
from bridge.kit.calendar import day_end
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed
from bridge.members.models import Member
from bridge.members.standing import locked
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.tiers.service import decide_by_rules, give_by_hand, review_one
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.members.scope import require
from bridge.web.admin.members.seen import zone_of
from bridge.web.admin.members.wording import last_day
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

NONE = "-"
"""No tier at all: a choice, and no tier's key."""


class TierForm(Form):
    tier = SelectField(lazy("Tier"), description=lazy("It holds whatever the rules say."))
    until = DateField(
        lazy("Last day it holds"),
        [Optional()],
        description=lazy("Empty: until somebody ends it."),
    )

    def offer(self, programme: Programme | None, today: date) -> None:
        tiers = programme.tiers if programme else {}
        named = [(key, tier.name) for key, tier in tiers.items()]
        self.tier.choices = choices([*named, (NONE, lazy("No tier at all"))])
        self.until.render_kw = {"min": today.isoformat()}
        self._today = today

    def validate_until(self, field: Any) -> None:
        if field.data is not None and field.data < self._today:
            raise ValidationError(_("This day is over already."))


@pages.get("/members/<int:member_id>/tier", Permission.CHANGE_MEMBERS)
def member_tier(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, None)


@pages.post("/members/<int:member_id>/tier", Permission.CHANGE_MEMBERS)
def give_tier(visit: Visit, member_id: int) -> Any:
    form = TierForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        programme = _programme(session, visit)
        form.offer(programme, _today(visit, programme))
        if not form.validate():
            return _page(visit, session, member_id, form, 422)
    tier = "" if form.tier.data == NONE else form.tier.data
    until = day_end(form.until.data, zone_of(programme)) if form.until.data else None
    try:
        _change(
            visit,
            found,
            lambda session, _now: give_by_hand(session, *_key(visit, found), tier, until),
        )
    except BridgeError as error:
        form.problem = said(error)
        with visit.app.database.reading() as session:
            return _page(visit, session, member_id, form, 422)
    flash(_("The tier is given by hand now."), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


@pages.post("/members/<int:member_id>/tier/by-rules", Permission.CHANGE_MEMBERS)
def tier_by_rules(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
    _change(visit, found, lambda session, now: decide_by_rules(session, *_key(visit, found), now))
    flash(_("The rules decide again."), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


def _key(visit: Visit, found: Listed) -> tuple[int, int]:
    return visit.app.workspace_id, found.id


def _change(visit: Visit, found: Listed, do: Any) -> None:
    """What is decided holds at once: shops that show the tier, prices and letters follow."""
    app = visit.app
    with app.database.writing() as session:
        now = app.now()
        member = locked(session, app.workspace_id, found.id)
        before = _told(member)
        do(session, now)
        review_one(session, app.workspace_id, found.id, now)
        session.refresh(member)
        record(
            session,
            app.workspace_id,
            visit.actor,
            "member.tier-set",
            Subject("member", str(found.id), found.name),
            now,
            before=before,
            after=_told(member),
        )
    for step in ("moves", "balances", "letters"):
        visit.wake(step)


def _told(member: Member) -> dict[str, Any]:
    until: datetime | None = member.tier_override_until
    return {
        "tier": member.tier or None,
        "by_hand": member.tier_override is not None,
        "until": until.isoformat() if until else None,
    }


def _page(
    visit: Visit, session: Session, member_id: int, form: TierForm | None, status: int = 200
) -> Any:
    found = require(visit, session, member_id)
    row = session.get_one(Member, member_id)
    programme = _programme(session, visit)
    if form is None:
        form = TierForm(formdata=None)
        form.tier.data = row.tier or NONE
        form.offer(programme, _today(visit, programme))
    tier = programme.tiers.get(row.tier) if programme else None
    return page(
        "member_tier.html",
        status,
        member=found,
        form=form,
        has_tiers=bool(programme and programme.tiers),
        name=tier.name if tier else row.tier,
        by_hand=row.tier_override is not None,
        until=last_day(row.tier_override_until, zone_of(programme)),
    )


def _programme(session: Session, visit: Visit) -> Programme | None:
    found = current(session, visit.app.workspace_id)
    return found[1] if found else None


def _today(visit: Visit, programme: Programme | None) -> date:
    return visit.app.now().astimezone(zone_of(programme)).date()
