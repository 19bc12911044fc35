"""A link that a shop signed leads its customer to his pages here.

Looking at the address uses nothing up, since browsers, previews and virus scanners open links to
look at them: it answers with a form that sends itself, or that he sends. That signs in.
"""

from __future__ import annotations

from typing import Any, NoReturn

from flask import abort, request

from bridge.member_sign_in.links import Followed, Refused, count_refused, follow, look
from bridge.web.limiting import visitor
from bridge.web.member.navigation import MENU
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.signing_in import begin
from bridge.web.member.visit import Caller

pages = Pages()


@pages.get("/from/<token>", Needs.NOTHING)
def link_from_shop(caller: Caller, token: str) -> Any:
    app, now, network = caller.app, caller.app.now(), visitor(request.remote_addr)
    with app.database.reading() as session:
        found = look(
            session, app.workspace_id, token, request.query_string, network, app.keyring, now
        )
    if isinstance(found, Refused):
        if not found.wait:
            with app.database.writing() as session:
                count_refused(session, app.workspace_id, network, now)
        _refuse(found)
    return page("from_shop.html", is_ahead=_is_ahead())


@pages.post("/from/<token>", Needs.NOTHING)
def come_from_shop(caller: Caller, token: str) -> Any:
    app, network = caller.app, visitor(request.remote_addr)
    with app.database.writing() as session:
        found = follow(
            session,
            app.workspace_id,
            token,
            request.query_string,
            network,
            app.keyring,
            app.now(),
        )
    if not isinstance(found, Followed):
        _refuse(found)
    return begin(caller, found.comer, _target(caller, found.page))


def _refuse(found: Refused) -> NoReturn:
    abort(429 if found.wait else 403)


def _target(caller: Caller, name: str) -> str:
    """A page of the menu; the first one where there is none of this name."""
    known = {entry.page for entry in MENU}
    return caller.url(name if name in known else "home")


def _is_ahead() -> bool:
    """A browser that reads ahead of its user."""
    told = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in told or "prerender" in told
