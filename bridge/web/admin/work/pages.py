"""What came in and could not be handled, what went out and was refused: each with its reason, and
another try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.figures.health import health
from bridge.inbox import review as inbox_review
from bridge.inbox.models import InboxState
from bridge.installations.service import installations
from bridge.outbox import review as outbox_review
from bridge.outbox.models import DeliveryState
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, numbers
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.counts import STUCK, counts
from bridge.web.speaking import _, lazy, ngettext

pages = Pages()

EACH = 50
INBOX_STATES = {
    InboxState.QUEUED.value: lazy("waits for its turn"),
    InboxState.FAILED.value: lazy("could not be handled"),
    InboxState.UNREAD.value: lazy("could not be fetched"),
    InboxState.HANDLED.value: lazy("handled"),
    InboxState.STALE.value: lazy("overtaken by something newer"),
    InboxState.DROPPED.value: lazy("dropped"),
}
RESOURCES = {
    "order": lazy("order"),
    "customer": lazy("customer"),
    "activity": lazy("activity"),
    "award": lazy("award of a flow"),
}
DELIVERY_STATES = {
    DeliveryState.QUEUED.value: lazy("waits for its turn"),
    DeliveryState.LEASED.value: lazy("is being sent"),
    DeliveryState.DONE.value: lazy("done"),
    DeliveryState.CONFLICT.value: lazy("in conflict"),
    DeliveryState.DEAD.value: lazy("refused"),
    DeliveryState.CANCELLED.value: lazy("cancelled"),
}
DELIVERY_KINDS = {
    "group": lazy("customer group"),
    "audience": lazy("rule of a group"),
    "price": lazy("price"),
    "promotion": lazy("promotion"),
    "customer": lazy("customer's group"),
}
STUCK_FILTER = "stuck"
"""What waits for a person: the page's first view."""


@pages.get("/work", Permission.LOOK)
def work(visit: Visit) -> Any:
    now, workspace_id = visit.app.now(), visit.app.workspace_id
    with visit.app.database.reading() as session:
        found = counts(session, workspace_id)
        shops = health(session, workspace_id, now)
    failing = [
        (shop.store, resource) for shop in shops for resource in shop.resources if resource.error
    ]
    return page("work.html", counts=found, shops=shops, failing=failing, resources=RESOURCES)


# --- what came in --------------------------------------------------------------------------


@pages.get("/work/inbox", Permission.LOOK)
def inbox(visit: Visit) -> Any:
    state = request.args.get("state", STUCK_FILTER)
    states: Sequence[str] = inbox_review.FAILED
    if state in INBOX_STATES:
        states = (state,)
    store, resource = request.args.get("store", ""), request.args.get("resource", "")
    with visit.app.database.reading() as session:
        found = inbox_review.listed(
            session,
            visit.app.workspace_id,
            states,
            store=store or None,
            resource=resource if resource in RESOURCES else "",
            below=number("below"),
            newest_first=True,
            limit=EACH + 1,
        )
        stores = _stores(session, visit)
    return page(
        "work_inbox.html",
        rows=found[:EACH],
        below=found[EACH - 1].id if len(found) > EACH else None,
        chosen={"state": state, "store": store, "resource": resource},
        store_choices=[(one, one) for one in stores],
        states=INBOX_STATES,
        resources=RESOURCES,
        can_retry=inbox_review.FAILED,
        can_drop=inbox_review.AWARD,
    )


@pages.post("/work/inbox/retry", Permission.RETRY)
def retry_inbox(visit: Visit) -> Any:
    """What is ticked; all that failed where ``all`` is sent."""
    ids = None if "all" in request.form else numbers("id")
    with visit.app.database.writing() as session:
        count = 0 if ids == [] else inbox_review.retry(session, visit.app.workspace_id, ids)
        noted(session, visit, "inbox.retried", _("Inbox"), count, ids)
    return try_again(visit, count, "inbox", ("handle", "poll"))


@pages.post("/work/inbox/drop", Permission.ADJUST_POINTS)
def drop_inbox(visit: Visit) -> Any:
    """Awards among what is ticked."""
    ids = numbers("id")
    with visit.app.database.writing() as session:
        count = inbox_review.drop(session, visit.app.workspace_id, ids, visit.app.now())
        noted(session, visit, "inbox.dropped", _("Inbox"), count, ids)
    if count:
        told = ngettext("%(number)s award was dropped.", "%(number)s awards were dropped.", count)
        flash(told, "success")
    else:
        flash(_("Nothing was chosen that could be dropped: only awards of flows can."), "warning")
    return redirect(visit.url("inbox"), 303)


# --- what goes out -------------------------------------------------------------------------


@pages.get("/work/deliveries", Permission.LOOK)
def deliveries(visit: Visit) -> Any:
    state = request.args.get("state", STUCK_FILTER)
    states: Sequence[str] = (state,) if state in DELIVERY_STATES else STUCK
    store, run = request.args.get("store", ""), number("run")
    with visit.app.database.reading() as session:
        found = outbox_review.listed(
            session,
            visit.app.workspace_id,
            run,
            store or None,
            states,
            EACH + 1,
            below=number("below"),
            newest_first=True,
        )
        stores = _stores(session, visit)
    return page(
        "work_deliveries.html",
        rows=found[:EACH],
        below=found[EACH - 1].id if len(found) > EACH else None,
        chosen={"state": state, "store": store, "run": run or ""},
        store_choices=[(one, one) for one in stores],
        states=DELIVERY_STATES,
        kinds=DELIVERY_KINDS,
        dead=DeliveryState.DEAD.value,
    )


@pages.post("/work/deliveries/retry", Permission.RETRY)
def retry_deliveries(visit: Visit) -> Any:
    ids = numbers("id")
    with visit.app.database.writing() as session:
        count = outbox_review.retry(session, visit.app.workspace_id, ids)
        noted(session, visit, "deliveries.retried", _("Deliveries"), count, ids)
    return try_again(visit, count, "deliveries", ("deliver",))


# --- what pages have in common -------------------------------------------------------------


def _stores(session: Session, visit: Visit) -> list[str]:
    return [one.name for one in installations(session, visit.app.workspace_id)]


def noted(
    session: Session, visit: Visit, action: str, what: str, count: int, ids: Sequence[Any] | None
) -> None:
    """In the audit log, where anything is tried again."""
    if not count:
        return
    after: Mapping[str, Any] = {"rows": count, "which": list(ids[:EACH]) if ids else "all"}
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        Subject("work", "", what),
        visit.app.now(),
        after=after,
    )


def try_again(visit: Visit, count: int, target: str, steps: Sequence[str]) -> Any:
    for step in steps:
        visit.wake(step)
    say_retried(count)
    return redirect(visit.url(target), 303)


def say_retried(count: int) -> None:
    if count:
        told = ngettext("%(number)s is tried again.", "%(number)s are tried again.", count)
        flash(told, "success")
    else:
        flash(_("Nothing was chosen that could be tried again."), "warning")
