"""All workspaces of who is signed in: how each is, what needs attention first."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import request

from bridge.figures.fleet import fleet as standings
from bridge.figures.fleet_rules import Standing
from bridge.figures.health_rules import Level
from bridge.users.roles import Permission, may
from bridge.users.service import granted
from bridge.web.admin.health_texts import LEVELS
from bridge.web.admin.routes import Doors, Needs
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Guest

doors = Doors()

EACH = 50


@doors.get("/fleet", Needs.SIGN_IN)
def fleet(one: Guest) -> Any:
    with one.app.database.reading() as session:
        roles = granted(session, one.user_id)
        seen = {it.workspace_id: it.workspace for it in roles if may(it.role, Permission.LOOK)}
        found = standings(session, seen, one.app.now()) if seen else []
    wanted, level = request.args.get("q", "").strip(), request.args.get("state", "")
    fitting = [it for it in found if _fits(it, wanted, level)]
    start = _start(fitting, request.args.get("after", ""))
    shown = fitting[start : start + EACH]
    return page(
        "fleet.html",
        fleet=shown,
        others=[it.workspace for it in roles if it.workspace_id not in seen],
        has_roles=bool(roles),
        total=len(found),
        counts=Counter(it.level for it in found),
        waiting=sum(it.waits for it in found),
        levels=LEVELS,
        choices=[(it.value, LEVELS[it][0]) for it in (Level.ERROR, Level.WARNING, Level.OK)],
        wanted=wanted,
        state=level,
        after=shown[-1].workspace if start + EACH < len(fitting) else "",
        is_first=not start,
    )


def _fits(one: Standing, wanted: str, level: str) -> bool:
    told = f"{one.workspace} {one.name}".casefold()
    return wanted.casefold() in told and level in ("", one.level.value)


def _start(found: list[Standing], after: str) -> int:
    """Behind the workspace of this name; at the beginning where it is not there any more."""
    places = (place for place, one in enumerate(found, 1) if one.workspace == after)
    return next(places, 0)
