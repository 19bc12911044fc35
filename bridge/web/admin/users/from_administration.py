"""Coming in from a shop's administration, by the ticket of a page of ours.

Whoever is signed in as himself and has a role in that workspace goes on as himself. Who is signed
in and has none there is asked: he would be signed out of what he does elsewhere.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask import abort, flash, redirect, request, session
from sqlmodel import Session

from bridge.application import Application
from bridge.users import administrations
from bridge.users.administrations import Comer
from bridge.users.service import granted
from bridge.users.sessions import end_session, start_session
from bridge.web.admin.access import TOKEN
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.stores.texts import ROLE_NAMES
from bridge.web.admin.visit import Guest, guest
from bridge.web.origins import origin
from bridge.web.speaking import _

doors = Doors()


class _Outcome(Enum):
    SIGN_IN = 1
    GO_ON = 2
    ASK = 3


@doors.post("/administration", Needs.NOTHING, is_signed=True)
def come_in(app: Application) -> Any:
    """The ticket shows who he is. Another site could send somebody a ticket of its own, to have
    him work where it looks on: this comes from our page alone."""
    if not _is_from_here(app):
        abort(400)
    return _come_in(app, may_replace=False)


@doors.post("/administration/instead", Needs.NOTHING)
def come_in_instead(app: Application) -> Any:
    """He was asked, and said yes."""
    return _come_in(app, may_replace=True)


def _come_in(app: Application, *, may_replace: bool) -> Any:
    ticket, one, token = request.form.get("ticket", ""), guest(), ""
    with app.database.writing() as database:
        comer = administrations.look(database, ticket, app.now())
        if comer is None:
            return page("administration_over.html", 410)
        outcome = _outcome(database, one, comer)
        if outcome is _Outcome.ASK and not may_replace:
            assert one is not None
            return page("administration_instead.html", comer=comer, ticket=ticket)
        if not administrations.use(database, ticket):
            return page("administration_over.html", 410)
        if outcome is not _Outcome.GO_ON:
            token = _start(database, app, one, comer)
    if token:
        # Whatever this browser was before is forgotten.
        session.clear()
        session[TOKEN] = token
        flash(
            _(
                "You are signed in as “%(name)s” (%(role)s), since you come from there.",
                name=administrations.name_of(comer.administration.store),
                role=ROLE_NAMES[comer.administration.role],
            ),
            "info",
        )
    return redirect(comer.target, 303)


def _outcome(database: Session, one: Guest | None, comer: Comer) -> _Outcome:
    if one is None or not one.is_person:
        return _Outcome.SIGN_IN
    there = {role.workspace_id for role in granted(database, one.user_id)}
    return _Outcome.GO_ON if comer.workspace_id in there else _Outcome.ASK


def _start(database: Session, app: Application, one: Guest | None, comer: Comer) -> str:
    now, address = app.now(), request.remote_addr or ""
    if one is not None:
        end_session(database, one.user_id, one.session_id)
    token = start_session(
        database,
        comer.administration.user_id,
        now,
        client=request.headers.get("User-Agent", ""),
        address=address,
        lasting=administrations.LASTS,
    )
    administrations.came_in(database, comer, address, now)
    return token


def _is_from_here(app: Application) -> bool:
    """As the browser says; an old one says no more than where the page is that sends it."""
    told = request.headers.get("Sec-Fetch-Site")
    if told is not None:
        return told == "same-origin"
    ours = {origin(app.settings.public_url), origin(request.host_url)} - {""}
    return request.headers.get("Origin", "") in ours
