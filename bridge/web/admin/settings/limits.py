"""Above which limits a change waits for a second person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect
from wtforms import DecimalField, IntegerField
from wtforms.validators import NumberRange, Optional

from bridge.figures.overview import current_terms
from bridge.preferences.sections import Limits
from bridge.preferences.service import preferences, set_preferences
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

_MOST_POINTS = 1_000_000_000
_MOST_MONEY = Decimal("1_000_000_000")


class LimitsForm(Form):
    adjust_points = IntegerField(
        lazy("Points that one person gives or takes a day"),
        [Optional(), NumberRange(0, _MOST_POINTS)],
        description=lazy("Empty: no limit. 0: each adjustment waits for a second person."),
    )
    award_points = IntegerField(
        lazy("Points that one run of a flow in a shop gives"),
        [Optional(), NumberRange(0, _MOST_POINTS)],
        description=lazy(
            "Of the app's flow action. More are not booked, and stand under Work. Empty: no limit."
        ),
    )
    plan_money = DecimalField(
        lazy("Money that a plan moves"),
        [Optional(), NumberRange(0, _MOST_MONEY)],
        places=None,
        description=lazy("Empty: no limit. 0: each plan waits for a second person."),
        render_kw={"min": "0"},
    )


@pages.get("/settings/limits", Permission.CHANGE_SETTINGS)
def limits(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        found = preferences(session, visit.app.workspace_id, Limits)
    form = LimitsForm(
        adjust_points=found.adjust_points,
        award_points=found.award_points,
        plan_money=found.plan_money,
    )
    return _page(visit, form)


@pages.post("/settings/limits", Permission.CHANGE_SETTINGS)
def set_limits(visit: Visit) -> Any:
    form = LimitsForm()
    if not form.validate():
        return _page(visit, form, 422)
    wanted = Limits(
        adjust_points=form.adjust_points.data,
        award_points=form.award_points.data,
        plan_money=form.plan_money.data,
    )
    with visit.app.database.writing() as session:
        set_preferences(session, visit.app.workspace_id, wanted, visit.actor, visit.app.now())
    flash(_("Saved."), "success")
    return redirect(visit.url("limits"), 303)


def _page(visit: Visit, form: LimitsForm, status: int = 200) -> Any:
    told = current_terms(visit.app.database, visit.app.workspace_id, visit.app.now())
    return page("limits.html", status, form=form, currency=told.currency)
