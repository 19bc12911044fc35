"""A shop's page sends the token of its customer, who is led to his pages here."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request

from bridge.installations import service
from bridge.member_sign_in.from_app import come, shop_of
from bridge.member_sign_in.links import Refused
from bridge.web.limiting import visitor
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.signing_in import begin
from bridge.web.member.visit import Caller
from bridge.web.origins import of_shop

pages = Pages()

_ELSEWHERE = frozenset({"cross-site", "same-site"})
"""What a browser says of a form of another site, or of another host of the same."""


@pages.get("/from-app/<store>", Needs.NOTHING)
def look_from_app(caller: Caller, store: str) -> Any:
    """Somebody who keeps the address, or whose shop made no token: the way in by a code."""
    return redirect(caller.url("home"), 303)


@pages.post("/from-app/<store>", Needs.NOTHING, is_signed=True)
def come_from_app(caller: Caller, store: str) -> Any:
    """The token is what shows who he is. As the form comes from another site, browsers send it
    without cookies, and would let those of the answer take the place of what is there already,
    such as a sign-in of the staff: so it is sent once more, from here."""
    app, token = caller.app, request.form.get("token", "")
    if request.headers.get("Sec-Fetch-Site", "") in _ELSEWHERE:
        return page(
            "from_app.html", token=token, merchant=None, is_at_once=_is_shops(caller, store)
        )
    with app.database.writing() as session:
        found = come(
            session,
            app.workspace_id,
            store,
            token,
            visitor(request.remote_addr),
            app.platforms,
            app.keyring,
            app.now(),
        )
    if isinstance(found, Refused):
        abort(429 if found.wait else 403)
    return begin(caller, found, caller.url("home"))


def _is_shops(caller: Caller, store: str) -> bool:
    """Whether the form stood on a page of the shop. From anywhere else somebody could send others
    with his own token, who would be signed in as he without a click."""
    app = caller.app
    with app.database.reading() as session:
        shop = shop_of(session, app.workspace_id, store, app.keyring)
        if shop is None:
            return False
        facts = service.facts(session, app.workspace_id).get(shop.installation_id)
    return request.headers.get("Origin", "") in of_shop(shop.allowed_urls, facts)
