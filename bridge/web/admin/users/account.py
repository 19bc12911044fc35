"""A user's own account: name, language, password, second factor, where he is signed in."""

from __future__ import annotations

from typing import Any

import segno
from flask import flash, redirect, session, url_for
from markupsafe import Markup
from sqlmodel import col, update
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from bridge.languages.catalogues import NAMES
from bridge.users.links import withdraw_password_links
from bridge.users.models import User
from bridge.users.passwords import LONGEST, hashed
from bridge.users.second_factor import (
    address_of,
    new_secret,
    recovery_text,
    step_of,
    turn_off,
    turn_on,
)
from bridge.users.service import granted, set_password
from bridge.users.sessions import end_session, end_sessions, sessions_of
from bridge.users.signing_in import Refused, check_password
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.users.new_passwords import NewPassword
from bridge.web.admin.users.signing_in import refusal
from bridge.web.admin.visit import Guest, guest
from bridge.web.limiting import visitor
from bridge.web.speaking import _, lazy

doors = Doors()

_SETTING_UP = "factor"
"""The secret that is being set up, in the signed cookie until its first code is shown."""


class Profile(Form):
    name = StringField(lazy("Your name"), [InputRequired(), Length(max=100)])
    language = SelectField(
        lazy("Language"),
        choices=choices([("", lazy("As the browser says")), *NAMES.items()]),
        render_kw={"data-told": True},
    )


class ChangedPassword(NewPassword):
    present = PasswordField(
        lazy("Present password"),
        [InputRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )

    def whose(self) -> tuple[str, str]:
        one = guest()
        return (one.user.email, one.user.name) if one is not None else ("", "")


class Factor(Form):
    code = StringField(
        lazy("Code of the app"),
        [InputRequired(), Length(max=10)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class Confirmed(Form):
    present = PasswordField(
        lazy("Present password"),
        [InputRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


@doors.get("/account", Needs.PERSON)
def account(one: Guest) -> Any:
    return _page(one)


@doors.post("/account", Needs.PERSON)
def change_profile(one: Guest) -> Any:
    form = Profile()
    if not form.validate():
        return _page(one, 422, profile=form)
    with one.app.database.writing() as database:
        database.exec(
            update(User)
            .where(col(User.id) == one.user_id)
            .values(name=form.name.data.strip(), language=form.language.data)
        )
    flash(_("Saved."), "success")
    return redirect(url_for("admin.account"), 303)


@doors.post("/account/password", Needs.PERSON)
def change_password(one: Guest) -> Any:
    form = ChangedPassword()
    if not form.validate():
        return _page(one, 422, password=form)
    if not _is_present(one, form.present):
        return _page(one, 422, password=form)
    password_hash = hashed(form.password.data)
    with one.app.database.writing() as database:
        set_password(database, one.user_id, password_hash, one.app.now(), keep=one.session_id)
        withdraw_password_links(database, one.user.email)
    flash(_("The new password holds. Other browsers were signed out."), "success")
    return redirect(url_for("admin.account"), 303)


@doors.get("/account/second-factor", Needs.PERSON)
def set_up_factor(one: Guest) -> Any:
    if one.user.totp_secret:
        return _has_one_already()
    secret = session.get(_SETTING_UP)
    if not isinstance(secret, str):
        secret = session[_SETTING_UP] = new_secret()
    return _factor_page(one, secret, Factor())


@doors.post("/account/second-factor", Needs.PERSON)
def turn_on_factor(one: Guest) -> Any:
    if one.user.totp_secret:
        return _has_one_already()
    secret = session.get(_SETTING_UP)
    if not isinstance(secret, str):
        return redirect(url_for("admin.set_up_factor"), 303)
    form = Factor()
    now = one.app.now()
    step = step_of(secret, form.code.data or "", 0, now) if form.validate() else None
    if step is None:
        form.code.errors = [_("This code is not right. Does the telephone's clock go right?")]
        return _factor_page(one, secret, form, 422)
    with one.app.database.writing() as database:
        codes = turn_on(database, one.user_id, secret, one.app.keyring, step)
        end_sessions(database, one.user_id, but=one.session_id)
    session.pop(_SETTING_UP)
    return page("recovery_codes.html", codes=codes, text=recovery_text(codes))


@doors.post("/account/second-factor/off", Needs.PERSON)
def turn_off_factor(one: Guest) -> Any:
    form = Confirmed()
    if not form.validate() or not _is_present(one, form.present):
        return _page(one, 422, off=form)
    with one.app.database.writing() as database:
        turn_off(database, one.user_id)
    flash(_("The second factor is off."), "warning")
    return redirect(url_for("admin.account"), 303)


@doors.post("/account/sessions/<int:session_id>/end", Needs.PERSON)
def end_one(one: Guest, session_id: int) -> Any:
    with one.app.database.writing() as database:
        end_session(database, one.user_id, session_id)
    flash(_("That browser is signed out."), "success")
    return redirect(url_for("admin.account"), 303)


@doors.post("/account/sessions/end", Needs.PERSON)
def end_others(one: Guest) -> Any:
    with one.app.database.writing() as database:
        end_sessions(database, one.user_id, but=one.session_id)
    flash(_("All other browsers are signed out."), "success")
    return redirect(url_for("admin.account"), 303)


def _is_present(one: Guest, field: Any) -> bool:
    """Whether it is his password; says so at the field. Counts as at the sign-in: a browser that
    somebody left open is no place to guess at it."""
    told = one.app.database, one.user.email, field.data, visitor(one.address), one.app.now()
    found = check_password(*told)
    if isinstance(found, Refused):
        field.errors = [refusal(found, _("This is not your present password."))]
        return False
    return True


def _page(
    one: Guest,
    status: int = 200,
    *,
    profile: Profile | None = None,
    password: ChangedPassword | None = None,
    off: Confirmed | None = None,
) -> Any:
    now = one.app.now()
    with one.app.database.reading() as database:
        sessions = sessions_of(database, one.user_id, now)
        roles = granted(database, one.user_id)
    return page(
        "account.html",
        status,
        profile=profile or Profile(name=one.user.name, language=one.user.language),
        password=password or ChangedPassword(formdata=None),
        off=off or Confirmed(formdata=None),
        has_factor=bool(one.user.totp_secret),
        has_password=bool(one.user.password_hash),
        sessions=sessions,
        roles=roles,
        present=now,
    )


def _has_one_already() -> Any:
    """Taking its place needs the password, as turning it off does: whoever finds a browser open
    must not move the account to a telephone of his own."""
    flash(_("You have a second factor. Turn it off first, with your password."), "warning")
    return redirect(url_for("admin.account"), 303)


def _factor_page(one: Guest, secret: str, form: Factor, status: int = 200) -> Any:
    address = address_of(secret, one.user.email, "Loyalty Bridge")
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff")
    return page(
        "second_factor.html",
        status,
        form=form,
        drawn=Markup(drawn),  # noqa: S704 - drawn from our own address
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )
