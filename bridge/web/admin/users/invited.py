"""What a link opens that makes an account, or a new password, or gives an account another role.

Who holds an invitation is not yet the one it was sent to: whoever made it has seen it, too. So it
never gives an account that is there a password, and only who is signed in with it can accept.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import EmailField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.programme.emails import normal_email
from bridge.users import links
from bridge.users.models import LinkPurpose, User
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.second_factor import turn_off
from bridge.users.service import grant, make_user, set_password, user_named
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.users.new_passwords import NewPassword
from bridge.web.admin.users.signing_in import begin
from bridge.web.admin.visit import guest
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
    if known is not None and _signs_in(known):
        return _join_page(found, known)
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
    if known is not None and _signs_in(known):
        return _join(app, token, found, known)
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
            if _signs_in(user) and user.password_hash != password_hash:
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


def _signs_in(known: User) -> bool:
    """With a password, or by a service."""
    return bool(known.password_hash or known.subject)


def _join_page(found: links.Invited, known: User, status: int = 200) -> Any:
    """To accept; else to sign in first, and come back."""
    one = guest()
    return page(
        "join.html",
        status,
        found=found,
        known=known,
        is_his=one is not None and one.user_id == known.id,
        sign_in=url_for("admin.sign_in", next=request.path),
    )


def _join(app: Application, token: str, found: links.Invited, known: User) -> Any:
    """Who has an account already gets the role, once he is signed in with it."""
    one, now = guest(), app.now()
    if one is None or one.user_id != known.id:
        return _join_page(found, known, 403)
    try:
        with app.database.writing() as database:
            used = links.use(database, token, now)
            assert known.id is not None
            actor = f"{known.name} <{known.email}>"
            _grant(database, used, known.id, actor, known.email, now)
    except links.DeadLink:
        return page("dead_link.html", 410)
    flash(_("You may open another workspace now."), "success")
    return redirect("/", 303)


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
            links.withdraw_password_links(database, known.email)
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
    links.withdraw_invitations_of(database, used.workspace_id, email)
    record(
        database,
        used.workspace_id,
        Actor(actor, user_id),
        "user.joined",
        Subject("user", str(user_id), email),
        now,
        after={"role": used.role, "invited by": used.made_by},
    )
