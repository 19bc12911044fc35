"""Vouchers of a member: all of them, one of them, taken back or exchanged for another store."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.kit.errors import BridgeError
from bridge.programme.service import current
from bridge.users.roles import Permission
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import withdraw
from bridge.vouchers.exchanging import exchange
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState
from bridge.vouchers.review import Listed, Wanted, vouchers
from bridge.vouchers.stores import StorePlace, store_named, stores_of
from bridge.vouchers.where import voucher_store
from bridge.web.admin.asked import number
from bridge.web.admin.members.forms import ExchangeForm, WithdrawForm
from bridge.web.admin.members.scope import require
from bridge.web.admin.members.seen import zone_of
from bridge.web.admin.members.texts import KINDS, standing_of, worth
from bridge.web.admin.members.wording import last_day
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said

pages = Pages()

EACH = 50
_VOUCHER = "/members/<int:member_id>/vouchers/<int:voucher_id>"


@pages.get("/members/<int:member_id>/vouchers", Permission.SEE_ACCOUNTS)
def member_vouchers(visit: Visit, member_id: int) -> Any:
    before = number("before") or 0
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
        wanted = Wanted(member_id=member_id, before=before)
        has = vouchers(session, visit.app.workspace_id, wanted, EACH + 1)
        shown = _shown(visit, session)
    onward = has[EACH - 1].voucher.id if len(has) > EACH else None
    return page("member_vouchers_all.html", member=found, found=has[:EACH], before=onward, **shown)


@pages.get(_VOUCHER, Permission.SEE_ACCOUNTS)
def member_voucher(visit: Visit, member_id: int, voucher_id: int) -> Any:
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, voucher_id)


@pages.post(_VOUCHER + "/withdraw", Permission.REDEEM)
def withdraw_voucher(visit: Visit, member_id: int, voucher_id: int) -> Any:
    form = WithdrawForm()
    with visit.app.database.reading() as session:
        named = _one(visit, session, member_id, voucher_id).voucher
        if not form.validate():
            return _page(visit, session, member_id, voucher_id, 422, withdrawing=form)
    try:
        with visit.app.database.writing() as session:
            now, why = visit.app.now(), form.why.data
            done = withdraw(session, visit.app.workspace_id, voucher_id, why, now)
            if done.is_new:
                _record(visit, session, member_id, named, "voucher.withdrawn", {"reason": why})
    except BridgeError as error:
        form.problem = said(error)
        with visit.app.database.reading() as session:
            return _page(visit, session, member_id, voucher_id, 422, withdrawing=form)
    visit.wake("vouchers")
    if done.voucher.state == VoucherState.ENDED:
        flash(_("It has ended; its points are available again."), "success")
    else:
        flash(
            _(
                "It is taken out of its store. Its points come free once every order that the "
                "store took until then was read."
            ),
            "success",
        )
    return redirect(
        visit.url("member_voucher", member_id=member_id, voucher_id=done.voucher.id), 303
    )


@pages.post(_VOUCHER + "/exchange", Permission.REDEEM)
def exchange_voucher(visit: Visit, member_id: int, voucher_id: int) -> Any:
    form = ExchangeForm()
    with visit.app.database.reading() as session:
        named = _one(visit, session, member_id, voucher_id).voucher
        form.offer(_others(visit, session, named))
        if not form.validate():
            return _page(visit, session, member_id, voucher_id, 422, exchanging=form)
    try:
        voucher_store(visit.app, form.store.data)
        with visit.app.database.writing() as session:
            found = _exchange(visit, session, voucher_id, form.store.data)
            to = {"store": form.store.data}
            if (named.state, named.replaced_by) == (VoucherState.OPEN, None):
                _record(visit, session, member_id, named, "voucher.exchanged", to)
    except BridgeError as error:
        form.problem = said(error)
        with visit.app.database.reading() as session:
            return _page(visit, session, member_id, voucher_id, 422, exchanging=form)
    visit.wake("vouchers")
    if found.id == voucher_id:
        flash(
            _(
                "It is taken out of its store. The new one comes once every order that the store "
                "took until then was read."
            ),
            "success",
        )
    else:
        flash(_("The new voucher is made: %(code)s.", code=found.code), "success")
    return redirect(visit.url("member_voucher", member_id=member_id, voucher_id=found.id), 303)


def _exchange(visit: Visit, session: Session, voucher_id: int, store: str) -> Voucher:
    app, now = visit.app, visit.app.now()
    secret = workspace_secret(session, app.workspace_id, app.keyring, now)
    place = store_named(session, app.workspace_id, store)
    return exchange(session, app.workspace_id, secret, voucher_id, place, "", now)


def _record(
    visit: Visit,
    session: Session,
    member_id: int,
    voucher: Voucher,
    action: str,
    after: dict[str, Any],
) -> None:
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        Subject("member", str(member_id), voucher.code),
        visit.app.now(),
        after=after,
    )


# -- one voucher ----------------------------------------------------------------------------


def _one(visit: Visit, session: Session, member_id: int, voucher_id: int) -> Listed:
    """404 for another's."""
    require(visit, session, member_id)
    wanted = Wanted(member_id=member_id, ids=(min(voucher_id, 2**31 - 1),))
    found = vouchers(session, visit.app.workspace_id, wanted, 1)
    if not found:
        abort(404)
    return found[0]


def _page(
    visit: Visit,
    session: Session,
    member_id: int,
    voucher_id: int,
    status: int = 200,
    *,
    withdrawing: WithdrawForm | None = None,
    exchanging: ExchangeForm | None = None,
) -> Any:
    found = _one(visit, session, member_id, voucher_id)
    voucher = found.voucher
    exchanging = exchanging or ExchangeForm(formdata=None)
    others = _others(visit, session, voucher)
    exchanging.offer(others)
    replaced = session.get(Voucher, voucher.replaced_by) if voucher.replaced_by else None
    is_open = voucher.state == VoucherState.OPEN and visit.may(Permission.REDEEM)
    return page(
        "member_voucher_now.html" if is_fragment() else "member_voucher.html",
        status,
        member=require(visit, session, member_id),
        one=found,
        voucher=voucher,
        replaced=replaced,
        withdrawing=withdrawing or WithdrawForm(formdata=None),
        exchanging=exchanging,
        can_withdraw=is_open,
        can_exchange=is_open and voucher.kind == VoucherKind.POINTS and bool(others),
        is_on_its_way=_is_on_its_way(voucher),
        **_shown(visit, session),
    )


def _is_on_its_way(voucher: Voucher) -> bool:
    """Whether its code is still to get to its store, or out of it."""
    if voucher.state == VoucherState.OPEN:
        return not voucher.is_there and not voucher.is_dead
    return voucher.state == VoucherState.ENDING and voucher.is_there


def _others(visit: Visit, session: Session, voucher: Voucher) -> list[StorePlace]:
    if voucher.is_for_basket:
        return []
    here = (voucher.installation_id, voucher.store_id)
    return [
        one
        for one in stores_of(session, visit.app.workspace_id)
        if (one.installation_id, one.store_id) != here
    ]


def _shown(visit: Visit, session: Session) -> dict[str, Any]:
    """What templates of vouchers say things with."""
    programme = current(session, visit.app.workspace_id)
    zone = zone_of(programme[1] if programme else None)
    return {
        "kinds": KINDS,
        "worth": worth,
        "standing_of": standing_of,
        "last_day": lambda until: last_day(until, zone) or _("no end"),
    }
