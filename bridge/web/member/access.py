"""Lets a request through to a member's page, or says why not.

A workspace that is not there: 404. Who is not signed in, or is a member of another merchant alone,
is sent to the sign-in; what he sent, and what htmx asks for, gets 401.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, session
from flask_wtf.csrf import CSRFProtect
from sqlmodel import Session

from bridge.application import Application
from bridge.languages.catalogues import MEMBER_NAMES
from bridge.languages.speech import Speech
from bridge.member_sign_in.sessions import SignedIn, see, signed_in
from bridge.members.joining import takes_part
from bridge.web.admin.access import forget_nul, own_path
from bridge.web.admin.asked import LARGEST
from bridge.web.admin.shown import is_fragment
from bridge.web.member import cookies
from bridge.web.member.routes import Needs, Route
from bridge.web.member.shown import protect
from bridge.web.member.visit import Caller, Merchant, Visit, merchant
from bridge.workspaces.service import UnknownWorkspace, workspace_id

DOMAIN = "member"
"""Of the texts."""
STORE_LANGUAGE = "member_language"
"""In the browser's cookie: his store's language, from when he signed in."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LARGEST_FORM = 64 * 1024


class Access:
    """Share it between threads."""

    def __init__(self, application: Application, wake: Callable[[str], None]) -> None:
        self._app = application
        self._wake = wake
        self._csrf = CSRFProtect()

    def guard(self, route: Route) -> Callable[..., Any]:
        """The view of a route."""

        @wraps(route.function)
        def view(**values: Any) -> Any:
            forget_nul()
            caller, found = self._open(values.pop("workspace"))
            if route.needs is Needs.MEMBER and not isinstance(caller, Visit):
                return _to_sign_in(caller)
            if request.method not in _SAFE:
                request.max_content_length = _LARGEST_FORM
                if not route.is_signed:
                    self._csrf.protect()
                if any("\0" in one for told in request.form.listvalues() for one in told):
                    abort(400)
            if any(isinstance(one, int) and one > LARGEST for one in values.values()):
                abort(404)
            if found is not None:
                self._seen(caller.app, found)
            answer = current_app.make_response(route.function(caller, **values))
            return protect(answer)

        return view

    def _open(self, workspace: str) -> tuple[Caller, SignedIn | None]:
        """Who it is, whatever the page needs: doors say other things to whom they know."""
        with self._app.database.reading() as database:
            app = self._at(database, workspace)
            whose = merchant(database, app)
            found = _recognised(database, app)
            _speak(whose)
            is_ours = app.workspace_id == self._app.workspace_id
            wake = self._wake if is_ours else _nobody_listens
            caller: Caller = Caller(app=app, workspace=workspace, merchant=whose, wake=wake)
            if found is not None:
                part = takes_part(database, app.workspace_id, [found.member_id], app.now())
                caller = Visit(
                    app=app,
                    workspace=workspace,
                    merchant=whose,
                    wake=wake,
                    member=found.member,
                    session_id=found.session_id,
                    takes_part=bool(part),
                )
        g.caller = caller
        return caller, found

    def _at(self, database: Session, workspace: str) -> Application:
        try:
            return self._app.at(workspace_id(database, workspace), workspace)
        except UnknownWorkspace:
            abort(404)

    def _seen(self, app: Application, found: SignedIn) -> None:
        if found.is_due(app.now()):
            with app.database.writing() as database:
                see(database, app.workspace_id, found.session_id, app.now())


def _recognised(database: Session, app: Application) -> SignedIn | None:
    is_secure = app.settings.public_url.startswith("https:")
    told = cookies.token(app.workspace_id, is_secure=is_secure)
    return signed_in(database, app.workspace_id, told, app.now()) if told else None


def _speak(whose: Merchant) -> None:
    """What he chose, else his store's language, else his browser's, else the merchant's."""
    known = session.get(STORE_LANGUAGE, "")
    accepted = request.accept_languages.best_match([*MEMBER_NAMES]) or whose.letters.language
    language = cookies.language() or (known if known in MEMBER_NAMES else accepted)
    g.speech = Speech(language, DOMAIN, whose.zone)


def _to_sign_in(caller: Caller) -> Response:
    if request.method not in _SAFE or is_fragment():
        abort(401)
    target = request.full_path.removesuffix("?")
    answer = redirect(caller.url("sign_in", next=target), 303)
    return protect(current_app.make_response(answer))


def own_page(caller: Caller, target: str) -> str:
    """Where to go after signing in: one of this merchant's pages, else the first."""
    home = caller.url("home")
    return target if own_path(target) == target and target.startswith(home) else home


def _nobody_listens(step: str) -> None:
    """Another process works for that workspace, and looks by itself."""
