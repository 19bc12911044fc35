"""A member's vouchers: those he can use, and those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.kit.money import from_millionths, from_minor
from bridge.vouchers.ending import CannotEnd, withdraw
from bridge.vouchers.models import Ending, Voucher, VoucherKind, VoucherPool, VoucherState
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.review import Wanted
from bridge.vouchers.review import vouchers as listed
from bridge.web.admin.asked import LARGEST, number
from bridge.web.admin.shown import is_fragment
from bridge.web.member.places import Titles, titles
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Visit
from bridge.web.member.wording import last_day
from bridge.web.speaking import _, lazy, speech

pages = Pages()

EACH = 50
OPEN = (VoucherState.OPEN.value,)
OVER = tuple(state.value for state in VoucherState if state is not VoucherState.OPEN)
_KINDS: dict[str, Any] = {
    VoucherKind.POINTS: lazy("For your points"),
    VoucherKind.CASHBACK: lazy("Thank you for your order"),
    VoucherKind.NEXT_PURCHASE: lazy("For your next order"),
    VoucherKind.CAMPAIGN: lazy("A gift from us"),
    VoucherKind.FRIEND: lazy("Welcome"),
    VoucherKind.REFERRER: lazy("Thank you for your recommendation"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    id: int
    code: str
    worth: str
    """``€10.00``; ``15%, at most €30.00``."""
    title: str
    """What it is for."""
    store: str
    basket: str
    """The least an order must be worth; empty: anything."""
    last_day: date | None
    is_open: bool
    is_ready: bool
    """Its code is in the shop."""
    is_stuck: bool
    """The shop did not take the code; the staff knows."""
    ending: str
    """What became of it; empty: it is open."""
    points: int
    """That come back when it is given back; 0: none."""
    is_in_basket: bool = False
    """No code: the shop takes it off his basket by itself."""


@pages.get("/vouchers", Needs.MEMBER)
def vouchers(visit: Visit) -> Any:
    is_over, before = request.args.get("show") == "over", number("before") or 0
    with visit.app.database.reading() as session:
        found, onward = shown(session, visit, OVER if is_over else OPEN, before, EACH)
    return page("vouchers.html", found=found, before=onward, is_over=is_over, is_first=not before)


@pages.get("/vouchers/<int:voucher_id>", Needs.MEMBER)
def voucher(visit: Visit, voucher_id: int) -> Any:
    with visit.app.database.reading() as session:
        found = _one(session, visit, voucher_id)
    return page("voucher_now.html" if is_fragment() else "voucher.html", one=found)


@pages.post("/vouchers/<int:voucher_id>/give-back", Needs.MEMBER)
def give_voucher_back(visit: Visit, voucher_id: int) -> Any:
    app, now = visit.app, visit.app.now()
    with app.database.reading() as session:
        found = _one(session, visit, voucher_id)
    if not found.points:
        abort(404)
    try:
        with app.database.writing() as session:
            done = withdraw(session, app.workspace_id, voucher_id, "Given back by the member.", now)
            if done.is_new:
                subject = Subject("member", str(visit.member_id), found.code)
                record(session, app.workspace_id, visit.actor, "voucher.given-back", subject, now)
    except CannotEnd:
        flash(_("This voucher was used already."), "warning")
        return redirect(visit.url("voucher", voucher_id=voucher_id), 303)
    visit.wake("vouchers")
    if done.voucher.state == VoucherState.ENDED:
        flash(_("Your points are back."), "success")
    else:
        flash(_("Your points come back as soon as the shop has taken the code out."), "success")
    return redirect(visit.url("vouchers"), 303)


def shown(
    session: Session, visit: Visit, states: tuple[str, ...], before: int, most: int
) -> tuple[list[Shown], int | None]:
    """Newest first, and where older ones go on; ``None``: nowhere."""
    wanted = Wanted(member_id=visit.member_id, states=states, before=before)
    found = listed(session, visit.app.workspace_id, wanted, most + 1)
    known = titles(session, visit.app.workspace_id)
    told = [_shown(session, visit, one.voucher, one.is_dead, known) for one in found[:most]]
    return told, told[-1].id if len(found) > most else None


def _one(session: Session, visit: Visit, voucher_id: int) -> Shown:
    """404 for another's."""
    wanted = Wanted(member_id=visit.member_id, ids=(min(voucher_id, LARGEST),))
    found = listed(session, visit.app.workspace_id, wanted, 1)
    if not found:
        abort(404)
    known = titles(session, visit.app.workspace_id)
    return _shown(session, visit, found[0].voucher, found[0].is_dead, known)


def _shown(session: Session, visit: Visit, voucher: Voucher, is_dead: bool, known: Titles) -> Shown:
    assert voucher.id is not None
    pool = session.get_one(VoucherPool, voucher.pool_id)
    threshold = promotion_of(pool).threshold
    is_open = voucher.state == VoucherState.OPEN
    is_for_points = is_open and voucher.kind == VoucherKind.POINTS
    return Shown(
        voucher.id,
        voucher.code,
        worth(voucher),
        _title(voucher),
        known.get((voucher.installation_id, voucher.store_id), ""),
        speech().money(threshold.amount, voucher.currency) if threshold is not None else "",
        last_day(voucher.valid_until, visit.merchant.zone),
        is_open,
        is_open and voucher.is_there,
        is_open and is_dead,
        "" if is_open else _ending(voucher),
        voucher.points if is_for_points else 0,
        voucher.is_for_basket,
    )


def _title(voucher: Voucher) -> str:
    if voucher.is_for_basket:
        return _("Your points in the basket")
    return str(_KINDS.get(voucher.kind, _KINDS[VoucherKind.CAMPAIGN]))


def worth(voucher: Voucher) -> str:
    if voucher.basket_minor is not None:
        return _money(voucher.basket_minor, voucher.currency)
    if voucher.amount_minor is not None:
        return _money(voucher.amount_minor, voucher.currency)
    percent = speech().percent(from_millionths(voucher.percent_millionths or 0) / 100, 2)
    if voucher.maximum_minor is None:
        return percent
    most = _money(voucher.maximum_minor, voucher.currency)
    return _("%(percent)s, at most %(most)s", percent=percent, most=most)


def _ending(voucher: Voucher) -> str:
    if voucher.state == VoucherState.USED:
        return _("Used")
    if voucher.ending == Ending.EXPIRED:
        return _("Expired")
    if voucher.state == VoucherState.ENDING:
        return _("Being given back")
    return _("Given back") if voucher.ending == Ending.WITHDRAWN else _("Ended")


def _money(minor: int, currency: str) -> str:
    return speech().money(from_minor(minor, currency), currency)
