"""Vouchers whose code a shop refused, promotions that somebody changed in a shop, and balances
that a shop does not show."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request

from bridge.audit.service import Subject, record
from bridge.balances import review as balance_review
from bridge.kit.errors import BridgeError
from bridge.users.roles import Permission
from bridge.vouchers import review as voucher_review
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.review import Wanted
from bridge.web.admin.asked import number, numbers
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.pages import EACH, noted, say_retried
from bridge.web.speaking import _, said

pages = Pages()


@pages.get("/work/vouchers", Permission.LOOK)
def stuck_vouchers(visit: Visit) -> Any:
    """``which``: ``waiting`` shows those whose code is still on its way, too."""
    is_waiting = request.args.get("which") == "waiting"
    wanted = Wanted(dead=not is_waiting, waiting=is_waiting, before=number("below") or 0)
    with visit.app.database.reading() as session:
        found = voucher_review.vouchers(session, visit.app.workspace_id, wanted, EACH + 1)
        pools = voucher_review.changed_pools(session, visit.app.workspace_id)
    return page(
        "work_vouchers.html",
        rows=found[:EACH],
        below=found[EACH - 1].voucher.id if len(found) > EACH else None,
        is_waiting=is_waiting,
        pools=pools,
    )


@pages.post("/work/vouchers/retry", Permission.RETRY)
def retry_vouchers(visit: Visit) -> Any:
    ids = None if "all" in request.form else numbers("id")
    with visit.app.database.writing() as session:
        count = 0 if ids == [] else voucher_review.retry(session, visit.app.workspace_id, ids)
        noted(session, visit, "vouchers.retried", _("Vouchers"), count, ids)
    visit.wake("vouchers")
    say_retried(count)
    return redirect(visit.url("stuck_vouchers"), 303)


@pages.post("/work/vouchers/promotions/<how>", Permission.APPLY)
def decide_promotion(visit: Visit, how: str) -> Any:
    """A promotion that somebody changed in the shop: as it was, or as it is now."""
    if how not in ("restore", "leave"):
        abort(404)
    decide = voucher_review.restore if how == "restore" else voucher_review.leave
    try:
        with visit.app.database.writing() as session:
            pool = decide(session, visit.app.workspace_id, request.form.get("pool", ""))
            name = promotion_of(pool).name
            record(
                session,
                visit.app.workspace_id,
                visit.actor,
                f"promotion.{'restored' if how == 'restore' else 'left'}",
                Subject("promotion", str(pool.id), name),
                visit.app.now(),
            )
    except BridgeError as error:
        flash(said(error), "error")
        return redirect(visit.url("stuck_vouchers"), 303)
    visit.wake("vouchers")
    told = (
        _("%(name)s becomes again what it was.", name=name)
        if how == "restore"
        else _("%(name)s stays as it was changed in the shop.", name=name)
    )
    flash(told, "success")
    return redirect(visit.url("stuck_vouchers"), 303)


@pages.get("/work/balances", Permission.LOOK)
def refused_balances(visit: Visit) -> Any:
    store = request.args.get("store", "")
    last = request.args.get("after", "")
    with visit.app.database.reading() as session:
        found = balance_review.refused(
            session,
            visit.app.workspace_id,
            store or None,
            EACH + 1,
            after=_customer(last) if last else None,
        )
    end = found[EACH - 1] if len(found) > EACH else None
    return page(
        "work_balances.html",
        rows=found[:EACH],
        store=store,
        after=f"{end.store}/{end.customer_id}" if end else "",
    )


@pages.post("/work/balances/retry", Permission.RETRY)
def retry_balances(visit: Visit) -> Any:
    chosen = request.form.getlist("id")
    with visit.app.database.writing() as session:
        count = balance_review.retry(
            session, visit.app.workspace_id, [_customer(one) for one in chosen]
        )
        noted(session, visit, "balances.retried", _("Balances"), count, chosen)
    visit.wake("balances")
    say_retried(count)
    return redirect(visit.url("refused_balances"), 303)


def _customer(text: str) -> tuple[str, str]:
    store, slash, customer_id = text.partition("/")
    if not slash:
        abort(404)
    return store, customer_id
