"""Taking a reward of the catalogue for a member: its points are held until it is provided."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed
from bridge.members.models import Member
from bridge.rewards.claiming import Claimed, Claiming, claim
from bridge.rewards.listing import ListedReward, catalogue
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.members.forms import new_id, one_line
from bridge.web.admin.members.scope import require
from bridge.web.admin.members.seen import balance, zone_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()


class ClaimForm(Form):
    request_id = HiddenField(default=new_id, validators=[InputRequired(), Length(max=64)])
    reward = RadioField(lazy("Reward"), [InputRequired()])
    note = StringField(
        lazy("Note"),
        [Optional(), one_line],
        description=lazy("For who provides it: a size, a date."),
    )

    def offer(self, rewards: list[ListedReward]) -> None:
        self.reward.choices = choices((one.key, one.name) for one in rewards)


@pages.get("/members/<int:member_id>/reward", Permission.REDEEM)
def take_reward(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, None)


@pages.post("/members/<int:member_id>/reward", Permission.REDEEM)
def take_reward_now(visit: Visit, member_id: int) -> Any:
    form = ClaimForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        form.offer(_offered(session, visit))
        if not form.validate():
            return _page(visit, session, member_id, form, 422)
    try:
        done = _claim(visit, found, form)
    except BridgeError as error:
        form.problem = said(error)
        with visit.app.database.reading() as session:
            return _page(visit, session, member_id, form, 422)
    flash(
        _("%(reward)s is his: the points are held until it is provided.", reward=done.claim.name),
        "success",
    )
    return redirect(visit.url("member", member_id=member_id), 303)


def _claim(visit: Visit, found: Listed, form: ClaimForm) -> Claimed:
    app = visit.app
    with app.database.writing() as session:
        asked = Claiming(form.request_id.data, found.id, form.reward.data, form.note.data or "")
        done = claim(session, app.workspace_id, asked, app.now())
        if done.is_new:
            after = {"reward": done.claim.reward, "points": done.claim.points}
            subject = Subject("member", str(found.id), found.name)
            record(
                session,
                app.workspace_id,
                visit.actor,
                "reward.taken",
                subject,
                app.now(),
                after=after,
            )
    return done


def _offered(session: Session, visit: Visit) -> list[ListedReward]:
    found = catalogue(session, visit.app.workspace_id, visit.app.now())
    return [one for one in found if one.is_offered]


def _page(
    visit: Visit, session: Session, member_id: int, form: ClaimForm | None, status: int = 200
) -> Any:
    found = require(visit, session, member_id)
    rewards = _offered(session, visit)
    form = form or ClaimForm(formdata=None)
    form.offer(rewards)
    return page(
        "member_reward.html",
        status,
        member=found,
        form=form,
        rewards={one.key: one for one in rewards},
        balance=balance(session, visit.app, session.get_one(Member, member_id), zone_of(None)),
    )
