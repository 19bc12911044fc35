"""Who works with the bridge in this workspace, and what each may do."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from wtforms import EmailField, IntegerField, SelectField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bridge.api_tokens.service import open_tokens_by
from bridge.programme.emails import normal_email
from bridge.users import administering, links
from bridge.users.administrations import administrations, name_of
from bridge.users.roles import Permission, Role
from bridge.users.service import (
    Colleague,
    LastOwner,
    colleagues,
)
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

ROLES = (
    (Role.OWNER.value, lazy("Owner: everything, users and settings, too")),
    (Role.MANAGER.value, lazy("Manager: everything but users and settings")),
    (Role.SUPPORT.value, lazy("Support: sees all, adjusts points within a limit")),
    (Role.SALES.value, lazy("Sales: sees the members he looks after")),
    (Role.VIEWER.value, lazy("Viewer: sees all, changes nothing")),
)
_MOST = 1_000_000_000


class Invitation(Form):
    email = EmailField(lazy("E-mail address"), [InputRequired(), Length(max=254)])
    role = SelectField(lazy("Role"), choices=choices(ROLES), default=Role.VIEWER.value)

    def validate_email(self, field: Any) -> None:
        try:
            normal_email(field.data or "")
        except ValueError:
            raise ValidationError(_("Write it like name@example.com.")) from None


class RoleForm(Form):
    role = SelectField(lazy("Role"), choices=choices(ROLES))
    adjust_limit = IntegerField(
        lazy("Points a day without a second person"),
        [Optional(), NumberRange(0, _MOST)],
        description=lazy("Empty: as much as the workspace allows."),
    )


@pages.get("/users", Permission.CHANGE_USERS)
def users(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/users/invite", Permission.CHANGE_USERS)
def invite(visit: Visit) -> Any:
    form = Invitation()
    if not form.validate():
        return _page(visit, 422, form=form)
    email, role = normal_email(form.email.data), Role(form.role.data)
    now = visit.app.now()
    with visit.app.database.writing() as session:
        token = administering.invite(
            session, visit.app.workspace_id, email, role, visit.user.name, visit.actor, now
        )
    return _page(visit, 201, link=_outside(visit, token), whom=email)


@pages.post("/users/invitations/<int:link_id>/withdraw", Permission.CHANGE_USERS)
def withdraw_invitation(visit: Visit, link_id: int) -> Any:
    with visit.app.database.writing() as session:
        if not administering.withdraw_invitation(
            session, visit.app.workspace_id, link_id, visit.actor, visit.app.now()
        ):
            abort(404)
    flash(_("The invitation is withdrawn."), "success")
    return redirect(visit.url("users"), 303)


@pages.get("/users/<int:user_id>", Permission.CHANGE_USERS)
def one_user(visit: Visit, user_id: int) -> Any:
    found = _colleague(visit, user_id)
    form = RoleForm(role=found.role.value, adjust_limit=found.adjust_limit)
    return page("user.html", found=found, form=form)


@pages.post("/users/<int:user_id>", Permission.CHANGE_USERS)
def change_role(visit: Visit, user_id: int) -> Any:
    found = _colleague(visit, user_id)
    form = RoleForm()
    if not form.validate():
        return page("user.html", 422, found=found, form=form)
    role, limit = Role(form.role.data), form.adjust_limit.data
    try:
        with visit.app.database.writing() as session:
            administering.change_role(
                session,
                visit.app.workspace_id,
                found.user,
                role,
                limit,
                visit.actor,
                visit.app.now(),
            )
    except LastOwner:
        form.problem = _("This is the only owner. Make somebody else an owner first.")
        return page("user.html", 422, found=found, form=form)
    flash(_("Saved."), "success")
    return redirect(visit.url("users"), 303)


@pages.post("/users/<int:user_id>/remove", Permission.CHANGE_USERS)
def remove_user(visit: Visit, user_id: int) -> Any:
    found = _colleague(visit, user_id)
    try:
        with visit.app.database.writing() as session:
            administering.remove(
                session, visit.app.workspace_id, found.user, visit.actor, visit.app.now()
            )
            left = open_tokens_by(
                session, visit.app.workspace_id, found.user.email, visit.app.now()
            )
    except LastOwner:
        form = RoleForm(role=found.role.value, adjust_limit=found.adjust_limit)
        form.problem = _("This is the only owner. Make somebody else an owner first.")
        return page("user.html", 422, found=found, form=form)
    flash(_("%(name)s sees nothing of this workspace any more.", name=found.user.name), "success")
    if left:
        flash(
            _(
                "API tokens that %(name)s made go on working: %(tokens)s. If he may know one, "
                "revoke it under API tokens.",
                name=found.user.name,
                tokens=", ".join(left),
            ),
            "warning",
        )
    return redirect("/" if user_id == visit.user_id else visit.url("users"), 303)


@pages.post("/users/<int:user_id>/password", Permission.CHANGE_USERS)
def password_for(visit: Visit, user_id: int) -> Any:
    """A link for who forgot his password; an owner hands it over himself."""
    found = _colleague(visit, user_id)
    try:
        with visit.app.database.writing() as session:
            administering.require_own(session, visit.user_id, found.user)
            token = administering.password_link(
                session, visit.app.workspace_id, found.user, visit.actor, visit.app.now()
            )
    except administering.NotYoursAlone:
        form = RoleForm(formdata=None, role=found.role.value, adjust_limit=found.adjust_limit)
        form.problem = _(
            "%(name)s works in workspaces that you do not own, too. Who runs the bridge can make "
            "the link: `loyalty-bridge users link %(email)s`.",
            name=found.user.name,
            email=found.user.email,
        )
        return page("user.html", 422, found=found, form=form)
    return _page(visit, 201, link=_outside(visit, token), whom=found.user.email)


def _page(
    visit: Visit,
    status: int = 200,
    *,
    form: Invitation | None = None,
    link: str = "",
    whom: str = "",
) -> Any:
    now = visit.app.now()
    with visit.app.database.reading() as session:
        people = colleagues(session, visit.app.workspace_id)
        doors = administrations(session, visit.app.workspace_id)
        waiting = links.invitations(session, visit.app.workspace_id, now)
    return page(
        "users.html",
        status,
        people=people,
        administrations=doors,
        name_of=name_of,
        waiting=waiting,
        form=form or Invitation(formdata=None),
        roles=dict(ROLES),
        link_made=link,
        whom=whom,
    )


def _colleague(visit: Visit, user_id: int) -> Colleague:
    with visit.app.database.reading() as session:
        people = colleagues(session, visit.app.workspace_id)
    found = next((one for one in people if one.user.id == user_id), None)
    if found is None:
        abort(404)
    return found


def _outside(visit: Visit, token: str) -> str:
    """The address for somebody else: as the bridge is reached from outside."""
    path = url_for("admin.welcome", token=token)
    base = visit.app.settings.public_url or request.host_url
    return f"{base.rstrip('/')}{path}"
