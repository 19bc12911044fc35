"""The first page: where a user goes from ``/``."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from bridge.users.roles import Permission, may
from bridge.users.service import granted
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.visit import Guest

doors = Doors()


@doors.get("/", Needs.SIGN_IN)
def front(one: Guest) -> Any:
    with one.app.database.reading() as database:
        roles = granted(database, one.user_id)
    if len(roles) != 1 or "choose" in request.args:
        return redirect(url_for("admin.fleet"), 303)
    (only,) = roles
    first = "overview" if may(only.role, Permission.LOOK) else "members"
    return redirect(url_for(f"admin.{first}", workspace=only.workspace), 303)
