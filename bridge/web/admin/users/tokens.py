"""Tokens by which other programs use the API: what each may do, and when it last did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, url_for
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput

from bridge.api_tokens import service
from bridge.api_tokens.models import ApiToken
from bridge.api_tokens.scopes import Scope
from bridge.figures.overview import current_terms
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()

SCOPES = (
    (Scope.READ_STORES.value, lazy("See stores and how they are")),
    (Scope.READ_PROGRAMME.value, lazy("See the programme, its tiers, campaigns and rewards")),
    (Scope.READ_FIGURES.value, lazy("See figures")),
    (Scope.READ_MEMBERS.value, lazy("See members, their points, vouchers and friends")),
    (Scope.WRITE_MEMBERS.value, lazy("Let members join and leave, make their referral codes")),
    (Scope.EXPORT_MEMBERS.value, lazy("Be told everything that is known of a member")),
    (Scope.ERASE_MEMBERS.value, lazy("Erase members, for good")),
    (Scope.WRITE_POINTS.value, lazy("Give and take points")),
    (Scope.WRITE_VOUCHERS.value, lazy("Redeem points, withdraw and exchange vouchers")),
    (Scope.WRITE_REWARDS.value, lazy("Take, provide and cancel rewards of the catalogue")),
    (Scope.WRITE_ACTIVITIES.value, lazy("Report what members did, which may earn points")),
    (Scope.READ_WORK.value, lazy("See the plan, runs, and what failed")),
    (Scope.WRITE_WORK.value, lazy("Have what failed tried again")),
)


class TokenForm(Form):
    name = StringField(
        lazy("Name"),
        [DataRequired(), Length(max=service.LONGEST_NAME)],
        description=lazy("The program that will use it. It stands in the audit log."),
    )
    scopes = SelectMultipleField(
        lazy("What it may do"),
        [InputRequired()],
        choices=choices(SCOPES),
        option_widget=CheckboxInput(),
    )
    ends = DateField(
        lazy("Last day"), [Optional()], description=lazy("Empty: until it is revoked.")
    )


@pages.get("/settings/tokens", Permission.CHANGE_SETTINGS)
def api_tokens(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/settings/tokens", Permission.CHANGE_SETTINGS)
def make_token(visit: Visit) -> Any:
    """Answers with the token instead of sending on: it is shown once and kept nowhere."""
    form = TokenForm()
    if not form.validate():
        return _page(visit, 422, form=form)
    now = visit.app.now()
    try:
        ends_at = _ends_at(visit, form, now)
        with visit.app.database.writing() as session:
            made = service.make_token(
                session,
                visit.app.workspace_id,
                form.name.data,
                map(Scope, form.scopes.data),
                visit.actor,
                now,
                ends_at=ends_at,
            )
    except service.TokenRefused as error:
        form.problem = said(error)
        return _page(visit, 422, form=form)
    return _page(visit, 201, made=made)


@pages.post("/settings/tokens/<int:token_id>/revoke", Permission.CHANGE_SETTINGS)
def revoke_token(visit: Visit, token_id: int) -> Any:
    try:
        with visit.app.database.writing() as session:
            row = service.revoke(
                session, visit.app.workspace_id, token_id, visit.actor, visit.app.now()
            )
            name = row.name
    except service.UnknownToken:
        abort(404)
    flash(_("%(name)s opens nothing any more.", name=name), "success")
    return redirect(visit.url("api_tokens"), 303)


def _ends_at(visit: Visit, form: TokenForm, now: datetime) -> datetime | None:
    if form.ends.data is None:
        return None
    zone = current_terms(visit.app.database, visit.app.workspace_id, now).zone
    return service.ends_with(form.ends.data, zone)


def _page(
    visit: Visit,
    status: int = 200,
    *,
    form: TokenForm | None = None,
    made: service.Made | None = None,
) -> Any:
    with visit.app.database.reading() as session:
        found = service.tokens(session, visit.app.workspace_id)
    now = visit.app.now()

    def is_open(row: ApiToken) -> bool:
        return service.is_open(row, now)

    return page(
        "tokens.html",
        status,
        tokens=sorted(found, key=is_open, reverse=True),
        is_open=is_open,
        form=form or TokenForm(formdata=None),
        made=made,
        described=url_for("api.browse"),
    )
