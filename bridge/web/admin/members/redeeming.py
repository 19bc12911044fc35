"""Points of a member become a voucher for one store: what it would be, and making it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed
from bridge.members.models import Member
from bridge.points.book import NotEnoughPoints
from bridge.programme.kinds import LARGEST
from bridge.programme.rewards import Redemption
from bridge.programme.service import current
from bridge.users.roles import Permission
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.redeeming import Redeemed, Request, preview, redeem
from bridge.vouchers.rules import least_value
from bridge.vouchers.stores import store_named, stores_of
from bridge.vouchers.where import voucher_store
from bridge.web.admin.asked import number
from bridge.web.admin.members.forms import RedeemForm
from bridge.web.admin.members.scope import require
from bridge.web.admin.members.seen import balance, zone_of
from bridge.web.admin.members.wording import last_day
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said, speech

pages = Pages()


@pages.get("/members/<int:member_id>/redeem", Permission.REDEEM)
def redeem_points(visit: Visit, member_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, None)


@pages.get("/members/<int:member_id>/redeem/preview", Permission.REDEEM)
def redeem_preview(visit: Visit, member_id: int) -> Any:
    """What a voucher for these points would be, or why there is none."""
    points = number("points")
    with visit.app.database.reading() as session:
        require(visit, session, member_id)
        if points is None or not 0 < points <= LARGEST:
            return page("member_redeem_preview.html", new=None, problem="")
        try:
            asked = _asked(visit, session, member_id, points, request.args.get("store", ""), "")
            new = preview(session, visit.app.workspace_id, asked, visit.app.now())
        except BridgeError as error:
            return page("member_redeem_preview.html", new=None, problem=said(error))
        programme = current(session, visit.app.workspace_id)
    zone = zone_of(programme[1] if programme else None)
    return page(
        "member_redeem_preview.html",
        new=new,
        problem="",
        until=last_day(new.valid_until, zone) or _("no end"),
    )


@pages.post("/members/<int:member_id>/redeem", Permission.REDEEM)
def redeem_now(visit: Visit, member_id: int) -> Any:
    form = RedeemForm()
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        form.offer(stores_of(session, visit.app.workspace_id))
        if not form.validate():
            return _page(visit, session, member_id, form, 422)
    try:
        done = _redeem(visit, found, form)
    except NotEnoughPoints as error:
        told = speech().number(error.available)
        form.points.errors = [_("Only %(points)s are available.", points=told)]
    except BridgeError as error:
        form.problem = said(error)
    else:
        visit.wake("vouchers")
        flash(_("The voucher is made: %(code)s.", code=done.voucher.code), "success")
        where = visit.url("member_voucher", member_id=member_id, voucher_id=done.voucher.id)
        return redirect(where, 303)
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, form, 422)


def _redeem(visit: Visit, found: Listed, form: RedeemForm) -> Redeemed:
    app = visit.app
    voucher_store(app, form.store.data)
    with app.database.writing() as session:
        now = app.now()
        secret = workspace_secret(session, app.workspace_id, app.keyring, now)
        asked = _asked(
            visit, session, found.id, form.points.data, form.store.data, form.request_id.data
        )
        done = redeem(session, app.workspace_id, secret, asked, now)
        if done.is_new:
            record(
                session,
                app.workspace_id,
                visit.actor,
                "points.redeemed",
                Subject("member", str(found.id), found.name),
                now,
                after={
                    "points": done.voucher.points,
                    "code": done.voucher.code,
                    "store": asked.store.name,
                },
            )
    return done


def _asked(
    visit: Visit, session: Session, member_id: int, points: int, store: str, id_: str
) -> Request:
    place = store_named(session, visit.app.workspace_id, store)
    return Request(member_id, points, place, id_)


def _page(
    visit: Visit, session: Session, member_id: int, form: RedeemForm | None, status: int = 200
) -> Any:
    found = require(visit, session, member_id)
    programme = current(session, visit.app.workspace_id)
    redemption = programme[1].redemption if programme else None
    least = least_value(redemption) if redemption else None
    if form is None:
        form = RedeemForm(formdata=None)
        if redemption is not None and least is not None:
            form.points.data = redemption.points_for(least)
    form.offer(stores_of(session, visit.app.workspace_id))
    zone = zone_of(programme[1] if programme else None)
    return page(
        "member_redeem.html",
        status,
        member=found,
        form=form,
        balance=balance(session, visit.app, session.get_one(Member, member_id), zone),
        redemption=redemption,
        values=_values(redemption),
        currency=programme[1].currency if programme else "",
    )


def _values(redemption: Redemption | None) -> list[tuple[int, Any]]:
    """The first vouchers there are: what each costs and is worth."""
    if redemption is None:
        return []
    least = least_value(redemption)
    if least is None:
        return []
    most = redemption.maximum
    if redemption.step is not None:
        worths = [least + redemption.step * count for count in range(6)]
    else:
        worths = [value for value in redemption.values if value >= least]
    return [
        (redemption.points_for(value), value) for value in worths if most is None or value <= most
    ]
