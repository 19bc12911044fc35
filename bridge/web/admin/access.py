"""Lets a request through to its page, or says why not.

Who is not signed in is sent to the sign-in (a form that was sent, and what htmx asks for, get
401). A workspace where he has no role does not exist for him: 404. A page that his role may not
open: 403.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, abort, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from sqlmodel import Session

from bridge.application import Application
from bridge.programme.service import in_force
from bridge.users.roles import Permission
from bridge.users.service import granted
from bridge.users.sessions import see, signed_in
from bridge.web.admin.asked import LARGEST
from bridge.web.admin.routes import Needs, Route
from bridge.web.admin.shown import is_fragment, protect
from bridge.web.admin.visit import Guest, Visit
from bridge.web.speaking import speak

TOKEN = "token"  # noqa: S105 - the name of a field of the cookie
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """Share it between threads."""

    def __init__(self, application: Application, wake: Callable[[str], None]) -> None:
        self._app = application
        self._wake = wake
        self.csrf = CSRFProtect()

    def guard(self, route: Route) -> Callable[..., Any]:
        """The view of a route."""
        opened: Callable[[dict[str, Any]], Any]
        if route.needs is Needs.NOTHING:
            opened = self._open
        elif isinstance(route.needs, Needs):
            opened = self._as_person if route.needs is Needs.PERSON else self._signed_in
        else:
            opened = self._in_workspace(route.needs)

        @wraps(route.function)
        def view(**values: Any) -> Any:
            forget_nul()
            first = opened(values)
            if isinstance(first, Response):
                return first
            if request.method not in _SAFE:
                # Who may not send it has nothing of it read.
                if route.largest is not None:
                    request.max_content_length = route.largest
                if not route.is_signed:
                    self.csrf.protect()
                if any("\0" in one for told in request.form.listvalues() for one in told):
                    abort(400)
            if any(isinstance(one, int) and one > LARGEST for one in values.values()):
                abort(404)
            answer = current_app.make_response(route.function(first, **values))
            return protect(answer)

        return view

    # -- what a page is given first ------------------------------------------------------------

    def _open(self, _values: dict[str, Any]) -> Application:
        with self._app.database.reading() as database:
            self._recognise(database)
        return self._app

    def _signed_in(self, _values: dict[str, Any]) -> Guest | Response:
        with self._app.database.reading() as database:
            found = self._recognise(database)
        return self._seen(found) if found is not None else _to_sign_in()

    def _as_person(self, values: dict[str, Any]) -> Guest | Response:
        found = self._signed_in(values)
        if isinstance(found, Guest) and not found.is_person:
            abort(403)
        return found

    def _in_workspace(self, needs: Permission) -> Callable[[dict[str, Any]], Visit | Response]:
        def opened(values: dict[str, Any]) -> Visit | Response:
            workspace = values.pop("workspace")
            with self._app.database.reading() as database:
                found = self._recognise(database)
                if found is None:
                    return _to_sign_in()
                role = next(
                    (one for one in granted(database, found.user_id) if one.workspace == workspace),
                    None,
                )
                if role is None:
                    abort(404)
                programme = in_force(database, role.workspace_id, self._app.now())
            app = self._app.at(role.workspace_id, workspace)
            is_ours = role.workspace_id == self._app.workspace_id
            wake = self._wake if is_ours else _nobody_listens
            visit = Visit(app, found, workspace, role.role, role.adjust_limit, wake)
            speak(found.user.language, ZoneInfo(programme.timezone) if programme else None)
            g.visit = visit
            if not visit.may(needs):
                abort(403)
            self._seen(found)
            return visit

        return opened

    def _recognise(self, database: Session) -> Guest | None:
        token = session.get(TOKEN)
        if not isinstance(token, str):
            return None
        found = signed_in(database, token, self._app.now())
        if found is None:
            session.clear()
            return None
        address = request.remote_addr or ""
        guest = Guest(self._app, found.user, found.session_id, address, found.installation_id)
        g.guest, g.is_due = guest, found.is_due(self._app.now())
        speak(found.user.language)
        return guest

    def _seen(self, guest: Guest) -> Guest:
        if g.is_due:
            with self._app.database.writing() as database:
                see(database, guest.session_id, self._app.now())
        return guest


def _nobody_listens(step: str) -> None:
    """Another process works for that workspace, and looks by itself."""


def forget_nul() -> None:
    """Of what the address asks for: PostgreSQL takes none, not even to look for it. A space in its
    place, since what stands around one could join to another. Nothing of ours has one in its
    name: 404."""
    if any(isinstance(one, str) and "\0" in one for one in (request.view_args or {}).values()):
        abort(404)
    request.query_string = request.query_string.replace(b"%00", b"%20")


def _to_sign_in() -> Response:
    if request.method not in _SAFE or is_fragment():
        abort(401)
    target = request.full_path.removesuffix("?")
    answer = redirect(url_for("admin.sign_in", next=target), 303)
    return protect(current_app.make_response(answer))


def own_path(target: str) -> str:
    """Where to go after signing in: a path of ours, else the first page. Nothing that a browser
    could read as another host."""
    try:
        parts = urlsplit(target)
    except ValueError:  # half an IPv6 address
        return "/"
    if parts.scheme or parts.netloc or not target.startswith("/"):
        return "/"
    if target.startswith("//") or "\\" in target or any(ord(sign) < 32 for sign in target):
        return "/"
    return target
