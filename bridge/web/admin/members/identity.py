"""Two members who are one person, and one who is two: what would happen, then doing it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.members.finding import Listed
from bridge.members.merging import merge
from bridge.members.previewing import merge_preview, split_preview
from bridge.members.searching import search
from bridge.members.splitting import CustomerKey, split
from bridge.members.standing import bindings, identity, locked
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, whole, words
from bridge.web.admin.members.scope import require
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said

pages = Pages()

FOUND = 10


@pages.get("/members/<int:member_id>/merge", Permission.CHANGE_MEMBERS)
def merge_member(visit: Visit, member_id: int) -> Any:
    """Looks for the other one, then shows what the two would be together."""
    with visit.app.database.reading() as session:
        return _merge_page(visit, session, member_id)


@pages.post("/members/<int:member_id>/merge/<int:other_id>", Permission.CHANGE_MEMBERS)
def merge_now(visit: Visit, member_id: int, other_id: int) -> Any:
    with visit.app.database.reading() as session:
        keep, other = require(visit, session, member_id), require(visit, session, other_id)
    try:
        with visit.app.database.writing() as session:
            workspace_id, now = visit.app.workspace_id, visit.app.now()
            members = [locked(session, workspace_id, one) for one in (member_id, other_id)]
            merge(session, workspace_id, members[0], members[1], visit.actor.name, now)
            told = {"member": other.id, "called": other.name}
            _record(visit, session, keep, "member.merged", told)
    except BridgeError as error:
        with visit.app.database.reading() as session:
            return _merge_page(visit, session, member_id, 422, said(error), other_id)
    flash(_("%(name)s is a part of this member now.", name=other.name), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


@pages.get("/members/<int:member_id>/split", Permission.CHANGE_MEMBERS)
def split_member(visit: Visit, member_id: int) -> Any:
    """Asks which customers are somebody else, then shows what they would take along."""
    chosen = _keys(request.args.getlist("customer"))
    with visit.app.database.reading() as session:
        return _split_page(visit, session, member_id, chosen)


@pages.post("/members/<int:member_id>/split", Permission.CHANGE_MEMBERS)
def split_now(visit: Visit, member_id: int) -> Any:
    chosen = _keys(request.form.getlist("customer"))
    with visit.app.database.reading() as session:
        found = require(visit, session, member_id)
    try:
        with visit.app.database.writing() as session:
            workspace_id, now = visit.app.workspace_id, visit.app.now()
            member = locked(session, workspace_id, member_id)
            fresh = split(session, workspace_id, member, chosen, visit.actor.name, now)
            told = {"member": fresh.id, "customers": [key for _shop, key in chosen]}
            _record(visit, session, found, "member.split", told)
            fresh_id = identity(fresh)
    except BridgeError as error:
        with visit.app.database.reading() as session:
            return _split_page(visit, session, member_id, chosen, 422, said(error))
    flash(_("They are a member of their own now: this one."), "success")
    return redirect(visit.url("member", member_id=fresh_id), 303)


def _merge_page(
    visit: Visit,
    session: Session,
    member_id: int,
    status: int = 200,
    problem: str = "",
    other_id: int | None = None,
) -> Any:
    found = require(visit, session, member_id)
    text = words("q")
    other_id = other_id or number("other")
    others: list[Listed] = []
    preview = None
    if other_id is not None and other_id != member_id:
        other = require(visit, session, other_id)
        preview = merge_preview(session, visit.app.workspace_id, found.id, other.id)
    elif text:
        listed = search(session, visit.app.workspace_id, text, limit=FOUND).members
        others = [one for one in listed if one.id != member_id]
    return page(
        "member_merge_found.html" if is_fragment() else "member_merge.html",
        status,
        member=found,
        others=others,
        text=text,
        preview=preview,
        problem=problem or (preview.problem if preview else ""),
    )


def _split_page(
    visit: Visit,
    session: Session,
    member_id: int,
    chosen: list[CustomerKey],
    status: int = 200,
    problem: str = "",
) -> Any:
    found = require(visit, session, member_id)
    preview = split_preview(session, visit.app.workspace_id, member_id, chosen) if chosen else None
    customers = [
        (
            f"{one.installation_id}/{one.customer_id}",
            session.get_one(Installation, one.installation_id).name,
            one,
        )
        for one in bindings(session, visit.app.workspace_id, member_id)
    ]
    return page(
        "member_split.html",
        status,
        member=found,
        customers=customers,
        chosen=[f"{shop}/{customer}" for shop, customer in chosen],
        preview=preview,
        problem=problem or (preview.problem if preview else ""),
    )


def _keys(told: list[str]) -> list[CustomerKey]:
    """Of ``installation id/customer id``; 404 for what no page of ours sends."""
    found = []
    for one in told[:1000]:
        told_shop, slash, customer = one.partition("/")
        shop = whole(told_shop)
        if not slash or shop is None:
            abort(404)
        found.append((shop, customer))
    return found


def _record(
    visit: Visit, session: Session, found: Listed, action: str, after: dict[str, Any]
) -> None:
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        Subject("member", str(found.id), found.name),
        visit.app.now(),
        after=after,
    )
