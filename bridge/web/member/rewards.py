"""The reward catalogue: what points can be turned into besides vouchers, and what was taken."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from sqlmodel import Session
from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from bridge.audit.service import Subject, record
from bridge.programme.kinds import clean_text
from bridge.rewards.claiming import CannotClaim, Claiming, claim
from bridge.rewards.listing import OfferedReward, claims_of, offered_to
from bridge.rewards.models import FulfilmentState
from bridge.web.member.forms import Form, new_id
from bridge.web.member.having import having
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import counted, page
from bridge.web.member.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

_MOST_CLAIMS = 20
_STATES: dict[str, tuple[Any, str]] = {
    FulfilmentState.OPEN: (lazy("We are getting it ready"), "blue"),
    FulfilmentState.FULFILLED: (lazy("You have got it"), "green"),
    FulfilmentState.CANCELLED: (lazy("Cancelled: your points are back"), "secondary"),
}


class ClaimForm(Form):
    request_id = HiddenField(default=new_id, validators=[InputRequired(), Length(max=64)])
    note = StringField(
        lazy("Anything we should know?"),
        [Optional(), Length(max=255)],
        description=lazy("A size, a date, who it is for. You may leave this empty."),
    )

    def validate_note(self, field: Any) -> None:
        try:
            field.data = clean_text(field.data)
        except ValueError:
            raise ValidationError(_("Please write it on one line.")) from None


@pages.get("/rewards", Needs.MEMBER)
def rewards(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        found = offered_to(session, visit.app.workspace_id, visit.member_id, visit.app.now())
        taken = claims_of(session, visit.app.workspace_id, visit.member_id, _MOST_CLAIMS)
        has = having(session, visit)
    return page("rewards.html", found=found, taken=taken, has=has, states=_STATES)


@pages.get("/rewards/<key>", Needs.MEMBER)
def reward(visit: Visit, key: str) -> Any:
    return _page(visit, key, ClaimForm(formdata=None))


@pages.post("/rewards/<key>", Needs.MEMBER)
def take_reward(visit: Visit, key: str) -> Any:
    form = ClaimForm()
    if not form.validate():
        return _page(visit, key, form, 422)
    app, now = visit.app, visit.app.now()
    # The id is his own: another member's request cannot stand in its way.
    request_id = f"member {visit.member_id} {form.request_id.data}"
    asked = Claiming(request_id, visit.member_id, key, form.note.data or "")
    try:
        with app.database.writing() as session:
            done = claim(session, app.workspace_id, asked, now)
            if done.is_new:
                subject = Subject("member", str(visit.member_id), done.claim.name)
                after = {"reward": key, "points": done.claim.points}
                record(
                    session,
                    app.workspace_id,
                    visit.actor,
                    "reward.taken",
                    subject,
                    now,
                    after=after,
                )
    except CannotClaim:
        form.problem = _why(visit, key)
        return _page(visit, key, form, 422)
    flash(_("It is yours: %(name)s. We are getting it ready.", name=done.claim.name), "success")
    return redirect(visit.url("rewards"), 303)


def _page(visit: Visit, key: str, form: ClaimForm, status: int = 200) -> Any:
    with visit.app.database.reading() as session:
        found = _offered(session, visit, key)
        has = having(session, visit)
    if found is None:
        abort(404)
    can = visit.takes_part and found.left != 0 and has.available >= found.reward.points
    return page("reward.html", status, one=found, has=has, form=form, can=can)


def _offered(session: Session, visit: Visit, key: str) -> OfferedReward | None:
    found = offered_to(session, visit.app.workspace_id, visit.member_id, visit.app.now())
    return next((one for one in found if one.key == key), None)


def _why(visit: Visit, key: str) -> str:
    """As it is now, which is what kept him from it."""
    with visit.app.database.reading() as session:
        found, has = _offered(session, visit, key), having(session, visit)
    if not visit.takes_part:
        return _("You take no part in the programme at the moment.")
    if found is not None and found.left == 0:
        return _("There is none left.")
    if found is not None and has.available < found.reward.points:
        return _("You can spend %(points)s.", points=counted(has.available))
    return _("This cannot be had at the moment.")
