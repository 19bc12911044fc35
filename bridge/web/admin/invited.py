"""What a link opens that makes an account, or a new password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from wtforms import EmailField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.programme.emails import normal_email
from bridge.users import links
from bridge.users.models import LinkPurpose
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.second_factor import turn_off
from bridge.users.service import grant, make_user, set_password, user_named
from bridge.web.admin.new_passwords import NewPassword
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.signing_in import begin
from bridge.web.speaking import _, lazy

doors = Doors()


class Welcome(NewPassword):
    email = EmailField(lazy("E-mail address"), [InputRequired(), Length(max=254)])
    name = StringField(lazy("Your name"), [InputRequired(), Length(max=100)])

    def whose(self) -> tuple[str, str]:
        return self.email.data or "", self.name.data or ""

    def validate_email(self, field: Any) -> None:
        try:
            normal_email(field.data or "")
        except ValueError:
            raise ValidationError(_("Write it like name@example.com.")) from None


class Again(NewPassword):
    """A new password for who is known."""


@doors.get("/welcome/<token>", Needs.NOTHING)
def welcome(app: Application, token: str) -> Any:
    with app.database.reading() as database:
        try:
            found = links.look(database, token, app.now())
        except links.DeadLink:
            return page("dead_link.html", 410)
        known = user_named(database, found.email) if found.email else None
    if found.purpose is LinkPurpose.PASSWORD:
        return page("welcome.html", form=Again(), found=found, known=known)
    if known is not None and known.password_hash:
        return page("join.html", found=found, known=known)
    return page("welcome.html", form=Welcome(email=found.email), found=found, known=None)


@doors.post("/welcome/<token>", Needs.NOTHING)
def accept(app: Application, token: str) -> Any:
    """Makes the account (or the password) and signs in. The password is hashed before the unit
    of work, since that takes long on purpose."""
    now = app.now()
    with app.database.reading() as database:
        try:
            found = links.look(database, token, now)
        except links.DeadLink:
            return page("dead_link.html", 410)
        known = user_named(database, found.email) if found.email else None
    if found.purpose is LinkPurpose.PASSWORD:
        return _renew(app, token, found)
    if known is not None and known.password_hash:
        return _join(app, token, found)
    form = Welcome()
    if found.email:
        form.email.data = found.email
    if not form.validate():
        return page("welcome.html", 422, form=form, found=found, known=None)
    password_hash = hashed(form.password.data)
    assert found.workspace_id is not None
    try:
        with app.database.writing() as database:
            used = links.use(database, token, now)
            user = make_user(database, form.email.data, form.name.data, password_hash, now)
            if user.password_hash != password_hash and user.password_hash:
                form.email.errors = [_("Somebody signs in with this address already.")]
                database.rollback()
                return page("welcome.html", 422, form=form, found=found, known=None)
            assert user.id is not None
            if not user.password_hash:
                set_password(database, user.id, password_hash, now)
            _grant(database, used, user.id, f"{user.name} <{user.email}>", user.email, now)
    except links.DeadLink:
        return page("dead_link.html", 410)
    begin(app, user.id)
    flash(_("Welcome, %(name)s.", name=user.name), "success")
    return redirect("/", 303)


def _join(app: Application, token: str, found: links.Invited) -> Any:
    """Who has an account already gets the role, and signs in with his own password."""
    now = app.now()
    try:
        with app.database.writing() as database:
            used = links.use(database, token, now)
            known = user_named(database, used.email)
            assert known is not None and known.id is not None
            actor = f"{known.name} <{known.email}>"
            _grant(database, used, known.id, actor, known.email, now)
    except links.DeadLink:
        return page("dead_link.html", 410)
    flash(_("You may open another workspace now. Sign in as you are used to."), "success")
    return redirect(url_for("admin.sign_in"), 303)


def _renew(app: Application, token: str, found: links.Invited) -> Any:
    now = app.now()
    with app.database.reading() as database:
        known = user_named(database, found.email)
    if known is None or known.is_disabled:
        return page("dead_link.html", 410)
    form = Again()
    if not form.validate():
        return page("welcome.html", 422, form=form, found=found, known=known)
    password_hash = hashed(form.password.data)
    assert known.id is not None
    try:
        with app.database.writing() as database:
            links.use(database, token, now)
            set_password(database, known.id, password_hash, now)
            if found.role == links.WITHOUT_FACTOR:
                turn_off(database, known.id)
    except links.DeadLink:
        return page("dead_link.html", 410)
    flash(_("The new password holds. Sign in with it."), "success")
    return redirect(url_for("admin.sign_in"), 303)


def _grant(
    database: Any, used: links.Invited, user_id: int, actor: str, email: str, now: Any
) -> None:
    assert used.workspace_id is not None
    grant(database, used.workspace_id, user_id, Role(used.role), used.made_by, now)
    record(
        database,
        used.workspace_id,
        Actor(actor, user_id),
        "user.joined",
        Subject("user", str(user_id), email),
        now,
        after={"role": used.role, "invited by": used.made_by},
    )
