"""A member comes in by a code that is sent to his address, and goes out.

Nothing here tells whether an address is known: the same page follows, and the same refusals.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, request, session
from wtforms import EmailField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from bridge.mailing.addressee import addressee, whose
from bridge.member_sign_in.codes import Asking, Right, TooOften, ask, end, give
from bridge.member_sign_in.sessions import Comer, end_session, start_session
from bridge.referrals.addresses import invited_address
from bridge.vouchers.codes import workspace_secret
from bridge.web.limiting import visitor
from bridge.web.member import cookies
from bridge.web.member.access import STORE_LANGUAGE, own_page
from bridge.web.member.forms import Form
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Caller, Visit
from bridge.web.speaking import _, lazy, speech

pages = Pages()

ASKED = "member_asked"
"""In the browser's cookie: of which merchant a code was asked for, its token, and the address."""


class EmailForm(Form):
    email = EmailField(
        lazy("E-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocomplete": "email", "dir": "ltr"},
    )
    next = HiddenField()


class CodeForm(Form):
    code = StringField(
        lazy("Code"),
        [InputRequired(), Length(max=40)],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr"},
    )
    next = HiddenField()


@pages.get("/sign-in", Needs.NOTHING)
def sign_in(caller: Caller) -> Any:
    target = own_page(caller, request.args.get("next", ""))
    if caller.is_signed_in:
        return redirect(target, 303)
    return page("sign_in.html", form=EmailForm(formdata=None, next=target))


@pages.post("/sign-in", Needs.NOTHING)
def ask_code(caller: Caller) -> Any:
    form = EmailForm()
    if not form.validate():
        return page("sign_in.html", 422, form=form)
    try:
        email = invited_address(form.email.data)
    except ValueError:
        form.email.errors = [_("Write it like name@example.com.")]
        return page("sign_in.html", 422, form=form)
    found = _ask(caller, email)
    if isinstance(found, TooOften):
        form.problem = _too_often(found.wait)
        return _later(page("sign_in.html", 429, form=form), found.wait)
    caller.wake("letters")
    session[ASKED] = [caller.app.workspace_id, found, email]
    return redirect(caller.url("enter_code", next=own_page(caller, form.next.data or "")), 303)


@pages.get("/sign-in/code", Needs.NOTHING)
def enter_code(caller: Caller) -> Any:
    target = own_page(caller, request.args.get("next", ""))
    if caller.is_signed_in:
        return redirect(target, 303)
    if _asked(caller) is None:
        return redirect(caller.url("sign_in", next=target), 303)
    return _code_page(caller, CodeForm(formdata=None, next=target))


@pages.post("/sign-in/code", Needs.NOTHING)
def give_code(caller: Caller) -> Any:
    asked, form = _asked(caller), CodeForm()
    if asked is None:
        flash(_("Please ask for a new code."), "warning")
        return redirect(caller.url("sign_in"), 303)
    if not form.validate():
        return _code_page(caller, form, 422)
    app, now = caller.app, caller.app.now()
    with app.database.writing() as database:
        secret = workspace_secret(database, app.workspace_id, app.keyring, now)
        network = visitor(request.remote_addr)
        found = give(database, app.workspace_id, secret, asked[0], form.code.data, network, now)
    if isinstance(found, TooOften):
        form.problem = _too_often(found.wait)
        return _later(_code_page(caller, form, 429), found.wait)
    if isinstance(found, Right):
        comer = Comer(found.member_id, found.address_hash)
        return begin(caller, comer, own_page(caller, form.next.data or ""))
    if found.is_over:
        session.pop(ASKED, None)
        flash(_("This code does not work any more. Please ask for a new one."), "warning")
        return redirect(caller.url("sign_in", next=own_page(caller, form.next.data or "")), 303)
    form.code.errors = [_("This is not the code. Please look at the newest e-mail.")]
    return _code_page(caller, form, 422)


@pages.post("/sign-out", Needs.MEMBER)
def sign_out(visit: Visit) -> Any:
    with visit.app.database.writing() as database:
        end_session(database, visit.app.workspace_id, visit.session_id)
    session.pop(STORE_LANGUAGE, None)
    flash(_("You are signed out."), "success")
    answer = current_app.make_response(redirect(visit.url("sign_in"), 303))
    return cookies.drop_token(answer, visit)


def begin(caller: Caller, comer: Comer, target: str) -> Response:
    """Signs in this browser. Whatever it was before is forgotten: nobody can hand out a cookie
    and later share the session that grew on it."""
    app, now = caller.app, caller.app.now()
    with app.database.writing() as database:
        if isinstance(caller, Visit):
            end_session(database, app.workspace_id, caller.session_id)
        token = start_session(database, app.workspace_id, comer, now)
        # A store that has no language of its own says nothing: his browser's goes before that
        # of the merchant's letters.
        stores_alone = caller.merchant.letters.model_copy(update={"language": ""})
        found = addressee(database, app.workspace_id, comer.member_id, stores_alone)
    session.pop(ASKED, None)
    session.pop("csrf_token", None)
    session[STORE_LANGUAGE] = found.language
    answer = current_app.make_response(redirect(target, 303))
    return cookies.set_token(answer, caller, token)


def _ask(caller: Caller, email: str) -> str | TooOften:
    app, now, before = caller.app, caller.app.now(), _asked(caller)
    with app.database.writing() as database:
        if before is not None:
            end(database, app.workspace_id, before[0])
        member_id = whose(database, app.workspace_id, email)
        asking = Asking(email, member_id, speech().language, visitor(request.remote_addr))
        return ask(database, app.workspace_id, asking, now)


def _asked(caller: Caller) -> tuple[str, str] | None:
    """The token and the address; ``None``: this browser asked this merchant for no code."""
    told = session.get(ASKED)
    if not isinstance(told, list) or len(told) != 3 or told[0] != caller.app.workspace_id:
        return None
    return str(told[1]), str(told[2])


def _code_page(caller: Caller, form: CodeForm, status: int = 200) -> Any:
    asked = _asked(caller)
    again = EmailForm(formdata=None, email=asked[1] if asked else "", next=form.next.data)
    return page("code.html", status, form=form, again=again, email=asked[1] if asked else "")


def _too_often(wait: timedelta) -> str:
    return _(
        "This was tried too often. Please try again in %(wait)s.",
        wait=speech().lasting(wait + timedelta(seconds=1)),
    )


def _later(answer: Response, wait: timedelta) -> Response:
    answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return answer
