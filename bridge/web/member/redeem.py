"""Points become a voucher: choosing, looking at what it would be, and making it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request
from sqlmodel import Session
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.mailing.addressee import last_store
from bridge.points.book import NotEnoughPoints
from bridge.programme.kinds import LARGEST
from bridge.programme.rewards import Redemption
from bridge.vouchers import redeeming
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import NewVoucher
from bridge.vouchers.models import Voucher
from bridge.vouchers.redeeming import Request, preview
from bridge.vouchers.rules import (
    NotRedeemable,
    least_value,
    nearest_values,
    some_values,
    value_of,
)
from bridge.vouchers.stores import StorePlace
from bridge.vouchers.where import voucher_stores
from bridge.web.admin.asked import number
from bridge.web.member.forms import Form, new_id
from bridge.web.member.having import having
from bridge.web.member.places import Titles, title_of, titles
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import counted, page
from bridge.web.member.visit import Visit
from bridge.web.member.wording import last_day
from bridge.web.speaking import _, speech

pages = Pages()


class RedeemForm(Form):
    request_id = HiddenField(default=new_id, validators=[InputRequired(), Length(max=64)])
    points = HiddenField(validators=[InputRequired(), Length(max=12)])
    store = HiddenField(validators=[InputRequired(), Length(max=255)])


@dataclass(frozen=True, slots=True)
class Chosen:
    """What he wants; nothing is checked but its form."""

    points: int
    store: StorePlace | None


@pages.get("/redeem", Needs.MEMBER)
def redeem(visit: Visit) -> Any:
    """To choose; with what was chosen, what it would be."""
    return _page(visit)


@pages.post("/redeem", Needs.MEMBER)
def redeem_now(visit: Visit) -> Any:
    form = RedeemForm()
    if not form.validate():
        return _page(visit, _("Please choose again."), 422)
    chosen = _chosen(form.points.data, form.store.data, _places(visit))
    if chosen.store is None or not 0 < chosen.points <= LARGEST:
        return _page(visit, _("Please choose again."), 422)
    try:
        made = _redeem(visit, chosen.points, chosen.store, form.request_id.data)
    except BridgeError as error:
        return _page(visit, _why(visit, error, chosen.points), 422)
    visit.wake("vouchers")
    flash(_("Your voucher is made."), "success")
    return redirect(visit.url("voucher", voucher_id=made.id), 303)


def _redeem(visit: Visit, points: int, store: StorePlace, request_id: str) -> Voucher:
    app, now = visit.app, visit.app.now()
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, now)
        # The id is his own: another member's request cannot stand in its way.
        asked = Request(visit.member_id, points, store, f"member {visit.member_id} {request_id}")
        done = redeeming.redeem(session, app.workspace_id, secret, asked, now)
        if done.is_new:
            subject = Subject("member", str(visit.member_id), done.voucher.code)
            after = {"points": points, "code": done.voucher.code, "store": store.name}
            record(
                session,
                app.workspace_id,
                visit.actor,
                "points.redeemed",
                subject,
                now,
                after=after,
            )
    return done.voucher


# -- the page -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    points: int
    worth: str
    is_chosen: bool


def _page(visit: Visit, problem: str = "", status: int = 200) -> Any:
    programme = visit.merchant.programme
    redemption = programme.redemption if programme is not None else None
    places = _places(visit)
    told = request.form if request.method == "POST" else request.args
    asked = number("other") if request.method == "GET" else None
    points = str(asked) if asked else told.get("points", "")
    chosen = _chosen(points, told.get("store", ""), places)
    new, form = None, None
    with visit.app.database.reading() as session:
        has = having(session, visit)
        known = titles(session, visit.app.workspace_id)
        store = chosen.store or _usual(session, visit, places)
        if redemption is not None and not problem and chosen.points and chosen.store:
            new, problem = _preview(session, visit, chosen.points, chosen.store)
    if new is not None:
        form = RedeemForm(formdata=None, points=str(chosen.points), store=new.store.name)
    return page(
        "redeem.html",
        422 if problem and status == 200 else status,
        has=has,
        options=_options(visit, redemption, has.available, chosen.points),
        other=asked or "",
        least=_least(redemption),
        stores=[(place.name, title_of(place, known), place == store) for place in places],
        is_offered=redemption is not None and bool(places),
        problem=problem,
        form=form,
        new=_shown(visit, new, known) if new is not None else None,
    )


def _places(visit: Visit) -> list[StorePlace]:
    programme = visit.merchant.programme
    redemption = programme.redemption if programme is not None else None
    if redemption is None:
        return []
    return [
        place
        for place in voucher_stores(visit.app)
        if redemption.holds_in(place.installation, place.code)
    ]


def _usual(session: Session, visit: Visit, places: Sequence[StorePlace]) -> StorePlace | None:
    """Where he ordered last."""
    last = last_store(session, visit.app.workspace_id, visit.member_id)
    here = (place for place in places if (place.installation_id, place.store_id) == last)
    return next(here, places[0] if places else None)


def _chosen(points: str, store: str, places: Sequence[StorePlace]) -> Chosen:
    count = int(points) if points.isascii() and points.isdecimal() and len(points) <= 12 else 0
    return Chosen(count, next((place for place in places if place.name == store), None))


def _preview(
    session: Session, visit: Visit, points: int, store: StorePlace
) -> tuple[NewVoucher | None, str]:
    asked = Request(visit.member_id, points, store, "")
    try:
        return preview(session, visit.app.workspace_id, asked, visit.app.now()), ""
    except BridgeError as error:
        return None, _why(visit, error, points)


def _shown(visit: Visit, new: NewVoucher, known: Titles) -> dict[str, Any]:
    currency = new.store.currency
    return {
        "points": new.points,
        "worth": _money(new.amount or Decimal(0), currency),
        "store": title_of(new.store, known),
        "basket": _money(new.basket, currency) if new.basket is not None else "",
        "last_day": last_day(new.valid_until, visit.merchant.zone),
    }


def _options(
    visit: Visit, redemption: Redemption | None, available: int, chosen: int
) -> list[Option]:
    programme = visit.merchant.programme
    if redemption is None or programme is None or available <= 0:
        return []
    found = [(redemption.points_for(one), one) for one in some_values(redemption, available)]
    return [
        Option(points, _money(worth, programme.currency), points == chosen)
        for points, worth in found
    ]


def _least(redemption: Redemption | None) -> int:
    """Points of the smallest voucher; 0: there is none."""
    least = least_value(redemption) if redemption is not None else None
    return redemption.points_for(least) if redemption is not None and least is not None else 0


def _why(visit: Visit, error: BridgeError, points: int) -> str:
    """What a member can do about it."""
    programme = visit.merchant.programme
    redemption = programme.redemption if programme is not None else None
    if isinstance(error, NotEnoughPoints):
        return _("You can spend %(points)s.", points=counted(error.available))
    if not visit.takes_part:
        return _("You take no part in the programme at the moment.")
    if isinstance(error, NotRedeemable) and redemption is not None and programme is not None:
        try:
            value_of(redemption, points, programme.currency)
        except NotRedeemable:
            near = [
                counted(redemption.points_for(one)) for one in nearest_values(redemption, points)
            ]
            return _(
                "There is no voucher for so many. The nearest ones: %(ways)s.",
                ways=" / ".join(near),
            )
    return _("This voucher cannot be had at the moment.")


def _money(amount: Decimal, currency: str) -> str:
    return speech().money(amount, currency)
