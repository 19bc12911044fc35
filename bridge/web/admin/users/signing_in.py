"""Signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, request, session, url_for
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from bridge.application import Application
from bridge.users.passwords import LONGEST
from bridge.users.sessions import end_session, start_session
from bridge.users.signing_in import Known, Refused, check_code, check_password
from bridge.web.admin.access import TOKEN, own_path
from bridge.web.admin.forms import Form
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Guest, guest
from bridge.web.limiting import visitor
from bridge.web.speaking import _, lazy, speech

doors = Doors()

HALF = "half"
"""Who gave the right password and still owes a code: user and until when."""
HALF_LASTS = timedelta(minutes=5)


class SignIn(Form):
    email = EmailField(lazy("E-mail address"), [InputRequired(), Length(max=254)])
    password = PasswordField(lazy("Password"), [InputRequired(), Length(max=LONGEST)])
    next = HiddenField()


class Code(Form):
    code = StringField(lazy("Code"), [InputRequired(), Length(max=40)])
    next = HiddenField()


@doors.get("/sign-in", Needs.NOTHING)
def sign_in(app: Application) -> Any:
    target = own_path(request.args.get("next", "/"))
    if guest() is not None:
        return redirect(target, 303)
    return page("sign_in.html", form=SignIn(next=target))


@doors.post("/sign-in", Needs.NOTHING)
def give_password(app: Application) -> Any:
    form = SignIn()
    if not form.validate():
        return page("sign_in.html", 422, form=form)
    now = app.now()
    address = visitor(request.remote_addr)
    found = check_password(app.database, form.email.data, form.password.data, address, now)
    if isinstance(found, Refused):
        form.problem = refusal(found, _("This address and this password do not belong together."))
        return page("sign_in.html", 422, form=form)
    target = own_path(form.next.data or "/")
    if found.needs_code:
        assert found.user.id is not None
        session.clear()
        session[HALF] = [found.user.id, (now + HALF_LASTS).timestamp()]
        return redirect(url_for("admin.second_factor", next=target), 303)
    return _begin(app, found, target)


@doors.get("/sign-in/code", Needs.NOTHING)
def second_factor(app: Application) -> Any:
    if _half(app.now()) is None:
        return redirect(url_for("admin.sign_in"), 303)
    return page("code.html", form=Code(next=own_path(request.args.get("next", "/"))))


@doors.post("/sign-in/code", Needs.NOTHING)
def give_code(app: Application) -> Any:
    now = app.now()
    user_id = _half(now)
    if user_id is None:
        flash(_("That took too long. Sign in again."), "warning")
        return redirect(url_for("admin.sign_in"), 303)
    form = Code()
    if not form.validate():
        return page("code.html", 422, form=form)
    address = visitor(request.remote_addr)
    found = check_code(app.database, user_id, form.code.data, app.keyring(), address, now)
    if isinstance(found, Refused):
        form.problem = refusal(found, _("This code is not right, or was used already."))
        return page("code.html", 422, form=form)
    return _begin(app, found, own_path(form.next.data or "/"))


@doors.post("/sign-out", Needs.SIGN_IN)
def sign_out(one: Guest) -> Any:
    with one.app.database.writing() as database:
        end_session(database, one.user_id, one.session_id)
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("admin.sign_in"), 303)


def begin(app: Application, user_id: int) -> None:
    """Signs in this browser. Whatever it was before is forgotten: nobody can hand out a cookie
    and later share the session that grew on it."""
    with app.database.writing() as database:
        token = start_session(
            database,
            user_id,
            app.now(),
            client=request.headers.get("User-Agent", ""),
            address=request.remote_addr or "",
        )
    session.clear()
    session[TOKEN] = token


def _begin(app: Application, found: Known, target: str) -> Response:
    assert found.user.id is not None
    begin(app, found.user.id)
    return current_app.make_response(redirect(target, 303))


def _half(now: datetime) -> int | None:
    told = session.get(HALF)
    if not isinstance(told, list) or len(told) != 2 or told[1] < now.timestamp():
        return None
    return int(told[0])


def refusal(found: Refused, why: str) -> str:
    """``why``, and how long to wait."""
    if found.wait <= timedelta():
        return why
    wait = speech().lasting(found.wait + timedelta(seconds=1))
    return _("%(why)s After several attempts you have to wait: %(wait)s.", why=why, wait=wait)
